#include "dispatcher/app_table.h"

#include "../io/folder.h"
#include "../memory.h"

static struct app_table table;
static struct account_book *book;

static int setup(void **state)
{
	start_memory(state);
	folder_make();
	table = (struct app_table){0};
	return 0;
}

static int teardown(void **state)
{
	account_book_free(&book);
	folder_remove();
	return stop_memory(state);
}

static char *account(const char *name, const char *app, const char *key, const char *secret)
{
	return arena_print(&arena,
		"  - name: %s\n    app: %s\n    shortcode: \"600000\"\n    consumer_key: %s\n    "
		"consumer_secret: %s\n"
		"    passkey: p\n",
		name, app, key, secret);
}

static struct account_book *read_book(const char *accounts)
{
	const struct account_conf conf = {
		.accounts_file = folder_write(
			"accounts.yaml", text_of(arena_print(&arena, "accounts:\n%s", accounts)), &arena)};
	struct account_book *next;
	struct err err;

	CHECK(account_book_load(&next, &conf, &err), "%s", err.text);
	return next;
}

/* NULL: it is taken. */
static void follow(const char *accounts, const char *want)
{
	struct account_book *next = read_book(accounts);
	char space[512];
	struct buf faults = BUF(space);
	const bool good = app_table_check(&table, next, &faults);

	CHECK(good == (want == NULL), "%s", buf_end(&faults));
	if (good) {
		app_table_take(&table, next);
		account_book_free(&book);
		book = next;
	} else {
		CHECK(strstr(buf_end(&faults), want) != NULL, "%s", buf_end(&faults));
		account_book_free(&next);
	}
}

static struct token_cache *token(const char *app)
{
	return &table.tokens[app_table_find(&table, app)];
}

static void test_accounts_of_one_app_share_its_place(void **unused)
{
	(void)unused;
	follow(arena_print(&arena, "%s%s%s", account("a", "one", "k1", "s"), account("b", "two", "k2", "s"),
		       account("c", "one", "k1", "s")),
		NULL);
	assert_int_equal(table.count, 2);
	assert_int_equal(app_table_find(&table, "one"), 0);
	assert_int_equal(app_table_find(&table, "two"), 1);
	assert_int_equal(app_table_find(&table, "three"), 2);
	assert_false(token("one")->renew);
	assert_string_equal(token("one")->account->consumer_key, "k1");
}

static void test_a_changed_secret_wants_a_new_token_and_keeps_the_old_one(void **unused)
{
	(void)unused;
	follow(arena_print(&arena, "%s%s", account("a", "one", "k1", "s"), account("b", "two", "k2", "s")),
		NULL);
	token("one")->no = 7;
	token("one")->failures = 3;
	token("one")->not_before.us = INT64_MAX;
	follow(arena_print(&arena, "%s%s", account("a", "one", "k1", "s"), account("b", "two", "k2", "s")),
		NULL);
	assert_false(token("one")->renew);
	assert_int_equal(token("one")->failures, 3);
	follow(arena_print(&arena, "%s%s%s", account("b", "two", "k2", "s"),
		       account("a", "one", "k1", "changed"), account("c", "one", "k1", "changed")),
		NULL);
	assert_int_equal(app_table_find(&table, "one"), 0);
	assert_true(token("one")->renew && !token("two")->renew);
	assert_int_equal(token("one")->no, 7);
	assert_int_equal(token("one")->failures, 0);
	assert_int_equal(token("one")->not_before.us, 0);
	assert_string_equal(token("one")->account->consumer_secret, "changed");
}

static void test_an_app_that_goes_keeps_its_place_and_its_key(void **unused)
{
	(void)unused;
	follow(arena_print(&arena, "%s%s", account("a", "one", "k1", "s"), account("b", "two", "k2", "s")),
		NULL);
	follow(account("a", "one", "k1", "s"), NULL);
	assert_int_equal(table.count, 2);
	assert_null(token("two")->account);
	assert_true(table.gone[1] && !table.gone[0]);
	follow(arena_print(&arena, "%s%s", account("a", "one", "k1", "s"), account("b", "two", "other", "s")),
		"b: its app has had another consumer key");
	assert_true(table.gone[1]);
	follow(arena_print(&arena, "%s%s", account("a", "one", "k1", "s"), account("b", "two", "k2", "s")),
		NULL);
	assert_false(table.gone[1]);
	assert_true(token("two")->renew); /* what its secret was is forgotten */
}

static void test_there_is_an_end_to_places(void **unused)
{
	const char *all = "";

	(void)unused;
	for (int i = 0; i < APPS_MOST; i++) {
		const char *name = arena_print(&arena, "app%d", i);

		all = arena_print(&arena, "%s%s", all, account(name, name, name, "s"));
	}
	follow(all, NULL);
	assert_int_equal(table.count, APPS_MOST);
	follow(arena_print(&arena, "%s%s", all, account("more", "app1", "app1", "s")), NULL);
	follow(account("late", "late", "k", "s"), "more than 64 apps");
	follow(account("late", "app1", "app1", "s"), NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_accounts_of_one_app_share_its_place, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_a_changed_secret_wants_a_new_token_and_keeps_the_old_one, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_an_app_that_goes_keeps_its_place_and_its_key, setup, teardown),
		cmocka_unit_test_setup_teardown(test_there_is_an_end_to_places, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
