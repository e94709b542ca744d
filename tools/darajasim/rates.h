#ifndef DARAJASIM_RATES_H
#define DARAJASIM_RATES_H

#include "base/time.h"

#include "darajasim/product.h"

#include <stdint.h>

/* Spike arrest: how many requests an app may send to a product within any second. */
struct rate;
struct rates {
	struct rate *by_key;
};

/* most 0: no limit. A request that is refused does not count. */
bool rates_take(struct rates *rates, const char *app, enum product product, unsigned most, struct mono now);
void rates_done(struct rates *rates);

#endif
