#include "webhook/route.h"

#include "check.h"

#define SECRET_A "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define SECRET_B "ff0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1eff"

enum { SEGMENT_AT = 3, ID_AT = 16, MAC_AT = 49, PATH_LEN = 81 }; /* of "/n/<12>/<32>/<32>" */

static const struct callback_ref paid_out = {
	.purpose = API_B2C,
	.flags = CALLBACK_FLAG_AFTER_FENCE,
	.gen = 3,
	.query_no = 9,
	.payment = {{0x01, 0x8f, 3, 4, 5, 6, 0x70, 8, 0x90, 10, 11, 12, 13, 14, 15, 16}},
};

struct path {
	char at[CALLBACK_URL_MOST];
};

static struct callback_keys keys_of(const char *file)
{
	struct callback_keys keys;
	unsigned line = 0;

	CHECK(callback_keys_parse(text_of(file), &keys, &line), "line %u of: %s", line, file);
	return keys;
}

static struct path signed_path(const struct callback_keys *keys, const struct callback_ref *ref)
{
	struct path path;

	assert_true(callback_url_build(keys, "", "n", ref, path.at));
	assert_int_equal(strlen(path.at), PATH_LEN);
	return path;
}

static struct route route_of(
	const char *method, const char *target, const struct callback_keys *keys, bool listed)
{
	struct route route = {.refuse = 99, .strength = STRENGTH_ASKED};

	const struct route_conf conf = {.keys = keys, .prefix = "n", .plain = true};

	route_find(&conf, text_of(method), text_of(target), listed, &route);
	return route;
}

static void check_not_found(const struct route *route, const char *what)
{
	CHECK(route->refuse == 404, "%s: %d", what, route->refuse);
	CHECK(!route->has_payment && route->strength == STRENGTH_NONE && route->ref.purpose == API_NONE &&
			!uuid_is_set(&route->ref.payment),
		"%s: a refusal tells nothing of the request", what);
}

static void test_a_signed_path_names_its_payment(void **state)
{
	struct callback_keys keys = keys_of("1 " SECRET_A);
	struct route route = route_of("POST", signed_path(&keys, &paid_out).at, &keys, true);

	(void)state;
	assert_int_equal(route.refuse, 0);
	assert_true(route.has_payment);
	assert_int_equal(route.ref.purpose, API_B2C);
	assert_int_equal(route.ref.flags, CALLBACK_FLAG_AFTER_FENCE);
	assert_int_equal(route.ref.gen, 3);
	assert_int_equal(route.ref.query_no, 9);
	assert_memory_equal(&route.ref.payment, &paid_out.payment, sizeof(paid_out.payment));
}

/* Each of these is right but for one thing that the MAC binds, or for the MAC. */
static void test_what_is_forged_is_not_found(void **state)
{
	static const struct {
		const char *what;
		struct callback_ref change;
	} rows[] = {
		{"other generation", {API_B2C, CALLBACK_FLAG_AFTER_FENCE, 4, 9, {{1, 2}}}},
		{"other purpose", {API_TRANSACTION_STATUS, CALLBACK_FLAG_AFTER_FENCE, 3, 9, {{1, 2}}}},
		{"other flags", {API_B2C, 0, 3, 9, {{1, 2}}}},
		{"other question", {API_B2C, CALLBACK_FLAG_AFTER_FENCE, 3, 10, {{1, 2}}}},
		{"other payment", {API_B2C, CALLBACK_FLAG_AFTER_FENCE, 3, 9, {{1, 3}}}},
	};
	struct callback_keys keys = keys_of("1 " SECRET_A "\n2 " SECRET_B), other = keys_of("1 " SECRET_B);
	struct callback_ref ref = paid_out;
	struct path mine, path;
	struct route route;

	(void)state;
	ref.payment = (struct uuid){{1, 2}};
	mine = signed_path(&keys, &ref);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		path = signed_path(&keys, &rows[i].change);
		assert_int_equal(route_of("POST", path.at, &keys, true).refuse, 0);
		memcpy(path.at + MAC_AT, mine.at + MAC_AT, PATH_LEN - MAC_AT);
		route = route_of("POST", path.at, &keys, true);
		check_not_found(&route, rows[i].what);
	}
	path = signed_path(&other, &ref);
	route = route_of("POST", path.at, &keys, true);
	check_not_found(&route, "signed with the secret of another key");
	for (size_t i = 0; i < PATH_LEN; i++) {
		path = mine;
		path.at[i] = path.at[i] == '0' ? '1' : '0';
		route = route_of("POST", path.at, &keys, true);
		check_not_found(&route, path.at);
	}
}

