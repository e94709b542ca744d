#include "check.h"
#include "base/hex.h"

static void test_bytes_come_back(void **state)
{
	uint8_t bytes[256], again[256];
	char out[2 * 256 + 1];

	(void)state;
	for (int i = 0; i < 256; i++)
		bytes[i] = (uint8_t)i;
	hex_build(bytes, sizeof(bytes), out);
	assert_memory_equal(out, "000102", 6);
	assert_string_equal(out + 508, "feff");
	assert_true(hex_parse(text_of(out), again, sizeof(again)));
	assert_memory_equal(bytes, again, sizeof(bytes));
	assert_string_equal(hex_build(bytes, 0, out), "");
}

static void test_only_lower_case_digits_of_the_exact_length_are_read(void **state)
{
	static const struct text rows[] = {
		TEXT("0A0b"),
		TEXT("0a0"),
		TEXT("0a0b0"),
		TEXT("0a0b00"),
		TEXT("0a0g"),
		TEXT("0a 0"),
		TEXT("0a0\0"),
		TEXT(""),
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		uint8_t out[2] = {7, 7};

		CHECK(!hex_parse(rows[i], out, sizeof(out)), "%s", rows[i].at);
		CHECK(out[0] == 7 && out[1] == 7, "%s: output touched", rows[i].at);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bytes_come_back),
		cmocka_unit_test(test_only_lower_case_digits_of_the_exact_length_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
