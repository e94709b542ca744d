#include "check.h"

#include "base/crc32c.h"

static void test_known_sums(void **unused)
{
	unsigned char bytes[32];

	(void)unused;
	assert_int_equal(crc32c("", 0), 0);
	assert_int_equal(crc32c("123456789", 9), 0xe3069283);
	memset(bytes, 0, sizeof(bytes));
	assert_int_equal(crc32c(bytes, sizeof(bytes)), 0x8a9136aa);
	memset(bytes, 0xff, sizeof(bytes));
	assert_int_equal(crc32c(bytes, sizeof(bytes)), 0x62a8ab43);
}

static void test_processor_and_tables_agree(void **unused)
{
	unsigned char bytes[300];
	uint32_t seed = 7;

	(void)unused;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (unsigned char)((seed = seed * 1664525u + 1013904223u) >> 24);
	for (size_t from = 0; from < 17; from++)
		for (size_t len = 0; from + len <= sizeof(bytes); len++)
			CHECK(crc32c(bytes + from, len) == crc32c_by_tables(bytes + from, len),
				"%zu from %zu", len, from);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known_sums),
		cmocka_unit_test(test_processor_and_tables_agree),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
