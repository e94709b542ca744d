#include "dispatcher/pace.h"
#include "dispatcher/worker.h"

#include "base/log.h"
#include "base/metric.h"
#include "base/uuid_list.h"
#include "core/about.h"
#include "io/clock.h"
#include "io/payment_store.h"
#include "wire/daraja_request.h"

/*
 * Questions move no money: they need no claim, only a token of the query lane's bucket, and that they are still the
 * question that the row wants. Answers become evidence.
 */
enum { ASK_MOST = 64, NO_TOKEN_WAIT_MS = 20 };

METRIC(questions_total, .name = "mkondo_questions_total",
	.help = "Questions about payments: asked, or not wanted any more when their turn came.",
	.label = "fate", .values = "asked not_wanted", .kind = METRIC_COUNTER);

static bool is_wanted(const struct payment_row *row, const struct waiting *waiting)
{
	return row->found && payment_can_ask(&row->payment, &row->state) &&
	       row->state.query_no == waiting->hint.query_no;
}

/* An inquiry is asked anew as it is; a question about a payment is about that payment. */
static bool find_about(
	struct worker *worker, struct payment_row *row, struct call *call, struct about *ret, struct err *err)
{
	if (call->api != row->payment.api) {
		about_payment(&row->payment, &row->state, &call->arena, ret);
		return true;
	}
	return worker_about(worker, row, call, ret, err) &&
	       (call->fate == CALL_TO_BE_SENT ||
		       err_set(err, ERR_REFUSED, 0, "what it asks about is not there any more"));
}

struct call *worker_question(struct worker *worker, struct payment_row *row, const struct waiting *waiting,
	const struct account *account, struct instant now, struct err *err)
{
	struct call *call = call_new(CALL_QUESTION);
	struct daraja_request request = {
		.payment = &row->payment, .state = &row->state, .account = account, .now = now};

	call->id = row->payment.id;
	call->api = request.api = api_row(row->payment.api)->asked_by;
	call->lane = LANE_QUERY;
	call->probe = waiting->probe;
	call->probed = waiting->probed;
	call->attempt = row->state.attempt;
	call->gen = row->state.gen;
	call->query_no = row->state.query_no;
	call->after_fence = waiting->hint.after_fence;
	worker_call_account(worker, call, account);
	call->token_no = worker->apps.tokens[call->app].no;
	call->token = arena_string(&call->arena, text_of(worker->apps.tokens[call->app].text));
	call->begun = clock_mono();
	call->traceparent =
		arena_string(&call->arena, text_of(traceparent_child(row->payment.traceparent, "ask",
						   &row->payment.id, row->state.query_no, &worker->tmp)));
	if (!find_about(worker, row, call, &request.about, err)) {
		call_free(call);
		return NULL;
	}
	call->path = daraja_request_path(&request, &call->arena);
	if ((api_row(call->api)->outcome_is_answer ||
		    worker_urls(worker, call, call->api, &request.result_url, &request.timeout_url, err)) &&
		daraja_request_build(&request, &call->arena, &call->body, err))
		return call;
	call_free(call);
	return NULL;
}

/* Grants by app, one bucket row each; what is not granted waits. *ret_probe: why its breaker was moved to half-open. */
static bool grant(struct worker *worker, size_t app, unsigned wanted, unsigned *ret_granted,
	enum breaker_reason *ret_probe, struct err *err)
{
	const struct bucket_limits limits = worker_limits(worker, LANE_QUERY);
	const char *name = worker->apps.tokens[app].app;
	const struct mono begun = clock_mono();
	struct gate_asks asks = {.waiting = wanted,
		.free_connections = wanted,
		.who = GATE_QUESTIONS,
		.turn = backlog_ready(&worker->lanes[LANE_QUERY], app, begun) > 0 ? &worker->query_turn[app]
										  : NULL,
		.probe_waits = worker_probe_waits(worker, app),
		.time_scale = worker->time_scale};
	struct lane_row row;
	int64_t wait_ms = 0;

	if (!lane_store_lock(worker->store, name, LANE_QUERY, &limits, &row, err))
		return false;
	row.ceiling = limits.ceiling;
	enum gate_verdict verdict = gate_decide(&row, &limits, &asks, ret_granted, &wait_ms);
	if (verdict == GATE_PROBE)
		*ret_probe = row.breaker.reason;
	if (verdict == GATE_OPEN)
		worker->spacing_us[app][LANE_QUERY] = pace_spacing_us(
			row.bucket.rate, *ret_granted, call_send_within_ms(worker->time_scale) / 2);
	if (verdict == GATE_OPEN || verdict == GATE_PROBE)
		return lane_store_save(worker->store, name, LANE_QUERY, &row, err);
	worker->held[app][LANE_QUERY] = mono_add_ms(begun, wait_ms);
	return true;
}

