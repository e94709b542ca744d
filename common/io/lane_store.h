#ifndef IO_LANE_STORE_H
#define IO_LANE_STORE_H

#include "core/breaker.h"
#include "core/bucket.h"
#include "core/lifecycle.h"
#include "core/retry.h"
#include "core/api.h"
#include "io/store.h"

/* What the replicas of the dispatcher share: buckets and breakers per (app, lane), the token per app, the freeze. */

struct lane_row {
	struct bucket bucket;
	struct breaker breaker;
	struct retry_budget retries;
	double ceiling; /* the bucket's, as the dispatcher had it that saved last; 0: none did yet. For those who look */
	struct instant
		now; /* PostgreSQL's clock when the row was read, under its lock if it was locked; not saved */
	bool frozen; /* mkondo recover or a person must lift it */
	bool paused; /* an operator's pause of the lane */
};
/* Brings bucket and retry budget to the row's `now`, for those who look. `ceiling` 0: it is not known, nothing changes. */
void lane_row_advance(struct lane_row *row, double ceiling);
/* SELECT ... FOR UPDATE of the lane's rows (made when they are missing), inside a transaction. */
bool lane_store_lock(struct store *store, const char *app, enum lane lane, const struct bucket_limits *limits,
	struct lane_row *ret, struct err *err);
bool lane_store_save(
	struct store *store, const char *app, enum lane lane, const struct lane_row *row, struct err *err);
/* All lanes, for metrics and `mkondo stats`. */
struct lane_line {
	const char *app;
	enum lane lane;
	struct lane_row row;
};
bool lane_store_list(
	struct store *store, struct arena *arena, struct lane_line **ret, size_t *ret_count, struct err *err);

/*
 * Payments that M-PESA may know, for the question that half-opens a lane's breaker: some that are looked after, and some of
 * the newest that were sent; LANE_COUNT: of any lane. Not in order, and doubles are possible. At most KNOWN_MOST, in the arena.
 * It reads a bounded part of the tables, so it may find none where there are some.
 */
enum { KNOWN_MOST = 512 };
bool lane_store_known(struct store *store, enum lane lane, struct arena *arena, struct uuid **ret,
	size_t *ret_count, struct err *err);

/* Freezes all dispatching (LOST_CLAIM): inside a transaction. */
bool freeze_store_set(struct store *store, const char *why, const struct uuid *payment, struct err *err);
/* Lifts it (`mkondo recover`): inside a transaction. */
bool freeze_store_lift(struct store *store, struct err *err);
/* A dispatcher's word, from time to time, that this database knows all that was sent; nothing while it is frozen. Inside a transaction,
   which tells that the connection is still the one that was asked. */
bool freeze_store_vouch(struct store *store, struct err *err);
/* Whether a dispatcher has given its word since this connection was made (a restored database brings old words along), and
   whether all is frozen. In a transaction or not. */
bool freeze_store_look(struct store *store, bool *ret_frozen, bool *ret_vouched, struct err *err);
bool freeze_store_get(
	struct store *store, bool *ret_frozen, struct arena *arena, const char **ret_why, struct err *err);

/* The access token of an app: one row, sealed, numbered, shared. */
struct token {
	int64_t no; /* 0: there is none yet */
	const char *text;
	struct instant use_until; /* counted from the start of the token request */
	struct instant expires; /* for the fence: counted from the end of its answer */
	struct instant made_at;
};
/* In a transaction or not. */
bool token_store_get(
	struct store *store, const char *app, struct arena *arena, struct token *ret, struct err *err);
/* Only the number: read inside the claim's transaction, to see that the cached token is still the one. */
bool token_store_number(struct store *store, const char *app, int64_t *ret_no, struct err *err);
/* Takes the right to refresh number `no` for 20 s: true for one caller only; *ret_mine tells. Own transaction. */
bool token_store_refresh(struct store *store, const char *app, int64_t no, bool *ret_mine, struct err *err);
/* Stores number no + 1 if the row still has `no`; *ret_stored tells. Own transaction. */
bool token_store_put(struct store *store, const char *app, int64_t no, const struct token *token,
	bool *ret_stored, struct err *err);

#endif
