#include "ingest/ingest.h"

#include "base/log.h"
#include "base/metric.h"
#include "base/uuid_list.h"
#include "core/result.h"
#include "ingest/intake.h"
#include "io/clock.h"
#include "io/evidence_store.h"
#include "io/payment_store.h"
#include "wire/cloudevent.h"
#include "wire/result_wire.h"

#include <stdlib.h>

enum { BATCH_MOST = 500, BATCH_WAIT_MS = 200, DELIVERY_WAIT_MS = 35000 };

const struct conf_row ingest_conf_rows[] = {
	{.name = "MKONDO_RETENTION",
		.type = CONF_MS,
		.at = offsetof(struct ingest_settings, retention_ms),
		.fallback = "0",
		.least = 0,
		.most = INT64_C(3650) * 86400000,
		.about = "How long payments are kept; ids older than this less a day are refused. 0: for "
			 "ever."},
	{.name = NULL},
};

static struct metric commands_total = {.name = "mkondo_commands_total",
	.help = "Commands by what became of them.",
	.label = "fate",
	.kind = METRIC_COUNTER};

/* One slice of a batch on its way through one transaction. */
struct slice {
	const struct kafka_batch *batch;
	struct intake_item *items;
	size_t count;
	struct payment_row *rows; /* of the ids that existed, or came twice */
	struct uuid *ids;
	size_t id_count;
	bool *inserted; /* by item: this one made the row */
	struct dead_letter *letters;
	size_t *letter_items; /* whose letter it is */
	size_t letter_count;
	struct arena *tmp;
};

bool ingest_start(void *self, const struct service_common *common, struct err *err)
{
	struct ingest *in = self;
	struct arena names;

	in->time_scale = common->time_scale;
	in->accounts_from.time_scale = common->time_scale;
	arena_init(&names);
	const char *topics[] = {kafka_topic(&in->kafka, "commands.v1", &names), NULL};
	bool started = account_book_load(&in->accounts, &in->accounts_from, err) &&
		       store_open(&in->store, &in->database, "mkondo-ingest", err) &&
		       publisher_new(&in->publisher, &in->kafka, &in->publishing, err) &&
		       kafka_consumer_new(&in->commands, &in->kafka, "ingest", topics, err);
	arena_done(&names);
	return started;
}

void ingest_stop(void *self)
{
	struct ingest *in = self;

	kafka_consumer_free(&in->commands);
	publisher_free(&in->publisher);
	store_close(&in->store);
	account_book_free(&in->accounts);
}

bool ingest_ready(void *self, struct buf *why)
{
	struct ingest *in = self;
	bool ready = true;

	if (!atomic_load(&in->assigned)) {
		buf_str(why, "no partition of commands.v1 is assigned\n");
		ready = false;
	}
	if (!atomic_load(&in->database_up)) {
		buf_str(why, "PostgreSQL is away\n");
		ready = false;
	}
	return ready;
}

static const struct account *find_account(const void *book, struct text name)
{
	return account_book_find(book, name);
}

static struct intake_item *decode(struct ingest *in, const struct kafka_batch *batch, struct arena *tmp)
{
	struct intake_item *items = ARENA_ARRAY(tmp, struct intake_item, batch->count);
	const struct intake_rules rules = {
		.now = clock_wall(),
		.retention_ms = in->settings.retention_ms,
		.time_scale = in->time_scale,
		.account = find_account,
		.book = in->accounts,
	};

	for (size_t i = 0; i < batch->count; i++) {
		const struct kafka_message *message = &batch->messages[i];

		intake_read(message->value, kafka_message_header(message, "content-type"),
			traceparent_check(kafka_message_header(message, "traceparent"), tmp), &rules, tmp,
			&items[i]);
		items[i].record = i;
	}
	return items;
}

static int by_payment(const void *a, const void *b)
{
	const struct payment_new *x = a, *y = b;

	return uuid_cmp(&x->payment->id, &y->payment->id);
}

/* The clocks of the database decide about money: what the check computed from ours is moved by the difference. */
static void move_to_database_time(struct slice *slice, struct instant now)
{
	for (size_t i = 0; i < slice->count; i++) {
		struct intake_item *item = &slice->items[i];
		int64_t shift = now.us - item->payment.created_at.us;

		if (item->fate == INTAKE_UNREADABLE)
			continue;
		item->payment.created_at = now;
		if (item->state.due_at.us != 0)
			item->state.due_at.us += shift;
		if (item->state.decided_at.us != 0)
			item->state.decided_at = now;
		item->state.updated_at = now;
	}
}

static bool insert(
	struct ingest *in, struct slice *slice, struct payment_new *news, size_t *ret_count, struct err *err)
{
	size_t count = 0;

	for (size_t i = 0; i < slice->count; i++) {
		struct intake_item *item = &slice->items[i];

		if (item->fate == INTAKE_UNREADABLE || item->first != i)
			continue;
		if (item->fate == INTAKE_REJECTION) {
			struct result result;

			result_decided(&item->payment, &item->state, &item->cause, slice->tmp, &result);
			item->state.frozen = result_freeze(&result, slice->tmp);
		}
		news[count++] = (struct payment_new){.payment = &item->payment, .state = &item->state};
	}
	qsort(news, count, sizeof(*news), by_payment);
	*ret_count = count;
	return count == 0 || payment_store_insert(in->store, news, count, err);
}

