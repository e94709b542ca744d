#include "dispatcher/claim.h"

#include "base/log.h"
#include "base/metric.h"
#include "io/clock.h"
#include "io/payment_step.h"
#include "io/random.h"

#include <string.h>

/*
 * The claim. One transaction: the lane's row (breaker, bucket), the payments' rows, their steps. Only what was
 * committed without a warning is sent; after anything else these payments are forgotten here, and lapse by lease or are hinted again.
 */
static struct metric claims_total = {.name = "mkondo_claims_total",
	.help = "Hints by what the claim made of them.",
	.label = "fate",
	.kind = METRIC_COUNTER};
static struct metric gate_total = {.name = "mkondo_gate_total",
	.help = "What the gate said, by verdict.",
	.label = "verdict",
	.kind = METRIC_COUNTER};

static void put_back(struct claim *claim, const struct waiting *waiting, int64_t wait_ms)
{
	struct waiting again = *waiting;

	again.not_before = mono_add_ms(claim->begun, wait_ms);
	backlog_put(&claim->worker->lanes[claim->lane], &again);
}

static void put_all_back(struct claim *claim, int64_t wait_ms)
{
	for (size_t i = 0; i < claim->waiting_count; i++)
		put_back(claim, &claim->waiting[i], wait_ms);
	claim->waiting_count = 0;
}

/* With one app there is nothing to find out. With more, the first payment says which app this transaction is about, and those of
   other apps wait for their turn. */
static bool find_app(struct claim *claim, struct err *err)
{
	struct worker *worker = claim->worker;
	struct payment_row *rows;
	size_t kept = 0;

	claim->account = worker->tokens[0].account;
	if (worker->app_count == 1)
		return true;
	rows = ARENA_ARRAY(&worker->tmp, struct payment_row, claim->waiting_count);
	claim->account = NULL;
	for (size_t i = 0; i < claim->waiting_count; i++)
		claim->ids[i] = claim->waiting[i].hint.id;
	if (!payment_store_read(worker->store, claim->ids,
		    uuid_sort_distinct(claim->ids, claim->waiting_count), &worker->tmp, rows, err))
		return false;
	for (size_t i = 0; i < claim->waiting_count; i++) {
		const struct account *account = NULL;

		for (size_t k = 0; k < claim->waiting_count && account == NULL; k++)
			if (rows[k].found && uuid_cmp(&rows[k].payment.id, &claim->waiting[i].hint.id) == 0)
				account =
					account_book_find(worker->accounts, text_of(rows[k].payment.account));
		if (account == NULL)
			continue;
		if (claim->account == NULL)
			claim->account = account;
		if (strcmp(claim->account->app, account->app) == 0)
			claim->waiting[kept++] = claim->waiting[i];
		else
			put_back(claim, &claim->waiting[i], 0);
	}
	claim->waiting_count = kept;
	return true;
}

/* Rows that are no more to be claimed need no token. */
static void decide_one(struct claim *claim, struct payment_row *row, const struct waiting *waiting)
{
	struct worker *worker = claim->worker;
	const struct token_cache *token = &worker->tokens[claim->app];
	struct step_facts facts = {.event = EVENT_CLAIMED,
		.now = claim->now,
		.time_scale = worker->time_scale,
		.random = random_u32(),
		.token_no = token->no,
		.token_expires = token->expires};
	struct step_by by = {.service = "dispatcher", .detail = ""};
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
	if (row->payment.api == API_STK_PUSH)
		wait_ms = stk_guard_wait_ms(worker->guard, row->payment.party, row->payment.amount,
			claim->begun, worker->time_scale);
	if (wait_ms > 0 || !payment_can_claim(&row->payment, &row->state, claim->now) ||
		account_book_find(worker->accounts, text_of(row->payment.account)) == NULL) {
		metric_add(&claims_total, wait_ms > 0 ? "guarded" : "impossible", 1);
		put_back(claim, waiting, wait_ms > 0 ? wait_ms : 60000);
		return;
	}
	by.detail = arena_print(
		&worker->tmp, "POST %s, token %lld", api_row(row->payment.api)->path, (long long)token->no);
	payment_step(&claim->changes, &row->payment, &row->state, &facts, &by, &done);
	if (row->payment.api == API_STK_PUSH)
		stk_guard_sent(worker->guard, row->payment.party, row->payment.amount, claim->begun,
			worker->time_scale);
	claim->claimed[claim->claimed_count++] = row;
	metric_add(&claims_total, "claimed", 1);
}

static void decide_all(struct claim *claim)
{
	for (size_t i = 0; i < claim->count; i++)
		for (size_t k = 0; k < claim->waiting_count; k++)
			if (uuid_cmp(&claim->waiting[k].hint.id, &claim->ids[i]) == 0) {
				decide_one(claim, &claim->rows[i], &claim->waiting[k]);
				break;
			}
}

