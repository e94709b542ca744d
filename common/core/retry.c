#include "core/retry.h"

#include "base/attr.h"
#include "core/bucket.h"

#include <math.h>

static const double retry_share = 0.1, held_seconds = 10, least_rate = 1;

int64_t retry_wait_ms(unsigned n, int64_t first_ms, int64_t most_ms, uint32_t random)
{
	int64_t full = first_ms;

	must(first_ms > 0 && most_ms >= first_ms && most_ms <= INT64_MAX / UINT32_MAX);
	for (unsigned i = 0; i < n && full < most_ms; i++)
		full *= 2;
	if (full > most_ms)
		full = most_ms;

	const int64_t drawn = full * (int64_t)random / UINT32_MAX;
	const int64_t least = full / 10;

	return drawn < least ? least : drawn;
}

/* A row that was damaged must neither stop the retries nor let them all go. */
static double fill_of(double rate)
{
	return retry_share * (isfinite(rate) ? fmax(rate, least_rate) : least_rate);
}

static double most_of(double rate)
{
	return fmax(1, fill_of(rate) * held_seconds);
}

void retry_budget_start(struct retry_budget *budget, double rate, struct instant now)
{
	*budget = (struct retry_budget){.tokens = most_of(rate), .at = now};
}

void retry_budget_advance(struct retry_budget *budget, double rate, struct instant now)
{
	if (!isfinite(budget->tokens) || budget->tokens < 0)
		budget->tokens = 0;
	budget->tokens =
		fmin(most_of(rate), budget->tokens + fill_of(rate) * bucket_seconds(&budget->at, now));
}

bool retry_budget_take(struct retry_budget *budget, double rate, struct instant now, int64_t *ret_wait_ms)
{
	*ret_wait_ms = 0;
	retry_budget_advance(budget, rate, now);
	if (budget->tokens >= 1) {
		budget->tokens -= 1;
		return true;
	}
	/* One more than the sum says: what is rounded on the way must not make it come a moment too early. */
	*ret_wait_ms = (int64_t)ceil((1 - budget->tokens) / fill_of(rate) * 1000) + 1;
	return false;
}

int64_t retry_budget_every_ms(double rate)
{
	return (int64_t)ceil(1000 / fill_of(rate));
}
