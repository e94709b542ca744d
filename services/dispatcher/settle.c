#include "dispatcher/worker.h"

#include "base/log.h"
#include "base/metric.h"
#include "base/uuid_list.h"
#include "io/clock.h"
#include "io/evidence_store.h"
#include "io/payment_step.h"
#include "io/random.h"
#include "wire/daraja_answer.h"

/*
 * Answers become steps, many in one transaction, and only then results. While PostgreSQL is away they are kept, in
 * memory and in the send journal, and settled when it is back. Answers to questions become evidence on callbacks.v1.
 */
enum { SETTLE_MOST = 500 };

struct settlement {
	struct call *calls[SETTLE_MOST];
	struct answer answers[SETTLE_MOST];
	struct answer_verdict verdicts[SETTLE_MOST];
	struct payment_row *rows[SETTLE_MOST];
	bool is_new[SETTLE_MOST]; /* made a result version */
	size_t count;
};

/* What came from Daraja and is no plain acceptance is evidence, and kept. */
static bool store_evidence(
	struct worker *worker, struct settlement *settlement, int64_t *numbers, struct err *err)
{
	struct evidence_row *exhibits = ARENA_ARRAY(&worker->tmp, struct evidence_row, settlement->count + 1);
	size_t *whose = ARENA_ARRAY(&worker->tmp, size_t, settlement->count + 1);
	size_t count = 0;

	for (size_t i = 0; i < settlement->count; i++) {
		const struct call *call = settlement->calls[i];

		if (call->transport != TRANSPORT_ANSWERED || settlement->verdicts[i].class == CODE_TAKEN ||
			!settlement->rows[i]->found)
			continue;
		whose[count] = i;
		exhibits[count++] = (struct evidence_row){
			.payment = call->id,
			.gen = call->gen,
			.query_no = call->query_no,
			.purpose = call->api,
			.strength = STRENGTH_ASKED,
			.peer = "",
			.received_at = clock_wall(),
			.says = settlement->verdicts[i].code,
			.body = daraja_redacted(call->reply, &worker->tmp),
			.http_status = call->http,
		};
	}
	if (count > 0 && !evidence_store_add(worker->store, exhibits, count, err))
		return false;
	for (size_t i = 0; i < count; i++)
		numbers[whose[i]] = exhibits[i].no;
	return true;
}

static void log_note(const struct call *call, enum answer_note note)
{
	switch (note) {
	case NOTE_NONE:
	case NOTE_LIMIT:
		return;
	case NOTE_OTHER_ATTEMPT:
		LOG(WARN, "answer.stale", LOG_PAYMENT(&call->id), LOG_NUM("attempt", call->attempt));
		return;
	case NOTE_REFUSED_BUT_HEARD:
		LOG(ALARM, "answer.refused_but_heard", LOG_PAYMENT(&call->id),
			LOG_NUM("attempt", call->attempt));
		return;
	case NOTE_REFUSED_BUT_EXECUTED:
		LOG(ALARM, "answer.refused_but_executed", LOG_PAYMENT(&call->id),
			LOG_NUM("attempt", call->attempt), LOG_STR("api", api_row(call->api)->name));
		return;
	}
}

static const char *describe(
	struct worker *worker, const struct call *call, const struct answer_verdict *verdict)
{
	if (call->transport == TRANSPORT_ANSWERED)
		return arena_print(&worker->tmp, "HTTP %d, %s, %lld ms", call->http, verdict->code,
			(long long)(call->took_us / 1000));
	return arena_print(&worker->tmp, "%s: %s",
		call->transport == TRANSPORT_NOT_SENT ? "not sent" : "no answer", call->trouble);
}

