#include "core/bucket.h"

#include "base/attr.h"

#include <math.h>

enum {
	QUIET_MS = 1000, /* after a slowing, before the rate rises again; and between two slowings */
	RISE_SECONDS = 60, /* from nothing to the ceiling */
	CLOCK_JUMP_MS = 60000, /* more than transactions that wait for a row lock can be apart */
};
static const double held_seconds = 0.05;
static const double least_rate = 1.0;

struct bucket_limits bucket_limits(double ceiling)
{
	must(ceiling > 0 && isfinite(ceiling));
	return (struct bucket_limits){.ceiling = ceiling, .burst = fmax(1.0, ceiling * held_seconds)};
}

void bucket_start(struct bucket *bucket, const struct bucket_limits *limits, struct instant now)
{
	*bucket = (struct bucket){.tokens = limits->burst, .rate = limits->ceiling, .at = now};
}

static double floor_rate(const struct bucket_limits *limits)
{
	return fmin(least_rate, limits->ceiling);
}

/* A row that was damaged, or written under other limits, must not let more through than these allow. */
static void mend(struct bucket *bucket, const struct bucket_limits *limits)
{
	if (!isfinite(bucket->tokens) || bucket->tokens < 0)
		bucket->tokens = 0;
	if (!isfinite(bucket->rate) || bucket->rate < floor_rate(limits))
		bucket->rate = floor_rate(limits);
	bucket->tokens = fmin(bucket->tokens, limits->burst);
	bucket->rate = fmin(bucket->rate, limits->ceiling);
}

static void rise(
	struct bucket *bucket, const struct bucket_limits *limits, struct instant from, struct instant now)
{
	if (instant_is_set(bucket->slowed_at))
		from = instant_later(from, instant_add_ms(bucket->slowed_at, QUIET_MS));
	if (!instant_before(from, now))
		return;

	const double seconds = (double)(now.us - from.us) / 1e6;

	bucket->rate = fmin(limits->ceiling, bucket->rate + limits->ceiling / RISE_SECONDS * seconds);
}

/*
 * Brings the row to `now`. A transaction's now() is its beginning, so the one that waited for the row may
 * be the earlier one: then nothing is added, and `at` stays, else the same time would be counted twice.
 */
static void advance(struct bucket *bucket, const struct bucket_limits *limits, struct instant now)
{
	mend(bucket, limits);
	if (!instant_before(bucket->at, now)) {
		if (instant_ms_between(now, bucket->at) > CLOCK_JUMP_MS)
			bucket->at = now;
		return;
	}

	const double seconds = (double)(now.us - bucket->at.us) / 1e6;

	bucket->tokens = fmin(limits->burst, bucket->tokens + bucket->rate * seconds);
	rise(bucket, limits, bucket->at, now);
	bucket->at = now;
}

unsigned bucket_take(struct bucket *bucket, const struct bucket_limits *limits, unsigned wanted,
	struct instant now, int64_t *ret_wait_ms)
{
	*ret_wait_ms = 0;
	advance(bucket, limits, now);
	if (wanted == 0)
		return 0;
	if (instant_before(now, bucket->paused_until)) {
		*ret_wait_ms = instant_ms_between(now, bucket->paused_until) + 1;
		return 0;
	}
	if (bucket->tokens < 1.0) {
		*ret_wait_ms = (int64_t)ceil((1.0 - bucket->tokens) / bucket->rate * 1000.0);
		if (*ret_wait_ms < 1)
			*ret_wait_ms = 1;
		return 0;
	}

	const double whole = floor(bucket->tokens);
	const unsigned taken = whole < (double)wanted ? (unsigned)whole : wanted;

	bucket->tokens -= taken;
	return taken;
}

void bucket_give_back(struct bucket *bucket, const struct bucket_limits *limits, unsigned unused)
{
	mend(bucket, limits);
	bucket->tokens = fmin(limits->burst, bucket->tokens + unused);
}

void bucket_slow(struct bucket *bucket, const struct bucket_limits *limits, struct instant now)
{
	advance(bucket, limits, now);
	/* One burst brings many refusals; they are one sign, not many. */
	if (instant_is_set(bucket->slowed_at) &&
		instant_before(now, instant_add_ms(bucket->slowed_at, QUIET_MS)) &&
		instant_ms_between(now, bucket->slowed_at) <= CLOCK_JUMP_MS)
		return;
	bucket->rate = fmax(floor_rate(limits), bucket->rate / 2);
	bucket->slowed_at = now;
}

void bucket_pause(struct bucket *bucket, struct instant until)
{
	bucket->paused_until = instant_later(bucket->paused_until, until);
}
