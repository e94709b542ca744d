#include "certificate.h"
#include "folder.h"

#include "io/account_book.h"

static struct arena arena;
static struct account_book *book;

static int begin(void **state)
{
	(void)state;
	arena_init(&arena);
	folder_make();
	return 0;
}

static int end(void **state)
{
	(void)state;
	account_book_free(&book);
	folder_remove();
	arena_done(&arena);
	return 0;
}

static const struct account_conf nothing = {.consumer_key = "",
	.consumer_secret = "",
	.shortcode = "",
	.passkey = "",
	.initiator = "",
	.security_credential = "",
	.initiator_password = "",
	.certificate_file = "",
	.api_base = "",
	.accounts_file = "",
	.time_scale = 1};

static struct account_conf conf_default(void)
{
	struct account_conf conf = nothing;

	conf.consumer_key = "key";
	conf.consumer_secret = "secret";
	conf.shortcode = "174379";
	conf.passkey = "passkey";
	return conf;
}

static struct account_conf conf_yaml(const char *yaml)
{
	struct account_conf conf = nothing;

	conf.accounts_file = folder_write("accounts.yaml", text_of(yaml), &arena);
	return conf;
}

static void check_good(const char *what, const struct account_conf *conf)
{
	struct err err = {0};

	account_book_free(&book);
	CHECK(account_book_load(&book, conf, &err), "%s: %s", what, err.text);
}

static void check_bad(const char *what, const struct account_conf *conf, const char *why)
{
	struct err err = {0};

	account_book_free(&book);
	CHECK(!account_book_load(&book, conf, &err), "%s", what);
	CHECK(book == NULL && err.class == ERR_BROKEN, "%s", what);
	CHECK(text_has_nocase(text_of(err.text), why), "%s: %s", what, err.text);
}

static void test_the_variables_make_the_account_default(void **state)
{
	struct account_conf conf = conf_default();
	const struct account *account;

	(void)state;
	check_good("default", &conf);
	account = account_book_find(book, TEXT(""));
	assert_non_null(account);
	assert_ptr_equal(account, account_book_find(book, TEXT("default")));
	assert_string_equal(account->name, "default");
	assert_string_equal(account->app, "default");
	assert_string_equal(account->api_base, "https://sandbox.safaricom.co.ke");
	assert_string_equal(account->shortcode, "174379");
	assert_string_equal(account->initiator, "");
	assert_string_equal(account->security_credential, "");
	assert_false(account->production);
	assert_true(account->tenants == NULL || account->tenants[0] == NULL);
	assert_null(account_book_find(book, TEXT("other")));
	assert_ptr_equal(account_book_each(book, 0), account);
	assert_null(account_book_each(book, 1));
	conf.environment = 1;
	check_good("production", &conf);
	account = account_book_find(book, TEXT(""));
	assert_true(account->production);
	assert_string_equal(account->api_base, "https://api.safaricom.co.ke");
}

