#ifndef IO_STORE_H
#define IO_STORE_H

#include "base/arena.h"
#include "base/conf.h"
#include "base/err.h"
#include "base/time.h"
#include "base/uuid.h"

/*
 * One connection to PostgreSQL and its transactions. All SQL of the system is behind io/store.h,
 * payment_store.h, evidence_store.h, timer_store.h, lane_store.h and operator_store.h; libpq is seen there and in pg.c only.
 *
 * Every change of a payment is lock -> decide -> save in one transaction over a batch sorted by id. READ
 * COMMITTED; safety comes from row locks, conditional updates and unique keys alone. One thread per store.
 *
 * Errors: ERR_RETRY nothing happened (40/08/53/57, connection refused), repeat the batch; ERR_REFUSED data that
 * the database refuses (22/23): halve the batch, park the culprit; ERR_UNKNOWN only from store_commit; ERR_BROKEN
 * schema or program. After any failure the transaction is over and the connection is made anew by the next begin.
 */
struct store;

struct store_conf {
	const char *conninfo; /* MKONDO_PG */
	const char *
		keys_file; /* MKONDO_STORE_KEYS_FILE: "<id> <64 hex>" lines for sealing bodies and tokens; the first seals */
};
extern const struct conf_row store_conf_rows[];

/* Connects at once; refuses another schema version than the program's (ERR_BROKEN) . `name`: application_name. */
bool store_open(struct store **ret, const struct store_conf *conf, const char *name, struct err *err);
void store_close(struct store **store);

/* Opens a transaction (reconnecting when needed) and tells its now(). */
bool store_begin(struct store *store, struct instant *ret_now, struct err *err);
/*
 * True only if the tag was COMMIT and no WARNING came with it: durable. A cancelled synchronous wait looks like
 * success and is not. ERR_UNKNOWN: it may have been committed; idempotent batches are repeated, claims are forgotten.
 */
bool store_commit(struct store *store, struct err *err);
void store_rollback(struct store *store); /* also after a failure; never fails */
bool store_is_up(const struct store *store);
/* Counts the connections that were made: another number may mean another server, which knows other things. */
unsigned store_generation(const struct store *store);

/* deploy/migrations/NNNN_name.sql in order, each in its transaction, under an advisory lock. */
enum { SCHEMA_VERSION = 3 };
bool store_migrate(
	const char *conninfo, const char *dir, unsigned *ret_from, unsigned *ret_to, struct err *err);

#endif
