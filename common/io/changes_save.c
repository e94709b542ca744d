/* What was collected payment by payment is written table by table, in one pipeline. */
#include "io/payment_store.h"

#include "io/changes_rows.h"
#include "io/payment_columns.h"
#include "io/store_sql.h"

#include <stdlib.h>
#include <string.h>

static int compare_states(const void *a, const void *b)
{
	const struct payment_state *const *x = a, *const *y = b;

	return uuid_cmp(&(*x)->id, &(*y)->id);
}

/* Sorts the states and drops repeated pointers. */
static bool sort_states(struct changes *changes, struct err *err)
{
	size_t kept = 0;
	char text[UUID_TEXT];

	qsort(changes->states, changes->state_count, sizeof(*changes->states), compare_states);
	for (size_t i = 0; i < changes->state_count; i++) {
		struct payment_state *state = changes->states[i];

		if (kept > 0 && changes->states[kept - 1] == state)
			continue;
		if (kept > 0 && uuid_cmp(&changes->states[kept - 1]->id, &state->id) == 0)
			return err_set(err, ERR_BROKEN, 0, "payment %s: two rows to be saved at once",
				uuid_text(&state->id, text));
		changes->states[kept++] = state;
	}
	changes->state_count = kept;
	return true;
}

/*
 * The guards never hold back a row that was locked, decided and saved: they catch what was not. What has no line ($25)
 * may move its times and no more (I7).
 */
static const struct pg_statement update_states = {"update_states",
	"update payment_state s set due_at = t.due_at, fence_at = t.fence_at, horizon_at = t.horizon_at, "
	"asked_at = t.asked_at, decided_at = t.decided_at, token_no = t.token_no, moved = t.moved, attempt "
	"= t.attempt, gen = t.gen, query_no = t.query_no, asks = t.asks, put_offs = t.put_offs, result_ver "
	"= t.result_ver, state = t.state, heard = t.heard, heard_receipt = t.heard_receipt, checkout_id = "
	"t.checkout_id, merchant_id = t.merchant_id, conversation_id = t.conversation_id, originator_id = "
	"t.originator_id, receipt = t.receipt, cause_code = t.cause_code, frozen = t.frozen, updated_at = "
	"now() from unnest($1::uuid[], $2::timestamptz[], $3::timestamptz[], $4::timestamptz[], "
	"$5::timestamptz[], $6::timestamptz[], $7::bigint[], $8::bigint[], $9::integer[], $10::integer[], "
	"$11::integer[], $12::integer[], $13::integer[], $14::integer[], $15::smallint[], $16::boolean[], "
	"$17::text[], $18::text[], $19::text[], $20::text[], $21::text[], $22::text[], $23::text[], "
	"$24::bytea[], $25::boolean[]) "
	"t(" PAYMENT_STATE_COLUMN_NAMES ", lined) "
	"where s.id = t.id and s.attempt <= t.attempt and s.result_ver <= t.result_ver and (t.lined or "
	"(s.state = t.state and s.attempt = t.attempt and s.result_ver = t.result_ver and s.receipt = "
	"t.receipt))"};

static int compare_ids(const void *a, const void *b)
{
	return uuid_cmp(a, b);
}

static void add_states(const struct changes *changes, struct pg_params *params)
{
	struct uuid *ids = ARENA_ARRAY(params->arena, struct uuid, changes->line_count + 1);
	bool *lined = ARENA_ARRAY(params->arena, bool, changes->state_count);
	size_t count = changes->line_count;

	for (size_t i = 0; i < count; i++)
		ids[i] = changes->lines[i].payment;
	count = uuid_sort_distinct(ids, count);
	for (size_t i = 0; i < changes->state_count; i++)
		lined[i] = bsearch(&changes->states[i]->id, ids, count, sizeof(*ids), compare_ids) != NULL;
	pg_arrays(params, payment_state_columns, PAYMENT_STATE_COLUMNS, (const void *const *)changes->states,
		changes->state_count);
	pg_array(params, (struct pg_column){PG_BOOL, 0},
		pg_each(params->arena, lined, sizeof(*lined), changes->state_count), changes->state_count);
}

/* The batch's number is taken under the payments' locks: the order of a payment's lines is that of its steps. */
static const struct pg_statement insert_lines = {"insert_journal",
	"insert into journal (payment_id, from_state, to_state, event, attempt, gen, cause, service, "
	"detail, evidence_no, line, no) select t.*, (select nextval('journal_no')) from "
	"unnest($1::uuid[], $2::smallint[], $3::smallint[], $4::text[], $5::integer[], $6::integer[], "
	"$7::text[], $8::text[], $9::text[], $10::bigint[], $11::integer[]) t"};

struct numbered_line {
	struct journal_line line;
	unsigned no;
};

