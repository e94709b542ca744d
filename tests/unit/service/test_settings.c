#include "check.h"
#include "base/text.h"
#include "service/service.h"

static void test_each_name_is_listed_once_and_ours(void **state)
{
	const char *const *names = service_known_settings();

	(void)state;
	for (size_t i = 0; names[i] != NULL; i++) {
		CHECK(text_starts(text_of(names[i]), "MKONDO_") || text_starts(text_of(names[i]), "MPESA_"),
			"%s", names[i]);
		for (size_t j = 0; j < i; j++)
			CHECK(strcmp(names[i], names[j]) != 0, "%s", names[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_name_is_listed_once_and_ours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
