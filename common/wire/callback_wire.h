#ifndef WIRE_CALLBACK_WIRE_H
#define WIRE_CALLBACK_WIRE_H

#include "base/arena.h"
#include "base/err.h"
#include "core/callback_url.h"
#include "core/evidence.h"

/* callbacks.v1: what arrived, untouched, in its envelope (internal.proto, Callback). */
struct callback {
	bool has_payment; /* false on the plain paths */
	struct callback_ref ref; /* purpose, gen, query_no, payment; flags: after fence, queue time-out */
	enum strength strength;
	const char *peer;
	struct instant received_at;
	const char *path; /* plain paths; of a notice of C2B "c2b/<account>", without the secret; else "" */
	struct text body;
	const char *traceparent;
	int http_status; /* answers of our own questions only */
};

struct text callback_pack(const struct callback *callback, struct arena *arena);
bool callback_unpack(struct text bytes, struct arena *arena, struct callback *ret, struct err *err);

#endif
