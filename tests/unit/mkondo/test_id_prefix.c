#include "mkondo/id_prefix.h"

#include "check.h"

static void test_a_prefix_bounds_the_ids_that_begin_so(void **unused)
{
	static const struct {
		const char *text, *least, *last;
	} rows[] = {
		{"019ac100", "019ac100-0000-0000-0000-000000000000", "019ac100-ffff-ffff-ffff-ffffffffffff"},
		{"019ac100-7", "019ac100-7000-0000-0000-000000000000",
			"019ac100-7fff-ffff-ffff-ffffffffffff"},
		{"019AC1007f", "019ac100-7f00-0000-0000-000000000000",
			"019ac100-7fff-ffff-ffff-ffffffffffff"},
		{"019ac100-0000-7000-8000-00000000000", "019ac100-0000-7000-8000-000000000000",
			"019ac100-0000-7000-8000-00000000000f"},
		{"019ac100-0000-7000-8000-000000000001", "019ac100-0000-7000-8000-000000000001",
			"019ac100-0000-7000-8000-000000000001"},
		{"019ac10000007000800000000000000a", "019ac100-0000-7000-8000-00000000000a",
			"019ac100-0000-7000-8000-00000000000a"},
	};

	(void)unused;
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct uuid least, last;
		char text[UUID_TEXT];

		CHECK(id_prefix_parse(text_of(rows[i].text), &least, &last), "%s", rows[i].text);
		CHECK(strcmp(uuid_text(&least, text), rows[i].least) == 0, "%s: %s", rows[i].text, text);
		CHECK(strcmp(uuid_text(&last, text), rows[i].last) == 0, "%s: %s", rows[i].text, text);
	}
}

static void test_what_is_short_long_or_no_hex_is_no_prefix(void **unused)
{
	static const char *const rows[] = {"", "-", "019ac10", "019a-c10", "019ac10g", "SKL12ABCDE",
		"019ac100-0000-7000-8000-0000000000012", "00000000-0000-0000-0000-000000000000", "019ac100 "};

	(void)unused;
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct uuid least, last;

		CHECK(!id_prefix_parse(text_of(rows[i]), &least, &last), "%s", rows[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_prefix_bounds_the_ids_that_begin_so),
		cmocka_unit_test(test_what_is_short_long_or_no_hex_is_no_prefix),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
