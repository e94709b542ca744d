#ifndef WEBHOOK_SOURCES_H
#define WEBHOOK_SOURCES_H

#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The addresses that callbacks may settle from: numeric addresses and networks, IPv4 and IPv6. Pure. */
enum { SOURCES_MOST = 64 };

struct sources {
	struct source_net {
		uint8_t address[16]; /* IPv4 as ::ffff:a.b.c.d */
		unsigned bits;
	} nets[SOURCES_MOST];
	size_t count;
};

/* Safaricom's addresses, as far as four or more independent lists agree on them (docs/daraja.md). */
extern const char sources_default[];

/* "196.201.214.200, 10.0.0.0/8, 2001:db8::/32". False: *ret_bad is the part that is none, or that is one too many. */
bool sources_parse(struct text list, struct sources *ret, struct text *ret_bad);
bool sources_have(const struct sources *sources, const char *peer);

#endif
