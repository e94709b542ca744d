#include "service/accounts.h"

#include "service/service.h"

static bool may_follow(const struct accounts *accounts, const struct account_book *next, struct err *err)
{
	char space[1024];
	struct buf faults = BUF(space);
	bool good = account_book_check_next(accounts->book, next, &faults);

	if (accounts->may != NULL)
		good = accounts->may(accounts->self, next, &faults) && good;
	return good || err_set(err, ERR_BROKEN, 0, "%s", buf_end(&faults));
}

/* The book has copies of all that it needs of the settings. */
static bool read_book(void *self, struct file_watch *files, struct err *err)
{
	struct accounts *accounts = self;
	struct account_conf conf = *accounts->conf;
	struct account_book *next = NULL;
	struct arena arena;
	bool good;

	arena_init(&arena);
	good = service_secrets_again(account_conf_rows, &conf, &arena, files, err) &&
	       account_book_read(&next, &conf, files, err);
	arena_done(&arena);
	if (good && accounts->book != NULL)
		good = may_follow(accounts, next, err);
	if (!good) {
		account_book_free(&next);
		return false;
	}
	account_book_free(&accounts->book);
	accounts->book = next;
	return true;
}

bool accounts_open(struct accounts *accounts, const struct account_conf *conf, struct err *err)
{
	accounts->conf = conf;
	accounts->watch.read = read_book;
	accounts->watch.self = accounts;
	return account_watch_start(&accounts->watch, err);
}

bool accounts_look(struct accounts *accounts, struct mono now)
{
	return account_watch_look(&accounts->watch, now);
}

void accounts_close(struct accounts *accounts)
{
	account_watch_stop(&accounts->watch);
	account_book_free(&accounts->book);
}