static void note_new(struct changes *changes, const struct payment_new *new, const struct intake_item *item)
{
	const struct payment *payment = new->payment;
	char masked[MSISDN_MASKED];

	changes_line(changes,
		&(struct journal_line){
			.payment = payment->id,
			.from = new->state->state,
			.to = new->state->state,
			.event = payment->rejected ? "REJECTED" : "ACCEPTED",
			.cause = payment->rejected ? item->fault.code : "",
			.by = "ingest",
			.detail = payment->rejected ? arena_print(changes->arena, "%s", item->fault.text)
						    : arena_print(changes->arena, "%s to %s, account %s",
							      api_row(payment->api)->name,
							      payment->party[0] != '\0'
								      ? msisdn_masked(payment->party, masked)
								      : "-",
							      payment->account),
		});
	if (payment->rejected)
		changes_owed(changes, &payment->id, 1);
	else
		changes_timer(changes, &payment->id, new->state->due_at, TIMER_SEND, payment->lane);
}

static size_t index_of(const struct slice *slice, const struct payment *payment)
{
	return (size_t)((const struct intake_item *)(const void *)((const char *)payment -
								   offsetof(struct intake_item, payment)) -
			slice->items);
}

/* Locks what existed before, or comes twice in this batch: compared under the lock, which also waits for the standby. */
static bool lock_known(
	struct ingest *in, struct slice *slice, const struct payment_new *news, size_t count, struct err *err)
{
	slice->ids = ARENA_ARRAY(slice->tmp, struct uuid, slice->count + 1);
	for (size_t i = 0; i < count; i++)
		if (!news[i].inserted)
			slice->ids[slice->id_count++] = news[i].payment->id;
	for (size_t i = 0; i < slice->count; i++)
		if (slice->items[i].fate != INTAKE_UNREADABLE && slice->items[i].first != i)
			slice->ids[slice->id_count++] = slice->items[i].id;
	slice->id_count = uuid_sort_distinct(slice->ids, slice->id_count);
	slice->rows = ARENA_ARRAY(slice->tmp, struct payment_row, slice->id_count + 1);
	return slice->id_count == 0 ||
	       payment_store_lock(in->store, slice->ids, slice->id_count, slice->tmp, slice->rows, err);
}

static const struct payment_row *known(const struct slice *slice, const struct uuid *id)
{
	size_t index = uuid_find(slice->ids, slice->id_count, id);

	return index < slice->id_count && slice->rows[index].found ? &slice->rows[index] : NULL;
}

/* An item that asks about a payment that was there before it; NULL: it is the one that made the row. */
static const struct payment_row *repeats(const struct slice *slice, size_t index)
{
	const struct intake_item *item = &slice->items[index];

	if (item->fate == INTAKE_UNREADABLE || (item->first == index && slice->inserted[index]))
		return NULL;
	return known(slice, &item->id);
}

static void add_letter(struct slice *slice, size_t index, const char *reason, const char *detail)
{
	const struct kafka_message *message = &slice->batch->messages[slice->items[index].record];

	slice->letter_items[slice->letter_count] = index;
	slice->letters[slice->letter_count++] = (struct dead_letter){
		.reason = reason,
		.detail = detail,
		.topic = message->topic,
		.partition = message->partition,
		.offset = message->offset,
		.key = message->key,
		.value = message->value,
	};
}

/* The dead letters of the slice: bytes without an id, and ids that came again with other content. */
static void find_letters(struct slice *slice)
{
	for (size_t i = 0; i < slice->count; i++) {
		const struct payment_row *row = repeats(slice, i);

		if (slice->items[i].fate == INTAKE_UNREADABLE)
			add_letter(slice, i, "undecodable", slice->items[i].fault.text);
		else if (row != NULL && !intake_is_same(&slice->items[i], &row->payment, slice->tmp))
			add_letter(slice, i, "id_reused", "the id belongs to a payment with other content");
	}
}

/* Everything of the slice in one transaction. After it, nothing but the answers is left to do. */
static bool record(struct ingest *in, struct slice *slice, struct err *err)
{
	struct payment_new *news = ARENA_ARRAY(slice->tmp, struct payment_new, slice->count + 1);
	struct changes changes;
	struct instant now;
	size_t count;

	if (!store_begin(in->store, &now, err))
		return false;
	move_to_database_time(slice, now);
	if (!insert(in, slice, news, &count, err))
		return false;
	changes_init(&changes, slice->tmp);
	for (size_t i = 0; i < count; i++) {
		size_t index = index_of(slice, news[i].payment);

		slice->inserted[index] = news[i].inserted;
		if (news[i].inserted)
			note_new(&changes, &news[i], &slice->items[index]);
	}
	if (!lock_known(in, slice, news, count, err))
		return false;
	find_letters(slice);
	return (slice->letter_count == 0 ||
		       dead_letter_store_add(in->store, slice->letters, slice->letter_count, err)) &&
	       changes_save(in->store, &changes, err) && store_commit(in->store, err);
}

