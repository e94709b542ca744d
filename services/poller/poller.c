#include "poller/poller.h"

#include "base/log.h"
#include "base/metric.h"
#include "base/uuid_list.h"
#include "io/clock.h"
#include "io/payment_step.h"
#include "io/random.h"
#include "io/timer_store.h"
#include "poller/overdue.h"

enum {
	TICK_MS = 200,
	LOOK_MOST = 500,
	OWED_MOST = 500,
	OWED_AFTER_MS = 2000,
	COUNT_EVERY_MS = 5000,
	SEARCH_EVERY_MS = 3600000,
	FORGOTTEN_AFTER_MS = 600000,
	SENDS_EVERY_MS = 5000
};

METRIC(looks_total, .name = "mkondo_looks_total",
	.help = "Looks at payments whose timer was due, by what was done.", .label = "act",
	.values = "nothing later hint ask step", .kind = METRIC_COUNTER);
METRIC(payments_open, .name = "mkondo_payments",
	.help = "Payments in the database by state, also those that are settled; counted every 5 s.",
	.label = "state",
	.values = "ACCEPTED SENDING PENDING UNKNOWN RETRY SUCCEEDED FAILED UNRESOLVED CONFLICT",
	.kind = METRIC_GAUGE);
METRIC(owed_results, .name = "mkondo_owed_results",
	.help = "Results that results.v1 has not acknowledged; counted every 5 s.", .kind = METRIC_GAUGE);
METRIC(oldest_due, .name = "mkondo_oldest_due_seconds",
	.help = "How long the oldest timer is overdue; 0 when none is.", .kind = METRIC_GAUGE);
METRIC(oldest_owed, .name = "mkondo_oldest_owed_seconds",
	.help = "How long the oldest owed result is owed; 0 when none is.", .kind = METRIC_GAUGE);

bool poller_start(void *self, const struct service_common *common, struct err *err)
{
	struct poller *poller = self;

	poller->time_scale = common->time_scale;
	return store_open(&poller->store, &poller->database, "mkondo-poller", err) &&
	       publisher_new(&poller->publisher, &poller->kafka, &poller->publishing, err);
}

void poller_stop(void *self)
{
	struct poller *poller = self;

	publisher_free(&poller->publisher);
	store_close(&poller->store);
}

bool poller_ready(void *self, struct buf *why)
{
	struct poller *poller = self;

	if (atomic_load(&poller->database_up))
		return true;
	buf_str(why, "PostgreSQL is away\n");
	return false;
}

/* What is told to the dispatcher once the transaction stands. */
struct errand {
	const struct payment *payment;
	struct hint hint;
};

struct round {
	struct poller *poller;
	struct changes changes;
	struct errand *errands;
	size_t errand_count;
	struct payment_row **settled;
	size_t settled_count;
	struct instant now;
};

static const char *const act_names[] = {
	[OVERDUE_NOTHING] = "nothing",
	[OVERDUE_LATER] = "later",
	[OVERDUE_HINT] = "hint",
	[OVERDUE_ASK] = "ask",
	[OVERDUE_STEP] = "step",
};

static void note_question(struct round *round, const struct payment_row *row, bool after_fence)
{
	const struct payment_state *state = &row->state;

	changes_line(
		&round->changes, &(struct journal_line){.payment = state->id,
					 .from = state->state,
					 .to = state->state,
					 .event = "ASKED",
					 .attempt = state->attempt,
					 .gen = state->gen,
					 .cause = "",
					 .by = "poller",
					 .detail = arena_print(round->changes.arena, "%s, question %u%s",
						 api_row(api_row(row->payment.api)->asked_by)->name,
						 state->query_no, after_fence ? ", after the fence" : "")});
	LOG(INFO, "payment.asked_about", LOG_PAYMENT(&state->id), LOG_TRACE(row->payment.traceparent),
		LOG_NUM("question", state->query_no), LOG_YES("after_fence", after_fence));
}

static void step(struct round *round, struct payment_row *row, enum event event)
{
	const struct step_facts facts = {.event = event,
		.now = round->now,
		.time_scale = round->poller->time_scale,
		.random = random_u32()};
	const struct step_by by = {.service = "poller", .detail = ""};
	struct step_done done;

	payment_step(&round->changes, &row->payment, &row->state, &facts, &by, &done);
	if (done.new_version)
		round->settled[round->settled_count++] = row;
}

