#include "io/kafka_consumer_state.h"

#include "base/fault.h"
#include "base/log.h"
#include "io/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* fetch.wait.max.ms: the embedded broker answers an empty fetch only after all of it, whatever comes in between. */
static const struct kafka_setting settings[] = {
	{"auto.offset.reset", "earliest"},
	{"enable.auto.commit", "false"},
	{"enable.auto.offset.store", "false"},
	{"isolation.level", "read_uncommitted"},
	{"partition.assignment.strategy", "range"},
	{"session.timeout.ms", "6000"},
	{"heartbeat.interval.ms", "1500"},
	{"max.poll.interval.ms", "60000"},
	{"fetch.wait.max.ms", "10"},
	{"fetch.error.backoff.ms", "100"},
	{"queued.max.messages.kbytes", "16384"},
	{"allow.auto.create.topics", "false"},
	{NULL, NULL},
};

enum { LEAVE_MS = 5000 };

void kafka_list_drop(rd_kafka_topic_partition_list_t **list)
{
	if (*list != NULL)
		rd_kafka_topic_partition_list_destroy(*list);
	*list = NULL;
}

/* Pauses or resumes what is assigned of the topic; false: *err is filled. */
static bool pause_assigned(struct kafka_consumer *consumer, const char *topic, bool pause, struct err *err)
{
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(8);
	rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_NO_ERROR;

	for (int i = 0; consumer->assigned != NULL && i < consumer->assigned->cnt; i++)
		if (strcmp(consumer->assigned->elems[i].topic, topic) == 0)
			rd_kafka_topic_partition_list_add(
				list, topic, consumer->assigned->elems[i].partition);
	if (list->cnt > 0)
		code = FAULT("kafka.pause", FAULT_FAILED) ? RD_KAFKA_RESP_ERR__FAIL
		       : pause                            ? rd_kafka_pause_partitions(consumer->rk, list)
							  : rd_kafka_resume_partitions(consumer->rk, list);
	for (int i = 0; code == RD_KAFKA_RESP_ERR_NO_ERROR && i < list->cnt; i++)
		code = list->elems[i].err;
	kafka_list_drop(&list);
	return code == RD_KAFKA_RESP_ERR_NO_ERROR ||
	       kafka_client_failed(err, code, pause ? "pausing" : "resuming");
}

/* A partition that is given to us starts unpaused. */
static void keep_paused(struct kafka_consumer *consumer)
{
	struct err err = {0};

	for (size_t i = 0; i < consumer->topic_count; i++)
		if (consumer->topics[i].paused &&
			!pause_assigned(consumer, consumer->topics[i].topic, true, &err))
			kafka_client_complain("pause", err.text);
}

/* From within rd_kafka_consumer_poll: on the caller's thread. */
static void on_rebalance(
	rd_kafka_t *rk, rd_kafka_resp_err_t code, rd_kafka_topic_partition_list_t *partitions, void *opaque)
{
	struct kafka_consumer *consumer = opaque;
	bool given = code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS;
	rd_kafka_resp_err_t done = FAULT("kafka.assign", FAULT_FATAL)
					   ? RD_KAFKA_RESP_ERR__FATAL
					   : rd_kafka_assign(rk, given ? partitions : NULL);

	kafka_list_drop(&consumer->assigned);
	kafka_list_drop(&consumer->rewind);
	consumer->changes++;
	consumer->astray = given && done != RD_KAFKA_RESP_ERR_NO_ERROR;
	if (consumer->astray)
		kafka_client_wake_set(consumer->wake);
	if (done != RD_KAFKA_RESP_ERR_NO_ERROR)
		kafka_client_complain("assign", rd_kafka_err2str(done));
	else if (given)
		consumer->assigned = rd_kafka_topic_partition_list_copy(partitions);
	if (given)
		LOG(INFO, "kafka.partitions_assigned", LOG_NUM("count", partitions->cnt));
	else
		LOG(INFO, "kafka.partitions_revoked", LOG_NUM("count", partitions->cnt),
			LOG_YES("lost", rd_kafka_assignment_lost(rk)));
	keep_paused(consumer);
}

static void remember_topics(struct kafka_consumer *consumer, const char *const *topics)
{
	while (topics[consumer->topic_count] != NULL)
		consumer->topic_count++;
	consumer->topics = calloc(consumer->topic_count, sizeof(*consumer->topics));
	must(consumer->topics != NULL);
	for (size_t i = 0; i < consumer->topic_count; i++) {
		consumer->topics[i].topic = strdup(topics[i]);
		must(consumer->topics[i].topic != NULL);
	}
}

static bool open_handle(
	struct kafka_consumer *consumer, const struct kafka_conf *conf, const char *group, struct err *err)
{
	rd_kafka_conf_t *rd_conf = kafka_client_conf(conf, settings, err);
	char name[256], why[160];