static void test_half_an_account_in_the_variables_is_refused(void **state)
{
	static const struct {
		const char *what;
		size_t at;
		const char *value, *why;
	} cases[] = {
		{"no key", offsetof(struct account_conf, consumer_key), "", "consumer_key"},
		{"no secret", offsetof(struct account_conf, consumer_secret), "", "consumer_secret"},
		{"no shortcode", offsetof(struct account_conf, shortcode), "", "shortcode"},
		{"a shortcode with letters", offsetof(struct account_conf, shortcode), "17437a", "shortcode"},
		{"a short shortcode", offsetof(struct account_conf, shortcode), "1743", "shortcode"},
		{"a long shortcode", offsetof(struct account_conf, shortcode), "17437900", "shortcode"},
		{"no passkey", offsetof(struct account_conf, passkey), "", "neither collect nor pay"},
		{"a key that ends the header", offsetof(struct account_conf, consumer_key), "a\r\nb",
			"consumer_key"},
		{"a key with a colon", offsetof(struct account_conf, consumer_key), "a:b", "colon"},
		{"an initiator without credential", offsetof(struct account_conf, initiator), "testapi",
			"go together"},
		{"a credential without initiator", offsetof(struct account_conf, security_credential),
			"YQ==", "go together"},
		{"a credential that is no base64", offsetof(struct account_conf, security_credential), "a b",
			"security_credential"},
		{"a password without certificate", offsetof(struct account_conf, initiator_password), "p",
			"go together"},
		{"a certificate without password", offsetof(struct account_conf, certificate_file),
			"/dev/null", "go together"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct account_conf conf = conf_default();

		memcpy((char *)&conf + cases[i].at, &cases[i].value, sizeof(cases[i].value));
		check_bad(cases[i].what, &conf, cases[i].why);
	}
	check_bad("nothing at all", &nothing, "default");
}

static void test_the_secret_of_c2b_is_told_or_not(void **state)
{
	static const char good[] = "0123456789abcdef0123456789abcdef";
	struct account_conf conf = conf_default();

	(void)state;
	check_good("none", &conf);
	assert_string_equal(account_book_find(book, TEXT(""))->c2b_secret, "");
	conf.c2b_secret = good;
	check_good("told", &conf);
	assert_string_equal(account_book_find(book, TEXT(""))->c2b_secret, good);
	conf.c2b_secret = "0123456789ABCDEF0123456789ABCDEF";
	check_bad("upper case", &conf, "c2b_secret");
	conf.c2b_secret = "0123456789abcdef0123456789abcde";
	check_bad("too short", &conf, "c2b_secret");
	folder_write("c2b", text_of(good), &arena);
	conf = conf_yaml(
		"accounts:\n  - name: shop\n    environment: production\n    shortcode: \"600000\"\n"
		"    consumer_key_file: c2b\n    consumer_secret_file: c2b\n    passkey_file: c2b\n"
		"    c2b_secret_file: c2b\n    c2b_pattern: \"#\"\n    c2b_shortcodes: [\"600001\"]\n");
	check_good("in a file", &conf);
	assert_string_equal(account_book_find(book, TEXT("shop"))->c2b_secret, good);
	conf = conf_yaml("accounts:\n  - name: shop\n    environment: production\n    shortcode: \"600000\"\n"
			 "    consumer_key_file: c2b\n    consumer_secret_file: c2b\n    passkey_file: c2b\n"
			 "    c2b_secret: 0123456789abcdef0123456789abcdef\n");
	check_bad("plain, with production", &conf, "c2b_secret must be in a file");
}

static void test_plain_http_is_for_loopback_and_the_sandbox(void **state)
{
	static const struct {
		const char *base;
		bool production, good;
	} cases[] = {
		{"http://127.0.0.1:18001", false, true},
		{"http://127.0.0.1:18001/", false, true},
		{"http://[::1]:18001", false, true},
		{"http://localhost:18001", false, true},
		{"https://daraja.example", false, true},
		{"https://daraja.example", true, true},
		{"http://127.0.0.1:18001", true, false},
		{"HTTP://127.0.0.1:18001", true, false},
		{"http://daraja.example", false, false},
		{"http://127.0.0.1.example.com", false, false},
		{"http://127.0.0.1@example.com", false, false},
		{"http://127.1.example", false, false},
		{"http://[::1].example.com:1", false, false},
		{"http://[::1", false, false},
		{"http://[::1]", false, true},
		{"ftp://127.0.0.1", false, false},
		{"127.0.0.1", false, false},
		{"https://", false, false},
		{"https://daraja.example/?a=", false, false},
		{"https://daraja.example/#", false, false},
		{"https://daraja.example/ x", false, false},
		{"https://api.safaricom.co.ke", false, false},
		{"https://sandbox.safaricom.co.ke", true, false},
		{"https://API.safaricom.co.ke:443/", false, false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct account_conf conf = conf_default();

		conf.api_base = cases[i].base;
		conf.environment = cases[i].production;
		if (cases[i].good)
			check_good(cases[i].base, &conf);
		else
			check_bad(cases[i].base, &conf, "api_base");
	}
	check_good("the slash", &(struct account_conf){.api_base = "http://127.0.0.1:1//",
					.consumer_key = "k",
					.consumer_secret = "s",
					.shortcode = "174379",
					.passkey = "p"});
	assert_string_equal(account_book_find(book, TEXT(""))->api_base, "http://127.0.0.1:1");
}

static void test_time_is_never_scaled_with_production(void **state)
{
	struct account_conf conf = conf_default();

	(void)state;
	conf.time_scale = 0.01;
	check_good("sandbox", &conf);
	conf.environment = 1;
	check_bad("production", &conf, "MKONDO_TIME_SCALE");
}

static const char two_shops[] = "accounts:\n"
				"  - name: shop\n"
				"    tenants: [acme, beta]\n"
				"    kind: paybill\n"
				"    app: retail\n"
				"    shortcode: 017437\n"
				"    consumer_key: key\n"
				"    consumer_secret: secret\n"
				"    passkey: 010\n"
				"  - name: payroll\n"
				"    kind: payout\n"
				"    shortcode: \"600000\"\n"
				"    consumer_key: key2\n"
				"    consumer_secret: secret2\n"
				"    initiator: testapi\n"
				"    security_credential: Y3JlZGVudGlhbA==\n";

static void test_a_file_lists_any_number_of_accounts(void **state)
{
	struct account_conf conf = conf_yaml(two_shops);
	const struct account *shop;

	(void)state;
	check_good("two", &conf);
	assert_null(account_book_find(book, TEXT("")));
	shop = account_book_find(book, TEXT("shop"));
	assert_non_null(shop);
	assert_string_equal(shop->app, "retail");
	/* Numbers are text: a zero in front is part of them. */
	assert_string_equal(shop->shortcode, "017437");
	assert_string_equal(shop->passkey, "010");
	assert_string_equal(shop->tenants[0], "acme");
	assert_string_equal(shop->tenants[1], "beta");
	assert_null(shop->tenants[2]);
	assert_string_equal(account_book_find(book, TEXT("payroll"))->app, "payroll");
	assert_non_null(account_book_each(book, 1));
	assert_null(account_book_each(book, 2));
	conf = conf_default();
	conf.accounts_file = folder_path("accounts.yaml", &arena);
	conf.consumer_key = "key3";
	check_good("with default", &conf);
	assert_non_null(account_book_find(book, TEXT("")));
	assert_non_null(account_book_each(book, 2));
}

static void test_the_simulators_address_is_for_all_that_name_none(void **state)
{
	struct account_conf conf = conf_yaml(two_shops);

	(void)state;
	conf.api_base = "http://127.0.0.1:18001";
	check_good("sandbox", &conf);
	assert_string_equal(account_book_find(book, TEXT("shop"))->api_base, "http://127.0.0.1:18001");
	conf.environment = 1;
	check_bad("production", &conf, "api_base");
}

#define SHOP                                                                                                 \
	"accounts:\n  - name: shop\n    shortcode: \"174379\"\n    consumer_key: key\n    consumer_secret: " \
	"secret\n"

static void test_a_bad_file_is_refused_with_its_reason(void **state)
{
	static const struct {
		const char *what, *yaml, *why;
	} cases[] = {
		{"empty", "", ""},
		{"no accounts", "accounts: []\n", ""},
		{"unknown key", SHOP "    passkey: p\n    pass_key: p\n", "pass_key"},
		{"key twice", SHOP "    passkey: p\n    passkey: q\n", "passkey"},
		{"missing shortcode", "accounts:\n  - name: shop\n    passkey: p\n", "shortcode"},
		{"no YAML", "accounts: [\n", ""},
		{"kind unknown", SHOP "    passkey: p\n    kind: shop\n", "kind is"},
		{"paybill without passkey", SHOP "    kind: paybill\n", "needs a passkey"},
		{"payout without initiator", SHOP "    kind: payout\n    passkey: p\n", "needs an initiator"},
		{"environment unknown", SHOP "    passkey: p\n    environment: prod\n", "environment is"},
		{"a name in capitals",
			"accounts:\n  - name: Shop\n    shortcode: \"174379\"\n    consumer_key: k\n"
			"    consumer_secret: s\n    passkey: p\n",
			"name and app"},
		{"a tenant in capitals", SHOP "    passkey: p\n    tenants: [Acme]\n", "tenant"},
		{"told both ways", SHOP "    passkey: p\n    passkey_file: p.txt\n", "both told"},
		{"a file that is not there", SHOP "    passkey_file: none.txt\n", "none.txt"},
		{"plain secrets with production", SHOP "    passkey: p\n    environment: production\n",
			"must be in a file"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct account_conf conf = conf_yaml(cases[i].yaml);

		check_bad(cases[i].what, &conf, cases[i].why);
	}
	check_bad("no file", &(struct account_conf){.accounts_file = "/nowhere/accounts.yaml"}, "nowhere");
}

static void test_all_faults_are_told_at_once(void **state)
{
	struct account_conf conf = conf_yaml("accounts:\n  - name: a\n    shortcode: x\n    kind: y\n");
	struct err err = {0};

	(void)state;
	assert_false(account_book_load(&book, &conf, &err));
	CHECK(text_has_nocase(text_of(err.text), "shortcode") &&
			text_has_nocase(text_of(err.text), "consumer_key") &&
			text_has_nocase(text_of(err.text), "kind"),
		"%s", err.text);
}

static const char *two_of(const char *second)
{
	return arena_print(&arena,
		SHOP "    passkey: p\n    app: one\n%s    shortcode: \"600000\"\n    passkey: p\n", second);
}

static void test_bill_managers_key_comes_plainly_or_from_a_file(void **state)
{
	struct account_conf conf = conf_default();

	(void)state;
	check_good("none", &conf);
	assert_string_equal(account_book_find(book, TEXT(""))->bill_app_key, "");
	conf.bill_app_key = "AG_1_2";
	check_good("of the variables", &conf);
	assert_string_equal(account_book_find(book, TEXT(""))->bill_app_key, "AG_1_2");
	conf.bill_app_key = "AG 1";
	check_bad("a space", &conf, "bill_app_key holds spaces");
	folder_write("app.key", TEXT("AG_3_4\n"), &arena);
	conf = conf_yaml("accounts:\n  - name: shop\n    shortcode: \"174379\"\n    consumer_key: k\n"
			 "    consumer_secret: s\n    passkey: p\n    bill_app_key_file: app.key\n");
	check_good("of a file", &conf);
	assert_string_equal(account_book_find(book, TEXT("shop"))->bill_app_key, "AG_3_4");
}

static void test_accounts_that_would_mix_their_tokens_are_refused(void **state)
{
	static const struct {
		const char *what, *second, *why; /* NULL: it is good */
	} cases[] = {
		{"one app, one key",
			"  - name: b\n    app: one\n    consumer_key: key\n    consumer_secret: secret\n",
			NULL},
		{"two apps, two keys",
			"  - name: b\n    app: two\n    consumer_key: k2\n    consumer_secret: s\n", NULL},
		{"one name", "  - name: shop\n    app: two\n    consumer_key: k2\n    consumer_secret: s\n",
			"two accounts"},
		{"one app, two keys",
			"  - name: b\n    app: one\n    consumer_key: k2\n    consumer_secret: secret\n",
			"app one"},
		{"one app, two secrets",
			"  - name: b\n    app: one\n    consumer_key: key\n    consumer_secret: s2\n",
			"app one"},
		{"one app, two hosts",
			"  - name: b\n    app: one\n    consumer_key: key\n    consumer_secret: secret\n"
			"    api_base: http://127.0.0.1:1\n",
			"app one"},
		{"two apps, one key",
			"  - name: b\n    app: two\n    consumer_key: key\n    consumer_secret: secret\n",
			"must be one app"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct account_conf conf = conf_yaml(two_of(cases[i].second));

		if (cases[i].why == NULL)
			check_good(cases[i].what, &conf);
		else
			check_bad(cases[i].what, &conf, cases[i].why);
	}
}

static void test_secrets_come_from_files_beside_the_list(void **state)
{
	EVP_PKEY *key = EVP_RSA_gen(2048);
	X509 *x509 = certificate_make(key);
	struct account_conf conf;
	const struct account *account;

	(void)state;
	folder_write("key", TEXT("the key\n"), &arena);
	folder_write("word", TEXT("word\r\n"), &arena);
	folder_write("empty", TEXT("\n"), &arena);
	folder_write("password", TEXT(" Pass#1 \n"), &arena);
	folder_write("safaricom.cer", certificate_pem(x509, &arena), &arena);
	X509_free(x509);
	EVP_PKEY_free(key);
	conf = conf_yaml(
		"accounts:\n  - name: shop\n    environment: production\n    shortcode: \"174379\"\n"
		"    consumer_key_file: word\n    consumer_secret_file: word\n    passkey_file: word\n"
		"    initiator: api\n    initiator_password_file: password\n"
		"    certificate_file: safaricom.cer\n");
	check_good("files", &conf);
	account = account_book_find(book, TEXT("shop"));
	assert_true(account->production);
	assert_string_equal(account->consumer_key, "word");
	assert_int_equal(strlen(account->security_credential), 344);
	conf = conf_yaml("accounts:\n  - name: shop\n    shortcode: \"174379\"\n    consumer_key_file: key\n"
			 "    consumer_secret_file: word\n    passkey_file: word\n");
	check_bad("a space in the key", &conf, "consumer_key");
	conf = conf_yaml("accounts:\n  - name: shop\n    shortcode: \"174379\"\n    consumer_key_file: word\n"
			 "    consumer_secret_file: empty\n    passkey_file: word\n");
	check_bad("an empty file", &conf, "consumer_secret_file");
	conf = conf_yaml("accounts:\n  - name: shop\n    shortcode: \"174379\"\n    consumer_key_file: word\n"
			 "    consumer_secret_file: word\n    initiator: api\n    initiator_password: p\n"
			 "    certificate_file: key\n");
	check_bad("no certificate", &conf, "certificate_file");
}

static void test_no_secret_is_told_in_a_fault(void **state)
{
	struct account_conf conf = conf_default();
	struct err err = {0};

	(void)state;
	conf.consumer_key = "s3cr3t s3cr3t";
	conf.consumer_secret = "s3cr3t\n";
	conf.passkey = "s3cr3t\t";
	conf.security_credential = "s3cr3t s3cr3t";
	assert_false(account_book_load(&book, &conf, &err));
	CHECK(!text_has_nocase(text_of(err.text), "s3cr3t"), "%s", err.text);
}

static void test_the_settings_fill_the_struct(void **state)
{
	static const char *const environment[] = {"MPESA_ENVIRONMENT=production", "MPESA_CONSUMER_KEY=key",
		"MPESA_BUSINESS_SHORT_CODE=174379", NULL};
	struct account_conf conf = {0};
	const struct conf_group groups[] = {{account_conf_rows, &conf}, {NULL, NULL}};
	const struct conf_source source = {.environ = environment};
	char memory[1024];
	struct buf report = BUF(memory);

	(void)state;
	CHECK(conf_read(groups, &source, &arena, &report), "%s", buf_end(&report));
	assert_int_equal(conf.environment, 1);
	assert_string_equal(conf.consumer_key, "key");
	assert_string_equal(conf.shortcode, "174379");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

static void test_what_the_app_was_given_is_told_by_the_account(void **state)
{
	struct account_conf conf = conf_default();
	const struct account *account;

	(void)state;
	check_good("the usual", &conf);
	account = account_book_find(book, TEXT(""));
	assert_false(account->b2c_v1 || account->c2b_v1 || account->till_as_4 || account->older_b2b);
	conf.b2c_version = conf.c2b_version = conf.till_identifier = conf.older_b2b = 1;
	check_good("by variables", &conf);
	account = account_book_find(book, TEXT(""));
	assert_true(account->b2c_v1 && account->c2b_v1 && account->till_as_4 && account->older_b2b);
	conf = conf_yaml("accounts:\n  - name: shop\n    shortcode: \"600000\"\n    consumer_key: k\n    "
			 "consumer_secret: s\n"
			 "    passkey: p\n    b2c_version: v1\n    c2b_version: v2\n    till_identifier: "
			 "\"4\"\n    older_b2b: \"yes\"\n");
	check_good("by the file", &conf);
	account = account_book_find(book, TEXT("shop"));
	assert_true(account->b2c_v1 && !account->c2b_v1 && account->till_as_4 && account->older_b2b);
	conf = conf_yaml("accounts:\n  - name: shop\n    shortcode: \"600000\"\n    consumer_key: k\n    "
			 "consumer_secret: s\n"
			 "    passkey: p\n    b2c_version: v2\n");
	check_bad("no such version", &conf, "shop: b2c_version is v3 or v1, not \"v2\"");
	conf = conf_yaml("accounts:\n  - name: shop\n    shortcode: \"600000\"\n    consumer_key: k\n    "
			 "consumer_secret: s\n"
			 "    passkey: p\n    till_identifier: \"3\"\n    older_b2b: maybe\n");
	check_bad("both are told", &conf,
		"till_identifier is 2 or 4, not \"3\"; shop: older_b2b is no or yes, not \"maybe\"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_the_variables_make_the_account_default),
		TEST(test_half_an_account_in_the_variables_is_refused),
		TEST(test_the_secret_of_c2b_is_told_or_not),
		TEST(test_plain_http_is_for_loopback_and_the_sandbox),
		TEST(test_time_is_never_scaled_with_production),
		TEST(test_a_file_lists_any_number_of_accounts),
		TEST(test_the_simulators_address_is_for_all_that_name_none),
		TEST(test_a_bad_file_is_refused_with_its_reason),
		TEST(test_all_faults_are_told_at_once),
		TEST(test_bill_managers_key_comes_plainly_or_from_a_file),
		TEST(test_accounts_that_would_mix_their_tokens_are_refused),
		TEST(test_secrets_come_from_files_beside_the_list),
		TEST(test_no_secret_is_told_in_a_fault),
		TEST(test_the_settings_fill_the_struct),
		TEST(test_what_the_app_was_given_is_told_by_the_account),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
