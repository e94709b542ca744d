#ifndef WEBHOOK_ROUTE_H
#define WEBHOOK_ROUTE_H

#include "core/callback_url.h"
#include "core/evidence.h"

/*
 * Method and path -> what the request is, before a byte of its body is read: pure. A wrong MAC is the same 404 as a path that
 * does not exist: nobody learns which of the two it was.
 */
struct route {
	int refuse; /* HTTP status; 0: let in */
	bool has_payment;
	struct callback_ref ref; /* plain paths: purpose and flags only */
	enum strength strength;
};

/* listed: the peer's address is one of the sources. */
void route_find(struct text method, struct text target, const struct callback_keys *keys, const char *prefix,
	bool listed, struct route *ret);

#endif
