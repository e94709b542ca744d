#include "io/kafka_consumer_state.h"

enum { LOOK_UP_MS = 10000 };

static bool find_partitions(struct kafka_consumer *reader, const char *topic, int *ret_count, struct err *err)
{
	const struct rd_kafka_metadata *metadata;
	rd_kafka_topic_t *handle = rd_kafka_topic_new(reader->rk, topic, NULL);
	rd_kafka_resp_err_t code = rd_kafka_metadata(reader->rk, 0, handle, &metadata, LOOK_UP_MS);

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

/* The end is looked up here and now: what is produced after kafka_reader_new is read. */
static bool place(
	struct kafka_consumer *reader, const char *topic, int partition, bool from_start, struct err *err)
{
	int64_t low, high;
	rd_kafka_resp_err_t code =
		rd_kafka_query_watermark_offsets(reader->rk, topic, partition, &low, &high, LOOK_UP_MS);

	if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
		return kafka_client_failed(err, code, topic);
	rd_kafka_topic_partition_list_add(reader->assigned, topic, partition)->offset =
		from_start ? low : high;
	rd_kafka_topic_partition_list_add(reader->ends, topic, partition)->offset = high;
	return true;
}

static bool assign(struct kafka_consumer *reader, const char *topic, bool from_start, struct err *err)
{
	rd_kafka_resp_err_t code;
	int count = 0;

	if (!find_partitions(reader, topic, &count, err))
		return false;
	reader->assigned = rd_kafka_topic_partition_list_new(count);
	reader->ends = rd_kafka_topic_partition_list_new(count);
	for (int i = 0; i < count; i++)
		if (!place(reader, topic, i, from_start, err))
			return false;
	code = rd_kafka_assign(reader->rk, reader->assigned);
	return code == RD_KAFKA_RESP_ERR_NO_ERROR || kafka_client_failed(err, code, topic);
}

bool kafka_reader_new(struct kafka_consumer **ret, const struct kafka_conf *conf, const char *topic,
	bool from_start, struct err *err)
{
	const char *const topics[] = {topic, NULL};
	struct kafka_consumer *reader = kafka_consumer_open(conf, "reader", topics, err);

	if (reader == NULL)
		return false;
	if (!assign(reader, topic, from_start, err)) {
		kafka_consumer_free(&reader);
		return false;
	}
	*ret = reader;
	return true;
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
