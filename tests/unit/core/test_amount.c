#include "core/amount.h"

#include "check.h"

#include <math.h>

#define ROWS(rows) (sizeof(rows) / sizeof((rows)[0]))

static void test_text_that_is_no_amount_is_refused(void **state)
{
	static const char *const rows[] = {"", " ", ".", "5.", ".5", "-1", "+1", "- 1", "1,200", "1 200",
		"1.234", "1.005", "1e3", "0x10", "1.2.3", "1.-2", "abc", "1.5x", "KES 10",
		"92233720368547759", "92233720368547758.08", "99999999999999999999", "١٠", "--", "1..0"};
	struct amount ret = amount_of_cents(77);

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		CHECK(!amount_parse(text_of(rows[i]), &ret), "\"%s\"", rows[i]);
		CHECK(amount_cents(ret) == 77, "\"%s\" touched the output", rows[i]);
	}
	CHECK(!amount_parse((struct text){"1\0002", 3}, &ret), "a NUL inside");
	CHECK(!amount_parse((struct text){NULL, 0}, &ret), "none");
}

static void test_text_is_read_to_the_cent(void **state)
{
	static const struct {
		const char *text;
		int64_t want;
	} rows[] = {
		{"0", 0},
		{"350", 35000},
		{"350.00", 35000},
		{"168.5", 16850},
		{" 10 ", 1000},
		{"1.05", 105},
		{"1.500", 150},
		{"1.0000000", 100},
		{"007", 700},
		{"0.01", 1},
		{"70000.99", 7000099},
		{"92233720368547758.07", INT64_MAX},
	};
	struct amount ret;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		CHECK(amount_parse(text_of(rows[i].text), &ret), "\"%s\"", rows[i].text);
		CHECK(amount_cents(ret) == rows[i].want, "\"%s\": %lld", rows[i].text,
			(long long)amount_cents(ret));
	}
}

static void test_a_real_that_is_no_whole_cents_is_refused(void **state)
{
	const double rows[] = {
		-1.0, -0.01, 1.005, 0.001, 1e300, -1e300, 90071992547409.93 * 100, NAN, INFINITY, -INFINITY};
	struct amount ret = amount_of_cents(77);

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++)
		CHECK(!amount_of_real(rows[i], &ret) && amount_cents(ret) == 77, "row %zu: %g", i, rows[i]);
}

static void test_every_cent_survives_a_real(void **state)
{
	struct amount ret;

	(void)state;
	for (int64_t cents = 0; cents <= 30000000; cents += cents < 200000 ? 1 : 997) {
		CHECK(amount_of_real((double)cents / 100, &ret), "%lld", (long long)cents);
		CHECK(amount_cents(ret) == cents, "%lld became %lld", (long long)cents,
			(long long)amount_cents(ret));
	}
}

static void test_only_whole_shillings_are_whole(void **state)
{
	(void)state;
	assert_true(amount_is_whole(amount_of_cents(1000)));
	assert_true(amount_is_whole(AMOUNT_NONE));
	assert_false(amount_is_whole(amount_of_cents(1050)));
	assert_false(amount_is_whole(amount_of_cents(1)));
	assert_false(amount_is_whole(amount_of_cents(-1)));
	assert_int_equal(amount_shillings(amount_of_cents(25000000)), 250000);
}

static void test_shillings_saturate_and_never_wrap(void **state)
{
	(void)state;
	assert_int_equal(amount_cents(amount_of_shillings(12)), 1200);
	assert_true(amount_cents(amount_of_shillings(INT64_MAX)) == INT64_MAX);
	assert_true(amount_cents(amount_of_shillings(INT64_MAX / 100 + 1)) == INT64_MAX);
	assert_true(amount_cents(amount_of_shillings(INT64_MIN)) == INT64_MIN);
	assert_true(amount_over(amount_of_shillings(INT64_MAX), amount_of_cents(INT64_MAX - 1)));
}

static void test_amounts_compare_by_the_cent(void **state)
{
	(void)state;
	assert_true(amount_same(amount_of_cents(100), amount_of_shillings(1)));
	assert_false(amount_same(amount_of_cents(100), amount_of_cents(101)));
	assert_true(amount_over(amount_of_cents(101), amount_of_cents(100)));
	assert_false(amount_over(amount_of_cents(100), amount_of_cents(100)));
	assert_false(amount_over(amount_of_cents(99), amount_of_cents(100)));
}

static void test_amounts_are_written_for_people(void **state)
{
	static const struct {
		int64_t cents;
		const char *want;
	} rows[] = {
		{0, "0"},
		{1, "0.01"},
		{100, "1"},
		{120000, "1,200"},
		{120050, "1,200.50"},
		{99999, "999.99"},
		{100000, "1,000"},
		{100000000, "1,000,000"},
		{100500700, "1,005,007"},
		{-120050, "-1,200.50"},
		{INT64_MAX, "92,233,720,368,547,758.07"},
		{INT64_MIN, "-92,233,720,368,547,758.08"},
	};
	char out[AMOUNT_TEXT];

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++)
		assert_string_equal(amount_text(amount_of_cents(rows[i].cents), out), rows[i].want);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text_that_is_no_amount_is_refused),
		cmocka_unit_test(test_text_is_read_to_the_cent),
		cmocka_unit_test(test_a_real_that_is_no_whole_cents_is_refused),
		cmocka_unit_test(test_every_cent_survives_a_real),
		cmocka_unit_test(test_only_whole_shillings_are_whole),
		cmocka_unit_test(test_shillings_saturate_and_never_wrap),
		cmocka_unit_test(test_amounts_compare_by_the_cent),
		cmocka_unit_test(test_amounts_are_written_for_people),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
