#include "io/kafka_producer.h"

#include "base/fault.h"
#include "base/log.h"
#include "io/clock.h"
#include "io/kafka_client.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* murmur2_random: the partition that Java's producers choose for the same key. A linger of 1 ms costs a third of
   the CPU of 0.1 ms at few records a second, and the latency of neither is felt. */
static const struct kafka_setting settings[] = {
	{"enable.idempotence", "true"},
	{"acks", "all"},
	{"linger.ms", "1"},
	{"sticky.partitioning.linger.ms", "10"},
	{"message.timeout.ms", "30000"},
	{"request.timeout.ms", "10000"},
	{"queue.buffering.max.messages", "100000"},
	{"queue.buffering.max.kbytes", "131072"},
	{"partitioner", "murmur2_random"},
	{NULL, NULL},
};

enum { FREE_MS = 5000, PURGE_MS = 5000, EXPECT_MS = 2000 };

struct kafka_producer {
	rd_kafka_t *rk; /* NULL only while a fatal one could not be replaced */
	rd_kafka_queue_t *queue;
	int wake;
	struct kafka_conf conf; /* its strings are the caller's */
	struct kafka_delivery delivery;
	size_t under_way;
	bool leaving;
	rd_kafka_topic_t *expected[16];
	size_t expected_count;
};

static void on_delivery(rd_kafka_t *rk, const rd_kafka_message_t *record, void *opaque)
{
	struct kafka_producer *producer = opaque;
	bool delivered = record->err == RD_KAFKA_RESP_ERR_NO_ERROR &&
			 !FAULT_OF("kafka.report", FAULT_LOST, rd_kafka_topic_name(record->rkt));

	(void)rk;
	must(producer->under_way > 0);
	producer->under_way--;
	if (!delivered && !producer->leaving)
		kafka_client_complain(rd_kafka_err2name(record->err), rd_kafka_err2str(record->err));
	if (producer->delivery.report != NULL && !producer->leaving)
		producer->delivery.report(producer->delivery.self, record->_private, delivered);
}

static bool open_handle(struct kafka_producer *producer, struct err *err)
{
	rd_kafka_conf_t *rd_conf = kafka_client_conf(&producer->conf, settings, err);

	if (rd_conf == NULL)
		return false;
	rd_kafka_conf_set_opaque(rd_conf, producer);
	rd_kafka_conf_set_dr_msg_cb(rd_conf, on_delivery);
	producer->rk = kafka_client_new(RD_KAFKA_PRODUCER, rd_conf, err);
	if (producer->rk == NULL)
		return false;
	producer->queue = rd_kafka_queue_get_main(producer->rk);
	if (producer->wake < 0) {
		producer->wake = kafka_client_wake_fd(producer->queue, err);
		return producer->wake >= 0;
	}
	kafka_client_wake_join(producer->queue, producer->wake);
	return true;
}

