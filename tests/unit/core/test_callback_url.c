#include "core/callback_url.h"

#include "base/digest.h"
#include "base/hex.h"
#include "check.h"

#define ROWS(rows) (sizeof(rows) / sizeof((rows)[0]))
#define SECRET_A   "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define SECRET_B   "ff0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1eff"

static const struct callback_ref some = {
	.purpose = API_B2C,
	.flags = CALLBACK_FLAG_QUEUE_TIMEOUT,
	.gen = 0x1234,
	.query_no = 0xfedc,
	.payment = {{0x01, 0x8f, 3, 4, 5, 6, 0x70, 8, 0x90, 10, 11, 12, 13, 14, 15, 16}},
};

static struct callback_keys keys_of(const char *file)
{
	struct callback_keys keys;
	unsigned line = 0;

	CHECK(callback_keys_parse(text_of(file), &keys, &line), "line %u of: %s", line, file);
	return keys;
}

static const char *path_of(const char *url)
{
	return strchr(url + strlen("https://"), '/');
}

static bool checks(const struct callback_keys *keys, const char *path)
{
	struct callback_ref ref;

	return callback_path_check(keys, "n", text_of(path), &ref);
}

static void test_a_bad_key_file_names_its_line(void **state)
{
	static const struct {
		const char *what, *file;
		unsigned want_line;
	} rows[] = {
		{"nothing", "", 0},
		{"comments alone", "# keys\n\n", 2},
		{"no secret", "1\n", 1},
		{"short secret", "1 0011\n", 1},
		{"long secret", "1 " SECRET_A "00\n", 1},
		{"upper case", "1 000102030405060708090A0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n", 1},
		{"id too large", "256 " SECRET_A "\n", 1},
		{"negative id", "-1 " SECRET_A "\n", 1},
		{"no id", SECRET_A "\n", 1},
		{"same id twice", "# first\n1 " SECRET_A "\n2 " SECRET_A "\n1 " SECRET_B "\n", 4},
		{"word behind the secret", "1 " SECRET_A " x\n", 1},
		{"nine keys",
			"1 " SECRET_A "\n2 " SECRET_A "\n3 " SECRET_A "\n4 " SECRET_A "\n5 " SECRET_A
			"\n6 " SECRET_A "\n7 " SECRET_A "\n8 " SECRET_A "\n9 " SECRET_A,
			9},
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct callback_keys keys = {.count = 99};
		unsigned line = 0;

		CHECK(!callback_keys_parse(text_of(rows[i].file), &keys, &line), "%s", rows[i].what);
		CHECK(line == rows[i].want_line, "%s: line %u", rows[i].what, line);
		CHECK(keys.count == 99, "%s touched the output", rows[i].what);
	}
}

static void test_keys_are_read_in_the_order_of_the_file(void **state)
{
	struct callback_keys keys = keys_of("# newest first\r\n255 " SECRET_B "\r\n\r\n 0\t" SECRET_A " ");

	(void)state;
	assert_int_equal(keys.count, 2);
	assert_int_equal(keys.keys[0].id, 255);
	assert_int_equal(keys.keys[0].secret[0], 0xff);
	assert_int_equal(keys.keys[1].id, 0);
	assert_int_equal(keys.keys[1].secret[31], 0x1f);
}

