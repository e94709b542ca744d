#include "dispatcher/claim.h"

#include "base/log.h"
#include "base/metric.h"
#include "base/uuid_list.h"
#include "dispatcher/pace.h"
#include "io/clock.h"
#include "io/payment_step.h"
#include "io/random.h"

/*
 * The claim. One transaction: the lane's row (breaker, bucket), the payments' rows, their steps. Only what was
 * committed without a warning is sent; after anything else these payments are forgotten here, and lapse by lease or are hinted again.
 */
enum {
	GATHER_MS = 20, /* less than the 50 ms of tokens that a bucket holds */
	RETRY_WAIT_MOST_MS = 300000,
};

METRIC(claims_total, .name = "mkondo_claims_total",
	.help = "Hints that were looked at under the lane's lock, by what the claim made of them.",
	.label = "fate",
	.values = "claimed expired guarded impossible not_claimable other_app retry_put_back unknown",
	.kind = METRIC_COUNTER);
METRIC(gate_total, .name = "mkondo_gate_total",
	.help = "Tries to claim or to ask, by what limits, breaker, pause and freeze said.",
	.label = "verdict", .values = "open frozen paused broken probe empty", .kind = METRIC_COUNTER);

static void put_back(struct claim *claim, const struct waiting *waiting, int64_t wait_ms)
{
	struct waiting again = *waiting;

	again.not_before = mono_add_ms(claim->begun, wait_ms);
	worker_put(claim->worker, claim->lane, &again);
}

/* What the hint said of its account was wrong, or of another time: it waits where the row says. */
static void put_right(
	struct worker *worker, enum lane lane, const struct waiting *waiting, const struct payment *payment)
{
	struct waiting again = *waiting;

	again.account = worker_account(worker, payment->account);
	again.hint.priority = payment->priority;
	worker_put(worker, lane, &again);
}

/* Hints that do not say whose they are, of an older release or about an account that is not known here: their rows say it. */
static bool find_app(struct worker *worker, enum lane lane, struct err *err)
{
	const struct mono now = clock_mono();
	struct waiting waiting[CLAIM_MOST];
	struct uuid ids[CLAIM_MOST];
	struct payment_row *rows;
	size_t count, distinct;

	if (worker->apps.count == 1 || backlog_ready(&worker->lanes[lane], worker->apps.count, now) == 0)
		return true;
	count = backlog_take(&worker->lanes[lane], worker->apps.count, now, waiting, CLAIM_MOST);
	for (size_t i = 0; i < count; i++)
		ids[i] = waiting[i].hint.id;
	distinct = uuid_sort_distinct(ids, count);
	rows = ARENA_ARRAY(&worker->tmp, struct payment_row, distinct);
	if (!payment_store_read(worker->store, ids, distinct, &worker->tmp, rows, err)) {
		for (size_t i = 0; i < count; i++)
			worker_put(worker, lane, &waiting[i]);
		return false;
	}
	for (size_t i = 0; i < count; i++) {
		const struct payment_row *row = &rows[uuid_find(ids, distinct, &waiting[i].hint.id)];

		if (!row->found || worker_account(worker, row->payment.account) == 0)
			metric_add(&claims_total, row->found ? "impossible" : "unknown", 1);
		else
			put_right(worker, lane, &waiting[i], &row->payment);
	}
	return true;
}

/*
 * A retry needs a token of the retry budget, too. Without one it waits: each that is put back a token's time after the one
 * before, so that they do not come all at once and stand before the first sends again. Those for which that would be too late
 * or that would fill the backlog are forgotten here, and hinted again by their timers.
 */
static bool may_retry(struct claim *claim, const struct waiting *waiting)
{
	const double rate = claim->lane_row.bucket.rate;
	struct mono *last = &claim->worker->retry_at[claim->app][claim->lane];
	int64_t wait_ms;

	if (retry_budget_take(&claim->lane_row.retries, rate, claim->lane_row.now, &wait_ms))
		return true;
	const int64_t after_last = mono_ms_between(claim->begun, *last) + retry_budget_every_ms(rate);
	if (after_last > wait_ms)
		wait_ms = after_last;
	metric_add(&claims_total, "retry_put_back", 1);
	if (wait_ms > RETRY_WAIT_MOST_MS || claim->worker->lanes[claim->lane].count >= BACKLOG_MOST / 2)
		return false;
	*last = mono_add_ms(claim->begun, wait_ms);
	put_back(claim, waiting, wait_ms);
	return false;
}