static void judge(struct worker *worker, struct settlement *settlement, size_t index, struct instant now,
	int64_t evidence_no, struct changes *changes)
{
	struct call *call = settlement->calls[index];
	struct payment_row *row = settlement->rows[index];
	struct step_facts facts = {.now = now, .time_scale = worker->time_scale, .random = random_u32()};
	struct step_by by = {.service = "dispatcher", .evidence_no = evidence_no};
	enum answer_note note = NOTE_NONE;
	struct step_done done;

	if (!row->found)
		return;
	if (call->fate != CALL_TO_BE_SENT && row->state.attempt == call->attempt) {
		facts.event = call->fate == CALL_REFUSED ? EVENT_TURNED_DOWN : EVENT_PUT_OFF;
		facts.cause = call->refusal;
		facts.wait_ms = call->wait_ms;
		by.detail = call->refusal.text;
	} else {
		bool moves = answer_judge(&row->payment, &row->state, call->attempt,
			&settlement->answers[index], &settlement->verdicts[index], &facts, &note);

		facts.now = now;
		facts.time_scale = worker->time_scale;
		log_note(call, note);
		if (!moves)
			return;
		by.detail = describe(worker, call, &settlement->verdicts[index]);
	}
	if (facts.event == EVENT_PUT_OFF && row->payment.api == API_STK_PUSH)
		stk_guard_over(worker->guard, row->payment.party);
	payment_step(changes, &row->payment, &row->state, &facts, &by, &done);
	settlement->is_new[index] |= done.new_version;
	if (done.to == STATE_PENDING)
		worker->known[call->app][call->lane] = (struct acquaintance){.id = call->id, .known = true};
}

static bool transact(struct worker *worker, struct settlement *settlement, struct err *err)
{
	struct uuid *ids = ARENA_ARRAY(&worker->tmp, struct uuid, settlement->count);
	struct payment_row *rows = ARENA_ARRAY(&worker->tmp, struct payment_row, settlement->count);
	int64_t *numbers = ARENA_ARRAY(&worker->tmp, int64_t, settlement->count);
	struct changes changes;
	struct instant now;

	for (size_t i = 0; i < settlement->count; i++)
		ids[i] = settlement->calls[i]->id;
	size_t count = uuid_sort_distinct(ids, settlement->count);
	changes_init(&changes, &worker->tmp);
	if (!store_begin(worker->store, &now, err))
		return false;
	if (!worker_remembers(worker))
		return err_set(err, ERR_RETRY, 0, "the connection is a new one");
	if (!payment_store_lock(worker->store, ids, count, &worker->tmp, rows, err))
		return false;
	for (size_t i = 0; i < settlement->count; i++) {
		settlement->rows[i] = &rows[uuid_find(ids, count, &settlement->calls[i]->id)];
		settlement->is_new[i] = false;
	}
	if (!store_evidence(worker, settlement, numbers, err))
		return false;
	for (size_t i = 0; i < settlement->count; i++)
		judge(worker, settlement, i, now, numbers[i], &changes);
	return changes_save(worker->store, &changes, err) && store_commit(worker->store, err);
}

static struct send_record record_of(struct worker *worker, const struct call *call, int kind)
{
	return (struct send_record){
		.kind = kind,
		.id = call->id,
		.attempt = call->attempt,
		.gen = call->gen,
		.at = clock_wall(),
		.body = kind == JOURNAL_APPLIED
				? (struct text){0}
				: text_of(arena_print(&worker->tmp, "%d %d %s\n%.*s", (int)call->transport,
					  call->http, api_row(call->api)->name,
					  TEXT_ARG(daraja_redacted(call->reply, &worker->tmp)))),
	};
}

/* Answers that the database could not take are written down, so that a restart can replay them. */
static void journal(struct worker *worker, struct settlement *settlement, int kind)
{
	struct send_record *records = ARENA_ARRAY(&worker->tmp, struct send_record, settlement->count + 1);
	size_t count = 0;
	struct err err;

	for (size_t i = 0; i < settlement->count; i++) {
		struct call *call = settlement->calls[i];

		if (call->journaled != (kind == JOURNAL_APPLIED) || call->fate != CALL_TO_BE_SENT)
			continue;
		call->journaled = kind == JOURNAL_ANSWER;
		records[count++] = record_of(worker, call, kind);
	}
	if (count > 0 && !send_journal_add(worker->journal, records, count, &err))
		LOG(ALARM, "send_journal.failed", LOG_ERR(&err));
}

