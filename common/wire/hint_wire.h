#ifndef WIRE_HINT_WIRE_H
#define WIRE_HINT_WIRE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/time.h"
#include "base/uuid.h"
#include "core/payment.h"

/* dispatch.<lane>.v1: "look at this payment". Losing or repeating one is harmless. */
struct hint {
	struct uuid id;
	bool ask; /* a question, else a send */
	unsigned query_no; /* ask: asked only if the row still wants this one */
	bool after_fence;
	/* Only for the order in which hints are taken: the row is the truth. */
	enum priority priority; /* NORMAL when it was not told */
	const char *account; /* its name, borrowed; NULL or "": not told */
};

struct text hint_pack(const struct hint *hint, struct arena *arena);
bool hint_unpack(struct text bytes, struct arena *arena, struct hint *ret, struct err *err);

/* attempts.v1: every send, before it is made. */
struct attempt_note {
	struct uuid id;
	unsigned attempt, gen;
	struct instant at, fence_at;
	const char *key, *dispatcher;
};
struct text attempt_note_pack(const struct attempt_note *note, struct arena *arena);
/* For the check after a restore, which reads the topic's tail. */
bool attempt_note_unpack(struct text bytes, struct arena *arena, struct attempt_note *ret, struct err *err);

#endif
