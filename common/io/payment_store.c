#include "io/payment_store.h"

#include "io/payment_columns.h"
#include "io/store_sql.h"

#include <stdlib.h>
#include <string.h>

#define OF_PAYMENT(kind, field)                                                                              \
	{                                                                                                    \
		kind, offsetof(struct payment, field)                                                        \
	}
const struct pg_column payment_columns[PAYMENT_COLUMNS] = {
	OF_PAYMENT(PG_UUID, id),
	OF_PAYMENT(PG_AMOUNT, amount),
	OF_PAYMENT(PG_INSTANT, valid_until),
	OF_PAYMENT(PG_INSTANT, created_at),
	OF_PAYMENT(PG_SMALL, api),
	OF_PAYMENT(PG_SMALL, lane),
	OF_PAYMENT(PG_SMALL, priority),
	OF_PAYMENT(PG_BOOL, rejected),
	OF_PAYMENT(PG_STRING, tenant),
	OF_PAYMENT(PG_STRING, account),
	OF_PAYMENT(PG_STRING, party),
	OF_PAYMENT(PG_STRING, reference),
	OF_PAYMENT(PG_STRING, traceparent),
	OF_PAYMENT(PG_DIGEST, fingerprint),
	OF_PAYMENT(PG_BYTES, command),
};

#define OF_STATE(kind, field)                                                                                \
	{                                                                                                    \
		kind, offsetof(struct payment_state, field)                                                  \
	}
const struct pg_column payment_state_columns[PAYMENT_STATE_COLUMNS] = {
	OF_STATE(PG_UUID, id),
	OF_STATE(PG_INSTANT, due_at),
	OF_STATE(PG_INSTANT, fence_at),
	OF_STATE(PG_INSTANT, horizon_at),
	OF_STATE(PG_INSTANT, asked_at),
	OF_STATE(PG_INSTANT, decided_at),
	OF_STATE(PG_LONG, token_no),
	OF_STATE(PG_AMOUNT, moved),
	OF_STATE(PG_UNSIGNED, attempt),
	OF_STATE(PG_UNSIGNED, gen),
	OF_STATE(PG_UNSIGNED, query_no),
	OF_STATE(PG_UNSIGNED, asks),
	OF_STATE(PG_UNSIGNED, put_offs),
	OF_STATE(PG_UNSIGNED, result_ver),
	OF_STATE(PG_SMALL, state),
	OF_STATE(PG_BOOL, heard),
	OF_STATE(PG_STRING, heard_receipt),
	OF_STATE(PG_STRING, ids.checkout),
	OF_STATE(PG_STRING, ids.merchant),
	OF_STATE(PG_STRING, ids.conversation),
	OF_STATE(PG_STRING, ids.originator),
	OF_STATE(PG_STRING, receipt),
	OF_STATE(PG_STRING, cause_code),
	OF_STATE(PG_BYTES, frozen),
};

/*
 * The two halves of a payment are two plain inserts: a CTE that feeds the second from the first would have to be
 * joined without an index. Both skip exactly the ids that exist, since no transaction writes only one half.
 */
static const struct pg_statement insert_payment = {"insert_payment",
	"insert into payment (" PAYMENT_COLUMN_NAMES
	") select * from unnest($1::uuid[], $2::bigint[], $3::timestamptz[], $4::timestamptz[], "
	"$5::smallint[], $6::smallint[], $7::smallint[], $8::boolean[], $9::text[], $10::text[], "
	"$11::text[], $12::text[], $13::text[], $14::bytea[], $15::bytea[]) on conflict (id) do nothing"};
#define UNNEST_STATE                                                                                         \
	"unnest($1::uuid[], $2::timestamptz[], $3::timestamptz[], $4::timestamptz[], $5::timestamptz[], "    \
	"$6::timestamptz[], $7::bigint[], $8::bigint[], $9::integer[], $10::integer[], $11::integer[], "     \
	"$12::integer[], "                                                                                   \
	"$13::integer[], $14::integer[], $15::smallint[], $16::boolean[], $17::text[], $18::text[], "        \
	"$19::text[], "                                                                                      \
	"$20::text[], $21::text[], $22::text[], $23::text[], $24::bytea[])"
