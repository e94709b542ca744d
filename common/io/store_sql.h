#ifndef IO_STORE_SQL_H
#define IO_STORE_SQL_H

#include "io/pg.h"
#include "io/seal.h"
#include "io/store.h"

/* What the store modules share below io/store.h: the connection, its transaction, and how statements are run. */
struct store {
	struct pg *pg; /* NULL: to be made anew */
	unsigned generation; /* connections made so far */
	const char *conninfo, *name;
	struct seal_keys keys;
	bool in_transaction;
	struct instant now; /* of the transaction */
	unsigned journal_lines; /* of the transaction */
	struct arena scratch; /* emptied by each public function that uses it */
	struct arena lifelong;
};

/*
 * Runs the statements in one pipeline. After a failure the transaction is over (rolled back, or its connection
 * dropped). Without a transaction: reconnects when needed, and the statements are one transaction of their own.
 */
bool store_run(struct store *store, struct pg_call *calls, size_t count, struct err *err);
/* One statement; *ret (may be NULL: only whether it worked) is freed by store_result_free. */
bool store_query(struct store *store, const struct pg_statement *statement, const struct pg_params *params,
	struct pg_result **ret, struct err *err);
/* One statement that must touch exactly `rows` rows. */
bool store_change(struct store *store, const struct pg_statement *statement, const struct pg_params *params,
	size_t rows, struct err *err);
void store_result_free(struct pg_result **result);
#define STORE_RESULT CLEANUP(store_result_free) struct pg_result *

/* For what runs in the caller's transaction, or else in its own: *ret_own is for store_leave. */
bool store_enter(struct store *store, bool *ret_own, struct err *err);
bool store_leave(struct store *store, bool own, struct err *err);

#endif
