#include "dispatcher/backlog.h"

#include "check.h"

static struct waiting hint(unsigned n, bool ask, unsigned query_no)
{
	struct waiting waiting = {.hint = {.ask = ask, .query_no = query_no}};

	waiting.hint.id.b[0] = 1;
	waiting.hint.id.b[14] = (uint8_t)(n >> 8);
	waiting.hint.id.b[15] = (uint8_t)n;
	return waiting;
}

static unsigned number(const struct waiting *waiting)
{
	return (unsigned)waiting->hint.id.b[14] << 8 | waiting->hint.id.b[15];
}

static const struct mono start = {1000000};

static void test_hints_leave_in_the_order_of_their_coming(void **state)
{
	struct backlog backlog;
	struct waiting out[8];

	(void)state;
	backlog_init(&backlog);
	for (unsigned n = 0; n < 5; n++) {
		const struct waiting in = hint(n, false, 0);

		assert_true(backlog_put(&backlog, &in));
	}
	assert_int_equal(backlog_take(&backlog, start, out, 3), 3);
	for (unsigned n = 0; n < 3; n++)
		assert_int_equal(number(&out[n]), n);
	assert_int_equal(backlog_take(&backlog, start, out, 8), 2);
	assert_int_equal(number(&out[0]), 3);
	backlog_done(&backlog);
}

static void test_a_payment_waits_once_and_the_newest_question_counts(void **state)
{
	struct backlog backlog;
	struct waiting out[4];
	const struct waiting sends[] = {hint(1, false, 0), hint(1, false, 0)};
	const struct waiting asks[] = {hint(2, true, 3), hint(2, true, 5), hint(2, true, 4)};

	(void)state;
	backlog_init(&backlog);
	for (size_t i = 0; i < COUNT_OF(sends); i++)
		assert_true(backlog_put(&backlog, &sends[i]));
	for (size_t i = 0; i < COUNT_OF(asks); i++)
		assert_true(backlog_put(&backlog, &asks[i]));
	assert_int_equal(backlog_take(&backlog, start, out, 4), 2);
	assert_int_equal(out[1].hint.query_no, 5);
	backlog_done(&backlog);
}

static void test_what_is_held_keeps_its_place_and_does_not_stop_others(void **state)
{
	struct backlog backlog;
	struct waiting out[4], held = hint(1, false, 0);
	const struct waiting free_one = hint(2, false, 0), free_two = hint(3, false, 0);

	(void)state;
	backlog_init(&backlog);
	held.not_before = mono_add_ms(start, 100);
	backlog_put(&backlog, &free_one);
	backlog_put(&backlog, &held);
	backlog_put(&backlog, &free_two);
	assert_int_equal(backlog_ready(&backlog, start), 2);
	assert_int_equal(backlog_take(&backlog, start, out, 4), 2);
	assert_int_equal(number(&out[1]), 3);
	assert_int_equal(backlog_ready(&backlog, start), 0);
	assert_int_equal(backlog_take(&backlog, mono_add_ms(start, 100), out, 4), 1);
	assert_int_equal(number(&out[0]), 1);
	backlog_done(&backlog);
}

static void test_a_full_backlog_says_so_and_loses_nothing_that_it_has(void **state)
{
	struct backlog backlog;
	static struct waiting out[BACKLOG_MOST];

	(void)state;
	backlog_init(&backlog);
	for (unsigned n = 0; n < BACKLOG_MOST; n++) {
		const struct waiting in = hint(n, false, 0);

		assert_true(backlog_put(&backlog, &in));
	}
	const struct waiting more = hint(60000, false, 0);
	assert_false(backlog_put(&backlog, &more));
	assert_int_equal(backlog_take(&backlog, start, out, BACKLOG_MOST), BACKLOG_MOST);
	backlog_done(&backlog);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hints_leave_in_the_order_of_their_coming),
		cmocka_unit_test(test_a_payment_waits_once_and_the_newest_question_counts),
		cmocka_unit_test(test_what_is_held_keeps_its_place_and_does_not_stop_others),
		cmocka_unit_test(test_a_full_backlog_says_so_and_loses_nothing_that_it_has),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
