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

static struct instant at_us(int64_t us)
{
	return (struct instant){START.us + us};
}

static struct instant at_ms(int64_t ms)
{
	return instant_add_ms(START, ms);
}

static bool near(double a, double b)
{
	return fabs(a - b) < 1e-9;
}

static void test_what_it_holds_and_what_flows_in_make_the_ceiling(void **unused)
{
	(void)unused;
	assert_true(near(bucket_limits(100).burst, 5) && near(bucket_limits(100).fill, 90));
	assert_true(near(bucket_limits(20).burst, 1) && near(bucket_limits(20).fill, 18));
	assert_true(near(bucket_limits(1).burst, 1) && near(bucket_limits(1).fill, 0.9));
	assert_true(near(bucket_limits(7.9).ceiling, 7));
	for (int ceiling = 1; ceiling <= 100000; ceiling++) {
		const struct bucket_limits limits = bucket_limits(ceiling);

		CHECK(floor(limits.burst + limits.fill + 1e-9) <= ceiling, "ceiling %d", ceiling);
		CHECK(limits.burst >= 1 && limits.fill >= 0.89 * ceiling, "ceiling %d", ceiling);
	}
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
	assert_int_equal(wait, 12);
	assert_int_equal(bucket_take(&bucket, &limits, 9, at_ms(11), &wait), 0);
	assert_in_range(wait, 1, 2);
	assert_int_equal(bucket_take(&bucket, &limits, 9, at_ms(12), &wait), 1);
	assert_int_equal(bucket_take(&bucket, &limits, 9, at_ms(3600000), &wait), 5);
}

/*
 * Grants in the order of their time; of the last second, its ends included, at most `ceiling` are left. The law that is
 * checked says "any second", which is [t, t + 1 s) and this both.
 */
enum { GRANTS_MOST = 16384 };
struct grants {
	struct {
		int64_t us;
		unsigned n;
	} grant[GRANTS_MOST];
	size_t first, end;
	uint64_t within, all;
};

static void granted(struct grants *grants, int64_t us, unsigned n, double ceiling)
{
	if (n == 0)
		return;
	must(grants->end - grants->first < GRANTS_MOST);
	grants->grant[grants->end++ % GRANTS_MOST].us = us;
	grants->grant[(grants->end - 1) % GRANTS_MOST].n = n;
	grants->within += n;
	grants->all += n;
	while (grants->grant[grants->first % GRANTS_MOST].us < us - 1000000)
		grants->within -= grants->grant[grants->first++ % GRANTS_MOST].n;
	CHECK((double)grants->within <= ceiling, "ceiling %g: %llu in the second before %lld us", ceiling,
		(unsigned long long)grants->within, (long long)us);
}

static double draw_ceiling(uint64_t *seed, int round)
{
	static const double some[] = {1, 2, 3, 19, 20, 21, 39, 5000};

	return (size_t)round < COUNT_OF(some) ? some[round]
					      : 1 + (double)(draw(seed) % (round % 2 ? 60 : 5000));
}

/* One to four replicas, each looking again when it was told to, or at random; they get the row's lock in any order, and
   the time is that under the lock. */
static void test_no_second_brings_more_than_the_ceiling_whatever_the_replicas_do(void **unused)
{
	static struct grants grants;
	uint64_t seed = 88172645463325252u;

	(void)unused;
	for (int round = 0; round < 120; round++) {
		const struct bucket_limits limits = bucket_limits(draw_ceiling(&seed, round));
		const size_t replicas = 1 + draw(&seed) % 4;
		const bool obedient = draw(&seed) % 2, greedy = draw(&seed) % 2,
			   slowed = draw(&seed) % 4 == 0;
		const int64_t until = 20000000;
		int64_t next[4] = {0, 1, 2, 3}, now = 0;
		struct bucket bucket;

		grants = (struct grants){.first = 0};
		bucket_start(&bucket, &limits, START);
		while (now < until) {
			size_t who = 0;
			int64_t wait;

			for (size_t i = 1; i < replicas; i++)
				if (next[i] < next[who])
					who = i;
			now = next[who];
			const unsigned wanted =
				greedy ? 6000 : (unsigned)(draw(&seed) % (uint64_t)(limits.burst * 2 + 2));
			const unsigned got = bucket_take(&bucket, &limits, wanted, at_us(now), &wait);
			const unsigned back = got > 0 ? (unsigned)(draw(&seed) % got) : 0;

			CHECK(got <= wanted && (wanted == 0 || got > 0 || wait > 0), "ceiling %g",
				limits.ceiling);
			if (!greedy)
				bucket_give_back(&bucket, &limits, back);
			granted(&grants, now, greedy ? got : got - back, limits.ceiling);
			if (slowed && draw(&seed) % 100 == 0)
				bucket_slow(&bucket, &limits, at_us(now));
			next[who] = now +
				    (obedient && got == 0 ? wait * 1000 : 1 + (int64_t)(draw(&seed) % 5000));
			/* now and then one hangs, with the lock or without; of the obedient ones always the same */
			if (draw(&seed) % 500 == 0 && (!obedient || who == 0))
				next[who] += (int64_t)(draw(&seed) % 2000000);
		}
		/* Looked at in time and always wanted: then nearly all of it is used. */
		if (greedy && !slowed && replicas > 1 && obedient && limits.ceiling >= 20)
			CHECK((double)grants.all >= 0.85 * limits.ceiling * (double)until / 1e6,
				"ceiling %g: %llu of %g", limits.ceiling, (unsigned long long)grants.all,
				limits.ceiling * (double)until / 1e6);
		CHECK(grants.all > 0, "ceiling %g gives nothing at all", limits.ceiling);
	}
}

