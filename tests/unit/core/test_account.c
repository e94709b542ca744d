#include "core/account.h"

#include "check.h"

static void test_an_account_serves_the_tenants_that_it_names(void **state)
{
	static const char *const two[] = {"shop", "fleet.east", NULL};
	static const char *const none[] = {NULL};
	static const struct {
		const char *what;
		const char *const *tenants;
		const char *tenant;
		bool want;
	} rows[] = {
		{"no list", NULL, "anybody", true},
		{"empty list", none, "anybody", true},
		{"first", two, "shop", true},
		{"last", two, "fleet.east", true},
		{"another", two, "bank", false},
		{"only the beginning of a name", two, "fleet", false},
		{"more than a name", two, "shopper", false},
		{"other case", two, "Shop", false},
		{"nobody", two, "", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct account account = {.tenants = rows[i].tenants};

		CHECK(account_serves(&account, text_of(rows[i].tenant)) == rows[i].want, "%s", rows[i].what);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_account_serves_the_tenants_that_it_names)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