static void add_lines(struct store *store, const struct changes *changes, struct pg_params *params)
{
#define OF_LINE(kind, field)                                                                                 \
	{                                                                                                    \
		kind, offsetof(struct numbered_line, field)                                                  \
	}
	static const struct pg_column columns[] = {
		OF_LINE(PG_UUID, line.payment),
		OF_LINE(PG_SMALL, line.from),
		OF_LINE(PG_SMALL, line.to),
		OF_LINE(PG_STRING, line.event),
		OF_LINE(PG_UNSIGNED, line.attempt),
		OF_LINE(PG_UNSIGNED, line.gen),
		OF_LINE(PG_STRING, line.cause),
		OF_LINE(PG_STRING, line.by),
		OF_LINE(PG_STRING, line.detail),
		OF_LINE(PG_LONG, line.evidence_no),
		OF_LINE(PG_UNSIGNED, no),
	};
	size_t count = changes->line_count;
	struct numbered_line *lines = ARENA_ARRAY(params->arena, struct numbered_line, count);

	for (size_t i = 0; i < count; i++)
		lines[i] = (struct numbered_line){.line = changes->lines[i], .no = store->journal_lines++};
	pg_arrays(params, columns, COUNT_OF(columns), pg_each(params->arena, lines, sizeof(*lines), count),
		count);
}

static int compare_providers(const void *a, const void *b)
{
	const struct provider_want *x = a, *y = b;

	return strcmp(x->id, y->id);
}

/* The first payment that an id was given to keeps it. */
static const struct pg_statement insert_providers = {"insert_providers",
	"insert into provider_id (id, payment_id) select * from unnest($1::text[], "
	"$2::uuid[]) on conflict (id) do nothing"};

static void add_providers(const struct changes *changes, struct pg_params *params)
{
	static const struct pg_column columns[] = {{PG_STRING, offsetof(struct provider_want, id)},
		{PG_UUID, offsetof(struct provider_want, payment)}};
	size_t count = changes->provider_count;

	qsort(changes->providers, count, sizeof(*changes->providers), compare_providers);
	pg_arrays(params, columns, COUNT_OF(columns),
		pg_each(params->arena, changes->providers, sizeof(*changes->providers), count), count);
}

struct tally {
	int what;
	int64_t n;
};

static const struct pg_statement insert_tally = {
	"insert_tally", "insert into tally (what, n) select * from unnest($1::smallint[], $2::bigint[])"};

static size_t tally_lines(const struct changes *changes, struct tally tallies[STATE_COUNT])
{
	int64_t n[STATE_COUNT] = {0};
	size_t count = 0;

	for (size_t i = 0; i < changes->line_count; i++) {
		n[changes->lines[i].from]--;
		n[changes->lines[i].to]++;
	}
	for (int state = 0; state < STATE_COUNT; state++)
		if (n[state] != 0)
			tallies[count++] = (struct tally){state, n[state]};
	return count;
}

static void add_tally(const struct tally *tallies, size_t count, struct pg_params *params)
{
	static const struct pg_column columns[] = {
		{PG_SMALL, offsetof(struct tally, what)}, {PG_LONG, offsetof(struct tally, n)}};

	pg_arrays(params, columns, COUNT_OF(columns),
		pg_each(params->arena, tallies, sizeof(*tallies), count), count);
}

enum { TABLES = 6 };
struct batch {
	struct pg_call calls[TABLES];
	struct pg_params params[TABLES];
	size_t count;
};

static struct pg_params *add_call(
	struct batch *batch, const struct pg_statement *statement, struct arena *arena)
{
	struct pg_params *params = &batch->params[batch->count];

	*params = PG_PARAMS(arena);
	batch->calls[batch->count++] = (struct pg_call){.statement = statement, .params = params};
	return params;
}

static void fill(struct batch *batch, struct store *store, const struct changes *changes)
{
	struct arena *tmp = &store->scratch;
	struct tally tallies[STATE_COUNT];
	size_t tally_count = tally_lines(changes, tallies);

	if (changes->state_count > 0)
		add_states(changes, add_call(batch, &update_states, tmp));
	if (changes->line_count > 0)
		add_lines(store, changes, add_call(batch, &insert_lines, tmp));
	if (changes->timer_count > 0)
		timer_rows(changes, add_call(batch, &insert_timers, tmp));
	if (changes->owed_count > 0)
		owed_rows(changes, add_call(batch, &insert_owed, tmp));
	if (changes->provider_count > 0)
		add_providers(changes, add_call(batch, &insert_providers, tmp));
	if (tally_count > 0)
		add_tally(tallies, tally_count, add_call(batch, &insert_tally, tmp));
}

bool changes_save(struct store *store, struct changes *changes, struct err *err)
{
	struct batch batch = {.count = 0};
	size_t saved;

	must(store->in_transaction);
	arena_reset(&store->scratch);
	if (changes->state_count > 0 && !sort_states(changes, err)) {
		store_rollback(store);
		return false;
	}
	fill(&batch, store, changes);
	if (batch.count == 0)
		return true;
	if (!store_run(store, batch.calls, batch.count, err))
		return false;
	saved = changes->state_count > 0 ? batch.calls[0].rows : 0;
	pg_calls_clear(batch.calls, batch.count);
	if (saved == changes->state_count)
		return true;
	store_rollback(store);
	return err_set(err, ERR_BROKEN, 0,
		"%zu rows of payment_state were saved, of %zu: the others are missing, would go back, or "
		"have no journal line",
		saved, changes->state_count);
}
