#ifndef IO_KAFKA_CONSUMER_H
#define IO_KAFKA_CONSUMER_H

#include "io/kafka.h"

/*
 * A member of a consumer group: eager assignment, `earliest`, read_uncommitted, offsets committed only
 * by kafka_consumer_commit. Records are taken one at a time with rd_kafka_consumer_poll (2.0.2's batch calls
 * lose records around a rebalance). All calls from one thread.
 */
struct kafka_consumer;

struct kafka_batch {
	struct kafka_message *messages;
	size_t count;
};

/* group is without the prefix: "ingest". topics: full names, NULL-terminated. */
bool kafka_consumer_new(struct kafka_consumer **ret, const struct kafka_conf *conf, const char *group,
	const char *const *topics, struct err *err);
/* Up to `most` records, waiting at most wait_ms for the first and then a moment for more. An empty batch is success.
   The messages array is in the arena; the handles are freed by kafka_batch_free. */
bool kafka_consumer_next(struct kafka_consumer *consumer, size_t most, int wait_ms, struct arena *arena,
	struct kafka_batch *ret, struct err *err);
void kafka_batch_free(struct kafka_batch *batch);
/* Commits the offsets behind the batch's last record of each partition; of partitions that were lost meanwhile nothing.
   wait: until the broker has answered (at most 10 s). */
bool kafka_consumer_commit(
	struct kafka_consumer *consumer, const struct kafka_batch *batch, bool wait, struct err *err);
/* Goes back to the batch's first record of each partition: it comes again. */
bool kafka_consumer_rewind(struct kafka_consumer *consumer, const struct kafka_batch *batch, struct err *err);
/* Stops (or resumes) fetching one topic (full name; NULL: all), polling goes on. What was on its way here comes after the resume. */
bool kafka_consumer_pause(struct kafka_consumer *consumer, const char *topic, bool pause, struct err *err);
/* Readable when records wait: for an event loop. Then call _next with wait_ms 0 until it is empty. */
int kafka_consumer_fd(struct kafka_consumer *consumer);
bool kafka_consumer_assigned(struct kafka_consumer *consumer); /* has at least one partition */
/* Leaves the group; gives up after 5 s. NULL is fine. */
void kafka_consumer_free(struct kafka_consumer **consumer);

/* All partitions of a topic from the start or the end, without a group. */
bool kafka_reader_new(struct kafka_consumer **ret, const struct kafka_conf *conf, const char *topic,
	bool from_start, struct err *err);
/* The same from an instant on: about the newest `most` records, and at least about the newest `least`, an equal share of each
   partition. Older records may come along. Gives up when the broker has not answered within patience_ms. */
struct kafka_tail {
	int64_t since_ms; /* by the records' own time */
	int64_t least, most;
	int patience_ms;
};
bool kafka_reader_tail(struct kafka_consumer **ret, const struct kafka_conf *conf, const char *topic,
	const struct kafka_tail *tail, struct err *err);
/* How many of the records that the topic held when the reader was made have not been read yet. Asks no broker. */
bool kafka_reader_left(struct kafka_consumer *reader, int64_t *ret, struct err *err);

#endif
