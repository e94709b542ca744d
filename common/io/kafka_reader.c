#include "io/kafka_consumer_state.h"

#include "base/fault.h"
#include "io/clock.h"

enum { LOOK_UP_MS = 10000 };

/* What is left of the caller's patience, for one more request to the broker. */
static int left_ms(struct mono until)
{
	int64_t left = mono_ms_between(clock_mono(), until);

	return left > 1 ? (int)left : 1;
}

static bool find_partitions(
	struct kafka_consumer *reader, const char *topic, struct mono until, int *ret_count, struct err *err)
{
	const struct rd_kafka_metadata *metadata;
	rd_kafka_topic_t *handle = rd_kafka_topic_new(reader->rk, topic, NULL);
	rd_kafka_resp_err_t code = rd_kafka_metadata(reader->rk, 0, handle, &metadata, left_ms(until));

	rd_kafka_topic_destroy(handle);
	if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
		return kafka_client_failed(err, code, topic);
	if (metadata->topic_cnt != 1)
		code = RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
	else
		code = metadata->topics[0].err;
	if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
		*ret_count = metadata->topics[0].partition_cnt;
	rd_kafka_metadata_destroy(metadata);
	return code == RD_KAFKA_RESP_ERR_NO_ERROR || kafka_client_failed(err, code, topic);
}

/* The end is looked up here and now: what is produced after the reader was made does not count as left. */
static bool place(struct kafka_consumer *reader, const char *topic, int partition, bool from_start,
	struct mono until, struct err *err)
{
	int64_t low, high;
	rd_kafka_resp_err_t code =
		rd_kafka_query_watermark_offsets(reader->rk, topic, partition, &low, &high, left_ms(until));

	if (FAULT("kafka.offsets", FAULT_FAILED))
		code = RD_KAFKA_RESP_ERR__TIMED_OUT;
	if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
		return kafka_client_failed(err, code, topic);
	rd_kafka_topic_partition_list_add(reader->assigned, topic, partition)->offset =
		from_start ? low : high;
	rd_kafka_topic_partition_list_add(reader->ends, topic, partition)->offset = high;
	return true;
}

static bool place_all(
	struct kafka_consumer *reader, const char *topic, bool from_start, struct mono until, struct err *err)
{
	int count = 0;

	if (!find_partitions(reader, topic, until, &count, err))
		return false;
	reader->assigned = rd_kafka_topic_partition_list_new(count);
	reader->ends = rd_kafka_topic_partition_list_new(count);
	for (int i = 0; i < count; i++)
		if (!place(reader, topic, i, from_start, until, err))
			return false;
	return true;
}

static int64_t clamped(int64_t offset, int64_t least, int64_t most)
{
	return offset < least ? least : offset > most ? most : offset;
}

/* Of each partition the first record that is not older; -1: none is. */
static rd_kafka_topic_partition_list_t *find_times(
	struct kafka_consumer *reader, int64_t since_ms, struct mono until, rd_kafka_resp_err_t *ret_code)
{
	rd_kafka_topic_partition_list_t *times = rd_kafka_topic_partition_list_copy(reader->assigned);

	for (int i = 0; i < times->cnt; i++)
		times->elems[i].offset = since_ms;
	*ret_code = rd_kafka_offsets_for_times(reader->rk, times, left_ms(until));
	for (int i = 0; *ret_code == RD_KAFKA_RESP_ERR_NO_ERROR && i < times->cnt; i++)
		*ret_code = times->elems[i].err;
	return times;
}

/* The embedded broker says -1 for any time, also for the beginning of all times: then as much is read as is allowed. */
static bool knows_times(struct kafka_consumer *reader, struct mono until, rd_kafka_resp_err_t *ret_code)
{
	rd_kafka_topic_partition_list_t *first = find_times(reader, 0, until, ret_code);
	bool knows = false;

	for (int i = 0; i < first->cnt; i++)
		knows |= first->elems[i].offset >= 0;
	rd_kafka_topic_partition_list_destroy(first);
	return knows;
}

