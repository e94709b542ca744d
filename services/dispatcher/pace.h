#ifndef DISPATCHER_PACE_H
#define DISPATCHER_PACE_H

#include "base/time.h"

#include <stddef.h>
#include <stdint.h>

/*
 * When each of a claim's calls leaves: pure. Gateways count in small windows (100 a second is about one every 10 ms), so a claim of n
 * calls at a rate of r a second leaves evenly, 1/r apart, and not as one burst.
 */
struct pace {
	struct mono next; /* no call of the lane leaves before */
};

/* The time between two calls of a claim of `calls`, in us: 1/rate, or less where the whole claim would take more than within_ms (tokens
   that were saved before the rate was cut). 0: at once. */
int64_t pace_spacing_us(double rate, size_t calls, int64_t within_ms);
/* When the next call of the lane leaves, which is never before `now`; the one after it leaves spacing_us later at the earliest. */
struct mono pace_next(struct pace *pace, int64_t spacing_us, struct mono now);
/* Until then in whole ms, as timers count: never early, at least 1. */
uint64_t pace_timer_ms(struct mono now, struct mono then);

#endif
