#include "core/payment.h"

#include "check.h"
#include "life.h"

#define UNSET INT64_MAX

struct look_case {
	const char *what;
	enum api api;
	enum state state;
	bool has_ids;
	unsigned asks;
	int64_t due_s, fence_s, horizon_s; /* from now */
	enum look want;
	int64_t next_s; /* UNSET: not set */
};

static const struct look_case looks[] = {
	/* clang-format off */
	{ "not due", API_STK_PUSH, STATE_PENDING, true, 0, 1, 3600, 7200, LOOK_NOTHING, UNSET },
	{ "at rest", API_STK_PUSH, STATE_PENDING, true, 0, UNSET, 3600, 7200, LOOK_NOTHING, UNSET },
	{ "lease over", API_STK_PUSH, STATE_SENDING, false, 0, 0, 3600, 7200, LOOK_LEASE_OUT, UNSET },
	{ "lease over, inquiry", API_STK_QUERY, STATE_SENDING, false, 0, 0, 3600, 3600, LOOK_LEASE_OUT,
		UNSET },
	{ "first question", API_STK_PUSH, STATE_PENDING, true, 0, 0, 3600, 7200, LOOK_ASK, 15 },
	{ "fifth question", API_STK_PUSH, STATE_UNKNOWN, true, 4, 0, 3600, 7200, LOOK_ASK, 60 },
	{ "horizon near", API_STK_PUSH, STATE_PENDING, true, 20, 0, 3600, 100, LOOK_ASK, 100 },
	{ "payout, by our key", API_B2C, STATE_UNKNOWN, false, 0, 0, 3600, 86400, LOOK_ASK, 120 },
	{ "payout, after the fence", API_B2C, STATE_UNKNOWN, false, 9, 0, -1, 86400, LOOK_ASK, 3600 },
	{ "payout, at the fence", API_B2C, STATE_UNKNOWN, false, 9, 0, 0, 86400, LOOK_ASK, 3600 },
	{ "no way to ask", API_STK_PUSH, STATE_UNKNOWN, false, 0, 0, 3600, 7200, LOOK_WAIT, 7200 },
	{ "horizon passed", API_STK_PUSH, STATE_UNKNOWN, true, 3, -5, -10, -5, LOOK_HORIZON, UNSET },
	{ "horizon now", API_STK_PUSH, STATE_PENDING, false, 3, 0, -10, 0, LOOK_HORIZON, UNSET },
	{ "inquiry, its callback overdue", API_TRANSACTION_STATUS, STATE_PENDING, true, 0, 0, 3600, 3600, LOOK_ASK, 60 },
	{ "inquiry, asked often", API_ACCOUNT_BALANCE, STATE_PENDING, false, 7, 0, 3600, 600, LOOK_ASK, 60 },
	{ "inquiry, horizon passed", API_ACCOUNT_BALANCE, STATE_PENDING, true, 7, 0, 3600, 0, LOOK_HORIZON, UNSET },
	{ "inquiry, no word", API_ACCOUNT_BALANCE, STATE_UNKNOWN, true, 0, 0, 3600, 600, LOOK_HORIZON, UNSET },
	{ "inquiry, unresolved", API_ACCOUNT_BALANCE, STATE_UNRESOLVED, true, 7, 0, 3600, 0, LOOK_WAIT, UNSET },
	{ "unresolved", API_STK_PUSH, STATE_UNRESOLVED, true, 30, 0, -10, -10, LOOK_ASK, 6 * 3600 },
	{ "unresolved, no ids", API_STK_PUSH, STATE_UNRESOLVED, false, 30, 0, -10, -10, LOOK_WAIT,
		6 * 3600 },
	{ "unresolved for 7 days", API_B2C, STATE_UNRESOLVED, true, 30, 0, -10, -7 * 86400, LOOK_ASK,
		UNSET },
	{ "unresolved for 7 days, no ids", API_STK_PUSH, STATE_UNRESOLVED, false, 30, 0, -10, -7 * 86400,
		LOOK_WAIT, UNSET },
	{ "failed, heard of", API_B2C, STATE_FAILED, false, 0, 0, 3600, 7200, LOOK_ASK, UNSET },
	{ "failed, no way to ask", API_STK_PUSH, STATE_FAILED, false, 0, 0, 3600, 7200, LOOK_WAIT, UNSET },
	{ "paid", API_STK_PUSH, STATE_SUCCEEDED, true, 0, 0, 3600, 7200, LOOK_WAIT, UNSET },
	{ "contradiction", API_STK_PUSH, STATE_CONFLICT, true, 0, 0, 3600, 7200, LOOK_WAIT, UNSET },
	/* clang-format on */
};

static struct instant from_now(int64_t seconds)
{
	return seconds == UNSET ? (struct instant){0} : at_s(seconds);
}

