#include "core/bucket.h"

#include "base/attr.h"

#include <math.h>

enum {
	QUIET_MS = 1000, /* after a slowing, before the rate rises again; and between two slowings */
	RISE_SECONDS = 60, /* from nothing to the most */
	CLOCK_JUMP_MS = 60000, /* a clock that is this far back was set, and is followed */
};
static const double held_share = 0.05;
static const double fill_share = 0.9;
static const double least_rate = 1.0;

/*
 * What a second can bring is a full bucket and what flows in meanwhile, in whole tokens: 95 % of the ceiling, and
 * where the bucket must hold a whole token, floor(1 + 0.9 ceiling), which is no more than the ceiling, since that is
 * a whole number. The twentieth between is for the way to Daraja: who counts there sees two calls closer together
 * than they were let through, when the first was held up by a busy machine and the second was not.
 */
struct bucket_limits bucket_limits(double ceiling)
{
	must(ceiling >= 1 && isfinite(ceiling));
	ceiling = floor(ceiling);
	return (struct bucket_limits){
		.ceiling = ceiling, .burst = fmax(1.0, ceiling * held_share), .fill = ceiling * fill_share};
}

void bucket_start(struct bucket *bucket, const struct bucket_limits *limits, struct instant now)
{
	*bucket = (struct bucket){.tokens = limits->burst, .rate = limits->fill, .at = now};
}

static double floor_rate(const struct bucket_limits *limits)
{
	return fmin(least_rate, limits->fill);
}

/* A row that was damaged, or written under other limits, must not let more through than these allow. */
static void mend(struct bucket *bucket, const struct bucket_limits *limits)
{
	if (!isfinite(bucket->tokens) || bucket->tokens < 0)
		bucket->tokens = 0;
	if (!isfinite(bucket->rate) || bucket->rate < floor_rate(limits))
		bucket->rate = floor_rate(limits);
	bucket->tokens = fmin(bucket->tokens, limits->burst);
	bucket->rate = fmin(bucket->rate, limits->fill);
}

static void rise(
	struct bucket *bucket, const struct bucket_limits *limits, struct instant from, struct instant now)
{
	if (instant_is_set(bucket->slowed_at))
		from = instant_later(from, instant_add_ms(bucket->slowed_at, QUIET_MS));
	if (!instant_before(from, now))
		return;

	const double seconds = (double)(now.us - from.us) / 1e6;

	bucket->rate = fmin(limits->fill, bucket->rate + limits->fill / RISE_SECONDS * seconds);
}

double bucket_seconds(struct instant *at, struct instant now)
{
	const struct instant from = *at;

	if (!instant_before(from, now)) {
		if (instant_ms_between(now, from) > CLOCK_JUMP_MS)
			*at = now;
		return 0;
	}
	*at = now;
	return (double)(now.us - from.us) / 1e6;
}

void bucket_advance(struct bucket *bucket, const struct bucket_limits *limits, struct instant now)
{
	const struct instant from = bucket->at;

	mend(bucket, limits);

	const double seconds = bucket_seconds(&bucket->at, now);

	bucket->tokens = fmin(limits->burst, bucket->tokens + bucket->rate * seconds);
	if (seconds > 0)
		rise(bucket, limits, from, now);
}

unsigned bucket_take(struct bucket *bucket, const struct bucket_limits *limits, unsigned wanted,
	struct instant now, int64_t *ret_wait_ms)
{
	*ret_wait_ms = 0;
	bucket_advance(bucket, limits, now);
	if (wanted == 0)
		return 0;
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
	bucket_advance(bucket, limits, now);
	/* One burst brings many refusals; they are one sign, not many. */
	if (instant_is_set(bucket->slowed_at) &&
		instant_before(now, instant_add_ms(bucket->slowed_at, QUIET_MS)) &&
		instant_ms_between(now, bucket->slowed_at) <= CLOCK_JUMP_MS)
		return;
	bucket->rate = fmax(floor_rate(limits), bucket->rate / 2);
	bucket->slowed_at = now;
}
