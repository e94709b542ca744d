#include "webhook/c2b.h"

#include "../io/folder.h"
#include "../memory.h"

#define OWN     "0123456789abcdef0123456789abcdef"
#define HARBOUR "fedcba9876543210fedcba98765432100000"
#define OTHER   "1123456789abcdef0123456789abcdef"

static int setup(void **state)
{
	start_memory(state);
	folder_make();
	return 0;
}

static int teardown(void **state)
{
	folder_remove();
	return stop_memory(state);
}

static const char accounts[] =
	"accounts:\n"
	"  - name: harbour\n    shortcode: \"600000\"\n    c2b_secret_file: secret\n"
	"    c2b_pattern: \"@#\"\n    c2b_minimum: \"10\"\n    c2b_maximum: \"20.50\"\n"
	"    c2b_shortcodes: [\"600000\"]\n    c2b_references_file: references\n"
	"    c2b_reject_unknown: \"yes\"\n    c2b_needs_phone: \"no\"\n"
	"  - name: quiet\n    shortcode: \"600001\"\n";

static struct c2b_conf conf_of(const char *yaml)
{
	return (struct c2b_conf){
		.secret = OWN, .accounts_file = folder_write("accounts.yaml", text_of(yaml), &arena)};
}

static struct c2b_book book;
static struct c2b_conf conf;

static void open_book(const char *yaml)
{
	struct err err;

	folder_write("secret", TEXT(HARBOUR "\n"), &arena);
	folder_write("references", TEXT("A1\nB2\n"), &arena);
	conf = conf_of(yaml);
	CHECK(c2b_book_load(&book, &conf, &err), "%s", err.text);
}

static void test_each_secret_is_one_accounts(void **unused)
{
	const struct c2b_account *own, *harbour;

	(void)unused;
	open_book(accounts);
	own = c2b_book_find(&book, TEXT(OWN));
	harbour = c2b_book_find(&book, TEXT(HARBOUR));
	assert_int_equal(book.count, 2);
	assert_non_null(own);
	assert_non_null(harbour);
	assert_string_equal(own->name, "default");
	assert_false(own->has_list);
	assert_string_equal(harbour->name, "harbour");
	assert_true(harbour->has_list && harbour->references.count == 2);
	assert_int_equal(amount_cents(harbour->rules.minimum), 1000);
	assert_int_equal(amount_cents(harbour->rules.maximum), 2050);
	assert_true(harbour->rules.reject_unknown && !harbour->rules.needs_phone &&
		    harbour->rules.has_references);
	assert_string_equal(harbour->rules.shortcodes[0], "600000");
	assert_null(c2b_book_find(&book, TEXT(OTHER)));
	assert_null(c2b_book_find(&book, TEXT("")));
	assert_null(c2b_book_find(&book, (struct text){HARBOUR, sizeof(HARBOUR) - 2}));
	c2b_book_free(&book);
}

static void test_a_visit_is_let_in_by_its_secret_alone(void **unused)
{
	static const struct {
		const char *method, *path;
		bool want;
		int refuse;
		const char *account;
	} rows[] = {
		{"POST", "/n/c2b/" OWN "/confirmation", true, 0, "default"},
		{"POST", "/n/c2b/" HARBOUR "/validation", true, 0, "harbour"},
		{"GET", "/n/c2b/" OWN "/validation", true, 405, NULL},
		{"POST", "/n/c2b/" OTHER "/validation", true, 404, NULL},
		{"GET", "/n/c2b/" OTHER "/validation", true, 404, NULL},
		{"POST", "/n/c2b/" OWN "/other", false, 0, NULL},
		{"POST", "/mpesa/stk-push-callback", false, 0, NULL},
	};

	(void)unused;
	open_book(accounts);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct c2b_visit visit = {0};
		bool found =
			c2b_visit_find(text_of(rows[i].method), text_of(rows[i].path), &book, "n", &visit);

		CHECK(found == rows[i].want && visit.refuse == rows[i].refuse, "%s %s: %d", rows[i].method,
			rows[i].path, visit.refuse);
		if (rows[i].account != NULL)
			assert_string_equal(visit.account->name, rows[i].account);
	}
	c2b_book_free(&book);
}

static void rest(void)
{
	c2b_book_refresh(&book);
	c2b_book_refresh(&book);
}

static void test_a_changed_list_is_read_and_a_bad_one_is_not(void **unused)
{
	const struct c2b_account *harbour;

	(void)unused;
	open_book(accounts);
	harbour = c2b_book_find(&book, TEXT(HARBOUR));
	folder_write("references", TEXT("A1\nB2\nC3\n"), &arena);
	c2b_book_refresh(&book);
	assert_int_equal(harbour->references.count, 2); /* somebody may be at work on it */
	c2b_book_refresh(&book);
	assert_int_equal(harbour->references.count, 3);
	folder_write("references", TEXT(",nobody at all\n"), &arena);
	rest();
	assert_true(harbour->is_troubled && harbour->references.count == 3);
	unlink(folder_path("references", &arena));
	rest();
	assert_true(harbour->is_troubled && harbour->references.count == 3);
	folder_write("references", TEXT(""), &arena);
	rest();
	assert_true(!harbour->is_troubled && harbour->has_list && harbour->references.count == 0);
	c2b_book_free(&book);
}

