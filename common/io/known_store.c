#include "io/lane_store.h"

#include "io/store_sql.h"

/* Neither has an index of its own: a probe is asked every ten seconds at the most, and each reads a bounded piece of an
   index that is there. `offset 0` keeps the look-up of each row a look-up: joined freely, all rows might be read for them. */
static const struct pg_statement watched = {"probe_watched",
	"select id from (select unnest(ids) as id from (select what, lane, ids from timer order by due_at "
	"limit 1000) as soon where what = 1 and (lane = $1 or $1 = 5)) as watched limit 256"};
static const struct pg_statement newest = {"probe_newest",
	"select p.id from (select id, lane from payment order by id desc limit 4000) as p cross join lateral "
	"(select from payment_state as s where s.id = p.id and s.attempt > 0 offset 0) as sent "
	"where p.lane = $1 or $1 = 5 limit 255"};
_Static_assert(LANE_COUNT == 5, "the statements say any lane by this number");

static void take(struct pg_call *call, struct uuid *ids, size_t *count)
{
	for (size_t i = 0; i < call->rows; i++)
		pg_get(call->result, i, 0, PG_UUID, NULL, &ids[(*count)++]);
}

bool lane_store_known(struct store *store, enum lane lane, struct arena *arena, struct uuid **ret,
	size_t *ret_count, struct err *err)
{
	struct pg_params params = PG_PARAMS(&store->scratch);
	struct pg_call calls[] = {
		{.statement = &watched, .params = &params}, {.statement = &newest, .params = &params}};

	must(store->in_transaction);
	arena_reset(&store->scratch);
	pg_value(&params, PG_SMALL, &lane);
	if (!store_run(store, calls, COUNT_OF(calls), err))
		return false;
	*ret = ARENA_ARRAY(arena, struct uuid, KNOWN_MOST);
	*ret_count = 0;
	for (size_t i = 0; i < COUNT_OF(calls); i++)
		take(&calls[i], *ret, ret_count);
	pg_calls_clear(calls, COUNT_OF(calls));
	return true;
}
