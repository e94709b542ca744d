#include "io/publisher.h"

#include "base/log.h"
#include "base/metric.h"
#include "io/kafka_producer.h"
#include "io/timer_store.h"
#include "wire/cloudevent.h"
#include "wire/receipt_wire.h"
#include "wire/result_wire.h"

#include <stdlib.h>

enum { SETTLE_AFTER_MS = 500, SETTLE_AT = 2000, UNHEARD_MS = 2000, FREE_MS = 5000 };

static const char *const encodings[] = {"protobuf", "json", NULL};

const struct conf_row publisher_conf_rows[] = {
	{.name = "MKONDO_RESULT_ENCODING",
		.type = CONF_CHOICE,
		.at = offsetof(struct publisher_conf, encoding),
		.fallback = "protobuf",
		.choices = encodings,
		.about = "How results are written."},
	{.name = "MKONDO_EVENT_SOURCE",
		.type = CONF_STRING,
		.at = offsetof(struct publisher_conf, source),
		.fallback = "mkondo",
		.about = "The CloudEvents source of results."},
	{.name = NULL},
};

struct publisher {
	struct kafka_producer *producer;
	struct arena names, tmp;
	enum result_encoding encoding;
	const char *source;
	const char *results, *receipts, *callbacks, *attempts, *dead_letters, *dispatch[LANE_COUNT];
	struct owed *paid;
	size_t paid_count, paid_cap;
	struct mono paid_since; /* since when settle has known of the oldest of them */
	size_t failures; /* since the last publisher_wait */
	bool delivered; /* something, since publisher_is_heard was asked */
	struct mono heard_at;
};

/* What a delivery report is about; only results have one. */
struct published {
	struct owed owed;
};

METRIC(published, .name = "mkondo_records_total",
	.help = "Records for Kafka, by librdkafka's last word about them; a result that failed is still owed "
		"and comes again.",
	.label = "fate", .values = "delivered failed", .kind = METRIC_COUNTER);

static void keep_paid(struct publisher *publisher, const struct owed *owed)
{
	if (publisher->paid_count == publisher->paid_cap) {
		publisher->paid_cap = publisher->paid_cap ? publisher->paid_cap * 2 : 256;
		publisher->paid = realloc(publisher->paid, publisher->paid_cap * sizeof(*publisher->paid));
		must(publisher->paid != NULL);
	}
	publisher->paid[publisher->paid_count++] = *owed;
}

static void on_report(void *self, void *cookie, bool delivered)
{
	struct publisher *publisher = self;
	struct published *what = cookie;

	metric_add(&published, delivered ? "delivered" : "failed", 1);
	publisher->delivered |= delivered;
	if (!delivered)
		publisher->failures++;
	else if (what != NULL && what->owed.version > 0)
		keep_paid(publisher, &what->owed);
	free(what);
}

bool publisher_new(struct publisher **ret, const struct kafka_conf *kafka, const struct publisher_conf *conf,
	struct err *err)
{
	struct publisher *publisher = calloc(1, sizeof(*publisher));
	const struct kafka_delivery delivery = {.report = on_report, .self = publisher};
	char name[64];