struct round {
	struct waiting waiting[ASK_MOST];
	struct payment_row *rows[ASK_MOST]; /* NULL: not wanted any more */
	size_t app[ASK_MOST];
	size_t count;
	struct call *calls[ASK_MOST];
	size_t call_count;
	enum breaker_reason probes[APPS_MOST]; /* the query lane's own breaker was moved to half-open */
};

static bool read_rows(struct worker *worker, struct round *round, struct err *err)
{
	struct uuid *ids = ARENA_ARRAY(&worker->tmp, struct uuid, round->count);
	struct payment_row *rows = ARENA_ARRAY(&worker->tmp, struct payment_row, round->count);

	for (size_t i = 0; i < round->count; i++)
		ids[i] = round->waiting[i].hint.id;
	size_t count = uuid_sort_distinct(ids, round->count);
	if (!payment_store_read(worker->store, ids, count, &worker->tmp, rows, err))
		return false;
	for (size_t i = 0; i < round->count; i++) {
		struct payment_row *row = &rows[uuid_find(ids, count, &round->waiting[i].hint.id)];
		const struct account *account =
			row->found ? account_book_find(worker->accounts, text_of(row->payment.account))
				   : NULL;

		round->rows[i] = account != NULL && is_wanted(row, &round->waiting[i]) ? row : NULL;
		if (round->rows[i] == NULL)
			metric_add(&questions_total, "not_wanted", 1);
		else
			round->app[i] = worker_app(worker, account);
	}
	return true;
}

/* Of one app, as many as it is granted. */
static bool ask_app(
	struct worker *worker, struct round *round, size_t app, struct instant now, struct err *err)
{
	unsigned wanted = 0, granted = 0;
	struct mono again;

	for (size_t i = 0; i < round->count; i++)
		wanted += round->rows[i] != NULL && round->app[i] == app;
	if (wanted == 0)
		return true;
	if (worker_token(worker, app, now) && worker->held[app][LANE_QUERY].us <= clock_mono().us &&
		!grant(worker, app, wanted, &granted, &round->probes[app], err))
		return false;
	again = worker_token(worker, app, now) ? worker->held[app][LANE_QUERY]
					       : mono_add_ms(clock_mono(), NO_TOKEN_WAIT_MS);
	for (size_t i = 0; i < round->count; i++) {
		struct payment_row *row = round->rows[i];
		struct call *call;
		struct err trouble;

		if (row == NULL || round->app[i] != app)
			continue;
		if (granted == 0) {
			round->waiting[i].not_before = again;
			backlog_put(&worker->lanes[BACKLOG_QUESTIONS], &round->waiting[i]);
			continue;
		}
		granted--;
		call = worker_question(worker, row, &round->waiting[i],
			account_book_find(worker->accounts, text_of(row->payment.account)), now, &trouble);
		if (call != NULL) {
			call->spacing_us = worker->spacing_us[app][LANE_QUERY];
			round->calls[round->call_count++] = call;
		} else if (trouble.class == ERR_RETRY) { /* the database went away over it */
			*err = trouble;
			return false;
		} else {
			LOG(ALARM, "question.not_buildable", LOG_PAYMENT(&row->payment.id),
				LOG_ERR(&trouble));
		}
	}
	return true;
}

static bool transact(struct worker *worker, struct round *round, struct err *err)
{
	struct instant now;

	if (!store_begin(worker->store, &now, err) || !read_rows(worker, round, err))
		return false;
	for (size_t app = 0; app < worker->apps.count; app++)
		if (!ask_app(worker, round, app, now, err))
			return false;
	return store_commit(worker->store, err);
}

bool worker_ask(struct worker *worker, struct err *err)
{
	struct round round = {.count = 0};
	unsigned room = worker_room(worker);

	if (room == 0 || backlog_ready(&worker->lanes[BACKLOG_QUESTIONS], 0, clock_mono()) == 0)
		return true;
	round.count = backlog_take(&worker->lanes[BACKLOG_QUESTIONS], 0, clock_mono(), round.waiting,
		room < ASK_MOST ? room : ASK_MOST);

	bool done = transact(worker, &round, err);
	for (size_t i = 0; i < round.call_count; i++) {
		if (!done) {
			call_free(round.calls[i]);
			continue;
		}
		metric_add(&questions_total, "asked", 1);
		worker_send(worker, round.calls[i]);
	}
	if (done && round.call_count > 0)
		worker->wake_loop(worker->loop);
	for (size_t app = 0; done && app < worker->apps.count; app++)
		if (round.probes[app] != BREAKER_NO_REASON)
			worker_probe_won(worker, app, LANE_QUERY, round.probes[app]);
	return done;
}
