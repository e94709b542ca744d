#include "core/retry.h"

#include "check.h"

#include "base/attr.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_wait_lies_between_a_tenth_and_the_whole),
		cmocka_unit_test(test_the_jitter_is_full),
		cmocka_unit_test(test_the_smallest_waits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
