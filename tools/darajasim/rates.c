#include "darajasim/rates.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>

enum { SLOTS = 20, SLOT_US = 50000 };

struct rate_key {
	char app[72];
	enum product product;
};

struct rate {
	struct rate_key key;
	int64_t slot_of[SLOTS];
	unsigned count[SLOTS];
	UT_hash_handle hh;
};

static struct rate *find(struct rates *rates, const char *app, enum product product)
{
	struct rate_key key;
	struct rate *rate;

	memset(&key, 0, sizeof(key));
	strncpy(key.app, app, sizeof(key.app) - 1);
	key.product = product;
	HASH_FIND(hh, rates->by_key, &key, sizeof(key), rate);
	if (rate == NULL) {
		rate = calloc(1, sizeof(*rate));
		must(rate != NULL);
		rate->key = key;
		HASH_ADD(hh, rates->by_key, key, sizeof(key), rate);
	}
	return rate;
}

bool rates_take(struct rates *rates, const char *app, enum product product, unsigned most, struct mono now)
{
	struct rate *rate;
	int64_t slot = now.us / SLOT_US;
	unsigned sum = 0, at = (unsigned)(slot % SLOTS);

	if (most == 0)
		return true;
	rate = find(rates, app, product);
	if (rate->slot_of[at] != slot) {
		rate->slot_of[at] = slot;
		rate->count[at] = 0;
	}
	for (unsigned i = 0; i < SLOTS; i++)
		if (rate->slot_of[i] > slot - SLOTS)
			sum += rate->count[i];
	if (sum >= most)
		return false;
	rate->count[at]++;
	return true;
}

void rates_done(struct rates *rates)
{
	struct rate *rate, *next;

	HASH_ITER (hh, rates->by_key, rate, next) {
		HASH_DEL(rates->by_key, rate);
		free(rate);
	}
}
