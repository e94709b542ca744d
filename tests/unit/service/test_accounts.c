#include "service/accounts.h"

#include "base/metric.h"

#include "../io/folder.h"
#include "../memory.h"

static struct accounts accounts;
static struct account_conf conf;
static struct mono now;

/* The account default by MPESA_*, its secret in a file; shop by the file of accounts. */
static const char shop[] = "accounts:\n  - name: shop\n    shortcode: \"600000\"\n    consumer_key: k\n"
			   "    consumer_secret_file: shop-secret\n    passkey: p\n";

static void put(const char *name, const char *text)
{
	folder_write(name, text_of(text), &arena);
}

static int setup(void **state)
{
	start_memory(state);
	folder_make();
	put("accounts.yaml", shop);
	put("shop-secret", "one\n");
	put("own-secret", "own\n");
	setenv("MPESA_CONSUMER_SECRET_FILE", folder_path("own-secret", &arena), 1);
	accounts = (struct accounts){0};
	now = (struct mono){1000000};
	conf = (struct account_conf){.consumer_key = "key",
		.consumer_secret = "what it was when the process began",
		.shortcode = "174379",
		.passkey = "passkey",
		.accounts_file = folder_path("accounts.yaml", &arena),
		.time_scale = 1};
	return 0;
}

static int teardown(void **state)
{
	accounts_close(&accounts);
	unsetenv("MPESA_CONSUMER_SECRET_FILE");
	folder_remove();
	return stop_memory(state);
}

static void open_accounts(void)
{
	struct err err;

	CHECK(accounts_open(&accounts, &conf, &err), "%s", err.text);
}

static bool look(void)
{
	now = mono_add_ms(now, 1000);
	return accounts_look(&accounts, now);
}

/* Whether a change was taken, once it rests. */
static bool look_twice(void)
{
	assert_false(look());
	return look();
}

static const struct account *find(const char *name)
{
	return account_book_find(accounts.book, text_of(name));
}

static void test_nothing_is_read_while_nothing_changes(void **unused)
{
	const struct account_book *book;

	(void)unused;
	open_accounts();
	book = accounts.book;
	for (int i = 0; i < 20; i++)
		assert_false(look());
	assert_ptr_equal(accounts.book, book);
	put("shop-secret", "two\n");
	assert_false(accounts_look(&accounts, now)); /* not yet a second later */
	assert_string_equal(find("shop")->consumer_secret, "one");
}

static void test_each_kind_of_file_is_read_again(void **unused)
{
	(void)unused;
	open_accounts();
	assert_string_equal(find("default")->consumer_secret, "own");
	put("shop-secret", "two\n");
	assert_true(look_twice());
	assert_string_equal(find("shop")->consumer_secret, "two");
	put("own-secret", "mine\r\n");
	assert_true(look_twice());
	assert_string_equal(find("default")->consumer_secret, "mine");
	assert_string_equal(find("default")->passkey, "passkey");
	put("accounts.yaml", "accounts:\n  - name: harbour\n    shortcode: \"600001\"\n    consumer_key: h\n"
			     "    consumer_secret: s\n    passkey: p\n");
	assert_true(look_twice());
	assert_null(find("shop"));
	assert_string_equal(find("harbour")->consumer_key, "h");
	put("shop-secret", "nobody reads it any more\n");
	assert_false(look_twice());
}

static void test_whoever_holds_a_book_keeps_it_whole(void **unused)
{
	struct account_book *held;
	const struct account *before;

	(void)unused;
	open_accounts();
	held = account_book_keep(accounts.book);
	before = account_book_find(held, TEXT("shop"));
	put("shop-secret", "two\n");
	put("accounts.yaml", "accounts:\n  - name: shop\n    shortcode: \"600000\"\n    consumer_key: k\n"
			     "    consumer_secret_file: shop-secret\n    passkey: another\n");
	assert_true(look_twice());
	assert_string_equal(find("shop")->consumer_secret, "two");
	assert_string_equal(find("shop")->passkey, "another");
	assert_string_equal(before->consumer_secret, "one");
	assert_string_equal(before->passkey, "p");
	account_book_free(&held);
	assert_null(held);
	assert_string_equal(find("shop")->consumer_secret, "two");
}

