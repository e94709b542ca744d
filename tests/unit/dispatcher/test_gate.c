#include "dispatcher/gate.h"

#include "check.h"

static const struct instant now = {1800000000000000};

static struct lane_row healthy(const struct bucket_limits *limits)
{
	struct lane_row row = {0};

	bucket_start(&row.bucket, limits, now);
	breaker_start(&row.breaker, now);
	row.now = now;
	return row;
}

static void test_nothing_passes_a_frozen_a_paused_or_a_broken_lane(void **state)
{
	const struct bucket_limits limits = bucket_limits(100);
	const struct gate_asks asks = {.waiting = 10, .free_connections = 10, .time_scale = 1};
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
				.waiting = waiting, .free_connections = room, .time_scale = 1};
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
	const struct gate_asks asks = {
		.waiting = 1, .free_connections = 1, .who = GATE_QUESTIONS, .time_scale = 1};
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
	const struct gate_asks asks = {.waiting = 1, .free_connections = 1, .time_scale = 1};
	struct lane_row row = healthy(&limits);
	unsigned granted;
	int64_t wait_ms;

	(void)state;
	breaker_note(&row.breaker, SAW_CREDENTIAL_FAULT, 1, now, 1);
	row.now = instant_add_ms(row.breaker.until, 1);
	assert_int_equal(gate_decide(&row, &limits, &asks, &granted, &wait_ms), GATE_PROBE);
	assert_int_equal(granted, 0);
	assert_int_equal(gate_decide(&row, &limits, &asks, &granted, &wait_ms), GATE_BROKEN);
}

/* Throttled out, and by whom: the whole table of who asks and why it is open. */
static void test_who_passes_an_open_breaker(void **state)
{
	static const struct {
		enum breaker_saw saw;
		enum gate_verdict commands, questions, probe;
	} rows[] = {
		{SAW_CREDENTIAL_FAULT, GATE_BROKEN, GATE_OPEN, GATE_OPEN},
		{SAW_QUOTA, GATE_BROKEN, GATE_BROKEN, GATE_OPEN},
		{SAW_DOUBT, GATE_BROKEN, GATE_OPEN, GATE_OPEN},
	};
	const struct bucket_limits limits = bucket_limits(100);

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		for (enum gate_who who = GATE_COMMANDS; who <= GATE_PROBE_QUESTION; who++) {
			const struct gate_asks asks = {
				.waiting = 1, .free_connections = 1, .who = who, .time_scale = 1};
			const enum gate_verdict want = who == GATE_COMMANDS    ? rows[i].commands
						       : who == GATE_QUESTIONS ? rows[i].questions
									       : rows[i].probe;
			struct lane_row row = healthy(&limits);
			unsigned granted;
			int64_t wait_ms;

			breaker_note(&row.breaker, rows[i].saw, 5, now, 1);
			assert_int_equal(row.breaker.state, BREAKER_OPEN);
			enum gate_verdict verdict = gate_decide(&row, &limits, &asks, &granted, &wait_ms);
			CHECK(verdict == want, "row %zu, who %d: %s", i, who, gate_verdict_name(verdict));
			CHECK(verdict == GATE_OPEN || (wait_ms > 0 && wait_ms <= 500), "row %zu: %lld", i,
				(long long)wait_ms);
			row.now = row.breaker.until;
			verdict = gate_decide(&row, &limits, &asks, &granted, &wait_ms);
			CHECK(verdict == (who == GATE_PROBE_QUESTION ? GATE_OPEN : GATE_PROBE), "row %zu: %s",
				i, gate_verdict_name(verdict));
		}
}

static void test_waits_are_by_the_time_scale(void **state)
{
	const struct bucket_limits limits = bucket_limits(100);
	const struct gate_asks asks = {.waiting = 1, .free_connections = 1, .time_scale = 0.01};
	struct lane_row row = healthy(&limits);
	unsigned granted;
	int64_t wait_ms;

	(void)state;
	row.paused = true;
	gate_decide(&row, &limits, &asks, &granted, &wait_ms);
	assert_int_equal(wait_ms, 20);
	row = healthy(&limits);
	breaker_note(&row.breaker, SAW_QUOTA, 1, now, 0.01);
	gate_decide(&row, &limits, &asks, &granted, &wait_ms);
	assert_int_equal(wait_ms, 5);
	row.now = instant_add_ms(row.breaker.until, -2);
	assert_int_equal(gate_decide(&row, &limits, &asks, &granted, &wait_ms), GATE_BROKEN);
	assert_int_equal(wait_ms, 3); /* not past its time */
}

