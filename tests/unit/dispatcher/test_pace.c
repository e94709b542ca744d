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

static void test_no_two_calls_leave_together_and_none_before_its_time(void **state)
{
	struct pace pace = {0};

	(void)state;
	for (int i = 0; i < 5; i++)
		assert_true(pace_next(&pace, 20000, start).us == start.us + i * 20000);
}

static void test_the_next_claim_keeps_the_distance_to_the_one_before(void **state)
{
	struct pace pace = {0};
	struct mono later = mono_add_ms(start, 15);

	(void)state;
	assert_true(pace_next(&pace, 20000, start).us == start.us);
	/* at a higher rate, and still 20 ms after the call before */
	assert_true(pace_next(&pace, 10000, later).us == start.us + 20000);
	assert_true(pace_next(&pace, 10000, later).us == start.us + 30000);
}

static void test_time_that_was_not_used_is_not_saved_up(void **state)
{
	struct pace pace = {0};
	struct mono late = mono_add_ms(start, 60000);

	(void)state;
	pace_next(&pace, 20000, start);
	assert_true(pace_next(&pace, 20000, late).us == late.us);
	assert_true(pace_next(&pace, 20000, late).us == late.us + 20000);
}

static void test_a_call_without_a_rate_leaves_at_once(void **state)
{
	struct pace pace = {0};

	(void)state;
	for (int i = 0; i < 3; i++)
		assert_true(pace_next(&pace, 0, start).us == start.us);
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
		cmocka_unit_test(test_no_two_calls_leave_together_and_none_before_its_time),
		cmocka_unit_test(test_the_next_claim_keeps_the_distance_to_the_one_before),
		cmocka_unit_test(test_time_that_was_not_used_is_not_saved_up),
		cmocka_unit_test(test_a_call_without_a_rate_leaves_at_once),
		cmocka_unit_test(test_the_timer_is_never_early_and_never_busy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