static const struct pg_statement insert_state = {"insert_state",
	"with new as (insert into payment_state (" PAYMENT_STATE_COLUMN_NAMES ", updated_at) "
	"select *, now() from " UNNEST_STATE " on conflict (id) do nothing returning id, state), "
	"tallied as (insert into tally (what, n) select state, count(*) from new group by state) select "
	"id from new"};

static bool sorted(const struct uuid *before, const struct uuid *id)
{
	return uuid_cmp(before, id) < 0;
}

/* The ids that came back are some of the news', in the same order. */
static void mark_inserted(const struct pg_result *result, struct payment_new *news, size_t count)
{
	size_t row = 0, rows = pg_rows(result);

	for (size_t i = 0; i < count; i++) {
		struct uuid id = {{0}};

		if (row < rows)
			pg_get(result, row, 0, PG_UUID, NULL, &id);
		news[i].inserted = row < rows && uuid_cmp(&id, &news[i].payment->id) == 0;
		row += news[i].inserted;
	}
	must(row == rows);
}

bool payment_store_insert(struct store *store, struct payment_new *news, size_t count, struct err *err)
{
	struct pg_params payment = PG_PARAMS(&store->scratch), state = PG_PARAMS(&store->scratch);
	struct pg_call calls[] = {{.statement = &insert_payment, .params = &payment},
		{.statement = &insert_state, .params = &state}};
	const void **payments, **states;
	bool halves;

	if (count == 0)
		return true;
	must(store->in_transaction);
	arena_reset(&store->scratch);
	payments = ARENA_ARRAY(&store->scratch, const void *, count);
	states = ARENA_ARRAY(&store->scratch, const void *, count);
	for (size_t i = 0; i < count; i++) {
		must(i == 0 || sorted(&news[i - 1].payment->id, &news[i].payment->id));
		must(uuid_cmp(&news[i].payment->id, &news[i].state->id) == 0);
		payments[i] = news[i].payment;
		states[i] = news[i].state;
	}
	pg_arrays(&payment, payment_columns, PAYMENT_COLUMNS, payments, count);
	pg_arrays(&state, payment_state_columns, PAYMENT_STATE_COLUMNS, states, count);
	if (!store_run(store, calls, COUNT_OF(calls), err))
		return false;
	halves = calls[0].rows != calls[1].rows;
	if (!halves)
		mark_inserted(calls[1].result, news, count);
	pg_calls_clear(calls, COUNT_OF(calls));
	if (!halves)
		return true;
	store_rollback(store);
	return err_set(err, ERR_BROKEN, 0, "a payment has one half only: payment and payment_state differ");
}

#define SELECT_ROWS                                                                                          \
	"select p.id, p.amount, p.valid_until, p.created_at, p.api, p.lane, p.priority, p.rejected, "        \
	"p.tenant, p.account, "                                                                              \
	"p.party, p.reference, p.traceparent, p.fingerprint, p.command, "                                    \
	"s.id, s.due_at, s.fence_at, s.horizon_at, s.asked_at, s.decided_at, s.token_no, s.moved, "          \
	"s.attempt, s.gen, "                                                                                 \
	"s.query_no, s.asks, s.put_offs, s.result_ver, s.state, s.heard, s.heard_receipt, s.checkout_id, "   \
	"s.merchant_id, "                                                                                    \
	"s.conversation_id, s.originator_id, s.receipt, s.cause_code, s.frozen, s.updated_at "               \
	"from payment_state s join payment p on p.id = s.id where s.id = any($1::uuid[]) order by s.id"

static void add_ids(struct pg_params *params, const struct uuid *ids, size_t count)
{
	for (size_t i = 1; i < count; i++)
		must(sorted(&ids[i - 1], &ids[i]));
	pg_array(params, (struct pg_column){PG_UUID, 0}, pg_each(params->arena, ids, sizeof(*ids), count),
		count);
}

