#include "webhook/c2b_book.h"

#include "base/digest.h"
#include "base/log.h"
#include "core/c2b_url.h"
#include "io/account_file.h"
#include "io/clock.h"
#include "io/file.h"
#include "service/service.h"

#include <string.h>

enum { SECRET_MOST = 4096, ACCOUNTS_MOST = 1 << 20, LIST_MOST = 64 << 20 };

const struct conf_row c2b_conf_rows[] = {
	{.name = "MPESA_C2B_SECRET",
		.type = CONF_SECRET,
		.at = offsetof(struct c2b_conf, secret),
		.fallback = "",
		.about = "32 to 128 hex digits in the addresses that c2b_register gives to Daraja; without "
			 "it they "
			 "cannot be registered."},
	{.name = "MKONDO_ACCOUNTS_FILE",
		.type = CONF_FILE,
		.at = offsetof(struct c2b_conf, accounts_file),
		.fallback = "",
		.about = "YAML file with further accounts; it and the files that it names are read again "
			 "when they change."},
	{.name = NULL},
};

/* Where an account's files are, and who is told of them before they are read. */
struct c2b_source {
	const char *accounts_file; /* "" for the account default */
	struct file_watch *files;
};

static bool told(const char *text)
{
	return text != NULL && text[0] != '\0';
}

/* What stands in the accounts file is beside it. */
static const char *beside(const char *accounts_file, const char *path, struct arena *arena)
{
	const char *slash = strrchr(accounts_file, '/');

	if (!told(path) || path[0] == '/' || slash == NULL)
		return arena_string(arena, text_of(path));
	return arena_print(arena, "%.*s%s", (int)(slash - accounts_file + 1), accounts_file, path);
}

static bool wrong(const struct account_draft *draft, const char *what, struct err *err)
{
	return err_set(err, ERR_BROKEN, 0, "account %s: %s", draft->name, what);
}

static bool read_secret(const struct account_draft *draft, const struct c2b_source *source,
	struct arena *arena, const char **ret, struct err *err)
{
	struct text text = text_of(draft->c2b_secret);
	const char *path;

	if (told(draft->c2b_secret_file)) {
		if (told(draft->c2b_secret))
			return wrong(draft, "c2b_secret and c2b_secret_file are both told", err);
		path = beside(source->accounts_file, draft->c2b_secret_file, arena);
		file_watch_add(source->files, path);
		if (!file_read(path, SECRET_MOST, arena, &text, err))
			return err_while(err, "account %s, c2b_secret_file", draft->name);
		text = text_trim(text);
	}
	*ret = arena_string(arena, text);
	return c2b_secret_check(text) || wrong(draft, "c2b_secret is 32 to 128 lower-case hex digits", err);
}

static bool read_yes(const char *text, bool *ret)
{
	*ret = told(text) && strcmp(text, "yes") == 0;
	return !told(text) || *ret || strcmp(text, "no") == 0;
}

static bool read_amount(const char *text, struct amount *ret)
{
	return !told(text) || amount_parse(text_of(text), ret);
}

static bool read_rules(
	const struct account_draft *draft, struct arena *arena, struct c2b_rules *rules, struct err *err)
{
	const char **shortcodes = ARENA_ARRAY(arena, const char *, (size_t)draft->c2b_shortcodes_count + 1);

	*rules = (struct c2b_rules){.minimum = AMOUNT_NONE, .maximum = AMOUNT_NONE, .shortcodes = shortcodes};
	for (unsigned i = 0; i < draft->c2b_shortcodes_count; i++)
		shortcodes[i] = arena_string(arena, text_of(draft->c2b_shortcodes[i]));
	if (told(draft->c2b_pattern) && !c2b_pattern_parse(text_of(draft->c2b_pattern), &rules->pattern))
		return wrong(draft, "c2b_pattern is not in the language of docs/operations.md", err);
	if (!read_amount(draft->c2b_minimum, &rules->minimum) ||
		!read_amount(draft->c2b_maximum, &rules->maximum))
		return wrong(draft, "c2b_minimum and c2b_maximum are shillings", err);
	if (!read_yes(draft->c2b_reject_unknown, &rules->reject_unknown) ||
		!read_yes(draft->c2b_needs_phone, &rules->needs_phone))
		return wrong(draft, "c2b_reject_unknown and c2b_needs_phone are yes or no", err);
	rules->has_references = told(draft->c2b_references_file);
	return true;
}

static bool add(struct c2b_book *book, const struct account_draft *draft, const struct c2b_source *source,
	struct err *err)
{
	struct c2b_account *account = &book->accounts[book->count];

	if (!told(draft->c2b_secret) && !told(draft->c2b_secret_file))
		return true;
	*account = (struct c2b_account){.name = arena_string(&book->arena, text_of(draft->name)),
		.path = beside(source->accounts_file, draft->c2b_references_file, &book->arena)};
	if (!read_secret(draft, source, &book->arena, &account->secret, err) ||
		!read_rules(draft, &book->arena, &account->rules, err))
		return false;
	if (c2b_book_find(book, text_of(account->secret)) != NULL)
		return wrong(draft, "another account has the same c2b_secret", err);
	arena_init(&account->memory);
	book->count++;
	return true;
}

static bool add_all(struct c2b_book *book, const struct c2b_conf *conf, const struct account_file *file,
	struct file_watch *files, struct err *err)
{
	const struct account_draft draft = {.name = "default", .c2b_secret = conf->secret};
	struct c2b_source source = {.accounts_file = "", .files = files};
	bool good = add(book, &draft, &source, err);

