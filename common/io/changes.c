/* What a transaction writes besides new rows: collected payment by payment, written table by table. */
#include "io/payment_store.h"

#include "io/payment_columns.h"
#include "io/store_sql.h"

#include <stdlib.h>
#include <string.h>

enum { SHARED_MS = 20, GROUP_MOST = 500 };

void changes_init(struct changes *changes, struct arena *arena)
{
	*changes = (struct changes){ .arena = arena };
}

/* Room for one more element: the array, moved when it was full. */
static void *grown(struct arena *arena, void *array, size_t count, size_t *cap, size_t size)
{
	void *moved;

	if (count < *cap)
		return array;
	*cap = *cap > 0 ? *cap * 2 : 64;
	moved = arena_array(arena, *cap, size);
	if (count > 0)
		memcpy(moved, array, count * size);
	return moved;
}

#define GROW(changes, array, count, cap) \
	((changes)->array = grown((changes)->arena, (changes)->array, (changes)->count, &(changes)->cap, \
		 sizeof(*(changes)->array)))

void changes_state(struct changes *changes, struct payment_state *state)
{
	GROW(changes, states, state_count, state_cap);
	changes->states[changes->state_count++] = state;
}

void changes_line(struct changes *changes, const struct journal_line *line)
{
	GROW(changes, lines, line_count, line_cap);
	changes->lines[changes->line_count++] = *line;
}

void changes_timer(struct changes *changes, const struct uuid *id, struct instant at, enum timer_what what,
	enum lane lane)
{
	GROW(changes, timers, timer_count, timer_cap);
	changes->timers[changes->timer_count++] =
		(struct timer_want){ .id = *id, .at = at, .what = what, .lane = lane };
}

void changes_owed(struct changes *changes, const struct uuid *id, unsigned version)
{
	GROW(changes, owed, owed_count, owed_cap);
	changes->owed[changes->owed_count++] = (struct owed_want){ .id = *id, .version = version };
}

static void changes_provider(struct changes *changes, const char *id, const struct uuid *payment)
{
	if (id == NULL || *id == '\0')
		return;
	GROW(changes, providers, provider_count, provider_cap);
	changes->providers[changes->provider_count++] = (struct provider_want){ .id = id, .payment = *payment };
}

void changes_step(struct changes *changes, const struct payment *payment, struct payment_state *state,
	const struct step_done *done, const char *by, const char *cause, const char *detail, int64_t evidence_no)
{
	if (done->changed)
		changes_state(changes, state);
	/* An event that changes nothing and asks for nothing leaves its evidence and no line. */
	if (done->changed || done->new_version || done->effects != 0)
		changes_line(changes, &(struct journal_line){ .payment = state->id, .from = done->from, .to = done->to,
					      .event = event_name(done->event), .attempt = state->attempt,
					      .gen = state->gen, .cause = cause, .by = by, .detail = detail,
					      .evidence_no = evidence_no });
	if (instant_is_set(done->timer_at))
		changes_timer(changes, &state->id, done->timer_at, done->timer_what, payment->lane);
	if (done->new_version)
		changes_owed(changes, &state->id, state->result_ver);
	if (done->effects & DO_IDS) {
		changes_provider(changes, state->ids.checkout, &state->id);
		changes_provider(changes, state->ids.conversation, &state->id);
	}
}

/* ---- the rows of each table */

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
static const struct pg_statement update_states = { "update_states",
	"update payment_state s set due_at = t.due_at, fence_at = t.fence_at, horizon_at = t.horizon_at, "
	"asked_at = t.asked_at, decided_at = t.decided_at, token_no = t.token_no, moved = t.moved, attempt = t.attempt, "
	"gen = t.gen, query_no = t.query_no, asks = t.asks, put_offs = t.put_offs, result_ver = t.result_ver, "
	"state = t.state, heard = t.heard, heard_receipt = t.heard_receipt, checkout_id = t.checkout_id, "
	"merchant_id = t.merchant_id, conversation_id = t.conversation_id, originator_id = t.originator_id, "
	"receipt = t.receipt, cause_code = t.cause_code, frozen = t.frozen, updated_at = now() "
	"from unnest($1::uuid[], $2::timestamptz[], $3::timestamptz[], $4::timestamptz[], $5::timestamptz[], "
	"$6::timestamptz[], $7::bigint[], $8::bigint[], $9::integer[], $10::integer[], $11::integer[], $12::integer[], "
	"$13::integer[], $14::integer[], $15::smallint[], $16::boolean[], $17::text[], $18::text[], $19::text[], "
	"$20::text[], $21::text[], $22::text[], $23::text[], $24::bytea[], $25::boolean[]) "
	"t(" PAYMENT_STATE_COLUMN_NAMES ", lined) "
	"where s.id = t.id and s.attempt <= t.attempt and s.result_ver <= t.result_ver and (t.lined or "
	"(s.state = t.state and s.attempt = t.attempt and s.result_ver = t.result_ver and s.receipt = t.receipt))" };

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
	pg_array(params, (struct pg_column){ PG_BOOL, 0 },
		pg_each(params->arena, lined, sizeof(*lined), changes->state_count), changes->state_count);
}

