/* What is read for people and for metrics, and the net under the timers. */
#include "io/payment_store.h"

#include "io/store_sql.h"

#include <string.h>

bool payment_store_journal(struct store *store, const struct uuid *id, struct arena *arena,
	struct journal_entry **ret, size_t *ret_count, struct err *err)
{
	static const struct pg_statement statement = {"read_journal",
		"select j.at, f.name, t.name, j.event, j.cause, j.service, j.detail, j.attempt, j.gen, "
		"j.evidence_no from journal j join state_name f on f.no = j.from_state join state_name t "
		"on t.no = j.to_state where j.payment_id = $1 order by j.no, j.line"};
#define OF_ENTRY(kind, field)                                                                                \
	{                                                                                                    \
		kind, offsetof(struct journal_entry, field)                                                  \
	}
	static const struct pg_column columns[] = {
		OF_ENTRY(PG_INSTANT, at),
		OF_ENTRY(PG_STRING, from),
		OF_ENTRY(PG_STRING, to),
		OF_ENTRY(PG_STRING, event),
		OF_ENTRY(PG_STRING, cause),
		OF_ENTRY(PG_STRING, by),
		OF_ENTRY(PG_STRING, detail),
		OF_ENTRY(PG_UNSIGNED, attempt),
		OF_ENTRY(PG_UNSIGNED, gen),
		OF_ENTRY(PG_LONG, evidence_no),
	};
	struct pg_params params = PG_PARAMS(&store->scratch);
	STORE_RESULT result = NULL;

	arena_reset(&store->scratch);
	pg_value(&params, PG_UUID, id);
	if (!store_query(store, &statement, &params, &result, err))
		return false;
	*ret_count = pg_rows(result);
	*ret = ARENA_ARRAY(arena, struct journal_entry, *ret_count + 1);
	for (size_t i = 0; i < *ret_count; i++)
		pg_get_row(result, i, 0, columns, COUNT_OF(columns), arena, &(*ret)[i]);
	return true;
}

enum { TALLY_RECEIPTS = 100, TALLY_ROWS_MOST = 256 };

/* Two at once are safe: each replaces just those rows that it deleted. */
static bool fold_tally(struct store *store, struct err *err)
{
	static const struct pg_statement statement = {"fold_tally",
		"with gone as (delete from tally returning what, n) insert into tally (what, n) select "
		"what, sum(n) from gone group by what"};

	return store_query(store, &statement, NULL, NULL, err);
}

static void take_tally(const struct pg_result *result, struct payment_counts *ret, int64_t *ret_rows)
{
	*ret_rows = 0;
	for (size_t i = 0; i < pg_rows(result); i++) {
		int64_t n, rows;
		int what;

		pg_get(result, i, 0, PG_SMALL, NULL, &what);
		pg_get(result, i, 1, PG_LONG, NULL, &n);
		pg_get(result, i, 2, PG_LONG, NULL, &rows);
		*ret_rows += rows;
		if (what >= 0 && what < STATE_COUNT)
			ret->by_state[what] = n;
		else if (what == TALLY_RECEIPTS)
			ret->receipts = n;
	}
}

bool payment_store_counts(struct store *store, struct payment_counts *ret, struct err *err)
{
	static const struct pg_statement tally = {
		"read_tally", "select what, sum(n)::bigint, count(*) from tally group by what"};
	static const struct pg_statement rest = {"count_rest",
		"select (select coalesce(sum(cardinality(ids)), 0) from owed)::bigint, (select "
		"coalesce(sum(cardinality(ids)), 0) from timer where due_at < now())::bigint, (select "
		"coalesce(extract(epoch from now() - min(due_at)) * 1000, 0) from timer where due_at < "
		"now())::bigint, (select coalesce(extract(epoch from now() - min(at)) * 1000, 0) from "
		"owed)::bigint, (select count(*) from dead_letter), (select count(*) from "
		"orphan_evidence)"};
#define OF_COUNTS(field)                                                                                     \
	{                                                                                                    \
		PG_LONG, offsetof(struct payment_counts, field)                                              \
	}
	static const struct pg_column columns[] = {OF_COUNTS(owed), OF_COUNTS(timers_overdue),
		OF_COUNTS(oldest_due_ms), OF_COUNTS(oldest_owed_ms), OF_COUNTS(dead_letters),
		OF_COUNTS(orphans)};
	struct pg_call calls[] = {{.statement = &tally}, {.statement = &rest}};
	struct payment_counts counts = {{0}};
	int64_t rows;

	if (!store_run(store, calls, COUNT_OF(calls), err))
		return false;
	take_tally(calls[0].result, &counts, &rows);
	pg_get_row(calls[1].result, 0, 0, columns, COUNT_OF(columns), NULL, &counts);
	pg_calls_clear(calls, COUNT_OF(calls));
	*ret = counts;
	return rows <= TALLY_ROWS_MOST || fold_tally(store, err);
}

bool payment_store_forgotten(struct store *store, int64_t late_ms, size_t most, struct arena *arena,
	struct uuid **ret, size_t *ret_count, struct err *err)
{
	/* Reads all of payment_state: once an hour. What is at rest has no due_at. */
	static const struct pg_statement statement = {"forgotten",
		"select id from payment_state where due_at < now() - $1 * interval '1 millisecond' and "
		"id not in (select unnest(ids) from timer) limit $2"};
	const int64_t limit = (int64_t)most;
	struct pg_params params = PG_PARAMS(&store->scratch);
	STORE_RESULT result = NULL;

	arena_reset(&store->scratch);
	pg_value(&params, PG_LONG, &late_ms);
	pg_value(&params, PG_LONG, &limit);
	if (!store_query(store, &statement, &params, &result, err))
		return false;
	*ret_count = pg_rows(result);
	*ret = ARENA_ARRAY(arena, struct uuid, *ret_count + 1);
	for (size_t i = 0; i < *ret_count; i++)
		pg_get(result, i, 0, PG_UUID, arena, &(*ret)[i]);
	*ret_count = uuid_sort_distinct(*ret, *ret_count);
	return true;
}

bool payment_store_search(struct store *store, const struct payment_clue *clue, size_t most,
	struct arena *arena, struct uuid **ret, size_t *ret_count, struct err *err)
{
	static const struct pg_statement by_id = {"search_ids",
		"select id from payment where id between $1 and $2 order by created_at desc nulls last, id "
		"desc limit $3"};
	static const struct pg_statement by_words = {"search_words",
		"select id from payment where (party = $1 and party <> '') or (reference = $2 and "
		"reference <> '') order by created_at desc nulls last, id desc limit $3"};
	const bool ids = uuid_is_set(&clue->last);
	const int64_t limit = (int64_t)most;
	struct pg_params params = PG_PARAMS(&store->scratch);
	STORE_RESULT result = NULL;

	arena_reset(&store->scratch);
	pg_value(&params, ids ? PG_UUID : PG_STRING, ids ? (const void *)&clue->least : &clue->party);
	pg_value(&params, ids ? PG_UUID : PG_STRING, ids ? (const void *)&clue->last : &clue->reference);
	pg_value(&params, PG_LONG, &limit);
	if (!store_query(store, ids ? &by_id : &by_words, &params, &result, err))
		return false;
	*ret_count = pg_rows(result);
	*ret = ARENA_ARRAY(arena, struct uuid, *ret_count + 1);
	for (size_t i = 0; i < *ret_count; i++)
		pg_get(result, i, 0, PG_UUID, arena, &(*ret)[i]);
	return true;
}