	source.accounts_file = conf->accounts_file;
	for (unsigned i = 0; good && file != NULL && i < file->accounts_count; i++)
		good = add(book, &file->accounts[i], &source, err);
	return good;
}

/* The accounts without their lists. *ret is to be ended in any case. */
static bool read_accounts(
	struct c2b_book *ret, const struct c2b_conf *conf, struct file_watch *files, struct err *err)
{
	struct account_file *file = NULL;
	struct text yaml;
	bool good;

	*ret = (struct c2b_book){0};
	arena_init(&ret->arena);
	if (told(conf->accounts_file)) {
		file_watch_add(files, conf->accounts_file);
		if (!file_read(conf->accounts_file, ACCOUNTS_MOST, &ret->arena, &yaml, err) ||
			!account_file_parse(&file, yaml, err))
			return err_while(err, "%s", conf->accounts_file);
	}
	ret->accounts = ARENA_ARRAY(
		&ret->arena, struct c2b_account, 1 + (file != NULL ? (size_t)file->accounts_count : 0));
	good = add_all(ret, conf, file, files, err);
	account_file_free(&file);
	return good;
}

static void free_accounts(struct c2b_book *book)
{
	for (size_t i = 0; i < book->count; i++) {
		arena_done(&book->accounts[i].memory);
		file_watch_done(&book->accounts[i].list);
	}
	arena_done(&book->arena);
}

/* The list of the same file goes on: it may be one that cannot be read just now. */
static void take_list(struct c2b_account *account, struct c2b_book *before)
{
	for (size_t i = 0; i < before->count; i++) {
		struct c2b_account *old = &before->accounts[i];

		if (strcmp(old->name, account->name) != 0 || strcmp(old->path, account->path) != 0)
			continue;
		account->memory = old->memory;
		account->references = old->references;
		account->has_list = old->has_list;
		account->is_troubled = old->is_troubled;
		account->list = old->list;
		arena_init(&old->memory);
		old->list = (struct file_watch){0};
	}
}

static bool read_book(void *self, struct file_watch *files, struct err *err)
{
	struct c2b_book *book = self, next;
	struct c2b_conf conf = *book->conf;
	struct arena arena;
	bool good;

	arena_init(&arena);
	good = service_secrets_again(c2b_conf_rows, &conf, &arena, files, err);
	if (good) {
		good = read_accounts(&next, &conf, files, err);
		if (!good)
			free_accounts(&next);
	}
	arena_done(&arena);
	if (!good)
		return false;
	for (size_t i = 0; i < next.count; i++)
		take_list(&next.accounts[i], book);
	free_accounts(book);
	book->arena = next.arena;
	book->accounts = next.accounts;
	book->count = next.count;
	return true;
}

bool c2b_book_load(struct c2b_book *book, const struct c2b_conf *conf, struct err *err)
{
	*book = (struct c2b_book){.conf = conf, .watch = {.read = read_book, .self = book}};
	arena_init(&book->arena);
	if (!account_watch_start(&book->watch, err))
		return false;
	c2b_book_refresh(book);
	return true;
}

void c2b_book_free(struct c2b_book *book)
{
	account_watch_stop(&book->watch);
	free_accounts(book);
	*book = (struct c2b_book){0};
}

/* A whole new list, or none at all. */
static bool read_list(struct c2b_account *account, struct err *err)
{
	struct c2b_references references;
	struct arena memory;
	struct text text;
	unsigned line;

	arena_init(&memory);
	if (!file_read(account->path, LIST_MOST, &memory, &text, err)) {
		arena_done(&memory);
		return false;
	}
	if (!c2b_references_parse(text, &memory, &references, &line)) {
		arena_done(&memory);
		return err_set(err, ERR_BROKEN, 0, "%s: line %u is no reference", account->path, line);
	}
	arena_done(&account->memory);
	account->memory = memory;
	account->references = references;
	account->has_list = true;
	return true;
}

/* A first list need not wait until its file rests. */
static void refresh(struct c2b_account *account)
{
	const bool first = account->list.count == 0;
	const enum file_news news = first ? FILES_CHANGED : file_watch_look(&account->list);
	struct err err;

	if (news == FILES_SAME || (news == FILES_MOVING && account->has_list))
		return;
	file_watch_done(&account->list);
	file_watch_add(&account->list, account->path);
	account->is_troubled = !read_list(account, &err);
	if (account->is_troubled)
		LOG(ALARM, "c2b.references_unreadable", LOG_STR("account", account->name), LOG_ERR(&err));
	else
		LOG(INFO, "c2b.references_read", LOG_STR("account", account->name),
			LOG_NUM("count", account->references.count));
}

void c2b_book_refresh(struct c2b_book *book)
{
	account_watch_look(&book->watch, clock_mono());
	for (size_t i = 0; i < book->count; i++)
		if (book->accounts[i].path[0] != '\0')
			refresh(&book->accounts[i]);
}

const struct c2b_account *c2b_book_find(const struct c2b_book *book, struct text secret)
{
	const struct c2b_account *found = NULL;

	for (size_t i = 0; i < book->count; i++) {
		struct text own = text_of(book->accounts[i].secret);

		if (own.len == secret.len && digest_same(own.at, secret.at, own.len))
			found = &book->accounts[i];
	}
	return found;
}
