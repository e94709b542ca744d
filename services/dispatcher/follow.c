#include "dispatcher/worker.h"

#include "base/log.h"
#include "io/clock.h"

/*
 * The accounts that count, in the store thread between two turns, so that no claim sees two books. A call holds the book of its account
 * (dispatcher/call.h); everything else looks accounts up anew. Payments of an account that is gone wait, unsent, until it is back or they
 * expire; what was sent for it is settled by its callbacks, and is not asked about meanwhile.
 */
static bool may_follow(void *self, const struct account_book *next, struct buf *faults)
{
	return app_table_check(self, next, faults);
}

bool worker_open_accounts(struct worker *worker, const struct account_conf *conf, struct err *err)
{
	char space[sizeof(err->text)];
	struct buf faults = BUF(space);

	worker->newest.may = may_follow;
	worker->newest.self = &worker->apps;
	if (!accounts_open(&worker->newest, conf, err))
		return false;
	if (!app_table_check(&worker->apps, worker->newest.book, &faults))
		return err_set(err, ERR_BROKEN, 0, "%s", buf_end(&faults));
	worker->accounts = account_book_keep(worker->newest.book);
	app_table_take(&worker->apps, worker->accounts);
	return true;
}

void worker_follow_accounts(struct worker *worker)
{
	struct account_book *was = worker->accounts;

	if (!accounts_look(&worker->newest, clock_mono()))
		return;
	pthread_mutex_lock(&worker->lock);
	worker->accounts = account_book_keep(worker->newest.book);
	app_table_take(&worker->apps, worker->accounts);
	worker_renumber(worker, was);
	pthread_mutex_unlock(&worker->lock);
	account_book_free(&was);
	LOG(INFO, "accounts.followed", LOG_NUM("accounts", account_book_count(worker->accounts)),
		LOG_NUM("apps", worker->apps.count));
}

void worker_call_account(struct worker *worker, struct call *call, const struct account *account)
{
	call->account = account;
	call->book = account_book_keep(worker->accounts);
	call->app = worker_app(worker, account);
}
