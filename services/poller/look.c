#include "poller/poller.h"

#include "base/log.h"
#include "base/metric.h"
#include "io/clock.h"
#include "io/payment_step.h"
#include "io/random.h"
#include "io/timer_store.h"
#include "poller/overdue.h"

/* Due timers: what is due is decided by overdue.c, written in the transaction that takes the timers, and told to the others after it. */
enum { SENDS_EVERY_MS = 5000, APART_MS = 25, CAREFUL = 1000, PARKED_MS = 3600000 };

METRIC(looks_total, .name = "mkondo_looks_total",
	.help = "Looks at payments whose timer was due, by what was done.", .label = "act",
	.values = "nothing later hint ask step", .kind = METRIC_COUNTER);

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

bool poller_look_at(struct poller *poller, const struct uuid *ids, size_t count, struct instant now,
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

static bool take_and_look(struct poller *poller, struct arena *tmp, size_t most, struct uuid *ret_first,
	size_t *ret_count, struct err *err)
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
	if (!timer_store_take(poller->store, timers_wanted(poller), -1, most, tmp, &ids, ret_count, err))
		return false;
	due = *ret_count;
	if (due > 0)
		*ret_first = ids[0];
	if (!payment_store_due(poller->store, ids, &due, tmp, &missing, &missing_count, err))
		return false;
	for (size_t i = 0; i < missing_count; i++)
		LOG(ALARM, "timer.orphaned", LOG_PAYMENT(&missing[i]));
	metric_add(&looks_total, act_names[OVERDUE_NOTHING], *ret_count - due - missing_count);
	return poller_look_at(poller, ids, due, now, tmp, err);
}

/* Takes due timers and writes them anew: each in a row of its own, or the one of `only` for a later time. */
static bool put_off(struct poller *poller, struct arena *tmp, const struct uuid *only, struct err *err)
{
	struct changes changes;
	struct instant now;
	struct uuid *ids;
	size_t count;

	changes_init(&changes, tmp);
	if (!store_begin(poller->store, &now, err) ||
		!timer_store_take(
			poller->store, -1, -1, only != NULL ? 1 : POLLER_LOOK_MOST, tmp, &ids, &count, err))
		return false;
	if (only != NULL && (count != 1 || uuid_cmp(only, &ids[0]) != 0)) { /* another replica has it now */
		store_rollback(poller->store);
		return true;
	}
	for (size_t i = 0; i < count; i++)
		changes_timer(&changes, &ids[i],
			instant_add_ms(now, only != NULL ? scaled_ms(PARKED_MS, poller->time_scale)
							 : (int64_t)i * APART_MS),
			TIMER_LOOK, LANE_INTERACTIVE);
	return changes_save(poller->store, &changes, err) && store_commit(poller->store, err);
}

/*
 * A payment whose step the database refuses must not hold up the others. Its batch's timers get a row each, and for a while timers
 * are taken one by one; the one that is refused alone is looked at again in an hour, and a person is told.
 */
bool poller_serve_timers(struct poller *poller, struct arena *tmp, size_t *ret_count, struct err *err)
{
	struct uuid first;

	if (take_and_look(poller, tmp, poller->careful > 0 ? 1 : POLLER_LOOK_MOST, &first, ret_count, err)) {
		poller->careful -= poller->careful > 0 && *ret_count > 0;
		return true;
	}
	if (err->class != ERR_REFUSED || *ret_count == 0)
		return false;
	store_rollback(poller->store);
	poller->careful = CAREFUL;
	if (*ret_count > 1)
		return put_off(poller, tmp, NULL, err);
	LOG(ALARM, "payment.parked", LOG_PAYMENT(&first), LOG_ERR(err));
	return put_off(poller, tmp, &first, err);
}
