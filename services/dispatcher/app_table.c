#include "dispatcher/app_table.h"

#include <string.h>

size_t app_table_find(const struct app_table *table, const char *app)
{
	size_t place = 0;

	while (place < table->count && strcmp(table->tokens[place].app, app) != 0)
		place++;
	return place;
}

static struct digest key_of(const struct account *account)
{
	const struct digest parts[] = {
		sha256(text_of(account->api_base)), sha256(text_of(account->consumer_key))};

	return sha256((struct text){(const char *)parts, sizeof(parts)});
}

static bool is_named_before(const struct account_book *book, size_t index)
{
	const char *app = account_book_each(book, index)->app;

	for (size_t i = 0; i < index; i++)
		if (strcmp(account_book_each(book, i)->app, app) == 0)
			return true;
	return false;
}

bool app_table_check(const struct app_table *table, const struct account_book *next, struct buf *faults)
{
	const struct account *account;
	size_t apps = table->count;
	bool good = true;

	for (size_t i = 0; (account = account_book_each(next, i)) != NULL; i++) {
		const size_t place = app_table_find(table, account->app);
		const struct digest key = key_of(account);

		if (place == table->count) {
			apps += !is_named_before(next, i);
		} else if (!digest_same(&key, &table->tokens[place].key, sizeof(key))) {
			buf_print(faults,
				"%s: its app has had another consumer key or host since this process began; ",
				account->name);
			good = false;
		}
	}
	if (apps > APPS_MOST) {
		buf_print(faults,
			"more than %d apps since this process began: a restart forgets those that are gone; ",
			APPS_MOST);
		good = false;
	}
	return good;
}

/* Others may read it as soon as it is counted. */
static void add(struct app_table *table, const struct account *account)
{
	const size_t place = table->count;
	struct token_cache *token = &table->tokens[place];
	struct buf name = BUF(token->app);

	buf_str(&name, account->app);
	buf_end(&name);
	token->key = key_of(account);
	token->account = account;
	atomic_store(&table->count, place + 1);
}

void app_table_take(struct app_table *table, const struct account_book *next)
{
	const struct account *before[APPS_MOST] = {NULL}, *account;
	const size_t known = table->count;

	for (size_t place = 0; place < known; place++) {
		before[place] = table->tokens[place].account;
		table->tokens[place].account = NULL;
	}
	for (size_t i = 0; (account = account_book_each(next, i)) != NULL; i++) {
		const size_t place = app_table_find(table, account->app);
		struct token_cache *token = &table->tokens[place];

		if (place == table->count) {
			add(table, account);
			continue;
		}
		if (place < known && token->account == NULL &&
			(before[place] == NULL ||
				strcmp(before[place]->consumer_secret, account->consumer_secret) != 0)) {
			token->renew = true;
			token->failures = 0;
			token->not_before = (struct mono){0};
		}
		token->account = account;
	}
	for (size_t place = 0; place < table->count; place++)
		atomic_store(&table->gone[place], table->tokens[place].account == NULL);
}
