#ifndef DISPATCHER_APP_TABLE_H
#define DISPATCHER_APP_TABLE_H

#include "base/digest.h"
#include "base/time.h"
#include "io/account_book.h"

#include <stdatomic.h>

/*
 * The apps of all accounts, each with its token as this process knows it; pure. An app has its place until the process ends, also when no
 * account names it any more: calls under way count for it, and it may come back. Places are the store thread's; other threads read
 * `count`, and of the places below it the names, which never change, and `gone`.
 */
enum { APPS_MOST = 64, APP_NAME_MOST = 64 /* io/account_check.c */ };

struct token_cache {
	char app[APP_NAME_MOST + 1];
	struct digest key; /* of its consumer key and host */
	const struct account
		*account; /* any of the app's: they share key and secret; NULL: the app is gone */
	bool renew; /* the secret has changed: the next token is made with the new one, the one there is serves until then */
	int64_t no;
	char text[2048];
	struct instant made_at, use_until, expires;
	bool worked; /* a call with it got past the gateway */
	int64_t refused_no; /* refused while it was the newest */
	bool asked; /* a token call is under way */
	struct mono not_before; /* of the next look or call */
	unsigned failures;
};

struct app_table {
	struct token_cache tokens[APPS_MOST];
	atomic_bool gone[APPS_MOST];
	atomic_size_t count; /* only grows */
};

/* The app's place; `count`: it has none. */
size_t app_table_find(const struct app_table *table, const char *app);
/* Whether there are places enough, and each app that has one still has the consumer key and host that it had when it got it: its token is
   theirs. False: the faults are added. */
bool app_table_check(const struct app_table *table, const struct account_book *next, struct buf *faults);
/* `next` was checked, and counts from now on; the book before it, to whose accounts the places point, is still there. An app whose secret
   is another one, or that was gone, wants a new token. */
void app_table_take(struct app_table *table, const struct account_book *next);

#endif