static void test_what_a_due_timer_does(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < COUNT_OF(looks); i++) {
		const struct look_case *row = &looks[i];
		const struct payment payment = payment_for(row->api);
		struct payment_state state = row_in(&payment, row->state, 1);
		struct instant next = {77};

		state.due_at = from_now(row->due_s);
		state.fence_at = at_s(row->fence_s);
		state.horizon_at = at_s(row->horizon_s);
		state.asks = row->asks;
		if (!row->has_ids)
			state.ids = NO_IDS;
		const enum look look = payment_look(&payment, &state, NOW, 1.0, &next);
		CHECK(look == row->want, "%s: %d", row->what, look);
		CHECK(next.us == from_now(row->next_s).us, "%s: next in %lld s", row->what,
			(long long)(next.us - NOW.us) / 1000000);
	}
}

/* The row is saved, and so dated, at each hint. */
static void test_a_lost_hint_is_repeated_after_twice_the_wait(void **unused)
{
	static const int64_t gaps_s[] = {10, 20, 40, 80, 160, 300, 300};
	struct payment payment = payment_for(API_B2C);
	struct payment_state state;

	(void)unused;
	payment.valid_until = at_s(86400);
	payment_begin(&payment, NOW, 1.0, &state);
	for (size_t i = 0; i < COUNT_OF(gaps_s); i++) {
		const struct instant now =
			instant_add_ms(state.due_at, 150); /* the poller's tick is a little late */
		struct instant next;

		assert_int_equal(payment_look(&payment, &state, now, 1.0, &next), LOOK_HINT);
		CHECK(instant_ms_between(now, next) == gaps_s[i] * 1000, "hint %zu: %lld ms", i,
			(long long)instant_ms_between(now, next));
		state.updated_at = now;
		state.due_at = next;
	}
}

static void test_a_hint_after_a_long_outage_is_not_hurried(void **unused)
{
	struct payment payment = payment_for(API_B2C);
	struct payment_state state = row_in(&payment, STATE_RETRY, 1);
	struct instant next;

	(void)unused;
	payment.valid_until = at_s(86400);
	state.updated_at = (struct instant){0};
	state.due_at = at_s(-100000);
	assert_int_equal(payment_look(&payment, &state, NOW, 1.0, &next), LOOK_HINT);
	assert_int_equal(instant_ms_between(NOW, next), HINT_MOST_MS);
}

static void test_the_unsent_expire_and_are_looked_at_then(void **unused)
{
	static const enum state unsent[] = {STATE_ACCEPTED, STATE_RETRY};

	(void)unused;
	for (size_t i = 0; i < COUNT_OF(unsent); i++) {
		struct payment payment = payment_for(API_STK_PUSH);
		struct payment_state state = row_in(&payment, unsent[i], (unsigned)i);
		struct instant next;

		state.due_at = NOW;
		payment.valid_until = at_s(4);
		assert_int_equal(payment_look(&payment, &state, NOW, 1.0, &next), LOOK_HINT);
		assert_int_equal(instant_ms_between(NOW, next), 4000);
		assert_int_equal(
			payment_look(&payment, &state, payment.valid_until, 1.0, &next), LOOK_EXPIRED);
		assert_false(instant_is_set(next));
	}
}

static void test_time_scale_shortens_the_looks(void **unused)
{
	const struct payment payment = payment_for(API_STK_PUSH);
	struct payment_state state = row_in(&payment, STATE_PENDING, 1);
	struct instant next;

	(void)unused;
	state.due_at = NOW;
	assert_int_equal(payment_look(&payment, &state, NOW, 0.01, &next), LOOK_ASK);
	assert_int_equal(instant_ms_between(NOW, next), 150);
}

/* Whatever its look, an open payment is looked at again, by a time of its own or by the step that it makes. */
static void test_no_look_leaves_an_open_payment_without_an_end(void **unused)
{
	(void)unused;
	for (const struct api_row *api = api_each(NULL); api != NULL; api = api_each(api))
		for (enum state s = 0; (int)s < STATE_COUNT; s++)
			for (unsigned ids = 0; ids < 2; ids++) {
				const struct payment payment = payment_for(api->api);
				struct payment_state state = row_in(&payment, s, s == STATE_ACCEPTED ? 0 : 1);
				struct instant next;

				state.due_at = NOW;
				if (!ids)
					state.ids = NO_IDS;
				const enum look look = payment_look(&payment, &state, NOW, 1.0, &next);
				const bool steps = look == LOOK_EXPIRED || look == LOOK_LEASE_OUT ||
						   look == LOOK_HORIZON;

				CHECK(look != LOOK_NOTHING, "%s in %s", api->name, state_name(s));
				CHECK(state_is_published(s) || steps || instant_before(NOW, next), "%s in %s",
					api->name, state_name(s));
			}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_a_due_timer_does),
		cmocka_unit_test(test_a_lost_hint_is_repeated_after_twice_the_wait),
		cmocka_unit_test(test_a_hint_after_a_long_outage_is_not_hurried),
		cmocka_unit_test(test_the_unsent_expire_and_are_looked_at_then),
		cmocka_unit_test(test_time_scale_shortens_the_looks),
		cmocka_unit_test(test_no_look_leaves_an_open_payment_without_an_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