/* Rows that are no more to be claimed need no token. */
static void decide_one(struct claim *claim, struct payment_row *row, const struct waiting *waiting)
{
	struct worker *worker = claim->worker;
	const struct token_cache *token = &worker->apps.tokens[claim->app];
	struct step_facts facts = {.event = EVENT_CLAIMED,
		.now = claim->now,
		.time_scale = worker->time_scale,
		.random = random_u32(),
		.token_no = token->no,
		.token_expires = token->expires};
	struct step_by by = {.service = "dispatcher", .detail = ""};
	const struct account *account;
	struct step_done done;
	int64_t wait_ms = 0;

	if (!row->found || (row->state.state != STATE_ACCEPTED && row->state.state != STATE_RETRY)) {
		metric_add(&claims_total, row->found ? "not_claimable" : "unknown", 1);
		return;
	}
	if (!instant_before(claim->now, row->payment.valid_until)) {
		facts.event = EVENT_EXPIRED;
		payment_step(&claim->changes, &row->payment, &row->state, &facts, &by, &done);
		claim->settled[claim->settled_count++] = row;
		metric_add(&claims_total, "expired", 1);
		return;
	}
	account = account_book_find(worker->accounts, text_of(row->payment.account));
	if (account != NULL && worker_app(worker, account) != claim->app) {
		metric_add(&claims_total, "other_app", 1);
		put_right(worker, claim->lane, waiting, &row->payment);
		return;
	}
	if (row->payment.api == API_STK_PUSH)
		wait_ms = stk_guard_wait_ms(worker->guard, row->payment.party, row->payment.amount,
			claim->begun, worker->time_scale);
	if (wait_ms > 0 || !payment_can_claim(&row->payment, &row->state, claim->now) || account == NULL) {
		metric_add(&claims_total, wait_ms > 0 ? "guarded" : "impossible", 1);
		put_back(claim, waiting, wait_ms > 0 ? wait_ms : 60000);
		return;
	}
	if (row->state.state == STATE_RETRY && !may_retry(claim, waiting))
		return;
	by.detail = arena_print(
		&worker->tmp, "POST %s, token %lld", api_row(row->payment.api)->path, (long long)token->no);
	payment_step(&claim->changes, &row->payment, &row->state, &facts, &by, &done);
	if (row->payment.api == API_STK_PUSH)
		stk_guard_sent(worker->guard, row->payment.party, row->payment.amount, claim->begun,
			worker->time_scale);
	claim->claimed[claim->claimed_count++] = row;
	metric_add(&claims_total, "claimed", 1);
}

/* In the order of the backlog, which is the order of the sends. */
static void decide_all(struct claim *claim)
{
	for (size_t i = 0; i < claim->waiting_count; i++)
		decide_one(claim,
			&claim->rows[uuid_find(claim->ids, claim->count, &claim->waiting[i].hint.id)],
			&claim->waiting[i]);
}

static bool gate(struct claim *claim, const struct bucket_limits *limits, unsigned *ret_granted,
	bool *ret_probe, struct err *err)
{
	struct worker *worker = claim->worker;
	const bool shares = claim->lane == LANE_QUERY;
	const struct gate_asks asks = {.waiting = claim->waiting_count,
		.free_connections = atomic_load(&worker->free_connections),
		.turn = shares && backlog_ready(&worker->lanes[BACKLOG_QUESTIONS], 0, claim->begun) > 0
				? &worker->query_turn[claim->app]
				: NULL,
		.probe_waits = shares && worker_probe_waits(worker, claim->app),
		.time_scale = worker->time_scale};
	int64_t wait_ms = 0;

	if (!lane_store_lock(worker->store, claim->account->app, claim->lane, limits, &claim->lane_row, err))
		return false;
	claim->lane_row.ceiling = limits->ceiling;
	enum gate_verdict verdict = gate_decide(&claim->lane_row, limits, &asks, ret_granted, &wait_ms);
	metric_add(&gate_total, gate_verdict_name(verdict), 1);
	*ret_probe = verdict == GATE_PROBE;
	if (verdict == GATE_OPEN)
		return true;
	worker->held[claim->app][claim->lane] = mono_add_ms(claim->begun, wait_ms);
	if (verdict != GATE_PROBE)
		return true;
	return lane_store_save(worker->store, claim->account->app, claim->lane, &claim->lane_row, err);
}

static void rollback(struct claim *claim)
{
	store_rollback(claim->worker->store);
	claim->waiting_count = 0;
}