	if (rd_conf == NULL)
		return false;
	if ((size_t)snprintf(name, sizeof(name), "%s%s", conf->prefix, group) >= sizeof(name) ||
		rd_kafka_conf_set(rd_conf, "group.id", name, why, sizeof(why)) != RD_KAFKA_CONF_OK) {
		rd_kafka_conf_destroy(rd_conf);
		return err_set(err, ERR_BROKEN, 0, "%s is no name for a consumer group", group);
	}
	rd_kafka_conf_set_opaque(rd_conf, consumer);
	rd_kafka_conf_set_rebalance_cb(rd_conf, on_rebalance);
	consumer->rk = kafka_client_new(RD_KAFKA_CONSUMER, rd_conf, err);
	if (consumer->rk == NULL)
		return false;
	rd_kafka_poll_set_consumer(consumer->rk);
	consumer->queue = rd_kafka_queue_get_consumer(consumer->rk);
	consumer->wake = kafka_client_wake_fd(consumer->queue, err);
	return consumer->wake >= 0;
}

struct kafka_consumer *kafka_consumer_open(
	const struct kafka_conf *conf, const char *group, const char *const *topics, struct err *err)
{
	struct kafka_consumer *consumer = calloc(1, sizeof(*consumer));

	must(consumer != NULL);
	consumer->wake = -1;
	remember_topics(consumer, topics);
	if (!open_handle(consumer, conf, group, err))
		kafka_consumer_free(&consumer);
	return consumer;
}

static bool subscribe(struct kafka_consumer *consumer, struct err *err)
{
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)consumer->topic_count);
	rd_kafka_resp_err_t code;

	for (size_t i = 0; i < consumer->topic_count; i++)
		rd_kafka_topic_partition_list_add(list, consumer->topics[i].topic, RD_KAFKA_PARTITION_UA);
	code = FAULT("kafka.subscribe", FAULT_FAILED) ? RD_KAFKA_RESP_ERR__FAIL
						      : rd_kafka_subscribe(consumer->rk, list);
	kafka_list_drop(&list);
	return code == RD_KAFKA_RESP_ERR_NO_ERROR || kafka_client_failed(err, code, "subscribing");
}

bool kafka_consumer_new(struct kafka_consumer **ret, const struct kafka_conf *conf, const char *group,
	const char *const *topics, struct err *err)
{
	struct kafka_consumer *consumer = kafka_consumer_open(conf, group, topics, err);

	if (consumer == NULL)
		return false;
	consumer->member = true;
	if (!subscribe(consumer, err)) {
		kafka_consumer_free(&consumer);
		return false;
	}
	*ret = consumer;
	return true;
}

bool kafka_consumer_pause(struct kafka_consumer *consumer, const char *topic, bool pause, struct err *err)
{
	for (size_t i = 0; i < consumer->topic_count; i++) {
		struct subscription *one = &consumer->topics[i];

		/* librdkafka 2.0.2 reads from an old position after a resume of what was not paused. */
		if (one->paused == pause || (topic != NULL && strcmp(topic, one->topic) != 0))
			continue;
		if (!pause_assigned(consumer, one->topic, pause, err))
			return false;
		one->paused = pause;
	}
	return true;
}

int kafka_consumer_fd(struct kafka_consumer *consumer)
{
	return consumer->wake;
}

bool kafka_consumer_assigned(struct kafka_consumer *consumer)
{
	return consumer->assigned != NULL && consumer->assigned->cnt > 0;
}

/* rd_kafka_consumer_close() may wait for ever where no broker answers; this does the same with an end. True: left. */
static bool leave(struct kafka_consumer *consumer)
{
	struct mono end = mono_add_ms(clock_mono(), LEAVE_MS);
	rd_kafka_queue_t *farewell = rd_kafka_queue_new(consumer->rk);
	rd_kafka_error_t *error = rd_kafka_consumer_close_queue(consumer->rk, farewell);

	while (error == NULL && !rd_kafka_consumer_closed(consumer->rk) &&
		mono_ms_between(clock_mono(), end) > 0) {
		rd_kafka_event_t *event = rd_kafka_queue_poll(farewell, 50);

		if (rd_kafka_event_type(event) == RD_KAFKA_EVENT_REBALANCE)
			rd_kafka_assign(consumer->rk, NULL);
		if (event != NULL)
			rd_kafka_event_destroy(event);
	}
	if (error != NULL)
		rd_kafka_error_destroy(error);
	rd_kafka_queue_destroy(farewell);
	return rd_kafka_consumer_closed(consumer->rk) != 0;
}

static void close_handle(struct kafka_consumer *consumer)
{
	bool left;

	if (consumer->queue != NULL)
		rd_kafka_queue_io_event_enable(consumer->queue, -1, NULL, 0);
	left = !consumer->member || leave(consumer);
	if (consumer->queue != NULL)
		rd_kafka_queue_destroy(consumer->queue);
	/* What could not leave would not end either; the process is on its way out, and the group notices by itself. */
	if (left)
		rd_kafka_destroy_flags(consumer->rk, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
	else
		LOG(WARN, "kafka.leave_given_up", LOG_NUM("waited_ms", LEAVE_MS));
}

void kafka_consumer_free(struct kafka_consumer **consumer)
{
	struct kafka_consumer *old = *consumer;

	if (old == NULL)
		return;
	*consumer = NULL;
	if (old->rk != NULL)
		close_handle(old);
	if (old->wake >= 0)
		close(old->wake);
	kafka_list_drop(&old->assigned);
	kafka_list_drop(&old->rewind);
	kafka_list_drop(&old->ends);
	for (size_t i = 0; i < old->topic_count; i++)
		free(old->topics[i].topic);
	free(old->topics);
	free(old);
}
