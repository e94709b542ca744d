#include "check.h"

#include "mkondo/doctor_check.h"

#include "memory.h"

static const struct instant now = {INT64_C(1764000000000000)};
static const int64_t day_us = INT64_C(86400000000);

static const struct account good = {.name = "shop",
	.app = "shop",
	.production = true,
	.api_base = "https://api.safaricom.co.ke",
	.shortcode = "600123",
	.passkey = "a passkey of theirs",
	.initiator = "api"};

static struct findings findings;

static void nothing_found(void)
{
	findings = (struct findings){.arena = &arena};
}

/* What was found, and only that, with words of it. */
static void check_found(const char *what, enum health want, const char *words)
{
	CHECK(findings.count == 1, "%s: %zu findings", what, findings.count);
	CHECK(findings.at[0].health == want, "%s: %s", what, health_name(findings.at[0].health));
	CHECK(text_has_nocase(text_of(findings.at[0].text), words), "%s: %s", what, findings.at[0].text);
	CHECK((findings.at[0].advice[0] != '\0') == (want == HEALTH_WARNING || want == HEALTH_WRONG),
		"%s: \"%s\"", what, findings.at[0].advice);
}

static void test_accounts(void **state)
{
	struct account account = good;

	(void)state;
	nothing_found();
	doctor_account(&findings, &account);
	check_found("a good one", HEALTH_OK, "production, shortcode 600123");

	account.shortcode = "174379";
	nothing_found();
	doctor_account(&findings, &account);
	check_found("the public shortcode", HEALTH_WRONG, "174379");

	account = good;
	account.passkey = "bfb279f9aa9bdbcf158e97dd71a467cd2e0c893059b10f78e6b72ada1ed2c919";
	nothing_found();
	doctor_account(&findings, &account);
	check_found("the public passkey", HEALTH_WRONG, "public");
	CHECK(!text_has_nocase(text_of(findings.at[0].text), "bfb279"), "it is not printed");

	account.production = false;
	account.shortcode = "174379";
	account.api_base = "http://127.0.0.1:1";
	nothing_found();
	doctor_account(&findings, &account);
	check_found("the sandbox's in the sandbox", HEALTH_OK, "sandbox");

	account = good;
	account.api_base = "https://proxy.example";
	nothing_found();
	doctor_account(&findings, &account);
	check_found("another host", HEALTH_WARNING, "proxy.example");

	nothing_found();
	doctor_environments(&findings, true, true);
	check_found("both", HEALTH_WARNING, "one book");
	nothing_found();
	doctor_environments(&findings, false, true);
	assert_int_equal(findings.count, 0);
}

