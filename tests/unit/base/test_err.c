#include "check.h"
#include "base/err.h"

static void test_setting_an_error_is_a_failure_and_fills_it(void **state)
{
	struct err err = {.state = "57P01"};

	(void)state;
	assert_false(err_set(&err, ERR_RETRY, 7, "no answer from %s", "broker-1"));
	assert_int_equal(err.class, ERR_RETRY);
	assert_int_equal(err.code, 7);
	assert_string_equal(err.text, "no answer from broker-1");
	assert_string_equal(err.state, "");
}

static void test_context_goes_in_front_and_keeps_the_class(void **state)
{
	struct err err;

	(void)state;
	err_set(&err, ERR_UNKNOWN, 3, "timed out");
	memcpy(err.state, "08006", 6);
	assert_false(err_while(&err, "batch %d", 4));
	assert_false(err_while(&err, "claiming"));
	assert_string_equal(err.text, "claiming: batch 4: timed out");
	assert_int_equal(err.class, ERR_UNKNOWN);
	assert_int_equal(err.code, 3);
	assert_string_equal(err.state, "08006");
}

static void test_an_error_may_be_built_from_its_own_text(void **state)
{
	struct err err;

	(void)state;
	err_set(&err, ERR_RETRY, 0, "first");
	err_set(&err, ERR_BROKEN, 0, "%s, then %s", err.text, err.text);
	assert_string_equal(err.text, "first, then first");
	err_while(&err, "<%s>", err.text);
	assert_string_equal(err.text, "<first, then first>: first, then first");
}

static void test_long_texts_are_cut_at_the_end(void **state)
{
	char fill[400];
	struct err err;

	(void)state;
	memset(fill, 'x', sizeof(fill));
	fill[sizeof(fill) - 1] = '\0';
	for (size_t prefix = 240; prefix < 270; prefix++) {
		err_set(&err, ERR_RETRY, 0, "%s", fill);
		assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
		err_while(&err, "%.*s", (int)prefix, fill);
		assert_true(strlen(err.text) >= sizeof(err.text) - 2);
		assert_true(strlen(err.text) < sizeof(err.text));
	}
}

static void test_nobody_has_to_ask_why(void **state)
{
	(void)state;
	assert_false(err_set(NULL, ERR_BROKEN, 0, "unheard"));
	assert_false(err_while(NULL, "unheard"));
}

static void test_every_class_has_a_name(void **state)
{
	(void)state;
	for (int class = ERR_NONE; class <= ERR_BROKEN; class ++)
		CHECK(strcmp(err_class_name(class), "?") != 0, "class %d", class);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_setting_an_error_is_a_failure_and_fills_it),
		cmocka_unit_test(test_context_goes_in_front_and_keeps_the_class),
		cmocka_unit_test(test_an_error_may_be_built_from_its_own_text),
		cmocka_unit_test(test_long_texts_are_cut_at_the_end),
		cmocka_unit_test(test_nobody_has_to_ask_why),
		cmocka_unit_test(test_every_class_has_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
