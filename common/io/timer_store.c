#include "io/timer_store.h"

#include "io/payment_store.h"
#include "io/store_sql.h"

#include <stdlib.h>
#include <string.h>

/* Rows hold up to 500 ids; the first guess of how many rows are wanted. */
enum { FIRST_ROWS_MOST = 4, IDS_PER_ROW = 100 };

/* `what` and `lane`: -1 for any. */
static const struct pg_statement take_timers = {"take_timers",
	"with due as materialized (select no from timer where due_at <= now() and ($1::smallint < 0 or "
	"what = $1) and ($2::smallint < 0 or lane = $2) order by due_at limit $3 for update skip locked) "
	"delete from timer t using due where t.no = due.no returning t.ids"};

struct ids {
	struct uuid *at;
	size_t count, cap, rows;
};

static void add_ids(struct ids *ids, const struct uuid *more, size_t count, struct arena *arena)
{
	if (ids->count + count > ids->cap) {
		struct uuid *moved;

		ids->cap = (ids->count + count) * 2;
		moved = ARENA_ARRAY(arena, struct uuid, ids->cap);
		if (ids->count > 0)
			memcpy(moved, ids->at, ids->count * sizeof(*moved));
		ids->at = moved;
	}
	memcpy(ids->at + ids->count, more, count * sizeof(*more));
	ids->count += count;
}

static bool take_some(struct store *store, int what, int lane, int64_t limit, struct arena *arena,
	struct ids *ids, size_t *ret_rows, struct err *err)
{
	struct pg_params params = PG_PARAMS(&store->scratch);
	STORE_RESULT result = NULL;

	arena_reset(&store->scratch);
	pg_value(&params, PG_SMALL, &what);
	pg_value(&params, PG_SMALL, &lane);
	pg_value(&params, PG_LONG, &limit);
	if (!store_query(store, &take_timers, &params, &result, err))
		return false;
	*ret_rows = pg_rows(result);
	for (size_t i = 0; i < *ret_rows; i++) {
		void *some;
		size_t count = pg_get_array(result, i, 0, PG_UUID, &store->scratch, &some);

		if (count > 0)
			add_ids(ids, some, count, arena);
	}
	ids->rows += *ret_rows;
	return true;
}

bool timer_store_take(struct store *store, int what, int lane, size_t most_ids, struct arena *arena,
	struct uuid **ret_ids, size_t *ret_count, struct err *err)
{
	struct ids ids = {0};
	size_t limit = most_ids / IDS_PER_ROW, rows;

	must(store->in_transaction);
	if (limit < 1)
		limit = 1;
	if (limit > FIRST_ROWS_MOST)
		limit = FIRST_ROWS_MOST;
	for (;;) {
		if (!take_some(store, what, lane, (int64_t)limit, arena, &ids, &rows, err))
			return false;
		if (rows < limit || ids.count >= most_ids)
			break;
		/* As many rows as fill what is left, going by those seen. */
		limit = (most_ids - ids.count) * ids.rows / (ids.count > 0 ? ids.count : 1);
		limit = limit > 0 ? limit : 1;
	}
	*ret_count = uuid_sort_distinct(ids.at, ids.count);
	*ret_ids = ids.at;
	return true;
}

bool timer_store_next(struct store *store, struct instant *ret, struct err *err)
{
	static const struct pg_statement statement = {
		"next_timer", "select due_at from timer order by due_at limit 1"};
	STORE_RESULT result = NULL;

	if (!store_query(store, &statement, NULL, &result, err))
		return false;
	*ret = (struct instant){0};
	if (pg_rows(result) > 0)
		pg_get(result, 0, 0, PG_INSTANT, NULL, ret);
	return true;
}
