#ifndef CORE_BUCKET_H
#define CORE_BUCKET_H

#include "base/time.h"

#include <stdint.h>

/*
 * A token bucket per (app, lane), shared by all replicas as a row of the database: exact, since the
 * claim's transaction updates it under the row's lock. `rate` moves between a floor and the fill: multiplied
 * down when Daraja says that we are too fast, added to while it is quiet.
 *
 * The law: in any second, however it is cut out of time, at most `ceiling` tokens are given. A full bucket can
 * be emptied at once, so what flows in is less than the ceiling by what it holds, and by a twentieth more for the
 * way to Daraja, which may push calls together.
 */
struct bucket {
	double tokens; /* whole ones can be taken; never above `burst` */
	double rate; /* per second, now */
	struct instant at; /* when `tokens` was right */
	struct instant slowed_at; /* last time it was slowed */
};

struct bucket_limits {
	double ceiling; /* the most in any second; whole, at least 1 */
	double burst; /* most tokens held: a twentieth of the ceiling, at least 1 */
	double fill; /* the most that flows in, per second: nine tenths of the ceiling */
};

struct bucket_limits bucket_limits(double ceiling);
void bucket_start(struct bucket *bucket, const struct bucket_limits *limits, struct instant now);
/* Takes up to `wanted` tokens; returns how many. *ret_wait_ms: when 0 were taken, how long until one is there.
   `now` is the clock under the row's lock (lane_row's `now`): a transaction that waited for the lock began earlier. */
unsigned bucket_take(struct bucket *bucket, const struct bucket_limits *limits, unsigned wanted,
	struct instant now, int64_t *ret_wait_ms);
/* What was taken in the same transaction and is not used. */
void bucket_give_back(struct bucket *bucket, const struct bucket_limits *limits, unsigned unused);
/* Spike Arrest or 429: halves the rate (not under 1/s), at most once a second. */
void bucket_slow(struct bucket *bucket, const struct bucket_limits *limits, struct instant now);
/* Brings it to `now` without taking: for those who look. */
void bucket_advance(struct bucket *bucket, const struct bucket_limits *limits, struct instant now);

/* Seconds from *at to `now`, and *at becomes `now`. 0 when `now` is not later: the same time must not count
   twice, so *at stays, unless the clock was set back by more than a minute. */
double bucket_seconds(struct instant *at, struct instant now);

#endif
