#include "core/c2b_pattern.h"

#include "check.h"

static struct c2b_pattern pattern_of(const char *text)
{
	struct c2b_pattern pattern = {.count = 0};

	CHECK(c2b_pattern_parse(text_of(text), &pattern), "%s", text);
	return pattern;
}

static const struct {
	const char *pattern, *reference;
	bool want;
} rows[] = {
	{"INV-#{4,8}", "INV-1234", true},
	{"INV-#{4,8}", "inv-12345678", true},
	{"INV-#{4,8}", "INV-123", false},
	{"INV-#{4,8}", "INV-123456789", false},
	{"INV-#{4,8}", "INV-12a4", false},
	{"INV-#{4,8}", "xINV-1234", false},
	{"INV-#{4,8}", "INV-1234x", false},
	{"INV-#{4,8}", "", false},
	{"@@@ #{3}@", "kda 123b", true},
	{"@@@ #{3}@", "kda123b", false},
	{"#{0,2}", "", true},
	{"#{0,2}", "12", true},
	{"#{0,2}", "123", false},
	{"*", "", true},
	{"*", "anything at all!", true},
	{"A*B", "AB", true},
	{"A*B", "AxBxB", true},
	{"A*B", "AxBx", false},
	{"?{2}", "\xc3\xa9", true},
	{"?", "", false},
	{"12|34", "12", true},
	{"12|34", "34", true},
	{"12|34", "1234", false},
	{"12|", "", true},
	{"|12", "", true},
	{"1{3}", "111", true},
	{"1{3}", "11", false},
	{"a.b", "axb", false},
	{"a.b/c_d", "A.B/C_D", true},
	{"#*#*#*#", "1234", true},
	{"#*#*#*#", "123", false},
};

static void test_a_pattern_matches_the_whole_reference(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const struct c2b_pattern pattern = pattern_of(rows[i].pattern);

		CHECK(c2b_pattern_match(&pattern, text_of(rows[i].reference)) == rows[i].want, "%s of %s",
			rows[i].reference, rows[i].pattern);
	}
}

static void test_what_is_not_of_the_language_is_refused(void **unused)
{
	static const char *const bad[] = {"", "(a)", "a+", "[0-9]", "^a", "a$", "{3}", "a{", "a{}", "a{3",
		"a{3,", "a{3,}", "a{,3}", "a{4,3}", "a{0}", "a{65}", "a{3}{3}", "*{2}", "|{2}", "a\\",
		"\xc3\xa9", "################################################1"};
	struct c2b_pattern pattern = {.count = 7};

	(void)unused;
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		CHECK(!c2b_pattern_parse(text_of(bad[i]), &pattern), "%s", bad[i]);
	CHECK(!c2b_pattern_parse((struct text){"a\0b", 3}, &pattern), "a zero byte");
	assert_int_equal(pattern.count, 7);
}

static void test_no_pattern_matches_everything_and_a_long_reference_nothing_else(void **unused)
{
	const struct c2b_pattern none = {.count = 0};
	const struct c2b_pattern all = pattern_of("*");
	char reference[C2B_REFERENCE_MOST + 2];

	(void)unused;
	memset(reference, 'x', sizeof(reference));
	reference[C2B_REFERENCE_MOST + 1] = '\0';
	assert_true(c2b_pattern_match(&none, text_of(reference)));
	assert_false(c2b_pattern_match(&all, text_of(reference)));
	reference[C2B_REFERENCE_MOST] = '\0';
	assert_true(c2b_pattern_match(&all, text_of(reference)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_pattern_matches_the_whole_reference),
		cmocka_unit_test(test_what_is_not_of_the_language_is_refused),
		cmocka_unit_test(test_no_pattern_matches_everything_and_a_long_reference_nothing_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