/* Commands and questions at one bucket, looking again every few ms, as the dispatcher does: first the ones, then the others. */
static void share(double ceiling, bool commands, bool questions, uint64_t ret[2])
{
	const struct bucket_limits limits = bucket_limits(ceiling);
	struct lane_row row = healthy(&limits);
	struct gate_turn turn = {.ahead = 0};
	int64_t held = 0;

	ret[0] = ret[1] = 0;
	for (int ms = 0; ms < 60000; ms += 1 + ms % 7)
		for (enum gate_who who = GATE_COMMANDS; who <= GATE_QUESTIONS; who++) {
			const struct gate_asks asks = {.waiting = 500,
				.free_connections = 500,
				.who = who,
				.turn = &turn,
				.time_scale = 1};
			unsigned granted;
			int64_t wait_ms;

			if (!(who == GATE_COMMANDS ? commands : questions) || held > ms)
				continue;
			row.now = instant_add_ms(now, ms);
			if (gate_decide(&row, &limits, &asks, &granted, &wait_ms) != GATE_OPEN)
				held = ms + wait_ms;
			ret[who] += granted;
		}
}

static void test_commands_and_questions_get_half_of_the_query_lane_each(void **state)
{
	static const double ceilings[] = {1, 2, 3, 12, 20, 41, 60, 100, 1000};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(ceilings); i++) {
		const double fill = bucket_limits(ceilings[i]).fill * 60;
		uint64_t got[2];

		share(ceilings[i], true, true, got);
		CHECK(got[0] > 0 && got[1] > 0 && (double)got[0] <= (double)got[1] * 1.2 + 2 &&
				(double)got[1] <= (double)got[0] * 1.2 + 2,
			"ceiling %g: %d and %d", ceilings[i], (int)got[0], (int)got[1]);
		CHECK((double)(got[0] + got[1]) >= 0.85 * fill, "ceiling %g: %d of %g", ceilings[i],
			(int)(got[0] + got[1]), fill);
		/* one that only seems to wait stops nobody */
		share(ceilings[i], true, false, got);
		CHECK((double)got[0] >= 0.8 * fill && got[1] == 0, "ceiling %g: %d of %g", ceilings[i],
			(int)got[0], fill);
		share(ceilings[i], false, true, got);
		CHECK((double)got[1] >= 0.8 * fill && got[0] == 0, "ceiling %g: %d of %g", ceilings[i],
			(int)got[1], fill);
	}
}

static void test_a_breakers_question_goes_first(void **state)
{
	const struct bucket_limits limits = bucket_limits(20);
	struct gate_asks asks = {.waiting = 1, .free_connections = 1, .probe_waits = true, .time_scale = 1};
	struct lane_row row = healthy(&limits);
	unsigned granted;
	int64_t wait_ms;

	(void)state;
	for (asks.who = GATE_COMMANDS; asks.who <= GATE_QUESTIONS; asks.who++)
		assert_int_equal(gate_decide(&row, &limits, &asks, &granted, &wait_ms), GATE_EMPTY);
	asks.who = GATE_PROBE_QUESTION;
	assert_int_equal(gate_decide(&row, &limits, &asks, &granted, &wait_ms), GATE_OPEN);
	assert_int_equal(granted, 1);
	assert_int_equal(gate_decide(&row, &limits, &asks, &granted, &wait_ms), GATE_EMPTY);
	assert_true(wait_ms > 0);
}

static void test_the_query_lane_has_15_percent_of_the_others_unless_it_is_told(void **state)
{
	static const struct {
		int64_t rates[LANE_COUNT];
		double query;
	} rows[] = {
		{{20, 20, 20, 20, 0}, 12},
		{{20, 20, 20, 20, 3}, 3},
		{{1, 1, 1, 1, 0}, 1},
		{{1, 2, 3, 4, 0}, 1},
		{{5, 5, 5, 5, 0}, 3},
		{{100000, 100000, 100000, 100000, 0}, 60000},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		CHECK(gate_ceiling(rows[i].rates, LANE_QUERY) == rows[i].query, "row %zu: %g", i,
			gate_ceiling(rows[i].rates, LANE_QUERY));
		assert_true(gate_ceiling(rows[i].rates, LANE_CARE) == (double)rows[i].rates[LANE_CARE]);
	}
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
		cmocka_unit_test(test_who_passes_an_open_breaker),
		cmocka_unit_test(test_waits_are_by_the_time_scale),
		cmocka_unit_test(test_commands_and_questions_get_half_of_the_query_lane_each),
		cmocka_unit_test(test_a_breakers_question_goes_first),
		cmocka_unit_test(test_the_query_lane_has_15_percent_of_the_others_unless_it_is_told),
		cmocka_unit_test(
			test_the_stk_guard_holds_a_phone_for_its_prompt_and_an_amount_for_two_minutes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
