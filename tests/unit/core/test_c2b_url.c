#include "core/c2b_url.h"

#include "check.h"

#define SECRET "0123456789abcdef0123456789abcdef"

static void test_an_address_is_found_again(void **unused)
{
	static const struct {
		enum c2b_door door;
		const char *url;
	} rows[] = {{C2B_CONFIRMATION, "https://pay.example/n/c2b/" SECRET "/confirmation"},
		{C2B_VALIDATION, "https://pay.example/n/c2b/" SECRET "/validation"}};
	char url[CALLBACK_URL_MOST];
	struct text secret;
	enum c2b_door door;

	(void)unused;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		assert_true(c2b_url_build("https://pay.example", "n", SECRET, rows[i].door, url));
		assert_string_equal(url, rows[i].url);
		assert_null(callback_url_forbidden_word(url));
		assert_true(c2b_path_parse("n", text_of(strstr(url, "/n/")), &secret, &door));
		assert_true(text_is(secret, SECRET) && door == rows[i].door);
	}
}

static void test_what_daraja_would_refuse_is_not_built(void **unused)
{
	char url[CALLBACK_URL_MOST], base[CALLBACK_URL_MOST];

	(void)unused;
	assert_false(c2b_url_build("https://mpesa.example", "n", SECRET, C2B_VALIDATION, url));
	assert_false(c2b_url_build("https://pay.example", "sql", SECRET, C2B_VALIDATION, url));
	assert_false(c2b_url_build("https://pay.example", "n", "", C2B_VALIDATION, url));
	assert_false(c2b_url_build("https://pay.example", "n", "0123", C2B_VALIDATION, url));
	memset(base, 'a', sizeof(base));
	base[sizeof(base) - 1] = '\0';
	assert_false(c2b_url_build(base, "n", SECRET, C2B_VALIDATION, url));
	assert_string_equal(url, "");
}

static void test_other_paths_are_none(void **unused)
{
	static const char *const rows[] = {"", "/", "/n/c2b", "/n/c2b/", "/n/c2b/" SECRET,
		"/n/c2b/" SECRET "/", "/n/c2b/" SECRET "/confirm", "/n/c2b/" SECRET "/confirmation/",
		"/n/c2b/" SECRET "/confirmation?x", "/m/c2b/" SECRET "/confirmation",
		"n/c2b/" SECRET "/confirmation", "/n/c2b//confirmation",
		"/n/c2b/0123456789ABCDEF0123456789ABCDEF/confirmation",
		"/n/c2b/0123456789abcdef0123456789abcde/confirmation",
		"/n/c2b/0123456789abcdef0123456789abcdeg/confirmation"};
	struct text secret;
	enum c2b_door door;

	(void)unused;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		CHECK(!c2b_path_parse("n", text_of(rows[i]), &secret, &door), "%s", rows[i]);
}

static void test_a_secret_is_long_and_lower_case(void **unused)
{
	char digits[C2B_SECRET_MOST + 2];

	(void)unused;
	memset(digits, 'a', sizeof(digits));
	assert_true(c2b_secret_check((struct text){digits, C2B_SECRET_LEAST}));
	assert_true(c2b_secret_check((struct text){digits, C2B_SECRET_MOST}));
	assert_false(c2b_secret_check((struct text){digits, C2B_SECRET_LEAST - 1}));
	assert_false(c2b_secret_check((struct text){digits, C2B_SECRET_MOST + 1}));
	digits[3] = 'A';
	assert_false(c2b_secret_check((struct text){digits, C2B_SECRET_LEAST}));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_address_is_found_again),
		cmocka_unit_test(test_what_daraja_would_refuse_is_not_built),
		cmocka_unit_test(test_other_paths_are_none),
		cmocka_unit_test(test_a_secret_is_long_and_lower_case),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
