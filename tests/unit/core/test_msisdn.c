#include "core/msisdn.h"

#include "check.h"

static void test_what_is_no_kenyan_mobile_number_is_refused(void **state)
{
	static const char *const rows[] = {"", "7", "0", "254", "+254", "071122233", "07112223344",
		"254711222", "2547112223334", "254211222333", "0211222333", "0811222333", "811222333",
		"+0711222333", "+711222333", "00254711222333", "254 711222333", "0711-222333", " 0711222333",
		"0711222333 ", "07112223a3", "+25471122233", "+2547112223334", "254071122233", "255711222333",
		"0711222333\n", "++254711222333"};
	struct msisdn ret = {"untouched"};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		CHECK(!msisdn_parse(text_of(rows[i]), &ret), "\"%s\"", rows[i]);
		assert_string_equal(ret.digits, "untouched");
	}
	CHECK(!msisdn_parse((struct text){"0711222\000333", 11}, &ret), "a NUL inside");
	CHECK(!msisdn_parse((struct text){NULL, 0}, &ret), "none");
}

static void test_every_spelling_becomes_the_twelve_digits(void **state)
{
	static const struct {
		const char *told, *want;
	} rows[] = {
		{"0711222333", "254711222333"},
		{"0111222333", "254111222333"},
		{"711222333", "254711222333"},
		{"111222333", "254111222333"},
		{"254711222333", "254711222333"},
		{"254111222333", "254111222333"},
		{"+254711222333", "254711222333"},
		{"+254110000000", "254110000000"},
	};
	struct msisdn ret;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		CHECK(msisdn_parse(text_of(rows[i].told), &ret), "%s", rows[i].told);
		assert_string_equal(ret.digits, rows[i].want);
		/* What came out goes in again unchanged. */
		CHECK(msisdn_parse(text_of(ret.digits), &ret), "%s", rows[i].want);
		assert_string_equal(ret.digits, rows[i].want);
	}
	CHECK(msisdn_parse((struct text){"0711222333999", 10}, &ret), "text is not NUL-terminated");
	assert_string_equal(ret.digits, "254711222333");
}

static void test_a_masked_number_never_shows_its_middle(void **state)
{
	static const struct {
		const char *what, *digits, *want;
	} rows[] = {
		{"a phone", "254711222333", "2547•••••333"},
		{"none", "", ""},
		{"as the sender wrote it", "0711222333", "•••••••333"},
		{"three digits", "123", "•••"},
		{"two digits", "12", "••"},
		{"twelve that are no digits", "25471122233x", "••••••••"},
		{"a long one", "254711222333254711222333254711222333", "••••••••333"},
		{"half a character at the end", "071122233\xc3", "••••••••"},
	};
	char out[MSISDN_MASKED];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *masked = msisdn_masked(rows[i].digits, out);

		CHECK(strcmp(masked, rows[i].want) == 0, "%s: %s", rows[i].what, masked);
		assert_ptr_equal(masked, out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_no_kenyan_mobile_number_is_refused),
		cmocka_unit_test(test_every_spelling_becomes_the_twelve_digits),
		cmocka_unit_test(test_a_masked_number_never_shows_its_middle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