/* The batch's number is taken under the payments' locks: the order of a payment's lines is that of its steps. */
static const struct pg_statement insert_lines = { "insert_journal",
	"insert into journal (payment_id, from_state, to_state, event, attempt, gen, cause, service, detail, evidence_no, "
	"line, no) select t.*, (select nextval('journal_no')) from unnest($1::uuid[], $2::smallint[], $3::smallint[], "
	"$4::text[], $5::integer[], $6::integer[], $7::text[], $8::text[], $9::text[], $10::bigint[], $11::integer[]) t" };

struct numbered_line {
	struct journal_line line;
	unsigned no;
};

static void add_lines(struct store *store, const struct changes *changes, struct pg_params *params)
{
#define OF_LINE(kind, field) { kind, offsetof(struct numbered_line, field) }
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
		lines[i] = (struct numbered_line){ .line = changes->lines[i], .no = store->journal_lines++ };
	pg_arrays(params, columns, COUNT_OF(columns), pg_each(params->arena, lines, sizeof(*lines), count), count);
}

static int compare_timers(const void *a, const void *b)
{
	const struct timer_want *x = a, *y = b;

	if (x->what != y->what)
		return x->what < y->what ? -1 : 1;
	if (x->lane != y->lane)
		return x->lane < y->lane ? -1 : 1;
	if (x->at.us != y->at.us)
		return x->at.us < y->at.us ? -1 : 1;
	return uuid_cmp(&x->id, &y->id);
}

/* A row of timer or owed: ids[from - 1] ... ids[to - 1] of the statement's one array of ids. */
struct group {
	struct instant due_at;
	enum timer_what what;
	enum lane lane;
	unsigned from, to;
	struct uuid least, most;
};

static bool shares(const struct timer_want *first, const struct timer_want *next)
{
	return first->what == next->what && first->lane == next->lane
		&& instant_ms_between(first->at, next->at) <= SHARED_MS;
}

static const struct pg_statement insert_timers = { "insert_timers",
	"insert into timer (due_at, what, lane, ids) select t.due_at, t.what, t.lane, ($6::uuid[])[t.low:t.high] "
	"from unnest($1::timestamptz[], $2::smallint[], $3::smallint[], $4::integer[], $5::integer[]) "
	"t(due_at, what, lane, low, high)" };

static void add_timers(const struct changes *changes, struct pg_params *params)
{
#define OF_GROUP(kind, field) { kind, offsetof(struct group, field) }
	static const struct pg_column columns[] = { OF_GROUP(PG_INSTANT, due_at), OF_GROUP(PG_SMALL, what),
		OF_GROUP(PG_SMALL, lane), OF_GROUP(PG_UNSIGNED, from), OF_GROUP(PG_UNSIGNED, to) };
	size_t count = changes->timer_count, group_count = 0, id_count = 0;
	struct timer_want *timers = changes->timers;
	struct group *groups = ARENA_ARRAY(params->arena, struct group, count);
	struct uuid *ids = ARENA_ARRAY(params->arena, struct uuid, count);

	qsort(timers, count, sizeof(*timers), compare_timers);
	for (size_t i = 0, next; i < count; i = next) {
		struct group *group = &groups[group_count++];
		size_t from = id_count;

		for (next = i; next < count && next - i < GROUP_MOST && shares(&timers[i], &timers[next]); next++)
			ids[id_count++] = timers[next].id;
		id_count = from + uuid_sort_distinct(&ids[from], id_count - from);
		*group = (struct group){ .due_at = timers[next - 1].at, .what = timers[i].what, .lane = timers[i].lane,
			.from = (unsigned)from + 1, .to = (unsigned)id_count };
	}
	pg_arrays(params, columns, COUNT_OF(columns), pg_each(params->arena, groups, sizeof(*groups), group_count),
		group_count);
	pg_array(params, (struct pg_column){ PG_UUID, 0 }, pg_each(params->arena, ids, sizeof(*ids), id_count), id_count);
}

static int compare_owed(const void *a, const void *b)
{
	const struct owed_want *x = a, *y = b;
	int order = uuid_cmp(&x->id, &y->id);

	return order != 0 ? order : (x->version > y->version) - (x->version < y->version);
}

