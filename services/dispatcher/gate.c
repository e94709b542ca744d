#include "dispatcher/gate.h"

#include <stdlib.h>
#include <string.h>

#define HASH_NONFATAL_OOM 1
#include <uthash.h>

enum { WAIT_FROZEN_MS = 2000, WAIT_BROKEN_MS = 500 };

enum gate_verdict gate_decide(struct lane_row *row, const struct bucket_limits *limits,
	const struct gate_asks *asks, unsigned *ret_granted, int64_t *ret_wait_ms)
{
	unsigned wanted =
		asks->waiting < asks->free_connections ? (unsigned)asks->waiting : asks->free_connections;

	*ret_granted = 0;
	*ret_wait_ms = WAIT_FROZEN_MS;
	if (row->frozen)
		return GATE_FROZEN;
	if (row->paused)
		return GATE_PAUSED;
	*ret_wait_ms = WAIT_BROKEN_MS;
	if (!asks->questions && !breaker_allows(&row->breaker)) {
		if (!breaker_wants_probe(&row->breaker, asks->now))
			return GATE_BROKEN;
		breaker_probe(&row->breaker, asks->now);
		return GATE_PROBE;
	}
	*ret_wait_ms = 5;
	if (wanted == 0)
		return GATE_EMPTY;
	*ret_granted = bucket_take(&row->bucket, limits, wanted, asks->now, ret_wait_ms);
	return *ret_granted > 0 ? GATE_OPEN : GATE_EMPTY;
}

const char *gate_verdict_name(enum gate_verdict verdict)
{
	switch (verdict) {
	case GATE_OPEN:
		return "open";
	case GATE_FROZEN:
		return "frozen";
	case GATE_PAUSED:
		return "paused";
	case GATE_BROKEN:
		return "broken";
	case GATE_PROBE:
		return "probe";
	case GATE_EMPTY:
		return "empty";
	}
	return "";
}

struct phone {
	char digits[16];
	struct mono sent;
	struct amount amount;
	UT_hash_handle hh;
};

struct stk_guard {
	struct phone *phones; /* in order of their last send */
};

struct stk_guard *stk_guard_new(void)
{
	struct stk_guard *guard = calloc(1, sizeof(*guard));

	must(guard != NULL);
	return guard;
}

static void forget(struct stk_guard *guard, struct phone *phone)
{
	HASH_DEL(guard->phones, phone);
	free(phone);
}

void stk_guard_free(struct stk_guard **guard)
{
	if (*guard == NULL)
		return;
	while ((*guard)->phones != NULL)
		forget(*guard, (*guard)->phones);
	free(*guard);
	*guard = NULL;
}

static struct phone *find(const struct stk_guard *guard, const char *digits)
{
	struct phone *phone = NULL;

	HASH_FIND_STR(guard->phones, digits, phone);
	return phone;
}

int64_t stk_guard_wait_ms(const struct stk_guard *guard, const char *digits, struct amount amount,
	struct mono now, double time_scale)
{
	const struct phone *phone = find(guard, digits);

	if (phone == NULL)
		return 0;

	int64_t since = mono_ms_between(phone->sent, now);
	int64_t prompt = scaled_ms(GUARD_PROMPT_MS, time_scale) - since;
	int64_t same = amount_same(amount, phone->amount) ? scaled_ms(GUARD_SAME_MS, time_scale) - since : 0;
	int64_t wait = prompt > same ? prompt : same;

	return wait > 0 ? wait : 0;
}

void stk_guard_sent(
	struct stk_guard *guard, const char *digits, struct amount amount, struct mono now, double time_scale)
{
	struct phone *phone = find(guard, digits);

	if (phone != NULL)
		forget(guard, phone);
	while (guard->phones != NULL &&
		(HASH_COUNT(guard->phones) >= GUARD_PHONES_MOST ||
			mono_ms_between(guard->phones->sent, now) > scaled_ms(GUARD_SAME_MS, time_scale)))
		forget(guard, guard->phones);
	phone = calloc(1, sizeof(*phone));
	must(phone != NULL);
	strncpy(phone->digits, digits, sizeof(phone->digits) - 1);
	phone->sent = now;
	phone->amount = amount;
	HASH_ADD_STR(guard->phones, digits, phone);
}

void stk_guard_over(struct stk_guard *guard, const char *digits)
{
	struct phone *phone = find(guard, digits);

	if (phone != NULL)
		forget(guard, phone);
}
