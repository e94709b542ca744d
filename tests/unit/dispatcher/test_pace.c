#include "dispatcher/pace.h"

#include "check.h"

#include "base/attr.h"

static const struct mono start = {1000000};

static void test_a_claim_leaves_at_its_rate(void **state)
{
	static const struct {
		const char *what;
		double rate;
		size_t calls;
		int64_t within_ms, want_us;
	} rows[] = {
		{"twenty a second", 20, 1, 2500, 50000},
		{"a thousand a second", 1000, 50, 2500, 1000},
		{"under a millisecond", 4000, 200, 2500, 250},
		{"more calls than the slowed rate lets leave in time", 1, 50, 2500, 50000},
		{"just in time", 2, 5, 2500, 500000},
		{"one call at the lowest rate", 1, 1, 2500, 1000000},
		{"a rate that is not told", 0, 10, 2500, 0},
		{"no rate at all", -1, 10, 2500, 0},
		{"nothing", 20, 0, 2500, 0},
		{"time scaled down to nothing", 20, 5, 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		int64_t spacing_us = pace_spacing_us(rows[i].rate, rows[i].calls, rows[i].within_ms);

		CHECK(spacing_us == rows[i].want_us, "%s: %lld", rows[i].what, (long long)spacing_us);
		CHECK(spacing_us * (int64_t)rows[i].calls <= rows[i].within_ms * 1000 || rows[i].calls == 1,
			"%s: its last call would be late", rows[i].what);
	}
}

static void test_no_call_leaves_before_its_time(void **state)
{
	struct pace pace = {0};

	(void)state;
	for (int i = 0; i < 5; i++) {
		struct mono now = {start.us + i * 20000};

		assert_true(pace.next.us <= now.us);
		pace_left(&pace, 20000, now);
		assert_true(pace.next.us == now.us + 20000);
	}
}

static void test_a_late_timer_is_made_up_for(void **state)
{
	struct pace pace = {0};

	(void)state;
	pace_left(&pace, 250, start);
	/* 4,000 a second and a timer of 1 ms: four leave at each */
	for (int tick = 1; tick <= 3; tick++) {
		const struct mono now = {start.us + tick * 1000};
		int left = 0;

		for (; pace.next.us <= now.us; left++)
			pace_left(&pace, 250, now);
		assert_int_equal(left, 4);
	}
}

static void test_what_a_pause_has_made_late_does_not_leave_as_a_burst(void **state)
{
	struct pace pace = {0};
	const struct mono late = mono_add_ms(start, 200);

	(void)state;
	pace_left(&pace, 5000, start);
	assert_true(pace.next.us <= late.us);
	pace_left(&pace, 5000, late);
	assert_true(pace.next.us == late.us + 5000);
}

static void test_the_next_claim_keeps_the_distance_to_the_one_before(void **state)
{
	struct pace pace = {0};

	(void)state;
	pace_left(&pace, 20000, start);
	/* whatever the next claim's rate, its first call waits for the one before */
	assert_true(pace.next.us == start.us + 20000);
	pace_left(&pace, 10000, pace.next);
	assert_true(pace.next.us == start.us + 30000);
}

static void test_a_call_without_a_rate_leaves_at_once(void **state)
{
	struct pace pace = {0};

	(void)state;
	for (int i = 0; i < 3; i++) {
		assert_true(pace.next.us <= start.us);
		pace_left(&pace, 0, start);
	}
}

static void test_the_timer_is_never_early_and_never_busy(void **state)
{
	static const struct {
		int64_t us;
		uint64_t want_ms;
	} rows[] = {{-5000, 1}, {0, 1}, {1, 1}, {999, 1}, {1000, 1}, {1001, 2}, {50000, 50}, {50001, 51}};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		CHECK(pace_timer_ms(start, (struct mono){start.us + rows[i].us}) == rows[i].want_ms,
			"%lld us", (long long)rows[i].us);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_claim_leaves_at_its_rate),
		cmocka_unit_test(test_no_call_leaves_before_its_time),
		cmocka_unit_test(test_a_late_timer_is_made_up_for),
		cmocka_unit_test(test_what_a_pause_has_made_late_does_not_leave_as_a_burst),
		cmocka_unit_test(test_the_next_claim_keeps_the_distance_to_the_one_before),
		cmocka_unit_test(test_a_call_without_a_rate_leaves_at_once),
		cmocka_unit_test(test_the_timer_is_never_early_and_never_busy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