/* The transaction. *ret_probe: it only moved the breaker to half-open. Hints leave the backlog when tokens are granted for them, no
   sooner: what is not granted keeps its turn. */
static bool transact(struct claim *claim, bool *ret_probe, struct err *err)
{
	struct worker *worker = claim->worker;
	const struct bucket_limits limits = worker_limits(worker, claim->lane);
	int64_t token_no;
	unsigned granted;

	if (!store_begin(worker->store, &claim->now, err))
		return false;
	if (!worker_remembers(worker) /* this BEGIN has made a new connection */ ||
		!worker_token(worker, claim->app, claim->now)) {
		rollback(claim);
		return true;
	}
	if (!gate(claim, &limits, &granted, ret_probe, err) ||
		!token_store_number(worker->store, claim->account->app, &token_no, err))
		return false;
	if (token_no !=
		worker->apps.tokens[claim->app].no) { /* another replica has made a newer one: ours is dead */
		worker_token_refused(worker, claim->app, worker->apps.tokens[claim->app].no);
		granted = 0;
	}
	if (granted == 0) {
		claim->waiting_count = 0;
		return *ret_probe ? store_commit(worker->store, err) : (rollback(claim), true);
	}
	claim->waiting_count =
		backlog_take(&worker->lanes[claim->lane], claim->app, claim->begun, claim->waiting, granted);
	for (size_t i = 0; i < claim->waiting_count; i++)
		claim->ids[i] = claim->waiting[i].hint.id;
	claim->count = uuid_sort_distinct(claim->ids, claim->waiting_count);
	claim->rows = ARENA_ARRAY(&worker->tmp, struct payment_row, claim->count);
	changes_init(&claim->changes, &worker->tmp);
	if (!payment_store_lock(worker->store, claim->ids, claim->count, &worker->tmp, claim->rows, err))
		return false;
	decide_all(claim);
	bucket_give_back(&claim->lane_row.bucket, &limits, granted - (unsigned)claim->claimed_count);
	return lane_store_save(worker->store, claim->account->app, claim->lane, &claim->lane_row, err) &&
	       changes_save(worker->store, &claim->changes, err) && store_commit(worker->store, err);
}

static bool claim_some(struct worker *worker, size_t app, enum lane lane, struct err *err)
{
	struct claim claim = {.worker = worker,
		.lane = lane,
		.app = app,
		.account = worker->apps.tokens[app].account,
		.begun = clock_mono()};
	const unsigned room = worker_room(worker);
	bool probing = false;
	size_t wanted = backlog_ready(&worker->lanes[lane], app, claim.begun);

	wanted = wanted < CLAIM_MOST ? wanted : CLAIM_MOST;
	wanted = wanted < room ? wanted : room;
	claim.waiting_count = wanted;
	if (!transact(&claim, &probing, err)) {
		/* unknown or refused: apply nothing; the rows lapse by lease or are hinted again */
		if (err->class == ERR_REFUSED)
			LOG(ALARM, "claim.refused", LOG_STR("lane", lane_name(lane)), LOG_ERR(err));
		return false;
	}
	/* When tokens are what is short a few are let gather: a transaction for each would cost more and send no sooner. */
	const struct mono gathered = mono_add_ms(claim.begun, GATHER_MS);
	if (claim.waiting_count < wanted && worker->held[app][lane].us < gathered.us)
		worker->held[app][lane] = gathered;
	claim.spacing_us = worker->spacing_us[app][lane] = pace_spacing_us(
		claim.lane_row.bucket.rate, claim.claimed_count, call_send_within_ms(worker->time_scale) / 2);
	claim_send(&claim);
	if (probing)
		worker_probe_won(worker, claim.app, lane, claim.lane_row.breaker.reason);
	return true;
}

bool worker_claims(struct worker *worker, struct err *err)
{
	const size_t turns = worker->apps.count * LANE_COUNT, first = worker->turn;

	if (!worker_remembers(worker))
		return true;
	for (int lane = 0; lane < LANE_COUNT; lane++)
		if (!find_app(worker, (enum lane)lane, err))
			return false;
	for (size_t i = 0; i < turns && worker_room(worker) > 0; i++) {
		const size_t turn = (first + i) % turns, app = turn / LANE_COUNT;
		const enum lane lane = (enum lane)(turn % LANE_COUNT);

		if (!worker_may_claim(worker, app, lane, clock_mono()))
			continue;
		worker->turn = (turn + 1) % turns; /* who has had a turn is tried last */
		if (!claim_some(worker, app, lane, err))
			return false;
	}
	return true;
}