static void test_what_was_signed_comes_back_whole(void **state)
{
	static const enum api purposes[] = {API_STK_PUSH, API_B2C, API_B2POCHI, API_B2B, API_TAX_REMITTANCE,
		API_B2B_EXPRESS, API_REVERSAL, API_STANDING_ORDER, API_TRANSACTION_STATUS,
		API_ACCOUNT_BALANCE, API_STK_QUERY, API_B2C_V1, API_PULL_REGISTER, API_BILL_OPT_IN};
	struct callback_keys keys = keys_of("7 " SECRET_A);
	char url[CALLBACK_URL_MOST];

	(void)state;
	for (size_t i = 0; i < ROWS(purposes); i++)
		for (unsigned flags = 0; flags < 4; flags++) {
			struct callback_ref ref = some, got;

			ref.purpose = purposes[i];
			ref.flags = flags;
			ref.gen = (unsigned)(i * 5041);
			ref.query_no = 65535 - (unsigned)i;
			assert_true(callback_url_build(&keys, "https://pay.example.co.ke", "n", &ref, url));
			assert_true(callback_path_check(&keys, "n", text_of(path_of(url)), &got));
			assert_int_equal(got.purpose, ref.purpose);
			assert_int_equal(got.flags, ref.flags);
			assert_int_equal(got.gen, ref.gen);
			assert_int_equal(got.query_no, ref.query_no);
			assert_memory_equal(&got.payment, &ref.payment, sizeof(got.payment));
		}
}

static void test_the_url_is_as_it_is_documented(void **state)
{
	struct callback_keys keys = keys_of("7 " SECRET_A);
	char url[CALLBACK_URL_MOST], want[CALLBACK_URL_MOST], secret[32], mac[33];
	struct text told = TEXT("mkondo.callback.v107221234fedc018f03040506700890"
				"0a0b0c0d0e0f10");
	struct digest digest;

	(void)state;
	assert_true(hex_parse(TEXT(SECRET_A), secret, sizeof(secret)));
	digest = hmac_sha256((struct text){secret, sizeof(secret)}, told);
	snprintf(want, sizeof(want), "https://x.example/n/07221234fedc/018f030405067008900a0b0c0d0e0f10/%s",
		hex_build(digest.b, 16, mac));
	assert_true(callback_url_build(&keys, "https://x.example", "n", &some, url));
	assert_string_equal(url, want);
	assert_null(callback_url_forbidden_word(path_of(url)));
}

static void test_one_changed_character_anywhere_is_refused(void **state)
{
	struct callback_keys keys = keys_of("7 " SECRET_A "\n6 " SECRET_B);
	char url[CALLBACK_URL_MOST], path[CALLBACK_URL_MOST];
	size_t len;

	(void)state;
	assert_true(callback_url_build(&keys, "https://x.example", "n", &some, url));
	len = strlen(path_of(url));
	assert_true(checks(&keys, path_of(url)));
	for (size_t i = 0; i < len; i++)
		for (int c = 1; c < 256; c++) {
			snprintf(path, sizeof(path), "%s", path_of(url));
			if (path[i] == (char)c)
				continue;
			path[i] = (char)c;
			CHECK(!checks(&keys, path), "character %zu as %02x", i, (unsigned)c);
		}
	for (size_t cut = 0; cut < len; cut++) {
		struct callback_ref ref;

		CHECK(!callback_path_check(&keys, "n", (struct text){path_of(url), cut}, &ref), "cut to %zu",
			cut);
	}
}

static void test_a_mac_is_good_for_its_own_payment_purpose_and_generation_only(void **state)
{
	struct callback_keys keys = keys_of("7 " SECRET_A);
	char mine[CALLBACK_URL_MOST], other[CALLBACK_URL_MOST], forged[CALLBACK_URL_MOST];
	static const struct {
		const char *what;
		struct callback_ref change;
	} rows[] = {
		{"other purpose", {API_STK_PUSH, CALLBACK_FLAG_QUEUE_TIMEOUT, 0x1234, 0xfedc, {{1, 2}}}},
		{"other flags", {API_B2C, 0, 0x1234, 0xfedc, {{1, 2}}}},
		{"other generation", {API_B2C, CALLBACK_FLAG_QUEUE_TIMEOUT, 0x1235, 0xfedc, {{1, 2}}}},
		{"other question", {API_B2C, CALLBACK_FLAG_QUEUE_TIMEOUT, 0x1234, 0xfedd, {{1, 2}}}},
		{"other payment", {API_B2C, CALLBACK_FLAG_QUEUE_TIMEOUT, 0x1234, 0xfedc, {{1, 3}}}},
	};
	struct callback_ref base = {API_B2C, CALLBACK_FLAG_QUEUE_TIMEOUT, 0x1234, 0xfedc, {{1, 2}}};
	enum { MAC = 32 };

	(void)state;
	assert_true(callback_url_build(&keys, "https://x.example", "n", &base, mine));
	for (size_t i = 0; i < ROWS(rows); i++) {
		assert_true(callback_url_build(&keys, "https://x.example", "n", &rows[i].change, other));
		assert_true(checks(&keys, path_of(other)));
		snprintf(forged, sizeof(forged), "%s", other);
		memcpy(forged + strlen(forged) - MAC, mine + strlen(mine) - MAC, MAC);
		CHECK(!checks(&keys, path_of(forged)), "%s", rows[i].what);
	}
}