static void look(struct round *round, struct payment_row *row)
{
	struct overdue_plan plan;

	overdue_decide(&row->payment, &row->state, round->now, round->poller->time_scale, &plan);
	metric_add(&looks_total, act_names[plan.act], 1);
	if (plan.act == OVERDUE_NOTHING)
		return;
	if (plan.act == OVERDUE_STEP) {
		step(round, row, plan.event);
		return;
	}
	changes_state(&round->changes, &row->state);
	if (instant_is_set(plan.next))
		changes_timer(&round->changes, &row->state.id, plan.next,
			plan.act == OVERDUE_HINT ? TIMER_SEND : TIMER_LOOK, row->payment.lane);
	if (plan.act == OVERDUE_LATER)
		return;
	if (plan.act == OVERDUE_ASK)
		note_question(round, row, plan.after_fence);
	round->errands[round->errand_count++] = (struct errand){
		.payment = &row->payment,
		.hint = {.id = row->state.id,
			.ask = plan.act == OVERDUE_ASK,
			.query_no = row->state.query_no,
			.after_fence = plan.after_fence,
			.priority = row->payment.priority,
			.account = row->payment.account},
	};
}

static void run_errands(struct round *round)
{
	struct publisher *publisher = round->poller->publisher;
	struct err err;

	for (size_t i = 0; i < round->errand_count; i++) {
		const struct errand *errand = &round->errands[i];

		if (!publisher_hint(publisher, errand->payment->lane, errand->payment->traceparent,
			    &errand->hint, &err))
			LOG(WARN, "hint.lost", LOG_PAYMENT(&errand->hint.id), LOG_ERR(&err));
	}
	for (size_t i = 0; i < round->settled_count; i++)
		if (!publisher_result(
			    publisher, &round->settled[i]->payment, &round->settled[i]->state, &err))
			LOG(WARN, "result.delayed", LOG_PAYMENT(&round->settled[i]->state.id), LOG_ERR(&err));
}

/* Looks at these payments, whose timers this transaction has taken, and commits. */
static bool look_at(struct poller *poller, const struct uuid *ids, size_t count, struct instant now,
	struct arena *tmp, struct err *err)
{
	struct payment_row *rows = ARENA_ARRAY(tmp, struct payment_row, count + 1);
	struct round round = {.poller = poller, .now = now};

	changes_init(&round.changes, tmp);
	round.errands = ARENA_ARRAY(tmp, struct errand, count + 1);
	round.settled = ARENA_ARRAY(tmp, struct payment_row *, count + 1);
	if (count > 0 && !payment_store_lock(poller->store, ids, count, tmp, rows, err))
		return false;
	for (size_t i = 0; i < count; i++)
		if (rows[i].found)
			look(&round, &rows[i]);
	if (!changes_save(poller->store, &round.changes, err) || !store_commit(poller->store, err))
		return false;
	run_errands(&round);
	return true;
}

/*
 * Which timers to take. While Kafka is away a hint goes nowhere, and a due send that we take is one that the dispatcher does not find:
 * these are left to it, but for a look now and then at what has expired.
 */
static int timers_wanted(struct poller *poller)
{
	struct mono now = clock_mono();

	if (!publisher_is_heard(poller->publisher, now) &&
		mono_ms_between(poller->sends_at, now) < SENDS_EVERY_MS)
		return TIMER_LOOK;
	poller->sends_at = now;
	return -1;
}

static bool serve_timers(struct poller *poller, struct arena *tmp, size_t *ret_count, struct err *err)
{
	struct uuid *ids, *missing;
	size_t due, missing_count;
	struct instant now;
	bool may;

	*ret_count = 0;
	if (!store_begin(poller->store, &now, err) || !poller_may_act(poller, &may, err))
		return false;
	if (!may) {
		store_rollback(poller->store);
		return true;
	}
	if (!timer_store_take(poller->store, timers_wanted(poller), -1, LOOK_MOST, tmp, &ids, ret_count, err))
		return false;
	due = *ret_count;
	if (!payment_store_due(poller->store, ids, &due, tmp, &missing, &missing_count, err))
		return false;
	for (size_t i = 0; i < missing_count; i++)
		LOG(ALARM, "timer.orphaned", LOG_PAYMENT(&missing[i]));
	metric_add(&looks_total, act_names[OVERDUE_NOTHING], *ret_count - due - missing_count);
	return look_at(poller, ids, due, now, tmp, err);
}