static void test_a_list_that_never_was_is_none(void **unused)
{
	struct err err;

	(void)unused;
	folder_write("secret", TEXT(HARBOUR), &arena);
	conf = conf_of(accounts);
	unlink(folder_path("references", &arena));
	CHECK(c2b_book_load(&book, &conf, &err), "%s", err.text);
	assert_false(c2b_book_find(&book, TEXT(HARBOUR))->has_list);
	folder_write("references", TEXT("A1\n"), &arena);
	c2b_book_refresh(&book);
	assert_true(c2b_book_find(&book, TEXT(HARBOUR))->has_list);
	c2b_book_free(&book);
}

/* As often as the webhook looks in two seconds, of the accounts' files twice. */
static void look_twice(void)
{
	for (int i = 0; i < 2; i++) {
		book.watch.look_at = (struct mono){0};
		c2b_book_refresh(&book);
	}
}

static void test_changed_rules_and_secrets_count_at_once(void **unused)
{
	(void)unused;
	open_book(accounts);
	folder_write("secret", TEXT(OTHER "\n"), &arena);
	look_twice();
	assert_null(c2b_book_find(&book, TEXT(HARBOUR)));
	assert_non_null(c2b_book_find(&book, TEXT(OTHER)));
	folder_write("accounts.yaml",
		TEXT("accounts:\n  - name: harbour\n    shortcode: \"600000\"\n    c2b_secret_file: secret\n"
		     "    c2b_minimum: \"30\"\n    c2b_references_file: references\n"
		     "  - name: quiet\n    shortcode: \"600001\"\n    c2b_secret: " HARBOUR "\n"),
		&arena);
	unlink(folder_path("references", &arena));
	look_twice();
	assert_int_equal(book.count, 3);
	assert_string_equal(c2b_book_find(&book, TEXT(HARBOUR))->name, "quiet");
	assert_int_equal(amount_cents(c2b_book_find(&book, TEXT(OTHER))->rules.minimum), 3000);
	assert_false(c2b_book_find(&book, TEXT(OTHER))->rules.reject_unknown);
	/* The list that cannot be read just now goes on. */
	assert_int_equal(c2b_book_find(&book, TEXT(OTHER))->references.count, 2);
	c2b_book_free(&book);
}

static void test_accounts_that_cannot_be_read_stay_as_they_were(void **unused)
{
	static const char *const broken[] = {"", "accounts:\n", "accounts:\n  - name: har",
		"accounts:\n  - name: harbour\n    c2b_word: x\n"};

	(void)unused;
	open_book(accounts);
	for (size_t i = 0; i < COUNT_OF(broken); i++) {
		folder_write("accounts.yaml", text_of(broken[i]), &arena);
		look_twice();
		CHECK(book.watch.troubled, "%s", broken[i]);
		CHECK(book.count == 2 && c2b_book_find(&book, TEXT(HARBOUR)) != NULL, "%s", broken[i]);
	}
	unlink(folder_path("secret", &arena));
	folder_write("accounts.yaml", text_of(accounts), &arena);
	look_twice();
	assert_true(book.watch.troubled && book.count == 2);
	folder_write("secret", TEXT(HARBOUR), &arena);
	look_twice();
	assert_false(book.watch.troubled);
	assert_int_equal(book.count, 2);
	c2b_book_free(&book);
}

static void test_what_is_wrong_is_told_at_the_start(void **unused)
{
	static const struct {
		const char *line, *told;
	} rows[] = {
		{"c2b_secret: \"0123\"", "32 to 128"},
		{"c2b_secret: " OWN, "same c2b_secret"},
		{"c2b_secret: " OTHER "\n    c2b_secret_file: secret", "both"},
		{"c2b_secret_file: nowhere", "c2b_secret_file"},
		{"c2b_secret: " OTHER "\n    c2b_pattern: \"(x)\"", "c2b_pattern"},
		{"c2b_secret: " OTHER "\n    c2b_minimum: ten", "c2b_minimum"},
		{"c2b_secret: " OTHER "\n    c2b_maximum: ten", "c2b_maximum"},
		{"c2b_secret: " OTHER "\n    c2b_needs_phone: maybe", "yes or no"},
		{"c2b_secret: " OTHER "\n    c2b_reject_unknown: maybe", "yes or no"},
		{"c2b_word: x", "accounts.yaml"},
	};

	(void)unused;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct err err = {0};

		conf = conf_of(arena_print(&arena,
			"accounts:\n  - name: shop\n    shortcode: \"600000\"\n    %s\n", rows[i].line));
		CHECK(!c2b_book_load(&book, &conf, &err), "%s", rows[i].line);
		CHECK(strstr(err.text, rows[i].told) != NULL && strstr(err.text, OTHER) == NULL, "%s: %s",
			rows[i].line, err.text);
		c2b_book_free(&book);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_secret_is_one_accounts),
		cmocka_unit_test(test_a_visit_is_let_in_by_its_secret_alone),
		cmocka_unit_test(test_a_changed_list_is_read_and_a_bad_one_is_not),
		cmocka_unit_test(test_a_list_that_never_was_is_none),
		cmocka_unit_test(test_changed_rules_and_secrets_count_at_once),
		cmocka_unit_test(test_accounts_that_cannot_be_read_stay_as_they_were),
		cmocka_unit_test(test_what_is_wrong_is_told_at_the_start),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
