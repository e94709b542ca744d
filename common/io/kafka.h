#ifndef IO_KAFKA_H
#define IO_KAFKA_H

#include "base/arena.h"
#include "base/conf.h"
#include "base/err.h"
#include "base/text.h"
#include "wire/cloudevent.h"

#include <stdbool.h>
#include <stdint.h>

/* What the Kafka parts share: settings, topic names, topic creation. librdkafka is seen in io/kafka*.c only. */
struct kafka_conf {
	const char *bootstrap; /* MKONDO_KAFKA_BOOTSTRAP */
	const char *
		properties_file; /* MKONDO_KAFKA_PROPERTIES_FILE: name=value lines, passed to librdkafka as they are */
	const char *prefix; /* MKONDO_TOPIC_PREFIX, default "mkondo." */
};
extern const struct conf_row kafka_conf_rows[];

/* "<prefix><name>", e.g. kafka_topic(conf, "commands.v1", arena). */
const char *kafka_topic(const struct kafka_conf *conf, const char *name, struct arena *arena);

/* One line of deploy/topics.txt. */
struct kafka_topic_plan {
	const char *name; /* without the prefix */
	int partitions;
	int64_t retention_ms;
};
bool kafka_topics_parse(struct text file, struct arena *arena, struct kafka_topic_plan **ret,
	size_t *ret_count, struct err *err);
/* Which of them are there, with a leader for each partition. */
bool kafka_topics_look(const struct kafka_conf *conf, const struct kafka_topic_plan *plan, size_t count,
	bool *ret_there, struct err *err);
/* Creates what is missing; *ret_created counts. Replication as the broker's default. */
bool kafka_topics_create(const struct kafka_conf *conf, const struct kafka_topic_plan *plan, size_t count,
	size_t *ret_created, struct err *err);

/* A record to be produced. Everything is copied by the call. */
struct kafka_record {
	const char *topic; /* full name */
	struct text key, value;
	const struct header *headers;
	size_t header_count;
};

/* A record that was read; lives until the batch is freed. */
struct kafka_message {
	const char *topic;
	int32_t partition;
	int64_t offset;
	int64_t timestamp_ms;
	struct text key, value;
	void *handle; /* librdkafka's */
};
/* The header's value; none when it is not there. The last one of a name counts. */
struct text kafka_message_header(const struct kafka_message *message, const char *name);

#endif
