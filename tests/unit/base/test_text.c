#include "check.h"
#include "base/text.h"

static void test_only_well_formed_utf8_without_nul_is_utf8(void **state)
{
	static const struct {
		const char *what;
		struct text text;
		bool want;
	} rows[] = {
		{"nothing", {"", 0}, true},
		{"none", {NULL, 0}, true},
		{"ASCII", TEXT("M-PESA"), true},
		{"two bytes", TEXT("\xc3\xa9"), true},
		{"three bytes", TEXT("\xe2\x82\xac"), true},
		{"four bytes", TEXT("\xf0\x9f\x92\xb0"), true},
		{"the last code point", TEXT("\xf4\x8f\xbf\xbf"), true},
		{"the last before the surrogates", TEXT("\xed\x9f\xbf"), true},
		{"a NUL inside", TEXT("a\0b"), false},
		{"a lone tail", TEXT("\x80"), false},
		{"a cut pair", TEXT("a\xc3"), false},
		{"a cut triple", TEXT("\xe2\x82"), false},
		{"a cut quadruple", TEXT("\xf0\x9f\x92"), false},
		{"a pair with a bad tail", TEXT("\xc3\x28"), false},
		{"a triple with a bad end", TEXT("\xe2\x82\x28"), false},
		{"a quadruple with a bad end", TEXT("\xf0\x9f\x92\x28"), false},
		{"overlong slash in two", TEXT("\xc0\xaf"), false},
		{"overlong in two, C1", TEXT("\xc1\xbf"), false},
		{"overlong in three", TEXT("\xe0\x80\xaf"), false},
		{"overlong in four", TEXT("\xf0\x80\x80\xaf"), false},
		{"first surrogate", TEXT("\xed\xa0\x80"), false},
		{"last surrogate", TEXT("\xed\xbf\xbf"), false},
		{"beyond the last code point", TEXT("\xf4\x90\x80\x80"), false},
		{"F5", TEXT("\xf5\x80\x80\x80"), false},
		{"Latin-1", TEXT("caf\xe9"), false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		CHECK(text_is_utf8(rows[i].text) == rows[i].want, "%s", rows[i].what);
}

static void test_a_number_is_the_whole_text_and_fits(void **state)
{
	static const struct {
		struct text text;
		bool want;
		int64_t want_number;
	} rows[] = {
		{TEXT("0"), true, 0},
		{TEXT("-1"), true, -1},
		{TEXT("007"), true, 7},
		{TEXT("9223372036854775807"), true, INT64_MAX},
		{TEXT("-9223372036854775808"), true, INT64_MIN},
		{TEXT("9223372036854775808"), false, 0},
		{TEXT("-9223372036854775809"), false, 0},
		{TEXT("99999999999999999999999"), false, 0},
		{TEXT(""), false, 0},
		{TEXT("-"), false, 0},
		{TEXT("+1"), false, 0},
		{TEXT(" 1"), false, 0},
		{TEXT("1 "), false, 0},
		{TEXT("1.0"), false, 0},
		{TEXT("1e3"), false, 0},
		{TEXT("--1"), false, 0},
		{TEXT("1\0"), false, 0},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		int64_t got = 42;

		CHECK(text_to_int64(rows[i].text, &got) == rows[i].want, "%s", rows[i].text.at);
		CHECK(got == (rows[i].want ? rows[i].want_number : 42), "%s: %lld", rows[i].text.at,
			(long long)got);
	}
}

static void test_comparing_and_trimming(void **state)
{
	const struct text none = text_of(NULL);

	(void)state;
	assert_null(none.at);
	assert_true(text_is(none, ""));
	assert_true(text_same(none, TEXT("")));
	assert_false(text_is(TEXT("ab\0"), "ab"));
	assert_true(text_same_nocase(TEXT("Content-Type"), TEXT("content-TYPE")));
	assert_false(text_same_nocase(TEXT("a"), TEXT("ab")));
	/* '[' and '{' differ in the same bit as 'a' and 'A'. */
	assert_false(text_same_nocase(TEXT("["), TEXT("{")));
	assert_true(text_has_nocase(TEXT("Invalid Access TOKEN"), "access token"));
	assert_false(text_has_nocase(TEXT("acces"), "access"));
	assert_true(text_has_nocase(none, ""));
	assert_true(text_starts(TEXT("MKONDO_PG"), "MKONDO_"));
	assert_false(text_starts(TEXT("MK"), "MKONDO_"));
	assert_true(text_is(text_trim(TEXT(" \t\r\n a b \v\f")), "a b"));
	assert_true(text_trim(TEXT("  ")).len == 0);
	assert_true(text_trim(none).len == 0);
}

static void test_what_does_not_fit_changes_nothing_more(void **state)
{
	char space[8];
	struct buf buf = BUF(space);

	(void)state;
	buf_str(&buf, "12345678");
	assert_false(buf.full);
	buf_char(&buf, '9');
	assert_true(buf.full);
	assert_int_equal(buf.len, 8);
	assert_string_equal(buf_end(&buf), "1234567");

	buf = (struct buf)BUF(space);
	buf_str(&buf, "123456");
	buf_str(&buf, "too long");
	buf_str(&buf, "a");
	assert_string_equal(buf_end(&buf), "123456");
	assert_true(buf.full);

	buf = (struct buf)BUF(space);
	buf_print(&buf, "%d", 1234567);
	assert_false(buf.full);
	buf_print(&buf, "%s", "");
	buf_print(&buf, "%d", 1);
	assert_true(buf.full);
	assert_string_equal(buf_end(&buf), "1234567");

	buf = (struct buf){0};
	buf_text(&buf, text_of(NULL));
	assert_false(buf.full);
	assert_string_equal(buf_end(&buf), "");
	buf_print(&buf, "x");
	assert_true(buf.full);
}

static void test_json_strings_are_escaped_and_valid(void **state)
{
	static const struct {
		struct text text;
		const char *want;
	} rows[] = {
		{TEXT(""), "\"\""},
		{TEXT("a/b"), "\"a/b\""},
		{TEXT("\"\\"), "\"\\\"\\\\\""},
		{TEXT("\n\r\t\b\f\x1b\x7f"), "\"\\n\\r\\t\\u0008\\u000c\\u001b\\u007f\""},
		{TEXT("a\0b"), "\"a\\u0000b\""},
		{TEXT("\xe2\x82\xac"), "\"\xe2\x82\xac\""},
		{TEXT("\xc3\x28"), "\"\xef\xbf\xbd(\""},
		{TEXT("\xed\xa0\x80"), "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""},
		{TEXT("x\xe2\x82"), "\"x\xef\xbf\xbd\xef\xbf\xbd\""},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char space[64];
		struct buf buf = BUF(space);

		buf_json_string(&buf, rows[i].text);
		CHECK(strcmp(buf_end(&buf), rows[i].want) == 0, "row %zu: %s", i, space);
	}
}

static void test_half_a_json_string_is_never_left(void **state)
{
	char space[6];
	struct buf buf = BUF(space);

	(void)state;
	buf_char(&buf, '[');
	buf_json_string(&buf, TEXT("abcd"));
	assert_true(buf.full);
	assert_int_equal(buf.len, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_only_well_formed_utf8_without_nul_is_utf8),
		cmocka_unit_test(test_a_number_is_the_whole_text_and_fits),
		cmocka_unit_test(test_comparing_and_trimming),
		cmocka_unit_test(test_what_does_not_fit_changes_nothing_more),
		cmocka_unit_test(test_json_strings_are_escaped_and_valid),
		cmocka_unit_test(test_half_a_json_string_is_never_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
