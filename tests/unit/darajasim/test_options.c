#include "check.h"

#include "darajasim/options.h"

static bool parse(const char *name, const char *value, struct options *ret)
{
	char *const argv[] = {(char *)"darajasim", (char *)name, (char *)value, NULL};
	struct err err;

	return options_parse(value != NULL ? 3 : 2, argv, ret, &err);
}

static void test_what_an_option_cannot_be_is_refused(void **state)
{
	const struct {
		const char *name, *value;
	} rows[] = {
		{"--nothing", "1"},
		{"seed", "1"},
		{"--seed", NULL},
		{"--seed", "-1"},
		{"--seed", "1x"},
		{"--listen", "127.0.0.1"},
		{"--listen", ":1"},
		{"--listen", "127.0.0.1:65536"},
		{"--listen", "127.0.0.1:"},
		{"--time-scale", "0"},
		{"--time-scale", "1.1"},
		{"--time-scale", "nan"},
		{"--time-scale", "0.5s"},
		{"--token-life", "0"},
		{"--token-life", "86401"},
		{"--kill-old-tokens", "maybe"},
		{"--sync", ""},
		{"--rate", "-1"},
	};
	struct options options;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		CHECK(!parse(rows[i].name, rows[i].value, &options), "%s %s", rows[i].name,
			rows[i].value != NULL ? rows[i].value : "");
}

static void test_what_is_said_is_taken_and_the_rest_is_usual(void **state)
{
	struct options options;

	(void)state;
	assert_true(parse("--listen", "[::1]:0", &options));
	assert_string_equal(options.listen.host, "::1");
	assert_int_equal(options.listen.port, 0);
	assert_true(options.kill_old_tokens && options.sync && options.seed == 1 &&
		    options.token_life == 3599 && options.rate == 0);
	assert_true(parse("--kill-old-tokens", "no", &options) && !options.kill_old_tokens);
	assert_true(parse("--sync", "no", &options) && !options.sync && options.kill_old_tokens);
	assert_true(parse("--time-scale", "0.005", &options) && options.time_scale == 0.005);
	assert_true(parse("--seed", "9223372036854775807", &options) && options.seed == INT64_MAX);
	assert_true(parse("--passkey", "p", &options));
	assert_string_equal(options.passkey, "p");
	assert_string_equal(options.initiator_key, "");
	assert_true(parse("--initiator-key", "k", &options));
	assert_string_equal(options.initiator_key, "k");
	assert_true(parse("--help", NULL, &options) && options.help);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_an_option_cannot_be_is_refused),
		cmocka_unit_test(test_what_is_said_is_taken_and_the_rest_is_usual),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
