#include "dispatcher/probe_choice.h"
#include "dispatcher/worker.h"

#include "base/log.h"
#include "base/uuid_list.h"
#include "io/clock.h"
#include "io/lane_store.h"

#include <string.h>

/*
 * A breaker's one question. Whoever moved the lane's row to half-open asks it: about a payment of that lane that M-PESA
 * surely knows, else, or where our credentials are the trouble, by a token call. Never by a payment.
 */
void worker_probe_won(struct worker *worker, size_t app, enum lane lane, enum breaker_reason reason)
{
	const struct mono now = clock_mono();

	worker->probing[app][lane] = (struct probing){.how = PROBE_WANTED,
		.reason = reason,
		.until = mono_add_ms(now, breaker_probe_ms(worker->time_scale))};
	LOG(INFO, "breaker.probed", LOG_STR("app", worker->apps.tokens[app].app),
		LOG_STR("lane", lane_name(lane)), LOG_STR("reason", breaker_reason_name(reason)));
}

bool worker_probe_waits(const struct worker *worker, size_t app)
{
	for (int lane = 0; lane < LANE_COUNT; lane++)
		if (worker->probing[app][lane].how == PROBE_WANTED &&
			worker->probing[app][lane].reason != BREAKER_CREDENTIALS)
			return true;
	return false;
}

static void by_token(struct worker *worker, size_t app, enum lane lane)
{
	worker->probing[app][lane].how = PROBE_BY_TOKEN;
	worker_token_refused(worker, app, worker->apps.tokens[app].no);
}

void worker_probe_token(struct worker *worker, size_t app, enum breaker_saw saw)
{
	for (int lane = 0; lane < LANE_COUNT; lane++) {
		struct probing *probing = &worker->probing[app][lane];
		struct lane_notes *notes = &worker->notes[app][lane];

		notes->token_called = true;
		notes->token_saw = saw;
		/* One that waits for a token to ask with has its answer when none is given. */
		if (probing->how == PROBE_BY_TOKEN || (probing->how == PROBE_WANTED && saw != SAW_ANSWER)) {
			notes->probed = true;
			notes->probe_saw = saw;
			probing->how = PROBE_NONE;
		}
	}
}

void worker_probe_token_found(struct worker *worker, size_t app)
{
	for (int lane = 0; lane < LANE_COUNT; lane++) {
		if (worker->probing[app][lane].how != PROBE_BY_TOKEN)
			continue;
		worker->probing[app][lane].how = PROBE_NONE;
		worker->notes[app][lane].probed = true;
		worker->notes[app][lane].probe_saw = SAW_ANSWER;
	}
}

/* *ret NULL: there is none that can be asked about. */
static bool choose(
	struct worker *worker, size_t app, enum lane lane, struct payment_row **ret, struct err *err)
{
	const char *name = worker->apps.tokens[app].app;
	const struct acquaintance *known = &worker->known[app][lane];
	/* Questions are about the payments of other lanes. */
	const enum lane about = lane == LANE_QUERY ? (enum lane)LANE_COUNT : lane;
	struct uuid *ids;
	size_t count;

	*ret = NULL;
	if (!lane_store_known(worker->store, about, &worker->tmp, &ids, &count, err))
		return false;
	if (known->known)
		ids[count++] = known->id;
	count = uuid_sort_distinct(ids, count);

	struct payment_row *rows = ARENA_ARRAY(&worker->tmp, struct payment_row, count + 1);

	if (!payment_store_read(worker->store, ids, count, &worker->tmp, rows, err))
		return false;
	for (size_t i = 0; i < count; i++) {
		const struct account *account =
			rows[i].found ? account_book_find(worker->accounts, text_of(rows[i].payment.account))
				      : NULL;

		if (account != NULL && strcmp(account->app, name) == 0 && probe_is_better(&rows[i], *ret))
			*ret = &rows[i];
	}
	return true;
}

/* A question costs a token of the query lane, as all do, and goes before the others. *ret: NULL: not now. */
static bool ask(struct worker *worker, size_t app, enum lane lane, struct call **ret, struct err *err)
{
	const struct bucket_limits limits = worker_limits(worker, LANE_QUERY);
	const struct gate_asks asks = {.waiting = 1,
		.free_connections = 1,
		.who = GATE_PROBE_QUESTION,
		.time_scale = worker->time_scale};
	const char *name = worker->apps.tokens[app].app;
	const struct waiting waiting = {.probe = true, .probed = lane};
	struct probing *probing = &worker->probing[app][lane];
	struct payment_row *row;
	struct lane_row query;
	struct instant now;
	unsigned granted;
	int64_t wait_ms;
	struct err trouble;

	if (!store_begin(worker->store, &now, err) || !choose(worker, app, lane, &row, err) ||
		!lane_store_lock(worker->store, name, LANE_QUERY, &limits, &query, err))
		return false;

	enum gate_verdict verdict = gate_decide(&query, &limits, &asks, &granted, &wait_ms);

	if (row == NULL || verdict == GATE_PAUSED) { /* a person's pause is of all questions */
		store_rollback(worker->store);
		by_token(worker, app, lane);
		return true;
	}
	if (verdict != GATE_OPEN) {
		store_rollback(worker->store);
		probing->not_before = mono_add_ms(clock_mono(), wait_ms);
		return true;
	}
	query.ceiling = limits.ceiling;
	*ret = worker_question(worker, row, &waiting,
		account_book_find(worker->accounts, text_of(row->payment.account)), now, &trouble);
	if (*ret == NULL && trouble.class == ERR_RETRY) { /* the database went away over it */
		*err = trouble;
		return false;
	}
	if (*ret == NULL) {
		LOG(ALARM, "question.not_buildable", LOG_PAYMENT(&row->payment.id), LOG_ERR(&trouble));
		store_rollback(worker->store);
		by_token(worker, app, lane);
		return true;
	}
	return lane_store_save(worker->store, name, LANE_QUERY, &query, err) &&
	       store_commit(worker->store, err);
}

static bool probe_one(struct worker *worker, size_t app, enum lane lane, struct err *err)
{
	struct probing *probing = &worker->probing[app][lane];
	const struct mono now = clock_mono();
	struct call *call = NULL;

	if (probing->how == PROBE_NONE || probing->not_before.us > now.us)
		return true;
	if (probing->until.us < now.us) {
		probing->how = PROBE_NONE;
		return true;
	}
	if (probing->how == PROBE_WANTED && probing->reason == BREAKER_CREDENTIALS)
		by_token(worker, app, lane);
	if (probing->how == PROBE_BY_TOKEN || atomic_load(&worker->free_connections) == 0 ||
		!worker_token(worker, app, clock_wall()))
		return true;
	if (!ask(worker, app, lane, &call, err)) {
		if (call != NULL)
			call_free(call);
		return false;
	}
	if (call == NULL)
		return true;
	probing->how = PROBE_NONE; /* its answer tells the rest */
	worker_send(worker, call);
	worker->wake_loop(worker->loop);
	return true;
}

bool worker_probe(struct worker *worker, struct err *err)
{
	for (size_t app = 0; app < worker->apps.count; app++)
		for (int lane = 0; lane < LANE_COUNT; lane++)
			if (!probe_one(worker, app, (enum lane)lane, err))
				return false;
	return true;
}
