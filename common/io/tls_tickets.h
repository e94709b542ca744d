#ifndef IO_TLS_TICKETS_H
#define IO_TLS_TICKETS_H

#include "base/time.h"

#include <openssl/ssl.h>

/* The keys that session tickets are sealed with: the newest seals, and the one before it still opens. */
enum { TICKET_KEYS = 2, TICKET_HOURS = 12 };

struct tls_tickets {
	struct tls_ticket_key {
		unsigned char name[16], cipher[32], mac[32];
	} keys[TICKET_KEYS]; /* newest first */
	unsigned count;
	struct mono made_at;
};

/* Makes a new key when it is time, or when there is none. */
void tls_tickets_turn(struct tls_tickets *tickets, struct mono now);
/* Has the context use them; they live as long as it. */
void tls_tickets_use(struct tls_tickets *tickets, SSL_CTX *context);
void tls_tickets_wipe(struct tls_tickets *tickets);

#endif
