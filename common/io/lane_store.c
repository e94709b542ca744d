#include "io/lane_store.h"

#include "io/store_sql.h"

#define OF_LANE(kind, field)                                                                                 \
	{                                                                                                    \
		kind, offsetof(struct lane_row, field)                                                       \
	}
static const struct pg_column columns[] = {
	OF_LANE(PG_REAL, bucket.tokens),
	OF_LANE(PG_REAL, bucket.rate),
	OF_LANE(PG_INSTANT, bucket.at),
	OF_LANE(PG_INSTANT, bucket.slowed_at),
	OF_LANE(PG_SMALL, breaker.state),
	OF_LANE(PG_SMALL, breaker.reason),
	OF_LANE(PG_INSTANT, breaker.until),
	OF_LANE(PG_UNSIGNED, breaker.opened),
	OF_LANE(PG_UNSIGNED, breaker.in_a_row),
	OF_LANE(PG_UNSIGNED, breaker.seen),
	OF_LANE(PG_UNSIGNED, breaker.doubtful),
	OF_LANE(PG_INSTANT, breaker.window_at),
	OF_LANE(PG_BOOL, paused),
	OF_LANE(PG_REAL, ceiling),
	OF_LANE(PG_REAL, retries.tokens),
	OF_LANE(PG_INSTANT, retries.at),
};
#define LANE_COLUMN_NAMES                                                                                    \
	"tokens, rate, bucket_at, slowed_at, breaker_state, breaker_reason, breaker_until, "                 \
	"opened, in_a_row, "                                                                                 \
	"seen, doubtful, window_at, paused, ceiling, retry_tokens, retry_at"

static void add_row(struct pg_params *params, const char *app, enum lane lane, const struct lane_row *row)
{
	pg_value(params, PG_STRING, &app);
	pg_value(params, PG_SMALL, &lane);
	for (size_t i = 0; i < COUNT_OF(columns); i++)
		pg_value(params, columns[i].kind, (const char *)row + columns[i].at);
}

static bool insert_lane(struct store *store, const char *app, enum lane lane,
	const struct bucket_limits *limits, struct err *err)
{
	static const struct pg_statement statement = {"insert_lane",
		"insert into lane (app, lane, " LANE_COLUMN_NAMES
		") values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18) "
		"on "
		"conflict (app, lane) do nothing"};
	struct pg_params params = PG_PARAMS(&store->scratch);
	struct lane_row row = {0};

	bucket_start(&row.bucket, limits, store->now);
	retry_budget_start(&row.retries, row.bucket.rate, store->now);
	breaker_start(&row.breaker, store->now);
	add_row(&params, app, lane, &row);
	return store_query(store, &statement, &params, NULL, err);
}

/* The freeze and the time are read under the lane's lock, in a statement of its own: one that waited for the lock would tell
   what was true before the wait, and now() is when the transaction began. So the times of those that hold the lock follow one
   another, and the bucket's law is one of real time. */
static bool lock_lane(struct store *store, const char *app, enum lane lane, struct lane_row *ret,
	bool *ret_found, struct err *err)
{
	static const struct pg_statement lock = {"lock_lane",
		"select " LANE_COLUMN_NAMES " from lane where app = $1 and lane = $2 for update"};
	static const struct pg_statement frozen = {
		"is_frozen", "select frozen, clock_timestamp() from dispatch_freeze"};
	struct pg_params params = PG_PARAMS(&store->scratch);
	struct pg_call calls[] = {{.statement = &lock, .params = &params}, {.statement = &frozen}};

	pg_value(&params, PG_STRING, &app);
	pg_value(&params, PG_SMALL, &lane);
	if (!store_run(store, calls, COUNT_OF(calls), err))
		return false;
	*ret_found = calls[0].rows > 0;
	if (*ret_found) {
		pg_get_row(calls[0].result, 0, 0, columns, COUNT_OF(columns), NULL, ret);
		pg_get(calls[1].result, 0, 0, PG_BOOL, NULL, &ret->frozen);
		pg_get(calls[1].result, 0, 1, PG_INSTANT, NULL, &ret->now);
	}
	pg_calls_clear(calls, COUNT_OF(calls));
	return true;
}

bool lane_store_lock(struct store *store, const char *app, enum lane lane, const struct bucket_limits *limits,
	struct lane_row *ret, struct err *err)
{
	bool found;

	must(store->in_transaction);
	arena_reset(&store->scratch);
	if (!lock_lane(store, app, lane, ret, &found, err))
		return false;
	if (found)
		return true;
	if (!insert_lane(store, app, lane, limits, err) || !lock_lane(store, app, lane, ret, &found, err))
		return false;
	must(found);
	return true;
}