static void test_tokens(void **state)
{
	static const struct {
		const char *what;
		struct reached reached;
		int64_t life_ms;
		const char *code, *message;
		enum health want;
		const char *words;
	} rows[] = {
		{"given", {true, 200, ""}, 3599000, "", "", HEALTH_OK, "3599 s"},
		{"no token in it", {true, 200, ""}, 0, "", "", HEALTH_WRONG, "no token"},
		{"refused", {true, 400, ""}, 0, "400.008.01", "Invalid Authentication passed", HEALTH_WRONG,
			"HTTP 400, 400.008.01: Invalid"},
		{"refused without a word", {true, 400, ""}, 0, "", "", HEALTH_WRONG, "HTTP 400"},
		{"no way there", {false, 0, "the name has no address: x"}, 0, "", "", HEALTH_WRONG,
			"no address"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		nothing_found();
		doctor_token(
			&findings, "shop", &rows[i].reached, rows[i].life_ms, rows[i].code, rows[i].message);
		check_found(rows[i].what, rows[i].want, rows[i].words);
	}
}

static void test_clocks(void **state)
{
	static const struct {
		int64_t apart_s;
		enum health want;
		const char *words;
	} rows[] = {
		{0, HEALTH_OK, "agree"},
		{30, HEALTH_OK, "agree"},
		{-30, HEALTH_OK, "agree"},
		{31, HEALTH_WARNING, "31 s ahead"},
		{-31, HEALTH_WARNING, "31 s behind"},
		{300, HEALTH_WARNING, "ahead"},
		{301, HEALTH_WRONG, "ahead"},
		{-86400, HEALTH_WRONG, "86400 s behind"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		nothing_found();
		doctor_clock(&findings, "Daraja", now, (struct instant){now.us + rows[i].apart_s * 1000000});
		check_found("a clock", rows[i].want, rows[i].words);
	}
	nothing_found();
	doctor_clock(&findings, "Daraja", (struct instant){0}, now);
	check_found("no time told", HEALTH_NOT_CHECKED, "no time");
}

static void test_callback_urls(void **state)
{
	static const struct {
		const char *base, *prefix;
		bool production;
		enum health want;
		const char *words;
	} rows[] = {
		{"https://pay.example.org", "n", true, HEALTH_OK, "https://pay.example.org/n/"},
		{"https://pay.example.org:8443/in", "n", true, HEALTH_OK, "/in/n/"},
		{"http://pay.example.org", "n", true, HEALTH_WRONG, "clear"},
		{"http://pay.example.org", "n", false, HEALTH_OK, "pay"},
		{"https://pay.example.org/mpesa", "n", true, HEALTH_WRONG, "mpesa"},
		{"https://mpesa.example.org", "n", true, HEALTH_WRONG, "mpesa"},
		{"https://pay.example.org", "sql", true, HEALTH_WRONG, "sql"},
		{"https://pay.example.org?x=1", "n", true, HEALTH_WRONG, "a query"},
		{"https://localhost", "n", true, HEALTH_WRONG, "this machine"},
		{"http://127.0.0.1:8080", "n", false, HEALTH_WARNING, "this machine"},
		{"https://[::1]:8443", "n", true, HEALTH_WRONG, "this machine"},
		{"https://10.1.2.3", "n", true, HEALTH_WRONG, "nobody outside"},
		{"https://172.15.0.1", "n", true, HEALTH_WARNING, "not a name"},
		{"https://172.16.0.1", "n", true, HEALTH_WRONG, "nobody outside"},
		{"https://172.31.255.1", "n", true, HEALTH_WRONG, "nobody outside"},
		{"https://172.32.0.1", "n", true, HEALTH_WARNING, "not a name"},
		{"https://192.168.1.5", "n", false, HEALTH_WARNING, "nobody outside"},
		{"https://[fd00::1]", "n", true, HEALTH_WRONG, "nobody outside"},
		{"https://41.90.1.1", "n", true, HEALTH_WARNING, "not a name"},
		{"https://webhook", "n", true, HEALTH_WRONG, "no whole name"},
		{"https://fdn.example.org", "n", true, HEALTH_OK, "fdn"},
		{"https://10.example.org", "n", true, HEALTH_OK, "10.example"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		nothing_found();
		doctor_callback_base(&findings, rows[i].base, rows[i].prefix, rows[i].production);
		check_found(rows[i].base, rows[i].want, rows[i].words);
	}
}

static void test_the_webhook_as_it_is_reached(void **state)
{
	static const struct reached known = {true, 404, ""}, other = {true, 200, ""},
				    nobody = {false, 0, "no connection: x"};

	(void)state;
	nothing_found();
	doctor_callback_reached(&findings, &known, true);
	check_found("it", HEALTH_OK, "wrong signature");
	nothing_found();
	doctor_callback_reached(&findings, &other, true);
	check_found("something else", HEALTH_WARNING, "200");
	nothing_found();
	doctor_callback_reached(&findings, &nobody, true);
	check_found("nobody", HEALTH_WRONG, "no connection");
	nothing_found();
	doctor_callback_reached(&findings, &nobody, false);
	check_found("nobody, in the sandbox", HEALTH_WARNING, "no connection");
}

static void test_ends_and_files(void **state)
{
	static const struct {
		int64_t days;
		enum health want;
	} ends[] = {{-1, HEALTH_WRONG}, {1, HEALTH_WARNING}, {20, HEALTH_WARNING}, {22, HEALTH_OK}};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(ends); i++) {
		nothing_found();
		doctor_certificate_end(
			&findings, (struct instant){now.us + ends[i].days * day_us + day_us / 2}, now);
		check_found("an end", ends[i].want, "");
	}
	nothing_found();
	doctor_certificate_end(&findings, (struct instant){0}, now);
	assert_int_equal(findings.count, 0);

	nothing_found();
	doctor_initiator_certificate(&findings, "shop", 2048, (struct instant){now.us - day_us}, now);
	check_found("Safaricom's", HEALTH_OK, "only the key counts");
	nothing_found();
	doctor_initiator_certificate(&findings, "shop", 1024, (struct instant){now.us + day_us}, now);
	check_found("a short key", HEALTH_WRONG, "1024");

	nothing_found();
	doctor_secret_file(&findings, "/a", 0600);
	doctor_secret_file(&findings, "/a", 0400);
	assert_int_equal(findings.count, 0);
	doctor_secret_file(&findings, "/a", 0640);
	check_found("its group reads it", HEALTH_WARNING, "640");
}

static void test_sources(void **state)
{
	(void)state;
	nothing_found();
	doctor_sources(&findings, "", true);
	check_found("the usual", HEALTH_OK, "built in");
	nothing_found();
	doctor_sources(&findings, "0.0.0.0/0", true);
	check_found("everybody", HEALTH_WRONG, "everybody");
	nothing_found();
	doctor_sources(&findings, "127.0.0.1", false);
	check_found("a simulator", HEALTH_OK, "127.0.0.1");
}

static void test_there_may_be_any_number(void **state)
{
	(void)state;
	nothing_found();
	for (unsigned i = 0; i < 1000; i++)
		findings_add(&findings, i % 2 == 0 ? HEALTH_OK : HEALTH_WRONG, "a", "b", "c");
	assert_int_equal(findings_count(&findings, HEALTH_WRONG), 500);
	assert_int_equal(findings_count(&findings, HEALTH_OK), 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_accounts),
		cmocka_unit_test(test_tokens),
		cmocka_unit_test(test_clocks),
		cmocka_unit_test(test_callback_urls),
		cmocka_unit_test(test_the_webhook_as_it_is_reached),
		cmocka_unit_test(test_ends_and_files),
		cmocka_unit_test(test_sources),
		cmocka_unit_test(test_there_may_be_any_number),
	};

	return cmocka_run_group_tests(tests, start_memory, stop_memory);
}
