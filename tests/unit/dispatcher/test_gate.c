#include "dispatcher/gate.h"

#include "check.h"

static const struct instant now = {1800000000000000};

static struct lane_row healthy(const struct bucket_limits *limits)
{
	struct lane_row row = {0};

	bucket_start(&row.bucket, limits, now);
	breaker_start(&row.breaker, now);
	return row;
}

static void test_nothing_passes_a_frozen_a_paused_or_a_broken_lane(void **state)
{
	const struct bucket_limits limits = bucket_limits(100);
	const struct gate_asks asks = {.waiting = 10, .free_connections = 10, .now = now};
	const struct {
		const char *what;
		bool frozen, paused, broken;
		enum gate_verdict want;
	} rows[] = {
		{"frozen", true, false, false, GATE_FROZEN},
		{"frozen wins over all", true, true, true, GATE_FROZEN},
		{"paused", false, true, false, GATE_PAUSED},
		{"breaker open", false, false, true, GATE_BROKEN},
		{"healthy", false, false, false, GATE_OPEN},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct lane_row row = healthy(&limits);
		unsigned granted = 77;
		int64_t wait_ms = 0;

		row.frozen = rows[i].frozen;
		row.paused = rows[i].paused;
		if (rows[i].broken)
			breaker_note(&row.breaker, SAW_CREDENTIAL_FAULT, 1, now, 1);
		enum gate_verdict verdict = gate_decide(&row, &limits, &asks, &granted, &wait_ms);
		CHECK(verdict == rows[i].want, "%s: %s", rows[i].what, gate_verdict_name(verdict));
		CHECK((granted > 0) == (verdict == GATE_OPEN), "%s: granted %u", rows[i].what, granted);
		CHECK(verdict == GATE_OPEN || wait_ms > 0, "%s: no wait told", rows[i].what);
	}
}

static void test_no_more_is_granted_than_waits_than_can_be_sent_and_than_the_bucket_holds(void **state)
{
	const struct bucket_limits limits = bucket_limits(200);

	(void)state;
	for (unsigned waiting = 0; waiting < 30; waiting++)
		for (unsigned room = 0; room < 30; room++) {
			struct lane_row row = healthy(&limits);
			const struct gate_asks asks = {
				.waiting = waiting, .free_connections = room, .now = now};
			double before = row.bucket.tokens;
			unsigned granted;
			int64_t wait_ms;

			gate_decide(&row, &limits, &asks, &granted, &wait_ms);
			CHECK(granted <= waiting && granted <= room && granted <= before,
				"%u waiting, %u free, %.1f tokens: %u", waiting, room, before, granted);
		}
}

static void test_questions_pass_an_open_breaker_but_not_a_freeze(void **state)
{
	const struct bucket_limits limits = bucket_limits(100);
	const struct gate_asks asks = {.waiting = 1, .free_connections = 1, .questions = true, .now = now};
	struct lane_row row = healthy(&limits);
	unsigned granted;
	int64_t wait_ms;

	(void)state;
	breaker_note(&row.breaker, SAW_CREDENTIAL_FAULT, 1, now, 1);
	assert_int_equal(gate_decide(&row, &limits, &asks, &granted, &wait_ms), GATE_OPEN);
	row.frozen = true;
	assert_int_equal(gate_decide(&row, &limits, &asks, &granted, &wait_ms), GATE_FROZEN);
}

static void test_an_open_breaker_lets_one_caller_probe_when_its_time_has_come(void **state)
{
	const struct bucket_limits limits = bucket_limits(100);
	struct gate_asks asks = {.waiting = 1, .free_connections = 1, .now = now};
	struct lane_row row = healthy(&limits);
	unsigned granted;
	int64_t wait_ms;

	(void)state;
	breaker_note(&row.breaker, SAW_CREDENTIAL_FAULT, 1, now, 1);
	asks.now = instant_add_ms(row.breaker.until, 1);
	assert_int_equal(gate_decide(&row, &limits, &asks, &granted, &wait_ms), GATE_PROBE);
	assert_int_equal(granted, 0);
	assert_int_equal(gate_decide(&row, &limits, &asks, &granted, &wait_ms), GATE_BROKEN);
}

static void test_the_stk_guard_holds_a_phone_for_its_prompt_and_an_amount_for_two_minutes(void **state)
{
	const struct amount ten = amount_of_shillings(10), other = amount_of_shillings(11);
	const struct mono t = {50000000};
	struct stk_guard *guard = stk_guard_new();

	(void)state;
	assert_int_equal(stk_guard_wait_ms(guard, "254700000001", ten, t, 1), 0);
	stk_guard_sent(guard, "254700000001", ten, t, 1);
	assert_int_equal(stk_guard_wait_ms(guard, "254700000002", ten, t, 1), 0);
	assert_int_equal(stk_guard_wait_ms(guard, "254700000001", other, t, 1), GUARD_PROMPT_MS);
	assert_int_equal(stk_guard_wait_ms(guard, "254700000001", ten, t, 1), GUARD_SAME_MS);
	assert_int_equal(
		stk_guard_wait_ms(guard, "254700000001", other, mono_add_ms(t, GUARD_PROMPT_MS), 1), 0);
	assert_int_equal(stk_guard_wait_ms(guard, "254700000001", ten, mono_add_ms(t, GUARD_PROMPT_MS), 1),
		GUARD_SAME_MS - GUARD_PROMPT_MS);
	stk_guard_over(guard, "254700000001");
	assert_int_equal(stk_guard_wait_ms(guard, "254700000001", ten, t, 1), 0);
	stk_guard_free(&guard);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_passes_a_frozen_a_paused_or_a_broken_lane),
		cmocka_unit_test(
			test_no_more_is_granted_than_waits_than_can_be_sent_and_than_the_bucket_holds),
		cmocka_unit_test(test_questions_pass_an_open_breaker_but_not_a_freeze),
		cmocka_unit_test(test_an_open_breaker_lets_one_caller_probe_when_its_time_has_come),
		cmocka_unit_test(
			test_the_stk_guard_holds_a_phone_for_its_prompt_and_an_amount_for_two_minutes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