/* Moves the places from the start up to the tail. */
static bool move_to_tail(
	struct kafka_consumer *reader, const struct kafka_tail *tail, struct mono until, struct err *err)
{
	rd_kafka_resp_err_t code;
	rd_kafka_topic_partition_list_t *times = find_times(reader, tail->since_ms, until, &code);
	int64_t share = times->cnt > 0 ? times->cnt : 1;
	bool timed = code == RD_KAFKA_RESP_ERR_NO_ERROR && knows_times(reader, until, &code);

	for (int i = 0; code == RD_KAFKA_RESP_ERR_NO_ERROR && i < times->cnt; i++) {
		int64_t low = reader->assigned->elems[i].offset, high = reader->ends->elems[i].offset;
		int64_t from = times->elems[i].offset >= 0 ? times->elems[i].offset : timed ? high : low;

		from = clamped(from, high - tail->most / share, high - tail->least / share);
		reader->assigned->elems[i].offset = clamped(from, low, high);
	}
	rd_kafka_topic_partition_list_destroy(times);
	return code == RD_KAFKA_RESP_ERR_NO_ERROR || kafka_client_failed(err, code, "offsets for a time");
}

/* tail: NULL, or it is read from the start. */
static bool assign(struct kafka_consumer *reader, const char *topic, bool from_start,
	const struct kafka_tail *tail, struct err *err)
{
	struct mono until = mono_add_ms(clock_mono(), tail != NULL ? tail->patience_ms : LOOK_UP_MS);
	rd_kafka_resp_err_t code;

	if (!place_all(reader, topic, from_start, until, err) ||
		(tail != NULL && !move_to_tail(reader, tail, until, err)))
		return false;
	code = rd_kafka_assign(reader->rk, reader->assigned);
	return code == RD_KAFKA_RESP_ERR_NO_ERROR || kafka_client_failed(err, code, topic);
}

static bool open_reader(struct kafka_consumer **ret, const struct kafka_conf *conf, const char *topic,
	bool from_start, const struct kafka_tail *tail, struct err *err)
{
	const char *const topics[] = {topic, NULL};
	struct kafka_consumer *reader = kafka_consumer_open(conf, "reader", topics, err);

	if (reader == NULL)
		return false;
	if (!assign(reader, topic, from_start, tail, err)) {
		kafka_consumer_free(&reader);
		return false;
	}
	*ret = reader;
	return true;
}

bool kafka_reader_new(struct kafka_consumer **ret, const struct kafka_conf *conf, const char *topic,
	bool from_start, struct err *err)
{
	return open_reader(ret, conf, topic, from_start, NULL, err);
}

bool kafka_reader_tail(struct kafka_consumer **ret, const struct kafka_conf *conf, const char *topic,
	const struct kafka_tail *tail, struct err *err)
{
	return open_reader(ret, conf, topic, true, tail, err);
}

bool kafka_reader_left(struct kafka_consumer *reader, int64_t *ret, struct err *err)
{
	rd_kafka_topic_partition_list_t *at = rd_kafka_topic_partition_list_copy(reader->assigned);
	rd_kafka_resp_err_t code = rd_kafka_position(reader->rk, at);

	*ret = 0;
	for (int i = 0; code == RD_KAFKA_RESP_ERR_NO_ERROR && i < at->cnt; i++) {
		/* A partition that gave nothing yet has no position: it stands where it was placed. */
		int64_t from =
			at->elems[i].offset >= 0 ? at->elems[i].offset : reader->assigned->elems[i].offset;
		int64_t to = reader->ends->elems[i].offset;

		*ret += to > from ? to - from : 0;
	}
	rd_kafka_topic_partition_list_destroy(at);
	return code == RD_KAFKA_RESP_ERR_NO_ERROR || kafka_client_failed(err, code, "positions");
}