	must(publisher != NULL);
	arena_init(&publisher->names);
	arena_init(&publisher->tmp);
	publisher->encoding = conf->encoding == 1 ? RESULT_JSON : RESULT_PROTOBUF;
	publisher->source = arena_string(&publisher->names, text_of(conf->source));
	publisher->results = kafka_topic(kafka, "results.v1", &publisher->names);
	publisher->receipts = kafka_topic(kafka, "receipts.v1", &publisher->names);
	publisher->callbacks = kafka_topic(kafka, "callbacks.v1", &publisher->names);
	publisher->attempts = kafka_topic(kafka, "attempts.v1", &publisher->names);
	publisher->dead_letters = kafka_topic(kafka, "dlq.v1", &publisher->names);
	for (int lane = 0; lane < LANE_COUNT; lane++) {
		struct buf buf = BUF(name);

		buf_print(&buf, "dispatch.%s.v1", lane_name((enum lane)lane));
		publisher->dispatch[lane] = kafka_topic(kafka, buf_end(&buf), &publisher->names);
	}
	if (!kafka_producer_new(&publisher->producer, kafka, &delivery, err)) {
		publisher_free(&publisher);
		return false;
	}
	kafka_producer_expect(publisher->producer, publisher->results);
	kafka_producer_expect(publisher->producer, publisher->callbacks);
	for (int lane = 0; lane < LANE_COUNT; lane++)
		kafka_producer_expect(publisher->producer, publisher->dispatch[lane]);
	*ret = publisher;
	return true;
}

void publisher_free(struct publisher **publisher)
{
	struct publisher *gone = *publisher;

	if (gone == NULL)
		return;
	/* The reports that still come free what they are about. */
	if (gone->producer != NULL)
		kafka_producer_wait(gone->producer, FREE_MS);
	kafka_producer_free(&gone->producer);
	arena_done(&gone->tmp);
	arena_done(&gone->names);
	free(gone->paid);
	free(gone);
	*publisher = NULL;
}

/* Queues one record; when the queue is full serves reports for a while and tries once more. */
static bool produce(struct publisher *publisher, const struct kafka_record *record, struct published *what,
	struct err *err)
{
	bool queued = kafka_producer_send(publisher->producer, record, what, err);

	if (!queued && err->class == ERR_RETRY) {
		kafka_producer_poll(publisher->producer, 200);
		queued = kafka_producer_send(publisher->producer, record, what, err);
	}
	if (!queued) {
		publisher->failures++;
		free(what);
	}
	arena_reset(&publisher->tmp);
	return queued;
}

bool publisher_result(struct publisher *publisher, const struct payment *payment,
	const struct payment_state *state, struct err *err)
{
	struct arena *tmp = &publisher->tmp;
	struct header headers[CLOUDEVENT_HEADERS];
	char id[UUID_TEXT];
	struct result result;
	struct published *what;

	if (!result_thaw(payment, state, tmp, &result, err))
		return err_while(err, "result of %s", uuid_text(&payment->id, id));
	what = calloc(1, sizeof(*what));
	must(what != NULL);
	what->owed = (struct owed){.id = payment->id, .version = result.version};

	const struct kafka_record record = {
		.topic = publisher->results,
		.key = text_of(uuid_text(&payment->id, id)),
		.value = result_pack(&result, publisher->encoding, tmp),
		.headers = headers,
		.header_count = cloudevent_headers(
			&result, publisher->encoding, publisher->source, payment->traceparent, tmp, headers),
	};
	LOG(INFO, "result.published", LOG_PAYMENT(&payment->id), LOG_TRACE(payment->traceparent),
		LOG_STR("outcome", outcome_name(result.outcome)), LOG_NUM("version", result.version));
	return produce(publisher, &record, what, err);
}

bool publisher_receipt(struct publisher *publisher, const struct receipt *receipt, struct err *err)
{
	struct arena *tmp = &publisher->tmp;
	struct header headers[CLOUDEVENT_HEADERS];
	const struct kafka_record record = {
		.topic = publisher->receipts,
		.key = text_of(receipt->notice.receipt),
		.value = receipt_pack(receipt, publisher->encoding, tmp),
		.headers = headers,
		.header_count =
			receipt_headers(receipt, publisher->encoding, publisher->source, tmp, headers),
	};

	LOG(INFO, "receipt.published", LOG_STR("receipt", receipt->notice.receipt),
		LOG_STR("account", receipt->account), LOG_YES("new", receipt->is_new));
	return produce(publisher, &record, NULL, err);
}

