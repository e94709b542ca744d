#ifndef CORE_RETRY_H
#define CORE_RETRY_H

#include "base/time.h"

#include <stdbool.h>
#include <stdint.h>

/* Full jitter: 0 ... min(most, first * 2^n), at least a tenth of it. Without jitter the replicas return in
   step and trip the limit again. n counts from 0; `random` is a fresh 32-bit number. */
int64_t retry_wait_ms(unsigned n, int64_t first_ms, int64_t most_ms, uint32_t random);

/*
 * The retry budget of an (app, lane): at most a tenth of its sends may be retries, so that a fault does not come back
 * multiplied. A little bucket in the lane's row. It holds what ten seconds bring, and at least one token. It fills with a
 * tenth of the lane's present rate, and never slower than one token in ten seconds: no retry waits for ever.
 */
struct retry_budget {
	double tokens;
	struct instant at; /* when `tokens` was right */
};

void retry_budget_start(struct retry_budget *budget, double rate, struct instant now);
/* Brings it to `now`. `rate`: the lane's, per second, now. */
void retry_budget_advance(struct retry_budget *budget, double rate, struct instant now);
/* One retry may go: its token is taken. Otherwise *ret_wait_ms > 0 tells when the next one may. */
bool retry_budget_take(struct retry_budget *budget, double rate, struct instant now, int64_t *ret_wait_ms);
/* How far apart retries are in the long run. */
int64_t retry_budget_every_ms(double rate);

#endif