static void publish(struct worker *worker, struct settlement *settlement)
{
	struct err err;

	for (size_t i = 0; i < settlement->count; i++)
		if (settlement->is_new[i] &&
			!publisher_result(worker->publisher, &settlement->rows[i]->payment,
				&settlement->rows[i]->state, &err))
			LOG(WARN, "result.delayed", LOG_PAYMENT(&settlement->calls[i]->id), LOG_ERR(&err));
}

/* Takes the first `most` of the list; questions are answered on the way. */
static void gather(struct worker *worker, struct call **calls, size_t most, struct settlement *settlement)
{
	settlement->count = 0;
	while (*calls != NULL && settlement->count < most) {
		struct call *call = *calls;

		*calls = call->next;
		if (call->kind == CALL_QUESTION) {
			worker_question_answered(worker, call);
			call_free(call);
			atomic_fetch_sub(&worker->in_flight, 1);
			continue;
		}
		worker_read_answer(worker, call, &settlement->answers[settlement->count],
			&settlement->verdicts[settlement->count]);
		settlement->calls[settlement->count++] = call;
	}
}

static void give_back(struct settlement *settlement, struct call **calls)
{
	for (size_t i = settlement->count; i-- > 0;) {
		settlement->calls[i]->next = *calls;
		*calls = settlement->calls[i];
	}
}

void worker_hold(struct worker *worker, struct call **calls)
{
	struct settlement *waiting;

	if (*calls == NULL)
		return;
	waiting = ARENA_NEW(&worker->tmp, struct settlement);
	for (struct call *call = *calls; call != NULL; call = call->next) {
		if (call->kind != CALL_PAYMENT || call->journaled)
			continue;
		waiting->calls[waiting->count++] = call;
		if (waiting->count < SETTLE_MOST)
			continue;
		journal(worker, waiting, JOURNAL_ANSWER);
		waiting->count = 0;
	}
	journal(worker, waiting, JOURNAL_ANSWER);
}

static void finish(struct worker *worker, struct settlement *settlement)
{
	for (size_t i = 0; i < settlement->count; i++) {
		worker_note(worker, settlement->calls[i], &settlement->verdicts[i]);
		call_free(settlement->calls[i]);
		atomic_fetch_sub(&worker->in_flight, 1);
	}
}

/*
 * An answer that the database refuses must not hold up the others: its batch is halved until it is alone, and then it is left in the
 * send journal, from which the next start tries once more. Its payment falls into doubt by its lease, and is asked about.
 */
bool worker_settle(struct worker *worker, struct call **calls, struct err *err)
{
	static struct settlement settlement; /* large, and this thread's own */
	size_t most = SETTLE_MOST;

	while (*calls != NULL) {
		gather(worker, calls, most, &settlement);
		if (settlement.count == 0)
			continue;
		if (transact(worker, &settlement, err)) {
			journal(worker, &settlement, JOURNAL_APPLIED);
			publish(worker, &settlement);
			finish(worker, &settlement);
			most = most < SETTLE_MOST / 2 ? most * 2 : SETTLE_MOST;
			continue;
		}
		store_rollback(worker->store);
		journal(worker, &settlement, JOURNAL_ANSWER);
		if (err->class == ERR_REFUSED && settlement.count == 1) {
			LOG(ALARM, "answer.parked", LOG_PAYMENT(&settlement.calls[0]->id),
				LOG_NUM("attempt", settlement.calls[0]->attempt), LOG_ERR(err));
			finish(worker, &settlement);
			continue;
		}
		give_back(&settlement, calls);
		if (err->class != ERR_REFUSED)
			return false;
		most = settlement.count / 2;
	}
	return true;
}
