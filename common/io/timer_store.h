#ifndef IO_TIMER_STORE_H
#define IO_TIMER_STORE_H

#include "core/payment.h"
#include "io/store.h"

/* Timers ("look at these payments then") and debts (results that results.v1 has not acknowledged): a row per batch. */

/* Takes (deletes) due timer rows, oldest first, SKIP LOCKED, until about `most_ids` ids; only rows of `what` when what >= 0, and of
   `lane` when lane >= 0. The caller acts on each id or writes a timer anew before it commits. ids distinct and sorted. */
bool timer_store_take(struct store *store, int what, int lane, size_t most_ids, struct arena *arena,
	struct uuid **ret_ids, size_t *ret_count, struct err *err);
/* When the next timer is due; not set: there is none. Outside a transaction too. */
bool timer_store_next(struct store *store, struct instant *ret, struct err *err);

struct owed {
	struct uuid id;
	unsigned version;
};
/* Debts older than older_ms: moved ahead by back-off in the caller's transaction (SKIP LOCKED) and returned. */
bool owed_store_take(struct store *store, int64_t older_ms, size_t most, struct arena *arena,
	struct owed **ret, size_t *ret_count, struct err *err);
/* What was acknowledged: every owed version of the id at or below the given one is deleted (rows are cut down or dropped).
   In its own transaction when none is open. */
bool owed_store_paid(struct store *store, const struct owed *paid, size_t count, struct err *err);

#endif
