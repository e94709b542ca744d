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
	struct kafka_consumer *reader, rd_kafka_topic_partition_t *one, bool from_start, struct err *err)
{
	int64_t low, high;
	rd_kafka_resp_err_t code = rd_kafka_query_watermark_offsets(
		reader->rk, one->topic, one->partition, &low, &high, LOOK_UP_MS);

	if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
		return kafka_client_failed(err, code, one->topic);
	one->offset = from_start ? low : high;
	return true;
}

static bool assign(struct kafka_consumer *reader, const char *topic, bool from_start, struct err *err)
{
	rd_kafka_resp_err_t code;
	int count = 0;

	if (!find_partitions(reader, topic, &count, err))
		return false;
	reader->assigned = rd_kafka_topic_partition_list_new(count);
	for (int i = 0; i < count; i++)
		if (!place(reader, rd_kafka_topic_partition_list_add(reader->assigned, topic, i), from_start,
			    err))
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