static bool select_rows(struct store *store, const struct pg_statement *statement, const struct uuid *ids,
	size_t count, struct arena *arena, struct payment_row *ret_rows, struct err *err)
{
	struct pg_params params = PG_PARAMS(&store->scratch);
	STORE_RESULT result = NULL;
	size_t row = 0, rows;

	arena_reset(&store->scratch);
	add_ids(&params, ids, count);
	if (!store_query(store, statement, &params, &result, err))
		return false;
	rows = pg_rows(result);
	for (size_t i = 0; i < count; i++) {
		struct payment_row *at = &ret_rows[i];
		struct uuid id = {{0}};

		*at = (struct payment_row){0};
		if (row < rows)
			pg_get(result, row, 0, PG_UUID, NULL, &id);
		if (row == rows || uuid_cmp(&id, &ids[i]) != 0)
			continue;
		at->found = true;
		pg_get_row(result, row, 0, payment_columns, PAYMENT_COLUMNS, arena, &at->payment);
		pg_get_row(result, row, PAYMENT_COLUMNS, payment_state_columns, PAYMENT_STATE_COLUMNS, arena,
			&at->state);
		pg_get(result, row, PAYMENT_COLUMNS + PAYMENT_STATE_COLUMNS, PG_INSTANT, arena,
			&at->state.updated_at);
		row++;
	}
	must(row == rows);
	return true;
}

bool payment_store_lock(struct store *store, const struct uuid *ids, size_t count, struct arena *arena,
	struct payment_row *ret_rows, struct err *err)
{
	static const struct pg_statement statement = {"lock_payments", SELECT_ROWS " for update of s"};

	must(store->in_transaction);
	return count == 0 || select_rows(store, &statement, ids, count, arena, ret_rows, err);
}

bool payment_store_read(struct store *store, const struct uuid *ids, size_t count, struct arena *arena,
	struct payment_row *ret_rows, struct err *err)
{
	static const struct pg_statement statement = {"read_payments", SELECT_ROWS};

	return count == 0 || select_rows(store, &statement, ids, count, arena, ret_rows, err);
}

bool payment_store_due(struct store *store, struct uuid *ids, size_t *count, struct arena *arena,
	struct uuid **ret_missing, size_t *ret_missing_count, struct err *err)
{
	static const struct pg_statement statement = {"read_due",
		"select id, coalesce(due_at <= now(), false) from payment_state where id = any($1::uuid[]) "
		"order by id"};
	struct pg_params params = PG_PARAMS(&store->scratch);
	STORE_RESULT result = NULL;
	size_t row = 0, rows, kept = 0;

	must(store->in_transaction);
	*ret_missing = ARENA_ARRAY(arena, struct uuid, *count + 1);
	*ret_missing_count = 0;
	if (*count == 0)
		return true;
	arena_reset(&store->scratch);
	add_ids(&params, ids, *count);
	if (!store_query(store, &statement, &params, &result, err))
		return false;
	rows = pg_rows(result);
	for (size_t i = 0; i < *count; i++) {
		struct uuid id = {{0}};
		bool due;

		if (row < rows)
			pg_get(result, row, 0, PG_UUID, NULL, &id);
		if (row == rows || uuid_cmp(&id, &ids[i]) != 0) {
			(*ret_missing)[(*ret_missing_count)++] = ids[i];
			continue;
		}
		pg_get(result, row++, 1, PG_BOOL, NULL, &due);
		if (due)
			ids[kept++] = ids[i];
	}
	must(row == rows);
	*count = kept;
	return true;
}

bool payment_store_find_provider(
	struct store *store, const char *id, struct uuid *ret, bool *ret_found, struct err *err)
{
	static const struct pg_statement statement = {
		"find_provider", "select payment_id from provider_id where id = $1"};
	struct pg_params params = PG_PARAMS(&store->scratch);
	STORE_RESULT result = NULL;

	arena_reset(&store->scratch);
	pg_value(&params, PG_STRING, &id);
	if (!store_query(store, &statement, &params, &result, err))
		return false;
	*ret_found = pg_rows(result) > 0;
	if (*ret_found)
		pg_get(result, 0, 0, PG_UUID, NULL, ret);
	return true;
}

static int compare_ids(const void *a, const void *b)
{
	return uuid_cmp(a, b);
}

size_t uuid_sort_distinct(struct uuid *ids, size_t count)
{
	size_t kept = 0;

	if (count > 0)
		qsort(ids, count, sizeof(*ids), compare_ids);
	for (size_t i = 0; i < count; i++)
		if (kept == 0 || uuid_cmp(&ids[kept - 1], &ids[i]) != 0)
			ids[kept++] = ids[i];
	return kept;
}