static void test_a_key_counts_as_long_as_the_file_has_it(void **state)
{
	struct callback_keys before = keys_of("1 " SECRET_A), both = keys_of("2 " SECRET_B "\n1 " SECRET_A),
			     after = keys_of("2 " SECRET_B);
	struct path old = signed_path(&before, &paid_out), fresh = signed_path(&both, &paid_out);
	struct route route;

	(void)state;
	assert_string_not_equal(old.at, fresh.at);
	assert_int_equal(route_of("POST", old.at, &before, true).refuse, 0);
	assert_int_equal(route_of("POST", old.at, &both, true).refuse, 0);
	assert_int_equal(route_of("POST", fresh.at, &both, true).refuse, 0);
	assert_int_equal(route_of("POST", fresh.at, &after, true).refuse, 0);
	route = route_of("POST", old.at, &after, true);
	check_not_found(&route, "a key that was taken out");
	route = route_of("POST", fresh.at, &before, true);
	check_not_found(&route, "a key that is not there yet");
}

static void test_what_a_signed_callback_may_do(void **state)
{
	static const struct {
		enum api purpose;
		bool listed;
		enum strength want;
	} rows[] = {
		{API_STK_PUSH, true, STRENGTH_SIGNED_LISTED},
		{API_STK_PUSH, false, STRENGTH_SIGNED},
		{API_B2C, true, STRENGTH_SIGNED_LISTED},
		{API_B2C, false, STRENGTH_SIGNED},
		{API_B2POCHI, true, STRENGTH_SIGNED_LISTED},
		{API_B2POCHI, false, STRENGTH_SIGNED},
		{API_B2B, true, STRENGTH_SIGNED_LISTED},
		{API_B2B, false, STRENGTH_SIGNED},
		{API_TAX_REMITTANCE, true, STRENGTH_SIGNED_LISTED},
		{API_TAX_REMITTANCE, false, STRENGTH_SIGNED},
		{API_B2B_EXPRESS, true, STRENGTH_SIGNED_LISTED},
		{API_B2B_EXPRESS, false, STRENGTH_SIGNED},
		{API_REVERSAL, true, STRENGTH_SIGNED_LISTED},
		{API_REVERSAL, false, STRENGTH_SIGNED},
		{API_STANDING_ORDER, true, STRENGTH_SIGNED_LISTED},
		{API_STANDING_ORDER, false, STRENGTH_SIGNED},
		{API_TRANSACTION_STATUS, true, STRENGTH_ASKED},
		{API_TRANSACTION_STATUS, false, STRENGTH_ASKED},
		{API_ACCOUNT_BALANCE, true, STRENGTH_ASKED},
		{API_ACCOUNT_BALANCE, false, STRENGTH_ASKED},
		{API_STK_QUERY, true, STRENGTH_ASKED},
		{API_STK_QUERY, false, STRENGTH_ASKED},
	};
	struct callback_keys keys = keys_of("1 " SECRET_A);

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct callback_ref ref = paid_out;
		struct route route;

		ref.purpose = rows[i].purpose;
		route = route_of("POST", signed_path(&keys, &ref).at, &keys, rows[i].listed);
		CHECK(route.refuse == 0 && route.ref.purpose == rows[i].purpose, "row %zu", i);
		CHECK(route.strength == rows[i].want, "row %zu: %d", i, route.strength);
	}
}

static void test_a_plain_path_is_weak_and_names_no_payment(void **state)
{
	static const struct {
		const char *path;
		enum api purpose;
		unsigned flags;
	} rows[] = {
		{"/mpesa/stk-push-callback", API_STK_PUSH, 0},
		{"/mpesa/b2c-result", API_B2C, 0},
		{"/mpesa/b2b-result", API_B2B, 0},
		{"/mpesa/account-balance-result", API_ACCOUNT_BALANCE, 0},
		{"/mpesa/transaction-status-result", API_TRANSACTION_STATUS, 0},
		{"/mpesa/transaction-reversal-result", API_REVERSAL, 0},
		{"/mpesa/timeout", API_B2C, CALLBACK_FLAG_QUEUE_TIMEOUT},
	};
	struct callback_keys keys = keys_of("1 " SECRET_A);

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		for (int listed = 0; listed < 2; listed++) {
			struct route route = route_of("POST", rows[i].path, &keys, listed != 0);

			CHECK(route.refuse == 0 && !route.has_payment && !uuid_is_set(&route.ref.payment),
				"%s", rows[i].path);
			CHECK(route.ref.purpose == rows[i].purpose && route.ref.flags == rows[i].flags, "%s",
				rows[i].path);
			/* Neither a listed address nor a question of ours makes it more. */
			CHECK(route.strength == STRENGTH_PLAIN, "%s: %d", rows[i].path, route.strength);
		}
}

