#ifndef CORE_BUCKET_H
#define CORE_BUCKET_H

#include "base/time.h"

#include <stdint.h>

/*
 * A token bucket per (app, lane), shared by all replicas as a row of the database: exact, since the
 * claim's transaction updates it. `rate` moves between a floor and the ceiling: multiplied down when
 * Daraja says that we are too fast, added to while it is quiet.
 */
struct bucket {
	double tokens; /* whole ones can be taken; never above `burst` */
	double rate; /* per second, now */
	struct instant at; /* when `tokens` was right */
	struct instant slowed_at; /* last time it was slowed */
	struct instant paused_until; /* quota: nothing before this */
};

struct bucket_limits {
	double ceiling; /* per second */
	double burst; /* most tokens held: 50 ms of the rate, at least 1 */
};

struct bucket_limits bucket_limits(double ceiling);
void bucket_start(struct bucket *bucket, const struct bucket_limits *limits, struct instant now);
/* Takes up to `wanted` tokens; returns how many. *ret_wait_ms: when 0 were taken, how long until one is there. */
unsigned bucket_take(struct bucket *bucket, const struct bucket_limits *limits, unsigned wanted,
	struct instant now, int64_t *ret_wait_ms);
void bucket_give_back(struct bucket *bucket, const struct bucket_limits *limits, unsigned unused);
/* Spike Arrest or 429: halves the rate (not under 1/s), at most once a second. */
void bucket_slow(struct bucket *bucket, const struct bucket_limits *limits, struct instant now);
/* Quota violation: nothing until `until`. */
void bucket_pause(struct bucket *bucket, struct instant until);

#endif