/* I12's net: open payments that no timer looks after. There should be none. */
static bool search_forgotten(struct poller *poller, struct arena *tmp, struct err *err)
{
	struct instant now;
	struct uuid *ids;
	size_t count;
	bool may;

	if (poller->waits || mono_ms_between(poller->searched_at, clock_mono()) < SEARCH_EVERY_MS)
		return true;
	poller->searched_at = clock_mono();
	if (!store_begin(poller->store, &now, err) || !poller_may_act(poller, &may, err))
		return false;
	if (!may) {
		store_rollback(poller->store);
		return true;
	}
	if (!payment_store_forgotten(poller->store, FORGOTTEN_AFTER_MS, LOOK_MOST, tmp, &ids, &count, err))
		return false;
	for (size_t i = 0; i < count; i++)
		LOG(ALARM, "payment.forgotten", LOG_PAYMENT(&ids[i]));
	return look_at(poller, ids, uuid_sort_distinct(ids, count), now, tmp, err);
}

/* Debts that nobody has paid for a while: whoever made them may be dead, or Kafka was away. */
static bool pay_debts(struct poller *poller, struct arena *tmp, size_t *ret_count, struct err *err)
{
	struct instant now;
	struct owed *owed;

	*ret_count = 0;
	if (!store_begin(poller->store, &now, err) ||
		!owed_store_take(poller->store, OWED_AFTER_MS, OWED_MOST, tmp, &owed, ret_count, err) ||
		!store_commit(poller->store, err))
		return false;
	if (*ret_count == 0)
		return true;

	struct uuid *ids = ARENA_ARRAY(tmp, struct uuid, *ret_count);
	struct payment_row *rows = ARENA_ARRAY(tmp, struct payment_row, *ret_count);
	for (size_t i = 0; i < *ret_count; i++)
		ids[i] = owed[i].id;
	size_t count = uuid_sort_distinct(ids, *ret_count);
	if (!payment_store_read(poller->store, ids, count, tmp, rows, err))
		return false;
	for (size_t i = 0; i < count; i++)
		if (rows[i].found &&
			!publisher_result(poller->publisher, &rows[i].payment, &rows[i].state, err))
			return false;
	LOG(INFO, "debts.published", LOG_NUM("results", count));
	return true;
}

static bool count_payments(struct poller *poller, struct err *err)
{
	struct payment_counts counts;

	if (mono_ms_between(poller->counted_at, clock_mono()) < COUNT_EVERY_MS)
		return true;
	if (!payment_store_counts(poller->store, &counts, err))
		return false;
	poller->counted_at = clock_mono();
	for (int state = 0; state < STATE_COUNT; state++)
		metric_set(&payments_open, state_name((enum state)state), (double)counts.by_state[state]);
	metric_set(&owed_results, NULL, (double)counts.owed);
	metric_set(&oldest_due, NULL, (double)counts.oldest_due_ms / 1000);
	metric_set(&oldest_owed, NULL, (double)counts.oldest_owed_ms / 1000);
	return true;
}

bool poller_work(void *self, struct arena *tmp, struct err *err)
{
	struct poller *poller = self;
	size_t looked = 0, published = 0;
	bool done = serve_timers(poller, tmp, &looked, err) && pay_debts(poller, tmp, &published, err) &&
		    search_forgotten(poller, tmp, err) && count_payments(poller, err) &&
		    publisher_settle(poller->publisher, poller->store, clock_mono(), err);

	atomic_store(&poller->database_up, done);
	if (!done) {
		store_rollback(poller->store);
		return false;
	}
	publisher_poll(poller->publisher);
	if (looked < LOOK_MOST && published < OWED_MOST)
		clock_sleep_ms(scaled_ms(TICK_MS, poller->time_scale < 0.1 ? 0.1 : poller->time_scale));
	return true;
}
