#include "ingest/ingest.h"

#include "base/log.h"
#include "base/metric.h"
#include "ingest/slice.h"
#include "io/clock.h"
#include "io/dead_letter.h"
#include "io/evidence_store.h"
#include "wire/cloudevent.h"

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

METRIC(commands_total, .name = "mkondo_commands_total",
	.help = "Commands by what became of them: dead_letter could not be read, parked the database "
		"refused.",
	.label = "fate", .values = "accepted rejected repeated dead_letter parked", .kind = METRIC_COUNTER);

bool ingest_start(void *self, const struct service_common *common, struct err *err)
{
	struct ingest *in = self;
	struct arena names;

	in->time_scale = common->time_scale;
	in->accounts_from.time_scale = common->time_scale;
	arena_init(&names);
	const char *topics[] = {kafka_topic(&in->kafka, "commands.v1", &names), NULL};
	bool started = accounts_open(&in->accounts, &in->accounts_from, err) &&
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
	accounts_close(&in->accounts);
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
		.book = in->accounts.book,
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

/* What the senders and the dispatcher are told about one record. */
static bool answer_one(struct ingest *in, struct slice *slice, size_t index, struct err *err)
{
	const struct intake_item *item = &slice->items[index];
	const struct payment_row *row = slice_repeats(slice, index);

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
		       &(struct hint){.id = item->id,
			       .priority = item->payment.priority,
			       .account = item->payment.account},
		       err);
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

/* The record that the database refuses, alone at last: kept as a dead letter, so that it holds up nothing. */
static bool park(
	struct ingest *in, const struct kafka_batch *batch, const struct intake_item *item, struct err *err)
{
	const struct err why = *err;

	LOG(ALARM, "command.parked", LOG_PAYMENT(&item->id), LOG_ERR(&why));
	metric_add(&commands_total, "parked", 1);
	return dead_letter_keep(
		in->store, in->publisher, &batch->messages[item->record], "unstorable", why.text, err);
}

/* A slice through the database and out again. One that the database refuses is halved until the culprit is alone. */
static bool take_in(struct ingest *in, const struct kafka_batch *batch, struct intake_item *items,
	size_t count, struct arena *tmp, struct err *err)
{
	struct slice slice;

	slice_init(&slice, batch, items, count, tmp);
	intake_fold(items, count, tmp);
	if (slice_record(&slice, in->store, err))
		return answer_all(in, &slice, err);
	store_rollback(in->store);
	if (err->class != ERR_REFUSED)
		return false;
	if (count == 1)
		return park(in, batch, items, err);
	return take_in(in, batch, items, count / 2, tmp, err) &&
	       take_in(in, batch, items + count / 2, count - count / 2, tmp, err);
}

bool ingest_work(void *self, struct arena *tmp, struct err *err)
{
	struct ingest *in = self;
	struct kafka_batch batch;

	accounts_look(&in->accounts, clock_mono());
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
