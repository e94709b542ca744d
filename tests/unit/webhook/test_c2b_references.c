#include "webhook/c2b_references.h"

#include "check.h"
#include "../memory.h"

static void test_a_file_is_sorted_and_trimmed(void **unused)
{
	struct c2b_references list;
	unsigned line;

	(void)unused;
	assert_true(c2b_references_parse(
		TEXT("# comment\r\n\n  b2 , Asha \r\nA1\nzz top,\nC3"), &arena, &list, &line));
	assert_int_equal(list.count, 4);
	assert_string_equal(list.list[0].reference, "A1");
	assert_string_equal(list.list[0].name, "");
	assert_string_equal(list.list[1].reference, "b2");
	assert_string_equal(list.list[1].name, "Asha");
	assert_string_equal(list.list[2].reference, "C3");
	assert_string_equal(list.list[3].reference, "zz top");
}

static void test_an_empty_file_knows_nobody(void **unused)
{
	struct c2b_references list;
	unsigned line;

	(void)unused;
	assert_true(c2b_references_parse(TEXT(""), &arena, &list, &line));
	assert_int_equal(list.count, 0);
	assert_true(c2b_references_parse(TEXT("\n#\n"), &arena, &list, &line));
	assert_int_equal(list.count, 0);
}

static void test_a_line_that_is_none_is_named(void **unused)
{
	struct c2b_references list = {.count = 9};
	unsigned line;

	(void)unused;
	assert_false(c2b_references_parse(TEXT("A1\n#\n, Asha\nB2\n"), &arena, &list, &line));
	assert_int_equal(line, 3);
	assert_false(c2b_references_parse(
		TEXT("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"), &arena, &list,
		&line));
	assert_int_equal(line, 1);
	assert_int_equal(list.count, 9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_file_is_sorted_and_trimmed),
		cmocka_unit_test(test_an_empty_file_knows_nobody),
		cmocka_unit_test(test_a_line_that_is_none_is_named),
	};

	return cmocka_run_group_tests(tests, start_memory, stop_memory);
}
