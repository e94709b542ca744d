#include "io/kafka_consumer_state.h"

#include "base/fault.h"
#include "base/log.h"
#include "io/clock.h"

#include <string.h>

enum {
	MOMENT_LEAST_MS = 2, /* for more records, when the last batch had company too */
	MOMENT_MOST_MS = 5,
	COMMIT_MS = 10000,
	SEEK_MS = 5000,
};

static bool is_ours(const struct kafka_consumer *consumer, const char *topic, int32_t partition)
{
	return consumer->assigned != NULL &&
	       rd_kafka_topic_partition_list_find(consumer->assigned, topic, partition) != NULL;
}

/* True: something was there; *ret stays NULL when it was no record. False: nothing, or *err is filled. */
static bool take(struct kafka_consumer *consumer, int wait_ms, rd_kafka_message_t **ret, struct err *err)
{
	rd_kafka_message_t *record = rd_kafka_consumer_poll(consumer->rk, wait_ms);
	rd_kafka_resp_err_t code;
	char why[200];

	*ret = NULL;
	if (record == NULL)
		return false;
	if (record->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
		*ret = record;
		return true;
	}
	kafka_client_complain(rd_kafka_err2name(record->err), rd_kafka_message_errstr(record));
	rd_kafka_message_destroy(record);
	code = rd_kafka_fatal_error(consumer->rk, why, sizeof(why));
	return code == RD_KAFKA_RESP_ERR_NO_ERROR || err_set(err, ERR_BROKEN, code, "consuming: %s", why);
}

static void add(struct kafka_batch *batch, size_t most, rd_kafka_message_t *record, struct arena *arena)
{
	if (batch->messages == NULL)
		batch->messages = ARENA_ARRAY(arena, struct kafka_message, most);
	batch->messages[batch->count++] = (struct kafka_message){
		.topic = rd_kafka_topic_name(record->rkt),
		.partition = record->partition,
		.offset = record->offset,
		.timestamp_ms = rd_kafka_message_timestamp(record, NULL),
		.key = {record->key, record->key_len},
		.value = {record->payload, record->len},
		.handle = record,
	};
}

static bool is_paused(const struct kafka_consumer *consumer, const char *topic)
{
	for (size_t i = 0; i < consumer->topic_count; i++)
		if (consumer->topics[i].paused && strcmp(consumer->topics[i].topic, topic) == 0)
			return true;
	return false;
}

/*
 * A pause that is asked for while the library takes up a partition can be overtaken by that, since each thread takes its version before it
 * queues its order: then a record that was fetched before the pause comes after it. It goes back to be read after the resume.
 */
static void put_back(struct kafka_consumer *consumer, rd_kafka_message_t *record)
{
	const char *topic = rd_kafka_topic_name(record->rkt);
	rd_kafka_topic_partition_t *one;

	if (consumer->rewind == NULL)
		consumer->rewind = rd_kafka_topic_partition_list_new(8);
	one = rd_kafka_topic_partition_list_find(consumer->rewind, topic, record->partition);
	if (one == NULL)
		rd_kafka_topic_partition_list_add(consumer->rewind, topic, record->partition)->offset =
			record->offset;
	else if (record->offset < one->offset)
		one->offset = record->offset;
	rd_kafka_message_destroy(record);
}

/*
 * How long to let records gather, when they come in company: as long as the caller was at work with the last batch, since a batch
 * costs it a database commit whatever its size. So half of its time goes by in waiting, and batches grow with the load and with
 * a slow database by themselves. 0: what is there is enough.
 */
static int64_t moment_ms(const struct kafka_consumer *consumer, int wait_ms, struct mono now)
{
	int64_t worked = mono_ms_between(consumer->handed_at, now);

	if (consumer->last_count <= 1 || wait_ms == 0)
		return 0;
	return worked < MOMENT_LEAST_MS ? MOMENT_LEAST_MS : worked < MOMENT_MOST_MS ? worked : MOMENT_MOST_MS;
}

/* Takes what is there, lets more gather once, and takes that. A lone record does not wait. True: nothing is left in the queue. */
static bool fill(struct kafka_consumer *consumer, size_t most, int wait_ms, struct arena *arena,
	struct kafka_batch *batch, struct err *err)
{
	int64_t moment = moment_ms(consumer, wait_ms, clock_mono());
	unsigned changes = consumer->changes;
	rd_kafka_message_t *record;

	while (batch->count < most) {
		if (!take(consumer, batch->count == 0 ? wait_ms : 0, &record, err)) {
			if (moment == 0 || batch->count == 0)
				return true;
			clock_sleep_ms(moment); /* not woken by each of them */
			moment = 0;
		} else if (record == NULL) {
			return false;
		} else if (is_paused(consumer, rd_kafka_topic_name(record->rkt))) {
			put_back(consumer, record);
		} else {
			add(batch, most, record, arena);
		}
		/* A batch does not mix what was ours before a rebalance with what is after. */
		if (changes != consumer->changes && batch->count > 0)
			return false;
	}
	return false;
}

