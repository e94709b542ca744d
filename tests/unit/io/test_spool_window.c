#include "check.h"

#include "io/spool_window.h"

#include <stdlib.h>

static struct spool_window window;

static uint64_t keep(bool wants_hand)
{
	bool hand;
	uint64_t number = spool_window_keep(&window, &hand);

	assert_int_equal(hand, wants_hand);
	return number;
}

static void test_what_comes_goes_at_once_and_is_freed_from_below(void **unused)
{
	(void)unused;
	spool_window_init(&window, 1, 1);
	for (uint64_t n = 1; n <= 3; n++)
		assert_int_equal(keep(true), n);
	spool_window_report(&window, 2, true);
	assert_int_equal(window.freed, 1);
	spool_window_report(&window, 1, true);
	assert_int_equal(window.freed, 3);
	assert_int_equal(window.out, 1);
}

static void test_what_the_broker_did_not_take_goes_again_before_what_came_later(void **unused)
{
	uint64_t number;

	(void)unused;
	spool_window_init(&window, 1, 1);
	keep(true);
	keep(true);
	spool_window_report(&window, 1, false);
	keep(false);
	assert_true(spool_window_take(&window, window.next, &number));
	assert_int_equal(number, 1);
	assert_true(spool_window_take(&window, window.next, &number));
	assert_int_equal(number, 3);
	assert_false(spool_window_take(&window, window.next, &number));
	keep(true);
}

static void test_no_more_than_the_window_are_on_their_way(void **unused)
{
	uint64_t number;

	(void)unused;
	spool_window_init(&window, 1, 1);
	for (unsigned i = 0; i < SPOOL_WINDOW; i++)
		keep(true);
	keep(false);
	assert_false(spool_window_take(&window, window.next, &number));
	spool_window_report(&window, 2, true);
	assert_false(spool_window_take(&window, window.next, &number));
	spool_window_report(&window, 1, true);
	assert_true(spool_window_take(&window, window.next, &number));
	assert_int_equal(number, SPOOL_WINDOW + 1);
}

static void test_nothing_is_taken_from_where_the_disk_is_not_yet(void **unused)
{
	uint64_t number;

	(void)unused;
	spool_window_init(&window, 7, 9);
	keep(false);
	assert_true(spool_window_take(&window, 8, &number));
	assert_int_equal(number, 7);
	assert_false(spool_window_take(&window, 8, &number));
	assert_true(spool_window_take(&window, 10, &number));
	assert_int_equal(number, 8);
}

static void test_what_is_skipped_holds_nothing_up(void **unused)
{
	uint64_t number;

	(void)unused;
	spool_window_init(&window, 7, 9);
	spool_window_skip(&window, 7);
	assert_int_equal(window.freed, 8);
	assert_true(spool_window_take(&window, 9, &number));
	assert_int_equal(number, 8);
	spool_window_report(&window, 8, true);
	assert_int_equal(window.freed, 9);
}

/* Against the plainest books: every number is handed until the broker has it, never while it is out, and freed when all below are had. */
enum { NUMBERS = 20000 };

static void test_property_each_is_handed_until_the_broker_has_it(void **unused)
{
	static unsigned char state[NUMBERS + 1]; /* 0 waits, 1 out, 2 had */
	static uint64_t out[SPOOL_WINDOW];
	unsigned outs = 0;
	uint64_t had = 0;

	(void)unused;
	srand(5);
	spool_window_init(&window, 1, 1);
	while (had < NUMBERS) {
		unsigned dice = (unsigned)rand() % 8;
		uint64_t number = 0;
		bool hand = false;

		if (dice < 4 && window.next <= NUMBERS)
			number = spool_window_keep(&window, &hand);
		else if (dice < 6)
			hand = spool_window_take(&window, window.next, &number);
		if (hand) {
			CHECK(state[number] == 0, "%llu is handed twice", (unsigned long long)number);
			state[number] = 1;
			out[outs++] = number;
		}
		/* There are good and bad hours. */
		if (dice >= 6 && outs > 0) {
			unsigned at = (unsigned)rand() % outs;
			bool delivered = had / 1000 % 2 == 0 ? rand() % 8 != 0 : rand() % 3 == 0;

			state[out[at]] = delivered ? 2 : 0;
			had += delivered;
			spool_window_report(&window, out[at], delivered);
			out[at] = out[--outs];
		}
		assert_int_equal(window.out, outs);
		if (window.freed > 1)
			assert_int_equal(state[window.freed - 1], 2);
		if (window.freed < window.next)
			assert_int_not_equal(state[window.freed], 2);
	}
	assert_int_equal(window.freed, NUMBERS + 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_comes_goes_at_once_and_is_freed_from_below),
		cmocka_unit_test(test_what_the_broker_did_not_take_goes_again_before_what_came_later),
		cmocka_unit_test(test_no_more_than_the_window_are_on_their_way),
		cmocka_unit_test(test_nothing_is_taken_from_where_the_disk_is_not_yet),
		cmocka_unit_test(test_what_is_skipped_holds_nothing_up),
		cmocka_unit_test(test_property_each_is_handed_until_the_broker_has_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
