#include "core/bucket.h"

#include "check.h"

#include "base/attr.h"

#include <math.h>

#define START ((struct instant){1780000000000000})

static uint64_t draw(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

static struct instant at_ms(int64_t ms)
{
	return instant_add_ms(START, ms);
}

static void test_limits_hold_fifty_ms_of_the_rate(void **unused)
{
	(void)unused;
	assert_true(fabs(bucket_limits(100).burst - 5.0) < 1e-9);
	assert_true(bucket_limits(20).burst == 1.0);
	assert_true(bucket_limits(0.2).burst == 1.0);
}

static void test_it_gives_what_it_holds_and_then_tells_how_long_to_wait(void **unused)
{
	const struct bucket_limits limits = bucket_limits(100);
	struct bucket bucket;
	int64_t wait = -1;

	(void)unused;
	bucket_start(&bucket, &limits, START);
	assert_int_equal(bucket_take(&bucket, &limits, 0, START, &wait), 0);
	assert_int_equal(wait, 0);
	assert_int_equal(bucket_take(&bucket, &limits, 3, START, &wait), 3);
	assert_int_equal(wait, 0);
	assert_int_equal(bucket_take(&bucket, &limits, 9, START, &wait), 2);
	assert_int_equal(bucket_take(&bucket, &limits, 9, START, &wait), 0);
	assert_int_equal(wait, 10);
	assert_int_equal(bucket_take(&bucket, &limits, 9, at_ms(9), &wait), 0);
	assert_in_range(wait, 1, 2);
	assert_int_equal(bucket_take(&bucket, &limits, 9, at_ms(11), &wait), 1);
	assert_int_equal(bucket_take(&bucket, &limits, 9, at_ms(3600000), &wait), 5);
}

/* The property that Safaricom measures: in no stretch of time more than burst + ceiling * time. */
static void test_never_more_than_the_ceiling_over_any_stretch(void **unused)
{
	static const double ceilings[] = {0.5, 1, 7, 20, 333};

	(void)unused;
	for (size_t c = 0; c < COUNT_OF(ceilings); c++) {
		const struct bucket_limits limits = bucket_limits(ceilings[c]);
		uint64_t seed = 88172645463325252u + c;
		struct bucket bucket;
		int64_t now = 0, most = 0, wait;
		double taken = 0;

		bucket_start(&bucket, &limits, START);
		for (int step = 0; step < 20000; step++) {
			/* a transaction that waited for the row's lock began earlier than the one that had it */
			const int64_t back = draw(&seed) % 4 == 0 ? (int64_t)(draw(&seed) % 3000) : 0;
			const unsigned wanted = (unsigned)(draw(&seed) % 40);
			const unsigned got = bucket_take(
				&bucket, &limits, wanted, at_ms(now > back ? now - back : 0), &wait);

			taken += got;
			most = now > most ? now : most;
			CHECK(got <= wanted, "took %u of %u", got, wanted);
			CHECK(wanted == 0 || got > 0 || wait > 0, "nothing, and no wait");
			CHECK(taken <= limits.burst + limits.ceiling * (double)most / 1000.0 + 1e-6,
				"ceiling %f: %f in %lld ms", limits.ceiling, taken, (long long)most);
			CHECK(bucket.rate <= limits.ceiling && bucket.tokens >= 0 &&
					bucket.tokens <= limits.burst,
				"step %d", step);
			if (draw(&seed) % 50 == 0)
				bucket_slow(&bucket, &limits, at_ms(now));
			if (got > 0 && draw(&seed) % 10 == 0) {
				bucket_give_back(&bucket, &limits, 1);
				taken -= 1;
			}
			now += (int64_t)(draw(&seed) % 200);
		}
		CHECK(taken > 0, "ceiling %f gives nothing at all", limits.ceiling);
	}
}

static void test_whoever_waits_as_told_gets_one(void **unused)
{
	uint64_t seed = 42;

	(void)unused;
	for (int i = 0; i < 2000; i++) {
		const struct bucket_limits limits = bucket_limits(0.3 + (double)(draw(&seed) % 1000) / 7.0);
		struct bucket bucket;
		int64_t wait, now = 0;

		bucket_start(&bucket, &limits, START);
		while (bucket_take(&bucket, &limits, 1000, at_ms(now), &wait) > 0)
			;
		CHECK(bucket_take(&bucket, &limits, 1, at_ms(now + wait), &wait) == 1, "ceiling %f",
			limits.ceiling);
	}
}

static void test_it_is_halved_once_a_second_and_not_below_one(void **unused)
{
	const struct bucket_limits limits = bucket_limits(100);
	struct bucket bucket;

	(void)unused;
	bucket_start(&bucket, &limits, START);
	bucket_slow(&bucket, &limits, at_ms(1));
	bucket_slow(&bucket, &limits, at_ms(2));
	bucket_slow(&bucket, &limits, at_ms(1000));
	assert_true(fabs(bucket.rate - 50) < 1e-9);
	bucket_slow(&bucket, &limits, at_ms(1001));
	assert_true(fabs(bucket.rate - 25) < 1e-9);
	for (int i = 2; i < 20; i++)
		bucket_slow(&bucket, &limits, at_ms(1001 * i));
	assert_true(bucket.rate >= 1.0 && bucket.rate < 1.1);

	const struct bucket_limits tiny = bucket_limits(0.25);
	bucket_start(&bucket, &tiny, START);
	bucket_slow(&bucket, &tiny, at_ms(1));
	assert_true(bucket.rate == 0.25);
}

static void test_the_rate_rises_by_a_sixtieth_a_second_once_it_is_quiet(void **unused)
{
	const struct bucket_limits limits = bucket_limits(60);
	struct bucket bucket;
	int64_t wait;

	(void)unused;
	bucket_start(&bucket, &limits, START);
	bucket_slow(&bucket, &limits, START);
	bucket_take(&bucket, &limits, 1, at_ms(1000), &wait);
	assert_true(fabs(bucket.rate - 30) < 1e-9);
	bucket_take(&bucket, &limits, 1, at_ms(2000), &wait);
	assert_true(fabs(bucket.rate - 31) < 1e-9);
	for (int ms = 2000; ms < 12000; ms += 7)
		bucket_take(&bucket, &limits, 1, at_ms(ms), &wait);
	assert_true(fabs(bucket.rate - 41) < 0.1);
	bucket_take(&bucket, &limits, 1, at_ms(600000), &wait);
	assert_true(bucket.rate == 60);
}

static void test_a_used_up_quota_stops_everything_until_its_window_ends(void **unused)
{
	const struct bucket_limits limits = bucket_limits(100);
	struct bucket bucket;
	int64_t wait;

	(void)unused;
	bucket_start(&bucket, &limits, START);
	bucket_pause(&bucket, at_ms(5000));
	bucket_pause(&bucket, at_ms(4000));
	assert_int_equal(bucket_take(&bucket, &limits, 5, at_ms(4500), &wait), 0);
	assert_in_range(wait, 500, 501);
	assert_int_equal(bucket_take(&bucket, &limits, 5, at_ms(5000), &wait), 5);
}

static void test_a_damaged_row_gives_nothing_beyond_its_limits(void **unused)
{
	static const double bad[] = {NAN, INFINITY, -INFINITY, -5, 1e300};
	const struct bucket_limits limits = bucket_limits(100);

	(void)unused;
	for (size_t t = 0; t < COUNT_OF(bad); t++)
		for (size_t r = 0; r < COUNT_OF(bad); r++) {
			struct bucket bucket = {.tokens = bad[t], .rate = bad[r], .at = START};
			int64_t wait;

			CHECK(bucket_take(&bucket, &limits, 1000, at_ms(1), &wait) <= 5, "%f %f", bad[t],
				bad[r]);
			CHECK(bucket.rate >= 1 && bucket.rate <= 100, "%f %f: rate %f", bad[t], bad[r],
				bucket.rate);
		}
}

static void test_a_clock_that_was_set_back_does_not_starve_it(void **unused)
{
	const struct bucket_limits limits = bucket_limits(100);
	struct bucket bucket;
	int64_t wait;

	(void)unused;
	bucket_start(&bucket, &limits, at_ms(3600000));
	bucket_take(&bucket, &limits, 5, at_ms(3600000), &wait);
	assert_int_equal(bucket_take(&bucket, &limits, 1, at_ms(0), &wait), 0);
	assert_int_equal(bucket_take(&bucket, &limits, 1, at_ms(10), &wait), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_limits_hold_fifty_ms_of_the_rate),
		cmocka_unit_test(test_it_gives_what_it_holds_and_then_tells_how_long_to_wait),
		cmocka_unit_test(test_never_more_than_the_ceiling_over_any_stretch),
		cmocka_unit_test(test_whoever_waits_as_told_gets_one),
		cmocka_unit_test(test_it_is_halved_once_a_second_and_not_below_one),
		cmocka_unit_test(test_the_rate_rises_by_a_sixtieth_a_second_once_it_is_quiet),
		cmocka_unit_test(test_a_used_up_quota_stops_everything_until_its_window_ends),
		cmocka_unit_test(test_a_damaged_row_gives_nothing_beyond_its_limits),
		cmocka_unit_test(test_a_clock_that_was_set_back_does_not_starve_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
