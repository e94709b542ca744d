#ifndef IO_KAFKA_CONSUMER_STATE_H
#define IO_KAFKA_CONSUMER_STATE_H

#include "io/kafka_client.h"
#include "io/kafka_consumer.h"

/*
 * The inside of a consumer, shared by kafka_consumer.c (membership), kafka_batch.c (records and offsets)
 * and kafka_reader.c (without a group), and by nobody else.
 */
struct subscription {
	char *topic;
	bool paused;
};

struct kafka_consumer {
	rd_kafka_t *rk;
	rd_kafka_queue_t *queue;
	int wake;
	struct subscription *topics;
	size_t topic_count;
	bool member; /* of a group; a reader is not */
	rd_kafka_topic_partition_list_t *assigned; /* NULL: none */
	rd_kafka_topic_partition_list_t *ends; /* of a reader: where each partition ended when it was made */
	rd_kafka_topic_partition_list_t
		*rewind; /* seeks that failed, and must succeed before anything is read */
	unsigned changes; /* of the assignment */
	bool astray; /* what we were given could not be taken up: this consumer will read nothing any more */
	size_t last_count;
	struct mono handed_at; /* when the last batch was given to the caller */
};

/* A consumer with a handle, subscribed to nothing and assigned nothing. NULL: *err is filled. */
struct kafka_consumer *kafka_consumer_open(
	const struct kafka_conf *conf, const char *group, const char *const *topics, struct err *err);
void kafka_list_drop(rd_kafka_topic_partition_list_t **list); /* NULL is fine */

#endif
