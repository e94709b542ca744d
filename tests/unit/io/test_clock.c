#include "check.h"
#include "io/clock.h"

static void test_the_clocks_go_forward(void **state)
{
	struct instant wall = clock_wall();
	struct mono before = clock_mono();

	(void)state;
	/* 2025 ... 2100: seconds, milliseconds and nanoseconds would all be elsewhere. */
	assert_in_range(wall.us, 1735689600000000, 4102444800000000);
	for (int i = 0; i < 1000; i++) {
		struct mono now = clock_mono();

		assert_true(now.us >= before.us);
		before = now;
	}
}

static void test_a_sleep_lasts_as_long_as_it_says(void **state)
{
	struct mono before = clock_mono();

	(void)state;
	clock_sleep_ms(20);
	assert_true(mono_ms_between(before, clock_mono()) >= 20);
	clock_sleep_ms(0);
	clock_sleep_ms(-5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_clocks_go_forward),
		cmocka_unit_test(test_a_sleep_lasts_as_long_as_it_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