static bool gate(struct claim *claim, const struct bucket_limits *limits, unsigned *ret_granted,
	bool *ret_probe, struct err *err)
{
	struct worker *worker = claim->worker;
	const struct gate_asks asks = {.waiting = claim->waiting_count,
		.free_connections = atomic_load(&worker->free_connections),
		.now = claim->now};
	int64_t wait_ms = 0;

	if (!lane_store_lock(worker->store, claim->account->app, claim->lane, limits, &claim->lane_row, err))
		return false;
	enum gate_verdict verdict = gate_decide(&claim->lane_row, limits, &asks, ret_granted, &wait_ms);
	metric_add(&gate_total, gate_verdict_name(verdict), 1);
	*ret_probe = verdict == GATE_PROBE;
	if (verdict == GATE_OPEN)
		return true;
	worker->held[claim->app][claim->lane] = mono_add_ms(claim->begun, wait_ms);
	if (verdict != GATE_PROBE)
		return true;
	LOG(INFO, "breaker.probed", LOG_STR("app", claim->account->app),
		LOG_STR("lane", lane_name(claim->lane)),
		LOG_STR("reason", breaker_reason_name(claim->lane_row.breaker.reason)));
	return lane_store_save(worker->store, claim->account->app, claim->lane, &claim->lane_row, err);
}

/* The transaction. *ret_probe: it only moved the breaker to half-open. */
static bool transact(struct claim *claim, bool *ret_probe, struct err *err)
{
	struct worker *worker = claim->worker;
	const struct bucket_limits limits = worker_limits(worker, claim->lane);
	int64_t token_no;
	unsigned granted;

	claim->begun = clock_mono();
	if (!store_begin(worker->store, &claim->now, err) || !find_app(claim, err))
		return false;
	if (claim->account == NULL) {
		store_rollback(worker->store);
		return true;
	}
	if (!worker_remembers(worker)) { /* this BEGIN has made a new connection */
		store_rollback(worker->store);
		put_all_back(claim, 0);
		return true;
	}
	claim->app = worker_app(worker, claim->account);
	if (worker->held[claim->app][claim->lane].us > claim->begun.us ||
		!worker_token(worker, claim->app, claim->now)) {
		store_rollback(worker->store);
		put_all_back(claim, 20);
		return true;
	}
	if (!gate(claim, &limits, &granted, ret_probe, err) ||
		!token_store_number(worker->store, claim->account->app, &token_no, err))
		return false;
	if (token_no !=
		worker->tokens[claim->app].no) { /* another replica has made a newer one: ours is dead */
		worker_token_refused(worker, claim->app, worker->tokens[claim->app].no);
		granted = 0;
	}
	if (granted == 0) {
		put_all_back(claim, 0);
		return *ret_probe ? store_commit(worker->store, err) : (store_rollback(worker->store), true);
	}
	for (size_t i = granted; i < claim->waiting_count; i++)
		put_back(claim, &claim->waiting[i], 0);
	if (claim->waiting_count > granted)
		claim->waiting_count = granted;
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

/* A breaker's one question: about a payment that M-PESA surely knows; where there is none, a token call. */
static void probe(struct claim *claim)
{
	struct worker *worker = claim->worker;
	const struct acquaintance *known = &worker->known[claim->app][claim->lane];
	const struct waiting question = {
		.hint = {.id = known->id, .ask = true}, .probe = true, .probed = claim->lane};

	if (known->known && claim->lane_row.breaker.reason != BREAKER_CREDENTIALS)
		backlog_put(&worker->lanes[BACKLOG_QUESTIONS], &question);
	else
		worker_token_refused(worker, claim->app, worker->tokens[claim->app].no);
}

bool worker_claim(struct worker *worker, enum lane lane, struct err *err)
{
	struct claim claim = {.worker = worker, .lane = lane, .begun = clock_mono()};
	bool probing = false, sends = true;
	unsigned room = atomic_load(&worker->free_connections);

	if (room == 0 || !worker_remembers(worker) || backlog_ready(&worker->lanes[lane], claim.begun) == 0)
		return true;
	if (worker->app_count == 1 && worker->held[0][lane].us > claim.begun.us)
		return true; /* no transaction to find out what is known */
	claim.waiting_count = backlog_take(
		&worker->lanes[lane], claim.begun, claim.waiting, room < CLAIM_MOST ? room : CLAIM_MOST);
	sends = transact(&claim, &probing, err);
	if (!sends) { /* unknown or refused: apply nothing; the rows lapse by lease or are hinted again */
		if (err->class == ERR_REFUSED)
			LOG(ALARM, "claim.refused", LOG_STR("lane", lane_name(lane)), LOG_ERR(err));
		return false;
	}
	claim_send(&claim);
	if (probing)
		probe(&claim);
	return true;
}