static bool send_traced(struct publisher *publisher, const char *topic, const struct uuid *id,
	struct text value, const char *traceparent, struct err *err)
{
	const struct header headers[] = {{"traceparent", text_of(traceparent)}};
	char key[UUID_TEXT];
	const struct kafka_record record = {
		.topic = topic,
		.key = id != NULL ? text_of(uuid_text(id, key)) : (struct text){0},
		.value = value,
		.headers = headers,
		.header_count = traceparent != NULL && traceparent[0] != '\0',
	};

	return produce(publisher, &record, NULL, err);
}

bool publisher_hint(struct publisher *publisher, enum lane lane, const char *traceparent,
	const struct hint *hint, struct err *err)
{
	const char *topic = publisher->dispatch[hint->ask ? LANE_QUERY : lane];
	const char *child =
		traceparent_child(traceparent, "hint", &hint->id, hint->query_no, &publisher->tmp);

	return send_traced(publisher, topic, NULL, hint_pack(hint, &publisher->tmp), child, err);
}

bool publisher_callback(struct publisher *publisher, const struct callback *callback, struct err *err)
{
	return send_traced(publisher, publisher->callbacks,
		callback->has_payment ? &callback->ref.payment : NULL,
		callback_pack(callback, &publisher->tmp), callback->traceparent, err);
}

bool publisher_attempt(struct publisher *publisher, const struct attempt_note *note, const char *traceparent,
	struct err *err)
{
	return send_traced(publisher, publisher->attempts, &note->id,
		attempt_note_pack(note, &publisher->tmp), traceparent, err);
}

bool publisher_dead_letter(struct publisher *publisher, const struct kafka_message *message,
	const char *reason, const char *detail, struct err *err)
{
	struct arena *tmp = &publisher->tmp;
	char at[INSTANT_TEXT];
	const struct header headers[] = {
		{"mkondo_reason", text_of(reason)},
		{"mkondo_detail", text_of(detail)},
		{"mkondo_topic", text_of(message->topic)},
		{"mkondo_partition", text_of(arena_print(tmp, "%d", message->partition))},
		{"mkondo_offset", text_of(arena_print(tmp, "%lld", (long long)message->offset))},
		{"mkondo_time", text_of(instant_iso(instant_of_ms(message->timestamp_ms), at))},
		{"content-type", kafka_message_header(message, "content-type")},
		{"traceparent", kafka_message_header(message, "traceparent")},
	};
	const struct kafka_record record = {
		.topic = publisher->dead_letters,
		.key = message->key,
		.value = message->value,
		.headers = headers,
		.header_count = COUNT_OF(headers),
	};

	return produce(publisher, &record, NULL, err);
}

void publisher_poll(struct publisher *publisher)
{
	kafka_producer_poll(publisher->producer, 0);
}

bool publisher_is_heard(struct publisher *publisher, struct mono now)
{
	size_t under_way = kafka_producer_poll(publisher->producer, 0);

	if (under_way == 0 || publisher->delivered || publisher->heard_at.us == 0)
		publisher->heard_at = now;
	publisher->delivered = false;
	return mono_ms_between(publisher->heard_at, now) < UNHEARD_MS;
}

bool publisher_wait(struct publisher *publisher, int wait_ms)
{
	bool all = kafka_producer_wait(publisher->producer, wait_ms) && publisher->failures == 0;

	publisher->failures = 0;
	return all;
}

bool publisher_settle(struct publisher *publisher, struct store *store, struct mono now, struct err *err)
{
	if (publisher->paid_count == 0)
		return true;
	if (publisher->paid_since.us == 0)
		publisher->paid_since = now;
	if (publisher->paid_count < SETTLE_AT &&
		mono_ms_between(publisher->paid_since, now) < SETTLE_AFTER_MS)
		return true;
	if (!owed_store_paid(store, publisher->paid, publisher->paid_count, err))
		return false;
	publisher->paid_count = 0;
	publisher->paid_since = (struct mono){0};
	return true;
}