static void test_paths_of_another_form_are_refused(void **state)
{
	struct callback_keys keys = keys_of("7 " SECRET_A);
	char url[CALLBACK_URL_MOST], path[CALLBACK_URL_MOST];
	const char *right;
	static const char *const ends[] = {
		"/", "/x", "?a=1", "?", "#x", "0", "00", " ", "%20", "\n", "/../.."};
	static const char *const starts[] = {
		"/", "n", "/m", "/n/n", "//n", "https://x.example/n", "", "/N", "/n/."};

	(void)state;
	assert_true(callback_url_build(&keys, "https://x.example", "n", &some, url));
	right = path_of(url);
	assert_true(checks(&keys, right));
	for (size_t i = 0; i < ROWS(ends); i++) {
		snprintf(path, sizeof(path), "%s%s", right, ends[i]);
		CHECK(!checks(&keys, path), "with \"%s\" behind it", ends[i]);
	}
	for (size_t i = 0; i < ROWS(starts); i++) {
		snprintf(path, sizeof(path), "%s%s", starts[i], right + strlen("/n"));
		CHECK(!checks(&keys, path), "with \"%s\" for the prefix", starts[i]);
	}
	snprintf(path, sizeof(path), "%s", right);
	for (char *at = path; *at != '\0'; at++)
		if (*at >= 'a' && *at <= 'f')
			*at = (char)(*at - 'a' + 'A');
	CHECK(!checks(&keys, path), "upper-case hex: %s", path);
	CHECK(!checks(&keys, ""), "nothing");
	CHECK(!checks(&keys, "/n/"), "the prefix alone");
}

/* The MAC is right here, and the bits are none that we ever sign. */
static void test_signed_bits_without_a_meaning_are_refused(void **state)
{
	static const char *const segments[] = {
		"07021234fedc", "07f21234fedc", "07241234fedc", "07281234fedc"};
	struct callback_keys keys = keys_of("7 " SECRET_A);
	const char *id = "018f030405067008900a0b0c0d0e0f10";
	char secret[32], signed_text[128], path[CALLBACK_URL_MOST], mac[33];

	(void)state;
	assert_true(hex_parse(TEXT(SECRET_A), secret, sizeof(secret)));
	for (size_t i = 0; i < ROWS(segments); i++) {
		struct digest digest;

		snprintf(signed_text, sizeof(signed_text), "mkondo.callback.v1%s%s", segments[i], id);
		digest = hmac_sha256((struct text){secret, sizeof(secret)}, text_of(signed_text));
		snprintf(path, sizeof(path), "/n/%s/%s/%s", segments[i], id, hex_build(digest.b, 16, mac));
		CHECK(!checks(&keys, path), "%s", segments[i]);
	}
}

static void test_old_keys_verify_and_unknown_ones_do_not(void **state)
{
	struct callback_keys before = keys_of("1 " SECRET_A), during = keys_of("2 " SECRET_B "\n1 " SECRET_A);
	struct callback_keys after = keys_of("2 " SECRET_B), reused = keys_of("1 " SECRET_B);
	char old[CALLBACK_URL_MOST], fresh[CALLBACK_URL_MOST];

	(void)state;
	assert_true(callback_url_build(&before, "https://x.example", "n", &some, old));
	assert_true(callback_url_build(&during, "https://x.example", "n", &some, fresh));
	assert_true(checks(&during, path_of(old)));
	assert_true(checks(&during, path_of(fresh)));
	assert_false(checks(&before, path_of(fresh)));
	assert_false(checks(&after, path_of(old)));
	assert_true(checks(&after, path_of(fresh)));
	CHECK(!checks(&reused, path_of(old)), "another secret under the same id");
}

