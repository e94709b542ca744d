#include "check.h"
#include "io/random.h"

static void test_every_byte_is_thrown(void **state)
{
	uint8_t bytes[4096], seen[sizeof(bytes)] = {0};

	(void)state;
	/* A byte that stays 0 in 20 throws is one in 10^48. */
	for (int i = 0; i < 20; i++) {
		random_bytes(bytes, sizeof(bytes));
		for (size_t j = 0; j < sizeof(bytes); j++)
			seen[j] |= bytes[j];
	}
	for (size_t j = 0; j < sizeof(bytes); j++)
		CHECK(seen[j] != 0, "byte %zu", j);
}

static void test_what_is_around_stays(void **state)
{
	uint8_t bytes[10] = {0};

	(void)state;
	for (int i = 0; i < 50; i++)
		random_bytes(bytes + 1, 8);
	random_bytes(bytes, 0);
	assert_int_equal(bytes[0], 0);
	assert_int_equal(bytes[9], 0);
	assert_false(
		random_u32() == random_u32() && random_u32() == random_u32() && random_u32() == random_u32());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_byte_is_thrown),
		cmocka_unit_test(test_what_is_around_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
