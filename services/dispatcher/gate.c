#include "dispatcher/gate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define HASH_NONFATAL_OOM 1
#include <uthash.h>

enum { WAIT_FROZEN_MS = 2000, WAIT_BROKEN_MS = 500, WAIT_NO_ROOM_MS = 5, QUERY_PERCENT = 15 };

double gate_ceiling(const int64_t rates[LANE_COUNT], enum lane lane)
{
	int64_t others = 0;

	if (lane != LANE_QUERY || rates[lane] > 0)
		return (double)rates[lane];
	for (int other = 0; other < LANE_COUNT; other++)
		others += other == LANE_QUERY ? 0 : rates[other];
	return others * QUERY_PERCENT < 100 ? 1 : (double)(others * QUERY_PERCENT / 100);
}

/*
 * So many that both will have had the same: the rest stays for the others, who come at once. If they were not here since the
 * last time, they only seem to wait, and must not stop anybody.
 */
static unsigned share_of(const struct bucket *bucket, const struct gate_asks *asks, unsigned wanted)
{
	const struct gate_turn *turn = asks->turn;

	if (turn == NULL || turn->last == asks->who)
		return wanted;

	const double ahead = asks->who == GATE_COMMANDS ? turn->ahead : -turn->ahead;
	const double most = fmax(0, ceil((floor(bucket->tokens) - ahead) / 2));

	return most < (double)wanted ? (unsigned)most : wanted;
}

static void remember_share(
	struct gate_turn *turn, const struct bucket_limits *limits, enum gate_who who, unsigned granted)
{
	if (turn == NULL)
		return;
	turn->last = who;
	turn->ahead += who == GATE_COMMANDS ? granted : -(double)granted;
	turn->ahead = fmin(limits->burst, fmax(-limits->burst, turn->ahead));
}

static enum gate_verdict take_tokens(struct lane_row *row, const struct bucket_limits *limits,
	const struct gate_asks *asks, unsigned *ret_granted, int64_t *ret_wait_ms)
{
	unsigned wanted =
		asks->waiting < asks->free_connections ? (unsigned)asks->waiting : asks->free_connections;

	*ret_wait_ms = WAIT_NO_ROOM_MS;
	if (wanted == 0)
		return GATE_EMPTY;
	*ret_wait_ms = 0;
	if (asks->probe_waits && asks->who != GATE_PROBE_QUESTION)
		return GATE_EMPTY;
	bucket_advance(&row->bucket, limits, row->now);
	const unsigned share = share_of(&row->bucket, asks, wanted);
	if (share > 0 || row->bucket.tokens < 1)
		*ret_granted =
			bucket_take(&row->bucket, limits, share > 0 ? share : 1, row->now, ret_wait_ms);
	remember_share(asks->turn, limits, asks->who, *ret_granted);
	return *ret_granted > 0 ? GATE_OPEN : GATE_EMPTY;
}

/* Questions pass an open breaker, since they are what helps payments that are in doubt, but a quota is for them, too. */
static bool may_pass(const struct breaker *breaker, enum gate_who who)
{
	return breaker_allows(breaker) || who == GATE_PROBE_QUESTION ||
	       (who == GATE_QUESTIONS && breaker->reason != BREAKER_QUOTA);
}

/* Another process's question may close it before its time, hence not longer than a moment. */
static int64_t broken_wait_ms(const struct lane_row *row, double time_scale)
{
	const int64_t most = scaled_ms(WAIT_BROKEN_MS, time_scale);
	const int64_t left = instant_ms_between(row->now, row->breaker.until) + 1;

	return left < 1 ? 1 : left < most ? left : most;
}

enum gate_verdict gate_decide(struct lane_row *row, const struct bucket_limits *limits,
	const struct gate_asks *asks, unsigned *ret_granted, int64_t *ret_wait_ms)
{
	*ret_granted = 0;
	*ret_wait_ms = scaled_ms(WAIT_FROZEN_MS, asks->time_scale);
	if (row->frozen)
		return GATE_FROZEN;
	if (row->paused)
		return GATE_PAUSED;
	if (asks->who != GATE_PROBE_QUESTION && breaker_wants_probe(&row->breaker, row->now)) {
		breaker_probe(&row->breaker, row->now, asks->time_scale);
		*ret_wait_ms = 0;
		return GATE_PROBE;
	}
	if (!may_pass(&row->breaker, asks->who)) {
		*ret_wait_ms = broken_wait_ms(row, asks->time_scale);
		return GATE_BROKEN;
	}
	return take_tokens(row, limits, asks, ret_granted, ret_wait_ms);
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