/* Times that go back and forth by up to two seconds, as transactions' beginnings do: by the latest time that was ever told the law holds, too. */
static void test_times_out_of_order_give_nothing_twice(void **unused)
{
	static struct grants grants;
	uint64_t seed = 362436069;

	(void)unused;
	for (int round = 0; round < 60; round++) {
		const struct bucket_limits limits = bucket_limits(draw_ceiling(&seed, round));
		int64_t now = 0, latest = 0, wait;
		struct bucket bucket;

		grants = (struct grants){.first = 0};
		bucket_start(&bucket, &limits, START);
		for (int step = 0; step < 20000; step++) {
			const int64_t back = draw(&seed) % 3 == 0 ? (int64_t)(draw(&seed) % 2000000) : 0;

			latest = now - back > latest ? now - back : latest;
			granted(&grants, latest,
				bucket_take(&bucket, &limits, 6000, at_us(now - back), &wait),
				limits.ceiling);
			CHECK(bucket.tokens >= 0 && bucket.tokens <= limits.burst &&
					bucket.rate <= limits.fill,
				"step %d", step);
			now += (int64_t)(draw(&seed) % 20000);
		}
	}
}

static void test_demand_that_does_not_end_gets_nine_tenths_of_the_ceiling(void **unused)
{
	(void)unused;
	for (int ceiling = 20; ceiling <= 5000; ceiling += ceiling < 100 ? 1 : 97) {
		const struct bucket_limits limits = bucket_limits(ceiling);
		int64_t now = 0, wait, all = 0;
		struct bucket bucket;

		bucket_start(&bucket, &limits, START);
		while (now < 10000) {
			const unsigned got = bucket_take(&bucket, &limits, 6000, at_ms(now), &wait);

			all += got;
			now += got > 0 ? 5 : wait; /* as the dispatcher looks again */
		}
		CHECK((double)all >= 0.89 * ceiling * 10, "ceiling %d: %lld", ceiling, (long long)all);
	}
}

static void test_whoever_waits_as_told_gets_one(void **unused)
{
	uint64_t seed = 42;

	(void)unused;
	for (int i = 0; i < 2000; i++) {
		const struct bucket_limits limits = bucket_limits(1 + (double)(draw(&seed) % 150));
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
	assert_true(near(bucket.rate, 45));
	bucket_slow(&bucket, &limits, at_ms(1001));
	assert_true(near(bucket.rate, 22.5));
	for (int i = 2; i < 20; i++)
		bucket_slow(&bucket, &limits, at_ms(1001 * i));
	assert_true(bucket.rate >= 1.0 && bucket.rate < 1.1);

	const struct bucket_limits tiny = bucket_limits(1);
	bucket_start(&bucket, &tiny, START);
	bucket_slow(&bucket, &tiny, at_ms(1));
	assert_true(near(bucket.rate, 0.9));
}

static void test_the_rate_rises_by_a_sixtieth_a_second_once_it_is_quiet(void **unused)
{
	const struct bucket_limits limits = bucket_limits(60);
	struct bucket bucket;

	(void)unused;
	bucket_start(&bucket, &limits, START);
	bucket_slow(&bucket, &limits, START);
	bucket_advance(&bucket, &limits, at_ms(1000));
	assert_true(near(bucket.rate, 27));
	bucket_advance(&bucket, &limits, at_ms(2000));
	assert_true(near(bucket.rate, 27 + 0.9));
	for (int ms = 2000; ms <= 12000; ms += 10)
		bucket_advance(&bucket, &limits, at_ms(ms));
	assert_true(fabs(bucket.rate - (27 + 0.9 * 11)) < 0.01);
	bucket_advance(&bucket, &limits, at_ms(600000));
	assert_true(near(bucket.rate, 54));
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
			CHECK(bucket.rate >= 1 && bucket.rate <= 90, "%f %f: rate %f", bad[t], bad[r],
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
	assert_int_equal(bucket_take(&bucket, &limits, 1, at_ms(12), &wait), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_it_holds_and_what_flows_in_make_the_ceiling),
		cmocka_unit_test(test_it_gives_what_it_holds_and_then_tells_how_long_to_wait),
		cmocka_unit_test(test_no_second_brings_more_than_the_ceiling_whatever_the_replicas_do),
		cmocka_unit_test(test_times_out_of_order_give_nothing_twice),
		cmocka_unit_test(test_demand_that_does_not_end_gets_nine_tenths_of_the_ceiling),
		cmocka_unit_test(test_whoever_waits_as_told_gets_one),
		cmocka_unit_test(test_it_is_halved_once_a_second_and_not_below_one),
		cmocka_unit_test(test_the_rate_rises_by_a_sixtieth_a_second_once_it_is_quiet),
		cmocka_unit_test(test_a_damaged_row_gives_nothing_beyond_its_limits),
		cmocka_unit_test(test_a_clock_that_was_set_back_does_not_starve_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
