#include "check.h"
#include "base/time.h"

static void test_instants_print_as_utc(void **state)
{
	static const struct {
		int64_t us;
		const char *want;
	} rows[] = {
		{0, "1970-01-01T00:00:00.000Z"},
		{1795428900120999, "2026-11-23T10:15:00.120Z"},
		{951782400000000, "2000-02-29T00:00:00.000Z"},
		{-1, "1969-12-31T23:59:59.999Z"},
		{INT64_C(253402300799999999), "9999-12-31T23:59:59.999Z"},
		{INT64_C(253402300800000000), "out-of-range"},
		{INT64_MAX, "out-of-range"},
		{INT64_MIN, "out-of-range"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char out[INSTANT_TEXT];

		CHECK(strcmp(instant_iso((struct instant){rows[i].us}, out), rows[i].want) == 0,
			"row %zu: %s", i, out);
	}
}

static void test_daraja_time_is_three_hours_ahead_of_utc(void **state)
{
	char out[INSTANT_TEXT];
	struct instant instant = {0};

	(void)state;
	assert_string_equal(instant_eat((struct instant){1795428900120999}, out), "20261123131500");
	/* The day changes in Nairobi first. */
	assert_string_equal(instant_eat(instant_of_ms(1577825999000), out), "20191231235959");
	assert_string_equal(instant_eat(instant_of_ms(1577826000000), out), "20200101000000");
	assert_true(instant_from_eat(TEXT("20261123131500"), &instant));
	assert_int_equal(instant.us, 1795428900000000);
}

static void test_only_dates_that_exist_are_read(void **state)
{
	static const struct {
		struct text text;
		bool want;
	} rows[] = {
		{TEXT("20240229120000"), true},
		{TEXT("20191219102115"), true},
		{TEXT("20230229120000"), false},
		{TEXT("20240631120000"), false},
		{TEXT("20241301120000"), false},
		{TEXT("20240001120000"), false},
		{TEXT("20240100120000"), false},
		{TEXT("20240101240000"), false},
		{TEXT("20240101126000"), false},
		{TEXT("20240101120060"), false},
		{TEXT("2024010112000"), false},
		{TEXT("202401011200000"), false},
		{TEXT("2024010112000x"), false},
		{TEXT(""), false},
		{TEXT("-0240101120000"), false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct instant got = {42};

		CHECK(instant_from_eat(rows[i].text, &got) == rows[i].want, "%s", rows[i].text.at);
		CHECK(rows[i].want || got.us == 42, "%s: output touched", rows[i].text.at);
	}
}

static void test_milliseconds_round_down_on_both_sides_of_zero(void **state)
{
	(void)state;
	assert_int_equal(instant_ms((struct instant){1999}), 1);
	assert_int_equal(instant_ms((struct instant){-1}), -1);
	assert_int_equal(instant_ms((struct instant){-1000}), -1);
	assert_int_equal(instant_ms_between((struct instant){5000}, (struct instant){1}), -5);
	assert_int_equal(instant_ms_between(instant_of_ms(5), instant_add_ms(instant_of_ms(5), 250)), 250);
	assert_int_equal(mono_ms_between((struct mono){0}, mono_add_ms((struct mono){0}, 30)), 30);
}

static void test_order_and_absence(void **state)
{
	const struct instant early = {1}, late = {2};

	(void)state;
	assert_true(instant_before(early, late));
	assert_false(instant_before(early, early));
	assert_int_equal(instant_later(early, late).us, 2);
	assert_int_equal(instant_later(late, early).us, 2);
	assert_false(instant_is_set((struct instant){0}));
	assert_true(instant_is_set(early));
}

static void test_a_scaled_duration_never_vanishes(void **state)
{
	(void)state;
	assert_int_equal(scaled_ms(0, 0.005), 0);
	assert_int_equal(scaled_ms(30000, 1), 30000);
	assert_int_equal(scaled_ms(30000, 0.005), 150);
	assert_int_equal(scaled_ms(5, 0.005), 1);
	assert_int_equal(scaled_ms(7 * 86400000LL, 1), 7 * 86400000LL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_instants_print_as_utc),
		cmocka_unit_test(test_daraja_time_is_three_hours_ahead_of_utc),
		cmocka_unit_test(test_only_dates_that_exist_are_read),
		cmocka_unit_test(test_milliseconds_round_down_on_both_sides_of_zero),
		cmocka_unit_test(test_order_and_absence),
		cmocka_unit_test(test_a_scaled_duration_never_vanishes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