/* What the senders and the dispatcher are told about one record. */
static bool answer_one(struct ingest *in, struct slice *slice, size_t index, struct err *err)
{
	const struct intake_item *item = &slice->items[index];
	const struct payment_row *row = repeats(slice, index);

	if (item->fate == INTAKE_UNREADABLE) {
		metric_add(&commands_total, "dead_letter", 1);
		return true;
	}
	if (row != NULL) {
		metric_add(&commands_total, "repeated", 1);
		return publisher_result(in->publisher, &row->payment, &row->state, err);
	}
	metric_add(&commands_total, item->fate == INTAKE_PAYMENT ? "accepted" : "rejected", 1);
	if (!publisher_result(in->publisher, &item->payment, &item->state, err))
		return false;
	return item->fate == INTAKE_REJECTION ||
	       publisher_hint(in->publisher, item->payment.lane, item->payment.traceparent,
		       &(struct hint){.id = item->id}, err);
}

static bool answer_all(struct ingest *in, struct slice *slice, struct err *err)
{
	for (size_t i = 0; i < slice->count; i++)
		if (!answer_one(in, slice, i, err))
			return false;
	for (size_t i = 0; i < slice->letter_count; i++) {
		const struct dead_letter *letter = &slice->letters[i];
		const struct intake_item *item = &slice->items[slice->letter_items[i]];

		LOG(WARN, "command.dead_lettered", LOG_STR("reason", letter->reason),
			LOG_STR("detail", letter->detail), LOG_STR("topic", letter->topic),
			LOG_NUM("partition", letter->partition), LOG_NUM("offset", letter->offset));
		if (!publisher_dead_letter(in->publisher, &slice->batch->messages[item->record],
			    letter->reason, letter->detail, err))
			return false;
	}
	return true;
}

static void slice_init(struct slice *slice, const struct kafka_batch *batch, struct intake_item *items,
	size_t count, struct arena *tmp)
{
	*slice = (struct slice){.batch = batch, .items = items, .count = count, .tmp = tmp};
	slice->inserted = ARENA_ARRAY(tmp, bool, count + 1);
	slice->letters = ARENA_ARRAY(tmp, struct dead_letter, count + 1);
	slice->letter_items = ARENA_ARRAY(tmp, size_t, count + 1);
}

/* The record that the database refuses, alone at last: kept as a dead letter, so that it holds up nothing. */
static bool park(struct ingest *in, const struct kafka_batch *batch, struct intake_item *item,
	struct arena *tmp, struct err *err)
{
	const struct err why = *err;
	struct slice slice;
	struct instant now;

	slice_init(&slice, batch, item, 1, tmp);
	add_letter(&slice, 0, "unstorable", why.text);
	LOG(ALARM, "command.parked", LOG_PAYMENT(&item->id), LOG_ERR(&why));
	metric_add(&commands_total, "parked", 1);
	return store_begin(in->store, &now, err) && dead_letter_store_add(in->store, slice.letters, 1, err) &&
	       store_commit(in->store, err) &&
	       publisher_dead_letter(
		       in->publisher, &batch->messages[item->record], "unstorable", why.text, err);
}

/* A slice through the database and out again. One that the database refuses is halved until the culprit is alone. */
static bool take_in(struct ingest *in, const struct kafka_batch *batch, struct intake_item *items,
	size_t count, struct arena *tmp, struct err *err)
{
	struct slice slice;

	slice_init(&slice, batch, items, count, tmp);
	intake_fold(items, count, tmp);
	if (record(in, &slice, err))
		return answer_all(in, &slice, err);
	store_rollback(in->store);
	if (err->class != ERR_REFUSED)
		return false;
	if (count == 1)
		return park(in, batch, items, tmp, err);
	return take_in(in, batch, items, count / 2, tmp, err) &&
	       take_in(in, batch, items + count / 2, count - count / 2, tmp, err);
}

bool ingest_work(void *self, struct arena *tmp, struct err *err)
{
	struct ingest *in = self;
	struct kafka_batch batch;

	publisher_poll(in->publisher);
	if (!publisher_settle(in->publisher, in->store, clock_mono(), err)) {
		atomic_store(&in->database_up, false);
		return false;
	}
	if (!kafka_consumer_next(in->commands, BATCH_MOST, BATCH_WAIT_MS, tmp, &batch, err))
		return false;
	atomic_store(&in->assigned, kafka_consumer_assigned(in->commands));
	atomic_store(&in->database_up, store_is_up(in->store));
	if (batch.count == 0)
		return true;

	bool done = take_in(in, &batch, decode(in, &batch, tmp), batch.count, tmp, err);
	if (done && !publisher_wait(in->publisher, DELIVERY_WAIT_MS))
		done = err_set(
			err, ERR_RETRY, 0, "results of %zu commands were not acknowledged", batch.count);
	if (done)
		done = kafka_consumer_commit(in->commands, &batch, false, err);
	else
		(void)kafka_consumer_rewind(in->commands, &batch, &(struct err){0});
	kafka_batch_free(&batch);
	return done;
}