/* Seeks what is noted in consumer->rewind. What could not be sought stays there: reading on would skip it. */
static bool seek(struct kafka_consumer *consumer, struct err *err)
{
	rd_kafka_topic_partition_list_t *wanted = consumer->rewind,
					*left = rd_kafka_topic_partition_list_new(8);
	rd_kafka_error_t *error = FAULT("kafka.seek", FAULT_FAILED)
					  ? rd_kafka_error_new(RD_KAFKA_RESP_ERR__TIMED_OUT, "a fault")
					  : rd_kafka_seek_partitions(consumer->rk, wanted, SEEK_MS);
	rd_kafka_resp_err_t code = error != NULL ? rd_kafka_error_code(error) : RD_KAFKA_RESP_ERR_NO_ERROR;

	for (int i = 0; i < wanted->cnt; i++) {
		const rd_kafka_topic_partition_t *one = &wanted->elems[i];

		if (code == RD_KAFKA_RESP_ERR_NO_ERROR && one->err == RD_KAFKA_RESP_ERR_NO_ERROR)
			continue;
		if (is_ours(consumer, one->topic, one->partition))
			rd_kafka_topic_partition_list_add(left, one->topic, one->partition)->offset =
				one->offset;
	}
	if (code == RD_KAFKA_RESP_ERR_NO_ERROR && left->cnt > 0)
		code = RD_KAFKA_RESP_ERR__STATE;
	kafka_list_drop(&consumer->rewind);
	if (error != NULL)
		rd_kafka_error_destroy(error);
	if (left->cnt == 0) {
		kafka_list_drop(&left);
		return true;
	}
	consumer->rewind = left;
	return kafka_client_failed(err, code, "rewinding");
}

bool kafka_consumer_next(struct kafka_consumer *consumer, size_t most, int wait_ms, struct arena *arena,
	struct kafka_batch *ret, struct err *err)
{
	struct kafka_batch batch = {0};
	struct err fault = {0};

	must(most > 0);
	if (FAULT("kafka.consume", FAULT_FATAL))
		(void)rd_kafka_test_fatal_error(
			consumer->rk, RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID, "a fault");
	if (consumer->astray)
		return err_set(
			err, ERR_BROKEN, 0, "the partitions that the group gave could not be taken up");
	kafka_client_wake_clear(consumer->wake);
	if (consumer->rewind != NULL && !seek(consumer, err))
		return false;
	if (!fill(consumer, most, wait_ms, arena, &batch, &fault))
		kafka_client_wake_set(consumer->wake);
	if (fault.class != ERR_NONE && batch.count == 0) {
		*err = fault;
		return false;
	}
	consumer->last_count = batch.count;
	consumer->handed_at = clock_mono();
	*ret = batch;
	return true;
}

void kafka_batch_free(struct kafka_batch *batch)
{
	for (size_t i = 0; i < batch->count; i++)
		rd_kafka_message_destroy(batch->messages[i].handle);
	*batch = (struct kafka_batch){0};
}

/* Notes, per partition that is still ours, the batch's first offset, or the one behind its last. */
static void note_edges(const struct kafka_consumer *consumer, const struct kafka_batch *batch, bool first,
	rd_kafka_topic_partition_list_t *list)
{
	for (size_t i = 0; i < batch->count; i++) {
		const struct kafka_message *message = &batch->messages[i];
		int64_t edge = first ? message->offset : message->offset + 1;
		rd_kafka_topic_partition_t *one =
			rd_kafka_topic_partition_list_find(list, message->topic, message->partition);

		if (one != NULL)
			one->offset = (edge < one->offset) == first ? edge : one->offset;
		else if (is_ours(consumer, message->topic, message->partition))
			rd_kafka_topic_partition_list_add(list, message->topic, message->partition)->offset =
				edge;
	}
}

/* With a queue of its own, since the library's waiting commit has no end where the coordinator is away. */
static rd_kafka_resp_err_t commit_and_wait(rd_kafka_t *rk, const rd_kafka_topic_partition_list_t *offsets)
{
	rd_kafka_queue_t *queue = rd_kafka_queue_new(rk);
	rd_kafka_resp_err_t code = rd_kafka_commit_queue(rk, offsets, queue, NULL, NULL);
	rd_kafka_event_t *event;

	if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
		event = rd_kafka_queue_poll(queue, COMMIT_MS);
		code = event != NULL ? rd_kafka_event_error(event) : RD_KAFKA_RESP_ERR__TIMED_OUT;
		if (event != NULL)
			rd_kafka_event_destroy(event);
	}
	rd_kafka_queue_destroy(queue);
	return code;
}

/* The group is being dealt anew: nothing is committed, and what was not comes again, here or elsewhere. To try once
   more before the next poll would only hold the others up. */
static bool is_lost(rd_kafka_resp_err_t code)
{
	return code == RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS ||
	       code == RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION || code == RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID ||
	       code == RD_KAFKA_RESP_ERR__ASSIGNMENT_LOST;
}

bool kafka_consumer_commit(
	struct kafka_consumer *consumer, const struct kafka_batch *batch, bool wait, struct err *err)
{
	rd_kafka_topic_partition_list_t *offsets = rd_kafka_topic_partition_list_new(8);
	rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_NO_ERROR;
	unsigned fault = FAULT("kafka.commit", FAULT_FAILED | FAULT_LOST);

	note_edges(consumer, batch, false, offsets);
	if (offsets->cnt > 0 && fault != FAULT_FAILED)
		code = wait ? commit_and_wait(consumer->rk, offsets)
			    : rd_kafka_commit(consumer->rk, offsets, 1);
	if (fault != 0)
		code = RD_KAFKA_RESP_ERR__TIMED_OUT;
	kafka_list_drop(&offsets);
	return code == RD_KAFKA_RESP_ERR_NO_ERROR || is_lost(code) ||
	       kafka_client_failed(err, code, "committing offsets");
}

bool kafka_consumer_rewind(struct kafka_consumer *consumer, const struct kafka_batch *batch, struct err *err)
{
	if (consumer->rewind == NULL)
		consumer->rewind = rd_kafka_topic_partition_list_new(8);
	note_edges(consumer, batch, true, consumer->rewind);
	return seek(consumer, err);
}
