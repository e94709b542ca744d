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
/* A timer that is so late is made up for; what a longer pause has made late stays late, since made up it would be a burst. */
enum { PACE_LATE_MOST_US = 5000 };

/* The time between two calls of a claim of `calls`, in us: 1/rate, or less where the whole claim would take more than within_ms (tokens
   that were saved before the rate was cut). 0: at once. */
int64_t pace_spacing_us(double rate, size_t calls, int64_t within_ms);
/* A call leaves now, which is not before pace->next; spacing_us is its distance to the next one. */
void pace_left(struct pace *pace, int64_t spacing_us, struct mono now);
/* Until then in whole ms, as timers count: never early, at least 1. */
uint64_t pace_timer_ms(struct mono now, struct mono then);

#endif
