#ifndef DISPATCHER_BACKLOG_H
#define DISPATCHER_BACKLOG_H

#include "base/time.h"
#include "core/api.h"
#include "wire/hint_wire.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * The hints that wait, per lane: a bounded first-in-first-out ring, without doubles. A hint may be held until a time (the STK
 * guard, an open breaker). Losing one is harmless: the payment's timer finds it again.
 */
enum { BACKLOG_MOST = 4096 };
/* A backlog per lane for what is to be claimed, and one for the questions that the poller wants asked. */
enum { BACKLOG_QUESTIONS = LANE_COUNT, BACKLOG_COUNT };

struct waiting {
	struct hint hint;
	struct mono not_before;
	bool probe;
	enum lane probed;
};

struct backlog {
	struct waiting *ring;
	size_t first, count;
};

void backlog_init(struct backlog *backlog);
void backlog_done(struct backlog *backlog);
/* False: it is full. A payment that waits already is not added again (true); a question with another number replaces the older one. */
bool backlog_put(struct backlog *backlog, const struct waiting *waiting);
/* Takes up to `most` that may go now, in order; the others keep their places. */
size_t backlog_take(struct backlog *backlog, struct mono now, struct waiting *ret, size_t most);
/* How many may go now. */
size_t backlog_ready(const struct backlog *backlog, struct mono now);

#endif