bool lane_store_save(
	struct store *store, const char *app, enum lane lane, const struct lane_row *row, struct err *err)
{
	static const struct pg_statement statement = {"save_lane",
		"update lane set (" LANE_COLUMN_NAMES ") = ($3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, "
		"$14, $15, $16, $17, $18) where app = $1 and "
		"lane = $2"};
	struct pg_params params = PG_PARAMS(&store->scratch);

	must(store->in_transaction);
	arena_reset(&store->scratch);
	add_row(&params, app, lane, row);
	return store_change(store, &statement, &params, 1, err);
}

void lane_row_advance(struct lane_row *row, double ceiling)
{
	if (ceiling < 1)
		return;

	const struct bucket_limits limits = bucket_limits(ceiling);

	bucket_advance(&row->bucket, &limits, row->now);
	retry_budget_advance(&row->retries, row->bucket.rate, row->now);
}

bool lane_store_list(
	struct store *store, struct arena *arena, struct lane_line **ret, size_t *ret_count, struct err *err)
{
	static const struct pg_statement statement = {"list_lanes",
		"select " LANE_COLUMN_NAMES ", (select frozen from dispatch_freeze), clock_timestamp(), app, "
		"lane from lane order by app, lane"};
	STORE_RESULT result = NULL;
	int column = COUNT_OF(columns);

	if (!store_query(store, &statement, NULL, &result, err))
		return false;
	*ret_count = pg_rows(result);
	*ret = ARENA_ARRAY(arena, struct lane_line, *ret_count + 1);
	for (size_t i = 0; i < *ret_count; i++) {
		struct lane_line *line = &(*ret)[i];

		pg_get_row(result, i, 0, columns, COUNT_OF(columns), arena, &line->row);
		pg_get(result, i, column, PG_BOOL, arena, &line->row.frozen);
		pg_get(result, i, column + 1, PG_INSTANT, arena, &line->row.now);
		pg_get(result, i, column + 2, PG_STRING, arena, &line->app);
		pg_get(result, i, column + 3, PG_SMALL, arena, &line->lane);
	}
	return true;
}

bool freeze_store_set(struct store *store, const char *why, const struct uuid *payment, struct err *err)
{
	/* The first reason stays: it is the one to look into. */
	static const struct pg_statement statement = {"freeze",
		"update dispatch_freeze set frozen = true, why = case when frozen then why else $1 end, "
		"payment_id = case when frozen then payment_id else $2 end, at = case when frozen then "
		"at else now() end"};
	static const struct uuid none;
	struct pg_params params = PG_PARAMS(&store->scratch);

	must(store->in_transaction);
	arena_reset(&store->scratch);
	pg_value(&params, PG_STRING, &why);
	pg_value(&params, PG_UUID, payment != NULL ? payment : &none);
	return store_change(store, &statement, &params, 1, err);
}

bool freeze_store_lift(struct store *store, struct err *err)
{
	static const struct pg_statement statement = {"unfreeze",
		"update dispatch_freeze set frozen = false, why = '', payment_id = null, at = now()"};

	must(store->in_transaction);
	return store_change(store, &statement, NULL, 1, err);
}

bool freeze_store_vouch(struct store *store, struct err *err)
{
	static const struct pg_statement statement = {
		"vouch", "update dispatch_freeze set at = clock_timestamp() where not frozen"};

	must(store->in_transaction);
	return store_query(store, &statement, NULL, NULL, err);
}

bool freeze_store_look(struct store *store, bool *ret_frozen, bool *ret_vouched, struct err *err)
{
	static const struct pg_statement statement = {"look_frozen",
		"select frozen, coalesce(at >= (select backend_start from "
		"pg_stat_get_activity(pg_backend_pid())), "
		"false) from dispatch_freeze"};
	STORE_RESULT result = NULL;

	if (!store_query(store, &statement, NULL, &result, err))
		return false;
	pg_get(result, 0, 0, PG_BOOL, NULL, ret_frozen);
	pg_get(result, 0, 1, PG_BOOL, NULL, ret_vouched);
	return true;
}

bool freeze_store_get(
	struct store *store, bool *ret_frozen, struct arena *arena, const char **ret_why, struct err *err)
{
	static const struct pg_statement statement = {
		"read_freeze", "select frozen, why from dispatch_freeze"};
	STORE_RESULT result = NULL;

	if (!store_query(store, &statement, NULL, &result, err))
		return false;
	pg_get(result, 0, 0, PG_BOOL, arena, ret_frozen);
	pg_get(result, 0, 1, PG_STRING, arena, ret_why);
	return true;
}