/* Half-written, of another environment, without what it names: all the same, and the old book goes on, whole. */
static void test_what_cannot_be_taken_changes_nothing(void **unused)
{
	static const char *const broken[] = {
		"",
		"accounts:\n  - name: shop\n    shortcode: \"6000",
		"accounts:\n  - name: shop\n    shortcode: \"600000\"\n",
		"accounts:\n  - name: shop\n    shortcode: \"600000\"\n    consumer_key: k\n"
		"    consumer_secret_file: nowhere\n    passkey: p\n",
		"accounts:\n  - name: shop\n    shortcode: \"600000\"\n    consumer_key: k\n"
		"    consumer_secret_file: shop-secret\n    passkey_file: shop-secret\n    environment: "
		"production\n",
		"accounts:\n  - name: shop\n    shortcode: \"600001\"\n    consumer_key: k\n"
		"    consumer_secret_file: shop-secret\n    passkey: p\n",
	};
	const struct account_book *book;

	(void)unused;
	open_accounts();
	book = accounts.book;
	for (size_t i = 0; i < COUNT_OF(broken); i++) {
		put("accounts.yaml", broken[i]);
		CHECK(!look_twice() && accounts.watch.troubled, "%s", broken[i]);
		assert_ptr_equal(accounts.book, book);
	}
	put("accounts.yaml", shop);
	assert_true(look_twice());
	assert_false(accounts.watch.troubled);
}

static void test_a_file_that_was_missing_heals_by_coming(void **unused)
{
	(void)unused;
	open_accounts();
	unlink(folder_path("own-secret", &arena));
	assert_false(look_twice());
	assert_true(accounts.watch.troubled);
	put("own-secret", "new\n");
	assert_true(look_twice());
	assert_string_equal(find("default")->consumer_secret, "new");
	put("accounts.yaml", "accounts:\n  - name: shop\n    shortcode: \"600000\"\n    consumer_key: k\n"
			     "    consumer_secret_file: other-secret\n    passkey: p\n");
	assert_false(look_twice());
	put("other-secret", "three\n");
	assert_true(look_twice());
	assert_string_equal(find("shop")->consumer_secret, "three");
}

/* How many changes were refused, and so how many alarms there were. */
static int refused(void)
{
	static const char name[] = "mkondo_accounts_reload_total{outcome=\"refused\"} ";
	static char page[1 << 16];
	struct buf out = BUF(page);
	const char *at;

	metric_print(&out);
	at = strstr(buf_end(&out), name);
	assert_non_null(at);
	return atoi(at + sizeof(name) - 1);
}

static bool refuse(void *self, const struct account_book *next, struct buf *faults)
{
	bool *must_not = self;

	(void)next;
	if (*must_not)
		buf_str(faults, "not now; ");
	return !*must_not;
}

/* What is in the way may be no file: it is tried again, without a further change. */
static void test_a_refusal_is_tried_again_by_and_by(void **unused)
{
	bool must_not = true;
	const int before = refused();
	int looks = 0;

	(void)unused;
	accounts.may = refuse;
	accounts.self = &must_not;
	open_accounts();
	put("shop-secret", "two\n");
	assert_false(look_twice());
	assert_string_equal(find("shop")->consumer_secret, "one");
	for (int i = 0; i < 60; i++)
		assert_false(look());
	assert_int_equal(refused(), before + 1); /* one alarm for one change */
	must_not = false;
	while (!look())
		assert_true(++looks < 60);
	assert_string_equal(find("shop")->consumer_secret, "two");
	assert_false(look());
}

static void test_a_start_fails_as_ever(void **unused)
{
	struct err err = {0};

	(void)unused;
	put("accounts.yaml", "accounts:\n  - name: shop\n");
	assert_false(accounts_open(&accounts, &conf, &err));
	assert_int_equal(err.class, ERR_BROKEN);
	assert_null(accounts.book);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_nothing_is_read_while_nothing_changes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_each_kind_of_file_is_read_again, setup, teardown),
		cmocka_unit_test_setup_teardown(test_whoever_holds_a_book_keeps_it_whole, setup, teardown),
		cmocka_unit_test_setup_teardown(test_what_cannot_be_taken_changes_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_a_file_that_was_missing_heals_by_coming, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_refusal_is_tried_again_by_and_by, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_start_fails_as_ever, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