static void test_paths_that_nobody_gave_out_are_not_found(void **state)
{
	static const char *const targets[] = {
		"",
		"/",
		"*",
		"/n",
		"/n/",
		"/n///",
		"/mpesa",
		"/mpesa/",
		"/mpesa/b2c-result/",
		"/mpesa/b2c-result?x=1",
		"/mpesa/b2c-resul",
		"/mpesa/B2C-result",
		"//mpesa/b2c-result",
		"/n/mpesa/b2c-result",
		"mpesa/b2c-result",
		"/mpesa/b2c%2dresult",
		"http://x.example/mpesa/b2c-result",
		"/metrics",
		"/readyz",
	};
	static const char *const behind[] = {"/", "?a=1", "?", "#a", "0", "%00", "/../x"};
	static const char *const before[] = {"/", "/m", "/n", "https://x.example"};
	struct callback_keys keys = keys_of("1 " SECRET_A);
	struct path right = signed_path(&keys, &paid_out);
	char target[CALLBACK_URL_MOST + 32];
	struct route route;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(targets); i++) {
		route = route_of("POST", targets[i], &keys, true);
		check_not_found(&route, targets[i]);
	}
	for (size_t i = 0; i < COUNT_OF(behind); i++) {
		snprintf(target, sizeof(target), "%s%s", right.at, behind[i]);
		route = route_of("POST", target, &keys, true);
		check_not_found(&route, target);
	}
	for (size_t i = 0; i < COUNT_OF(before); i++) {
		snprintf(target, sizeof(target), "%s%s", before[i], right.at);
		route = route_of("POST", target, &keys, true);
		check_not_found(&route, target);
	}
	route_find(&(struct route_conf){.keys = &keys, .prefix = "other", .plain = true}, TEXT("POST"),
		text_of(right.at), true, &route);
	check_not_found(&route, "the prefix of somebody else");
}

static void test_only_post_is_taken_and_a_wrong_path_does_not_tell(void **state)
{
	static const char *const methods[] = {"GET", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE",
		"CONNECT", "post", "POSTS", "POS", ""};
	struct callback_keys keys = keys_of("1 " SECRET_A);
	struct path right = signed_path(&keys, &paid_out), wrong = right;
	struct route route;

	(void)state;
	wrong.at[PATH_LEN - 1] = wrong.at[PATH_LEN - 1] == '0' ? '1' : '0';
	for (size_t i = 0; i < COUNT_OF(methods); i++) {
		CHECK(route_of(methods[i], right.at, &keys, true).refuse == 405, "%s", methods[i]);
		CHECK(route_of(methods[i], "/mpesa/timeout", &keys, true).refuse == 405, "%s", methods[i]);
		route = route_of(methods[i], wrong.at, &keys, true);
		check_not_found(&route, methods[i]);
	}
}

static void test_plain_paths_are_there_when_they_are_wanted(void **state)
{
	static const char *const paths[] = {"/mpesa/stk-push-callback", "/mpesa/b2b-result",
		"/mpesa/b2c-result", "/mpesa/c2b-validation", "/mpesa/c2b-confirmation",
		"/mpesa/account-balance-result", "/mpesa/transaction-status-result",
		"/mpesa/transaction-reversal-result", "/mpesa/timeout"};
	struct callback_keys keys = keys_of("1 " SECRET_A);
	struct route_conf conf = {.keys = &keys, .prefix = "n"};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(paths); i++) {
		struct route route;

		conf.plain = false;
		route_find(&conf, TEXT("POST"), text_of(paths[i]), true, &route);
		check_not_found(&route, paths[i]);
		conf.plain = true;
		route_find(&conf, TEXT("POST"), text_of(paths[i]), true, &route);
		CHECK(route.refuse == 0 && !route.has_payment && route.strength == STRENGTH_PLAIN, "%s",
			paths[i]);
		CHECK(route.accept == (strcmp(paths[i], "/mpesa/c2b-validation") == 0), "%s", paths[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_signed_path_names_its_payment),
		cmocka_unit_test(test_what_is_forged_is_not_found),
		cmocka_unit_test(test_a_key_counts_as_long_as_the_file_has_it),
		cmocka_unit_test(test_what_a_signed_callback_may_do),
		cmocka_unit_test(test_a_plain_path_is_weak_and_names_no_payment),
		cmocka_unit_test(test_paths_that_nobody_gave_out_are_not_found),
		cmocka_unit_test(test_only_post_is_taken_and_a_wrong_path_does_not_tell),
		cmocka_unit_test(test_plain_paths_are_there_when_they_are_wanted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