/* What is still queued or on the wire is reported as failed, here and now. */
static void close_handle(struct kafka_producer *producer)
{
	if (producer->rk == NULL)
		return;
	if (producer->under_way > 0) {
		rd_kafka_purge(producer->rk, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
		rd_kafka_flush(producer->rk, PURGE_MS);
		if (producer->under_way > 0)
			LOG(ALARM, "kafka.reports_lost", LOG_NUM("count", producer->under_way));
		producer->under_way = 0;
	}
	while (producer->expected_count > 0)
		rd_kafka_topic_destroy(producer->expected[--producer->expected_count]);
	if (producer->queue != NULL) {
		rd_kafka_queue_io_event_enable(producer->queue, -1, NULL, 0);
		rd_kafka_queue_destroy(producer->queue);
	}
	rd_kafka_destroy(producer->rk);
	producer->queue = NULL;
	producer->rk = NULL;
}

bool kafka_producer_new(struct kafka_producer **ret, const struct kafka_conf *conf,
	const struct kafka_delivery *delivery, struct err *err)
{
	struct kafka_producer *producer = calloc(1, sizeof(*producer));

	must(producer != NULL);
	producer->wake = -1;
	producer->conf = *conf;
	if (delivery != NULL)
		producer->delivery = *delivery;
	if (!open_handle(producer, err)) {
		kafka_producer_free(&producer);
		return false;
	}
	*ret = producer;
	return true;
}

void kafka_producer_expect(struct kafka_producer *producer, const char *topic)
{
	const struct rd_kafka_metadata *metadata = NULL;
	rd_kafka_topic_t *handle =
		producer->rk != NULL ? rd_kafka_topic_new(producer->rk, topic, NULL) : NULL;

	if (handle == NULL)
		return;
	if (!FAULT("kafka.expect", FAULT_FAILED) && rd_kafka_metadata(producer->rk, 0, handle, &metadata,
							    EXPECT_MS) == RD_KAFKA_RESP_ERR_NO_ERROR)
		rd_kafka_metadata_destroy(metadata);
	/* Kept: what nobody holds is forgotten again. */
	if (producer->expected_count < COUNT_OF(producer->expected))
		producer->expected[producer->expected_count++] = handle;
	else
		rd_kafka_topic_destroy(handle);
}

static rd_kafka_headers_t *copy_headers(const struct kafka_record *record)
{
	rd_kafka_headers_t *headers = rd_kafka_headers_new(record->header_count);

	for (size_t i = 0; i < record->header_count; i++) {
		const struct header *header = &record->headers[i];

		must(rd_kafka_header_add(headers, header->name, -1, header->value.at,
			     (ssize_t)header->value.len) == RD_KAFKA_RESP_ERR_NO_ERROR);
	}
	return headers;
}

bool kafka_producer_send(
	struct kafka_producer *producer, const struct kafka_record *record, void *cookie, struct err *err)
{
	unsigned fault = FAULT_OF(
		"kafka.send", FAULT_FAILED | FAULT_REFUSED | FAULT_HANG | FAULT_FATAL, record->topic);
	rd_kafka_headers_t *headers;
	rd_kafka_resp_err_t code;

	if (fault == FAULT_FAILED || fault == FAULT_REFUSED)
		return kafka_client_failed(err,
			fault == FAULT_FAILED ? RD_KAFKA_RESP_ERR__QUEUE_FULL
					      : RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE,
			record->topic);
	if (producer->rk == NULL)
		return err_set(err, ERR_RETRY, 0, "the producer is being made anew");
	headers = record->header_count > 0 ? copy_headers(record) : NULL;
	code = rd_kafka_producev(producer->rk, RD_KAFKA_V_TOPIC(record->topic),
		RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_KEY(record->key.at, record->key.len),
		RD_KAFKA_V_VALUE((void *)record->value.at, record->value.len), RD_KAFKA_V_HEADERS(headers),
		RD_KAFKA_V_OPAQUE(cookie), RD_KAFKA_V_END);
	if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
		producer->under_way++;
		/* What is still queued is reported as not delivered, as it is when the broker is away for too long. */
		if (fault == FAULT_HANG)
			(void)rd_kafka_purge(producer->rk, RD_KAFKA_PURGE_F_QUEUE);
		if (fault == FAULT_FATAL)
			(void)rd_kafka_test_fatal_error(
				producer->rk, RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER, "a fault");
		return true;
	}
	if (headers != NULL)
		rd_kafka_headers_destroy(headers);
	/* The next poll makes a new producer: from here the caller's reports would come when it does not expect them. */
	if (code == RD_KAFKA_RESP_ERR__FATAL)
		return err_set(err, ERR_RETRY, code, "the producer has failed and is to be made anew");
	return kafka_client_failed(err, code, record->topic);
}

/* 2.0.2's idempotent producer can lose count of its own sequence and then refuses everything for ever; a new one goes on. */
static void mend(struct kafka_producer *producer)
{
	char why[200] = "";
	struct err err = {0};

	if (producer->rk != NULL) {
		rd_kafka_resp_err_t code = rd_kafka_fatal_error(producer->rk, why, sizeof(why));

		if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
			return;
		LOG(WARN, "kafka.producer_replaced", LOG_STR("why", why), LOG_NUM("code", code),
			LOG_NUM("under_way", producer->under_way));
		close_handle(producer);
	}
	if (!open_handle(producer, &err)) {
		close_handle(producer);
		kafka_client_complain("producer", err.text);
	}
}

size_t kafka_producer_poll(struct kafka_producer *producer, int wait_ms)
{
	kafka_client_wake_clear(producer->wake);
	mend(producer);
	if (producer->rk == NULL)
		return producer->under_way;
	if (rd_kafka_poll(producer->rk, producer->under_way > 0 ? wait_ms : 0) > 0)
		while (rd_kafka_poll(producer->rk, 0) > 0)
			;
	return producer->under_way;
}

bool kafka_producer_wait(struct kafka_producer *producer, int wait_ms)
{
	struct mono end = mono_add_ms(clock_mono(), wait_ms);

	while (kafka_producer_poll(producer, 0) > 0) {
		int64_t left = mono_ms_between(clock_mono(), end);

		if (left <= 0)
			return false;
		if (kafka_producer_poll(producer, left < 100 ? (int)left : 100) == 0)
			break;
	}
	return true;
}

int kafka_producer_fd(struct kafka_producer *producer)
{
	return producer->wake;
}

void kafka_producer_free(struct kafka_producer **producer)
{
	struct kafka_producer *old = *producer;

	if (old == NULL)
		return;
	*producer = NULL;
	old->leaving = true;
	if (old->rk != NULL && old->under_way > 0)
		rd_kafka_flush(old->rk, FREE_MS);
	close_handle(old);
	if (old->wake >= 0)
		close(old->wake);
	free(old);
}
