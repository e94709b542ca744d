#include "check.h"

#include "darajasim/draw.h"

static void test_the_same_question_has_the_same_luck(void **state)
{
	(void)state;
	for (uint64_t number = 0; number < 100; number++)
		CHECK(draw(7, number, DRAW_IDS) == draw(7, number, DRAW_IDS), "number %u", (unsigned)number);
}

static void test_seed_number_and_purpose_each_change_it(void **state)
{
	(void)state;
	for (uint64_t i = 0; i < 1000; i++) {
		CHECK(draw(i, 5, 1) != draw(i + 1, 5, 1), "seed %u", (unsigned)i);
		CHECK(draw(5, i, 1) != draw(5, i + 1, 1), "number %u", (unsigned)i);
		CHECK(draw(5, 1, (unsigned)i) != draw(5, 1, (unsigned)i + 1), "purpose %u", (unsigned)i);
	}
}

static void test_chances_are_even(void **state)
{
	unsigned hits[10] = {0};

	(void)state;
	for (uint64_t number = 0; number < 10000; number++)
		hits[draw_below(3, number, DRAW_PERCENT, 10)]++;
	for (unsigned i = 0; i < 10; i++)
		CHECK(hits[i] > 850 && hits[i] < 1150, "%u came %u times", i, hits[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_same_question_has_the_same_luck),
		cmocka_unit_test(test_seed_number_and_purpose_each_change_it),
		cmocka_unit_test(test_chances_are_even),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
