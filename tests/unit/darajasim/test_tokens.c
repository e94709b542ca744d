#include "check.h"

#include "base/base64.h"

#include "darajasim/rates.h"
#include "darajasim/tokens.h"

static struct mono at(int64_t seconds)
{
	return (struct mono){seconds * 1000000};
}

static bool lives(const struct tokens *tokens, const char *token, int64_t seconds)
{
	return tokens_app(tokens, text_of(token), at(seconds)) != NULL;
}

static void test_a_new_token_kills_its_apps_old_one_only(void **state)
{
	struct tokens tokens = {0};
	char first[TOKEN_TEXT], second[TOKEN_TEXT], other[TOKEN_TEXT];

	(void)state;
	tokens_make(&tokens, "app", at(100), true, 1, first);
	tokens_make(&tokens, "other", at(100), true, 2, other);
	assert_true(lives(&tokens, first, 1) && lives(&tokens, other, 1));
	tokens_make(&tokens, "app", at(100), true, 3, second);
	assert_false(lives(&tokens, first, 1));
	assert_true(lives(&tokens, second, 1) && lives(&tokens, other, 1));
	assert_string_equal(tokens_app(&tokens, text_of(other), at(1)), "other");
	tokens_make(&tokens, "app", at(100), false, 4, first);
	assert_true(lives(&tokens, first, 1) && lives(&tokens, second, 1));
	assert_int_equal(tokens_kill(&tokens, at(1)), 3);
	assert_false(lives(&tokens, first, 1));
	tokens_done(&tokens);
}

static void test_a_token_dies_of_age_and_strangers_never_lived(void **state)
{
	struct tokens tokens = {0};
	char token[TOKEN_TEXT];

	(void)state;
	tokens_make(&tokens, "app", at(10), true, 1, token);
	assert_true(lives(&tokens, token, 9));
	assert_false(lives(&tokens, token, 10));
	assert_false(lives(&tokens, "", 1));
	assert_false(lives(&tokens, "nobody", 1));
	assert_int_equal(strlen(token), 28);
	tokens_done(&tokens);
}

static void test_a_basic_header_is_read_whole_or_not_at_all(void **state)
{
	const struct {
		const char *plain;
		bool want;
	} rows[] = {
		{"key:secret", true},
		{"key:sec:ret", true},
		{"key:", false},
		{":secret", false},
		{"keysecret", false},
		{"", false},
		{"kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk:s", false},
	};
	char key[APP_TEXT], secret[APP_TEXT];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char header[256] = "Basic ";

		base64_build(rows[i].plain, strlen(rows[i].plain), header + 6);
		CHECK(tokens_basic(text_of(header), key, secret) == rows[i].want, "%s", rows[i].plain);
		if (rows[i].want)
			CHECK(strcmp(key, "key") == 0 && strcmp(secret, rows[i].plain + 4) == 0, "%s",
				rows[i].plain);
	}
	assert_false(tokens_basic(TEXT("Bearer a2V5OnNlY3JldA=="), key, secret));
	assert_false(tokens_basic(TEXT("Basic ???"), key, secret));
	assert_false(tokens_basic((struct text){NULL, 0}, key, secret));
}

static void test_a_second_holds_so_many_requests_per_app_and_product(void **state)
{
	struct rates rates = {0};
	struct mono now = at(1000);
	unsigned taken = 0;

	(void)state;
	for (unsigned i = 0; i < 20; i++)
		taken += rates_take(&rates, "app", PRODUCT_B2C, 5, now);
	assert_int_equal(taken, 5);
	assert_true(rates_take(&rates, "app", PRODUCT_STK_PUSH, 5, now));
	assert_true(rates_take(&rates, "other", PRODUCT_B2C, 5, now));
	assert_false(rates_take(&rates, "app", PRODUCT_B2C, 5, mono_add_ms(now, 900)));
	assert_true(rates_take(&rates, "app", PRODUCT_B2C, 5, mono_add_ms(now, 1000)));
	assert_true(rates_take(&rates, "app", PRODUCT_B2C, 0, now));
	rates_done(&rates);
}

static void test_within_any_second_the_rate_is_held(void **state)
{
	enum { STEPS = 3000, MOST = 20 };
	struct rates rates = {0};
	int64_t when[STEPS];
	unsigned count = 0;

	(void)state;
	for (unsigned i = 0; i < STEPS; i++)
		if (rates_take(&rates, "app", PRODUCT_B2C, MOST, mono_add_ms(at(50), i * 7)))
			when[count++] = i * 7;
	for (unsigned i = MOST; i < count; i++)
		CHECK(when[i] - when[i - MOST] >= 950, "%d ms for %d requests",
			(int)(when[i] - when[i - MOST]), MOST);
	CHECK(count >= STEPS * 7 / 1000 * MOST * 9 / 10, "%u", count);
	rates_done(&rates);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_new_token_kills_its_apps_old_one_only),
		cmocka_unit_test(test_a_token_dies_of_age_and_strangers_never_lived),
		cmocka_unit_test(test_a_basic_header_is_read_whole_or_not_at_all),
		cmocka_unit_test(test_a_second_holds_so_many_requests_per_app_and_product),
		cmocka_unit_test(test_within_any_second_the_rate_is_held),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