static void test_what_does_not_fit_is_not_built(void **state)
{
	struct callback_keys keys = keys_of("1 " SECRET_A), none = {.count = 0};
	char url[CALLBACK_URL_MOST] = "untouched", base[CALLBACK_URL_MOST];
	struct callback_ref ref;
	size_t fixed = strlen("/n/") + 12 + 1 + 32 + 1 + 32;
	static const enum api without[] = {API_NONE, API_C2B_REGISTER, API_QR_CODE, API_PULL_QUERY};

	(void)state;
	for (size_t i = 0; i < ROWS(without); i++) {
		ref = some;
		ref.purpose = without[i];
		CHECK(!callback_url_build(&keys, "https://x", "n", &ref, url), "purpose %d", (int)without[i]);
	}
	ref = some;
	ref.gen = 65536;
	assert_false(callback_url_build(&keys, "https://x", "n", &ref, url));
	ref = some;
	ref.query_no = 65536;
	assert_false(callback_url_build(&keys, "https://x", "n", &ref, url));
	ref = some;
	ref.flags = 4;
	assert_false(callback_url_build(&keys, "https://x", "n", &ref, url));
	ref = some;
	memset(&ref.payment, 0, sizeof(ref.payment));
	assert_false(callback_url_build(&keys, "https://x", "n", &ref, url));
	assert_false(callback_url_build(&none, "https://x", "n", &some, url));
	memset(base, 'a', sizeof(base));
	base[CALLBACK_URL_MOST - fixed] = '\0';
	assert_false(callback_url_build(&keys, base, "n", &some, url));
	assert_string_equal(url, "untouched");
	base[CALLBACK_URL_MOST - fixed - 1] = '\0';
	assert_true(callback_url_build(&keys, base, "n", &some, url));
	assert_int_equal(strlen(url), CALLBACK_URL_MOST - 1);
}

static void test_words_that_daraja_refuses_are_found(void **state)
{
	static const struct {
		const char *path, *want;
	} rows[] = {
		{"/mpesa/stk-push-callback", "mpesa"},
		{"/MPesa", "mpesa"},
		{"/m-pesa", "m-pesa"},
		{"/mySafariComHook", "safaricom"},
		{"/executor", "exec"},
		{"/a.exe", "exe"},
		{"/cmd", "cmd"},
		{"/MySQL", "sql"},
		{"/queryresult", "query"},
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++)
		assert_string_equal(callback_url_forbidden_word(rows[i].path), rows[i].want);
	assert_null(callback_url_forbidden_word("/n"));
	assert_null(callback_url_forbidden_word(""));
	assert_null(callback_url_forbidden_word("/payments/hooks"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_bad_key_file_names_its_line),
		cmocka_unit_test(test_keys_are_read_in_the_order_of_the_file),
		cmocka_unit_test(test_what_was_signed_comes_back_whole),
		cmocka_unit_test(test_the_url_is_as_it_is_documented),
		cmocka_unit_test(test_one_changed_character_anywhere_is_refused),
		cmocka_unit_test(test_a_mac_is_good_for_its_own_payment_purpose_and_generation_only),
		cmocka_unit_test(test_paths_of_another_form_are_refused),
		cmocka_unit_test(test_signed_bits_without_a_meaning_are_refused),
		cmocka_unit_test(test_old_keys_verify_and_unknown_ones_do_not),
		cmocka_unit_test(test_what_does_not_fit_is_not_built),
		cmocka_unit_test(test_words_that_daraja_refuses_are_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
