#include "check.h"
#include "base/fault.h"

static unsigned hook(void)
{
	return FAULT("sample.call", FAULT_FAILED | FAULT_LOST);
}

#ifdef MKONDO_FAULTS

static unsigned hook_of(const char *detail)
{
	return FAULT_OF("sample.statement", FAULT_CLASHED, detail);
}

static bool arm(const char *order)
{
	return fault_arm(text_of(order));
}

static bool lists(const char *line)
{
	static char space[4096];
	struct buf out = BUF(space);

	fault_list(&out);
	return strstr(buf_end(&out), line) != NULL;
}

static void test_a_hook_that_was_never_hit_is_listed(void **state)
{
	(void)state;
	assert_true(lists("sample.statement clashed 0 0\n"));
}

static void test_the_nth_hit_since_arming_plays_and_only_as_often_as_told(void **state)
{
	(void)state;
	assert_int_equal(hook(), 0);
	assert_true(arm("sample.call lost 3 2"));
	assert_int_equal(hook(), 0);
	assert_int_equal(hook(), 0);
	assert_int_equal(hook(), FAULT_LOST);
	assert_int_equal(hook(), FAULT_LOST);
	assert_int_equal(hook(), 0);
	assert_true(lists("sample.call failed,lost 6 2\n"));
}

static void test_arming_anew_forgets_what_was_armed_and_played(void **state)
{
	(void)state;
	assert_true(arm("sample.call lost 1 1"));
	assert_true(arm("sample.call failed 2 1"));
	assert_int_equal(hook(), 0);
	assert_int_equal(hook(), FAULT_FAILED);
	assert_true(arm("sample.call lost 1 0"));
	assert_int_equal(hook(), 0);
}

static void test_each_detail_is_armed_and_counted_by_itself(void **state)
{
	(void)state;
	assert_true(arm("sample.statement:lock clashed 1 1"));
	assert_int_equal(hook_of("save"), 0);
	assert_int_equal(hook_of(""), 0);
	assert_int_equal(hook_of("lock"), FAULT_CLASHED);
	assert_true(lists("sample.statement:lock clashed 1 1\n"));
	assert_true(lists("sample.statement:save clashed 1 0\n"));
}

static void test_what_nobody_can_play_is_refused(void **state)
{
	static const char *const orders[] = {"", "sample.call", "sample.call lost 1", "sample.call lost 0 1",
		"sample.call lost 1 1 1", "sample.call lost -1 1", "sample.call lost 1 -1",
		"sample.call clashed 1 1", "sample.call nothing 1 1", "sample.cal lost 1 1",
		"sample.calls lost 1 1", ":x lost 1 1"};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(orders); i++)
		assert_false(arm(orders[i]));
	assert_int_equal(hook(), 0);
}

static void test_orders_are_taken_off_the_command_line(void **state)
{
	char program[] = "p", fault[] = "--fault", good[] = "sample.call failed 1 1", bad[] = "none lost 1 1";
	char other[] = "--version";
	char *argv[] = {program, fault, good, other, NULL}, *wrong[] = {program, fault, bad, NULL};
	int argc = 4, wrong_argc = 3;

	(void)state;
	fault_options(&argc, argv);
	assert_int_equal(argc, 2);
	assert_ptr_equal(argv[1], other);
	assert_null(argv[2]);
	assert_int_equal(hook(), FAULT_FAILED);
	fault_options(&wrong_argc, wrong);
	assert_int_equal(wrong_argc, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_hook_that_was_never_hit_is_listed),
		cmocka_unit_test(test_the_nth_hit_since_arming_plays_and_only_as_often_as_told),
		cmocka_unit_test(test_arming_anew_forgets_what_was_armed_and_played),
		cmocka_unit_test(test_each_detail_is_armed_and_counted_by_itself),
		cmocka_unit_test(test_what_nobody_can_play_is_refused),
		cmocka_unit_test(test_orders_are_taken_off_the_command_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#else

static void test_without_faults_a_hook_is_nothing(void **state)
{
	(void)state;
	assert_int_equal(hook(), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_without_faults_a_hook_is_nothing)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#endif