static const struct pg_statement insert_owed = { "insert_owed",
	"insert into owed (least, most, ids, versions) "
	"select t.least, t.most, ($5::uuid[])[t.low:t.high], ($6::integer[])[t.low:t.high] "
	"from unnest($1::uuid[], $2::uuid[], $3::integer[], $4::integer[]) t(least, most, low, high)" };

static void add_owed(const struct changes *changes, struct pg_params *params)
{
	static const struct pg_column columns[] = { OF_GROUP(PG_UUID, least), OF_GROUP(PG_UUID, most),
		OF_GROUP(PG_UNSIGNED, from), OF_GROUP(PG_UNSIGNED, to) };
	size_t count = changes->owed_count, group_count = 0;
	struct owed_want *owed = changes->owed;
	struct group *groups = ARENA_ARRAY(params->arena, struct group, count / GROUP_MOST + 1);
	const void **rows = pg_each(params->arena, owed, sizeof(*owed), count);

	qsort(owed, count, sizeof(*owed), compare_owed);
	for (size_t i = 0, next; i < count; i = next) {
		next = count - i < GROUP_MOST ? count : i + GROUP_MOST;
		groups[group_count++] = (struct group){ .least = owed[i].id, .most = owed[next - 1].id,
			.from = (unsigned)i + 1, .to = (unsigned)next };
	}
	pg_arrays(params, columns, COUNT_OF(columns), pg_each(params->arena, groups, sizeof(*groups), group_count),
		group_count);
	pg_array(params, (struct pg_column){ PG_UUID, offsetof(struct owed_want, id) }, rows, count);
	pg_array(params, (struct pg_column){ PG_UNSIGNED, offsetof(struct owed_want, version) }, rows, count);
}

static int compare_providers(const void *a, const void *b)
{
	const struct provider_want *x = a, *y = b;

	return strcmp(x->id, y->id);
}

/* The first payment that an id was given to keeps it. */
static const struct pg_statement insert_providers = { "insert_providers",
	"insert into provider_id (id, payment_id) select * from unnest($1::text[], $2::uuid[]) on conflict (id) do nothing" };

static void add_providers(const struct changes *changes, struct pg_params *params)
{
	static const struct pg_column columns[] = { { PG_STRING, offsetof(struct provider_want, id) },
		{ PG_UUID, offsetof(struct provider_want, payment) } };
	size_t count = changes->provider_count;

	qsort(changes->providers, count, sizeof(*changes->providers), compare_providers);
	pg_arrays(params, columns, COUNT_OF(columns),
		pg_each(params->arena, changes->providers, sizeof(*changes->providers), count), count);
}

struct tally {
	int what;
	int64_t n;
};

static const struct pg_statement insert_tally = { "insert_tally",
	"insert into tally (what, n) select * from unnest($1::smallint[], $2::bigint[])" };

static size_t tally_lines(const struct changes *changes, struct tally tallies[STATE_COUNT])
{
	int64_t n[STATE_COUNT] = { 0 };
	size_t count = 0;

	for (size_t i = 0; i < changes->line_count; i++) {
		n[changes->lines[i].from]--;
		n[changes->lines[i].to]++;
	}
	for (int state = 0; state < STATE_COUNT; state++)
		if (n[state] != 0)
			tallies[count++] = (struct tally){ state, n[state] };
	return count;
}

static void add_tally(const struct tally *tallies, size_t count, struct pg_params *params)
{
	static const struct pg_column columns[] = { { PG_SMALL, offsetof(struct tally, what) },
		{ PG_LONG, offsetof(struct tally, n) } };

	pg_arrays(params, columns, COUNT_OF(columns), pg_each(params->arena, tallies, sizeof(*tallies), count), count);
}

/* ---- the pipeline */

enum { TABLES = 6 };
struct batch {
	struct pg_call calls[TABLES];
	struct pg_params params[TABLES];
	size_t count;
};

static struct pg_params *add_call(struct batch *batch, const struct pg_statement *statement, struct arena *arena)
{
	struct pg_params *params = &batch->params[batch->count];

	*params = PG_PARAMS(arena);
	batch->calls[batch->count++] = (struct pg_call){ .statement = statement, .params = params };
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
		add_timers(changes, add_call(batch, &insert_timers, tmp));
	if (changes->owed_count > 0)
		add_owed(changes, add_call(batch, &insert_owed, tmp));
	if (changes->provider_count > 0)
		add_providers(changes, add_call(batch, &insert_providers, tmp));
	if (tally_count > 0)
		add_tally(tallies, tally_count, add_call(batch, &insert_tally, tmp));
}

bool changes_save(struct store *store, struct changes *changes, struct err *err)
{
	struct batch batch = { .count = 0 };
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
	return err_set(err, ERR_BROKEN, 0, "%zu rows of payment_state were saved, of %zu: the others are missing, "
					   "would go back, or have no journal line", saved, changes->state_count);
}
