#include "core/account_follow.h"

#include "base/attr.h"
#include "check.h"

static const struct account shop = {.name = "shop",
	.app = "shop",
	.api_base = "https://sandbox.safaricom.co.ke",
	.consumer_key = "key",
	.consumer_secret = "secret",
	.shortcode = "600000",
	.passkey = "passkey"};

static void check(const char *what, const struct account *next, size_t count, const char *want)
{
	char space[512];
	struct buf faults = BUF(space);
	const bool good = account_follow_check(&shop, 1, next, count, &faults);

	CHECK(good == (want == NULL), "%s: %s", what, buf_end(&faults));
	CHECK(good == (faults.len == 0), "%s: %s", what, buf_end(&faults));
	CHECK(good || strstr(buf_end(&faults), want) != NULL, "%s: %s", what, buf_end(&faults));
}

static void test_what_secrets_are_may_change(void **state)
{
	struct account next = shop;

	(void)state;
	check("nothing", &next, 1, NULL);
	next.consumer_secret = "another";
	next.passkey = "another";
	next.initiator = "operator";
	next.security_credential = "another";
	next.c2b_secret = "another";
	next.b2c_v1 = true;
	check("secrets", &next, 1, NULL);
}

static void test_accounts_come_and_go(void **state)
{
	struct account next[2] = {shop, shop};

	(void)state;
	next[1].name = "harbour";
	next[1].shortcode = "600001";
	check("one more of the app", next, 2, NULL);
	next[1].app = "harbour";
	next[1].consumer_key = "harbour-key";
	check("one more", next, 2, NULL);
	check("another one alone", &next[1], 1, NULL);
	check("none", next, 0, "no account");
}

static void test_what_payments_under_way_hang_on_stays(void **state)
{
	static const struct {
		const char *what;
		struct account next;
		const char *want;
	} rows[] = {
		{"shortcode", {.shortcode = "600001"}, "shop: its shortcode"},
		{"key", {.consumer_key = "another"}, "shop: the consumer key"},
		{"host", {.api_base = "https://127.0.0.1:1"}, "shop: the consumer key or the host"},
		{"environment", {.production = true}, "shop: its environment"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct account next = shop;

		if (rows[i].next.shortcode != NULL)
			next.shortcode = rows[i].next.shortcode;
		if (rows[i].next.consumer_key != NULL)
			next.consumer_key = rows[i].next.consumer_key;
		if (rows[i].next.api_base != NULL)
			next.api_base = rows[i].next.api_base;
		next.production = rows[i].next.production;
		check(rows[i].what, &next, 1, rows[i].want);
	}
}

static void test_an_app_keeps_its_key_whatever_its_accounts_are_called(void **state)
{
	struct account next = shop;

	(void)state;
	next.name = "harbour";
	next.consumer_key = "another";
	check("the app's key under another account", &next, 1, "harbour: the consumer key");
	next.app = "harbour";
	check("an app of its own", &next, 1, NULL);
}

static void test_sandbox_and_production_never_mix(void **state)
{
	struct account next[2] = {shop, shop};

	(void)state;
	next[1].name = next[1].app = "live";
	next[1].consumer_key = "live-key";
	next[1].production = true;
	check("one of production beside the sandbox", next, 2, "live: of production");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_secrets_are_may_change),
		cmocka_unit_test(test_accounts_come_and_go),
		cmocka_unit_test(test_what_payments_under_way_hang_on_stays),
		cmocka_unit_test(test_an_app_keeps_its_key_whatever_its_accounts_are_called),
		cmocka_unit_test(test_sandbox_and_production_never_mix),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
