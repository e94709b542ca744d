#include "reconciler/reconciler.h"

#include "base/log.h"
#include "io/clock.h"
#include "io/dead_letter.h"
#include "reconciler/docket.h"
#include "reconciler/notices.h"

enum { BATCH_MOST = 500, BATCH_WAIT_MS = 200, DELIVERY_WAIT_MS = 35000 };

const struct conf_row reconciler_conf_rows[] = {
	{.name = "MKONDO_CONFIRM_ABOVE",
		.type = CONF_INT,
		.at = offsetof(struct reconciler_settings, confirm_above),
		.fallback = "1000000",
		.least = 0,
		.most = INT64_C(100000000000),
		.about = "STK successes above this many cents are confirmed by a question before they count. "
			 "0: all of them."},
	{.name = NULL},
};

bool reconciler_start(void *self, const struct service_common *common, struct err *err)
{
	struct reconciler *rec = self;
	struct arena names;

	rec->time_scale = common->time_scale;
	rec->rules.confirm_above = amount_of_cents(rec->settings.confirm_above);
	arena_init(&names);
	const char *topics[] = {kafka_topic(&rec->kafka, "callbacks.v1", &names), NULL};
	bool started = store_open(&rec->store, &rec->database, "mkondo-reconciler", err) &&
		       publisher_new(&rec->publisher, &rec->kafka, &rec->publishing, err) &&
		       kafka_consumer_new(&rec->callbacks, &rec->kafka, "reconciler", topics, err);
	arena_done(&names);
	return started;
}

void reconciler_stop(void *self)
{
	struct reconciler *rec = self;

	kafka_consumer_free(&rec->callbacks);
	publisher_free(&rec->publisher);
	store_close(&rec->store);
}

bool reconciler_ready(void *self, struct buf *why)
{
	struct reconciler *rec = self;
	bool ready = true;

	if (!atomic_load(&rec->assigned)) {
		buf_str(why, "no partition of callbacks.v1 is assigned\n");
		ready = false;
	}
	if (!atomic_load(&rec->database_up)) {
		buf_str(why, "PostgreSQL is away\n");
		ready = false;
	}
	return ready;
}

/* After the commit: what cannot be published now is owed. */
static void publish(struct reconciler *rec, const struct docket *docket)
{
	struct err err;

	for (size_t i = 0; i < docket->id_count; i++)
		if (docket->published[i] && !publisher_result(rec->publisher, &docket->rows[i].payment,
						    &docket->rows[i].state, &err))
			LOG(WARN, "result.delayed", LOG_PAYMENT(&docket->ids[i]), LOG_ERR(&err));
}

/* A record that the database refuses, alone at last: kept as a dead letter, so that it holds up nothing. */
static bool park(struct reconciler *rec, const struct kafka_message *message, struct err *err)
{
	const struct err why = *err;

	LOG(ALARM, "callback.parked", LOG_TXT("key", message->key), LOG_STR("topic", message->topic),
		LOG_NUM("partition", message->partition), LOG_NUM("offset", message->offset), LOG_ERR(&why));
	rec->must_arrive = true;
	return dead_letter_keep(rec->store, rec->publisher, message, "unstorable", why.text, err);
}

/* Envelopes that are not ours keep their bytes in the dead letters. */
static bool bury_unreadable(struct reconciler *rec, const struct docket *docket,
	const struct kafka_message *messages, struct err *err)
{
	for (size_t i = 0; i < docket->count; i++) {
		if (docket->hearings[i].readable)
			continue;
		rec->must_arrive = true;
		if (!dead_letter_keep(rec->store, rec->publisher, &messages[i], "undecodable",
			    "not an envelope of a callback", err))
			return false;
	}
	return true;
}

static bool settle(struct reconciler *rec, const struct kafka_message *messages, size_t count,
	struct arena *tmp, struct err *err)
{
	struct docket docket = {.count = count, .tmp = tmp};

	docket.hearings = ARENA_ARRAY(tmp, struct hearing, count);
	for (size_t i = 0; i < count; i++)
		docket_hear(&docket, messages[i].value, &docket.hearings[i]);
	if (docket_settle(&docket, rec->store, &rec->rules, rec->time_scale, err)) {
		publish(rec, &docket);
		if (notices_settle(rec, &docket, messages, err))
			return bury_unreadable(rec, &docket, messages, err);
	}
	store_rollback(rec->store);
	if (err->class != ERR_REFUSED)
		return false;
	if (count == 1)
		return park(rec, messages, err);
	return settle(rec, messages, count / 2, tmp, err) &&
	       settle(rec, messages + count / 2, count - count / 2, tmp, err);
}

bool reconciler_work(void *self, struct arena *tmp, struct err *err)
{
	struct reconciler *rec = self;
	struct kafka_batch batch;

	publisher_poll(rec->publisher);
	if (!publisher_settle(rec->publisher, rec->store, clock_mono(), err)) {
		atomic_store(&rec->database_up, false);
		return false;
	}
	if (!kafka_consumer_next(rec->callbacks, BATCH_MOST, BATCH_WAIT_MS, tmp, &batch, err))
		return false;
	atomic_store(&rec->assigned, kafka_consumer_assigned(rec->callbacks));
	if (batch.count == 0) {
		atomic_store(&rec->database_up, store_is_up(rec->store));
		return true;
	}

	bool done = settle(rec, batch.messages, batch.count, tmp, err);
	atomic_store(&rec->database_up, store_is_up(rec->store));
	if (done && rec->must_arrive && !publisher_wait(rec->publisher, DELIVERY_WAIT_MS))
		done = err_set(err, ERR_RETRY, 0, "receipts or dead letters were not acknowledged");
	rec->must_arrive = false;
	if (done)
		done = kafka_consumer_commit(rec->callbacks, &batch, false, err);
	else
		(void)kafka_consumer_rewind(rec->callbacks, &batch, &(struct err){0});
	kafka_batch_free(&batch);
	return done;
}
