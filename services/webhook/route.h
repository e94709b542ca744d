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
	bool accept; /* a validation on the guide's path: it is answered with yes at once, and nothing is kept */
	bool has_payment;
	struct callback_ref ref; /* plain paths: purpose and flags only */
	enum strength strength;
};

struct route_conf {
	const struct callback_keys *keys;
	const char *prefix;
	bool plain; /* the plain paths of the integration guide are served */
};
/* listed: the peer's address is one of the sources. */
void route_find(const struct route_conf *conf, struct text method, struct text target, bool listed,
	struct route *ret);

#endif
