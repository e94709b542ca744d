#include "core/retry.h"

#include "check.h"

#include "base/attr.h"

#include <math.h>

static void test_a_wait_lies_between_a_tenth_and_the_whole(void **unused)
{
	static const struct {
		unsigned n;
		int64_t full;
	} rows[] = {
		/* clang-format off */
		{ 0, 1000 }, { 1, 2000 }, { 2, 4000 }, { 8, 256000 }, { 9, 300000 }, { 10, 300000 }, { 63,
			300000 },
		{ 4000000000u, 300000 },
		/* clang-format on */
	};
	static const uint32_t draws[] = {0, 1, 0x19999999, 0x80000000, 0xfffffffe, 0xffffffff};

	(void)unused;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		for (size_t d = 0; d < COUNT_OF(draws); d++) {
			const int64_t wait = retry_wait_ms(rows[i].n, 1000, 300000, draws[d]);

			CHECK(wait >= rows[i].full / 10 && wait <= rows[i].full, "n %u, drawn %u: %lld",
				rows[i].n, draws[d], (long long)wait);
		}
	assert_int_equal(retry_wait_ms(3, 1000, 300000, 0), 800);
	assert_int_equal(retry_wait_ms(3, 1000, 300000, UINT32_MAX), 8000);
}

static void test_the_jitter_is_full(void **unused)
{
	unsigned seen[10] = {0};

	(void)unused;
	for (uint32_t i = 0; i < 1000; i++) {
		const int64_t wait = retry_wait_ms(0, 1000, 300000, i * 4294967u);

		seen[wait >= 1000 ? 9 : wait / 100]++;
	}
	for (size_t i = 1; i < COUNT_OF(seen); i++)
		CHECK(seen[i] > 50, "between %zu00 and %zu99 ms: %u of 1000", i, i, seen[i]);
}

static void test_the_smallest_waits(void **unused)
{
	(void)unused;
	assert_int_equal(retry_wait_ms(0, 1, 1, 0), 0);
	assert_int_equal(retry_wait_ms(5, 1, 1, UINT32_MAX), 1);
}

#define START ((struct instant){1780000000000000})

static struct instant at_ms(int64_t ms)
{
	return instant_add_ms(START, ms);
}

static uint64_t draw(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

/* Retries in any stretch are no more than what was held and a tenth of what the lane may send in it. */
static void test_a_tenth_of_the_sends_are_retries(void **unused)
{
	uint64_t seed = 88172645463325252u;

	(void)unused;
	for (int round = 0; round < 200; round++) {
		const double ceiling = 1 + (double)(draw(&seed) % 1000);
		struct retry_budget budget;
		double may = 0, taken = 0, rate = ceiling;
		int64_t now = 0, wait;

		retry_budget_start(&budget, rate, START);
		assert_true(fabs(budget.tokens - ceiling) < 1e-9);
		may = budget.tokens;
		for (int step = 0; step < 5000; step++) {
			const int64_t gap = (int64_t)(draw(&seed) % 300);

			now += gap;
			/* a transaction's time may be before the last one's, and then gives nothing */
			const int64_t back = draw(&seed) % 5 == 0 ? (int64_t)(draw(&seed) % 1000) : 0;
			const bool got = retry_budget_take(&budget, rate, at_ms(now - back), &wait);

			may += (rate > 1 ? rate : 1) / 10 * (double)gap / 1000;
			taken += got;
			CHECK(taken <= may + 1e-6, "rate %g: %g of %g", rate, taken, may);
			CHECK(got == (wait == 0), "rate %g: a wait of %lld ms", rate, (long long)wait);
			CHECK(wait <= 10001, "rate %g: a wait of %lld ms", rate, (long long)wait);
			/* up by little, down by halves, and the budget with it: never above what it may hold */
			if (back > 0)
				continue;
			if (draw(&seed) % 200 == 0)
				rate = rate / 2 < 0.95 ? 0.95 : rate / 2;
			else if (rate < ceiling)
				rate += ceiling / 600;
			CHECK(budget.tokens <= (rate > 1 ? rate : 1) * 2 + 1, "rate %g holds %g", rate,
				budget.tokens);
		}
		CHECK(taken >= 0.8 * (may - ceiling) - 1 || ceiling > 50, "rate %g: %g of %g", ceiling, taken,
			may);
	}
}

static void test_no_retry_waits_for_ever(void **unused)
{
	static const double rates[] = {0, 0.5, 0.95, 1, 2, 19, 4750, -1, (double)NAN, (double)INFINITY};

	(void)unused;
	for (size_t i = 0; i < COUNT_OF(rates); i++) {
		struct retry_budget budget = {.tokens = 0, .at = START};
		int64_t wait = 0, now = 0;

		for (int n = 0; n < 20; n++) {
			while (!retry_budget_take(&budget, rates[i], at_ms(now), &wait)) {
				CHECK(wait > 0 && wait <= 10001, "rate %g: %lld", rates[i], (long long)wait);
				now += wait;
				CHECK(retry_budget_take(&budget, rates[i], at_ms(now), &wait),
					"rate %g: nothing after the wait", rates[i]);
				break;
			}
		}
		CHECK(now <= 20 * 10001, "rate %g: %lld ms", rates[i], (long long)now);
		CHECK(retry_budget_every_ms(rates[i]) >= 1 && retry_budget_every_ms(rates[i]) <= 10000, "%g",
			rates[i]);
	}
}

static void test_ten_seconds_of_it_are_held(void **unused)
{
	struct retry_budget budget = {.tokens = 0};
	int64_t wait;
	int taken = 0;

	(void)unused;
	while (retry_budget_take(&budget, 19, START, &wait)) /* its row says nothing of a time: it is full */
		taken++;
	assert_int_equal(taken, 19);
	assert_in_range(wait, 520, 530);
	retry_budget_advance(&budget, 19, at_ms(5000));
	assert_true(budget.tokens > 9.49 && budget.tokens < 9.51);
	retry_budget_advance(&budget, 1, at_ms(5001));
	assert_true(budget.tokens == 1); /* the lane is slow now */
	budget = (struct retry_budget){.tokens = (double)NAN, .at = START};
	retry_budget_advance(&budget, 19, START);
	assert_true(budget.tokens == 0);
	budget = (struct retry_budget){.tokens = 1e300, .at = START};
	retry_budget_advance(&budget, 19, START);
	assert_true(budget.tokens == 19);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_wait_lies_between_a_tenth_and_the_whole),
		cmocka_unit_test(test_the_jitter_is_full),
		cmocka_unit_test(test_the_smallest_waits),
		cmocka_unit_test(test_a_tenth_of_the_sends_are_retries),
		cmocka_unit_test(test_no_retry_waits_for_ever),
		cmocka_unit_test(test_ten_seconds_of_it_are_held),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
