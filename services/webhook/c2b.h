#ifndef WEBHOOK_C2B_H
#define WEBHOOK_C2B_H

#include "core/c2b_url.h"
#include "webhook/c2b_book.h"

/*
 * What customers pay without being asked to: Daraja asks before (validation) and tells after (confirmation). A validation
 * is answered from memory, at once; a confirmation is kept like a callback, and refused for nothing that it says.
 */
struct webhook;
struct http_exchange;

struct c2b_visit {
	int refuse; /* HTTP status; 0: let in */
	enum c2b_door door;
	const struct c2b_account *account;
};

/* False: the path is none of C2B's. A wrong secret is a path that does not exist. Pure. */
bool c2b_visit_find(struct text method, struct text target, const struct c2b_book *book, const char *prefix,
	struct c2b_visit *ret);
void c2b_serve(struct webhook *webhook, struct http_exchange *exchange, const struct c2b_visit *visit);

#endif
