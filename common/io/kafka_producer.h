#ifndef IO_KAFKA_PRODUCER_H
#define IO_KAFKA_PRODUCER_H

#include "io/kafka.h"

/*
 * An idempotent producer, acks=all, linger 1 ms. A record is safe when its delivery is reported, and owed until
 * then. On librdkafka's fatal error the producer is made anew inside; what was under way is reported as failed.
 * All calls from one thread.
 */
struct kafka_producer;

/* Called from kafka_producer_poll/_wait on the caller's thread. `cookie` as given; delivered: acknowledged. */
struct kafka_delivery {
	void (*report)(void *self, void *cookie, bool delivered);
	void *self;
};

bool kafka_producer_new(struct kafka_producer **ret, const struct kafka_conf *conf,
	const struct kafka_delivery *delivery, struct err *err);
/* Copies and queues. False (ERR_RETRY): the queue is full or the broker is away for long; nothing was queued, no report comes. */
bool kafka_producer_send(
	struct kafka_producer *producer, const struct kafka_record *record, void *cookie, struct err *err);
/* Learns where the topic's partitions live before the first record needs it: else that one waits up to a second for librdkafka's
   rounds. Best effort, at most 2 s. */
void kafka_producer_expect(struct kafka_producer *producer, const char *topic);
/* Serves delivery reports; waits at most wait_ms for the first. Returns how many records are still under way. */
size_t kafka_producer_poll(struct kafka_producer *producer, int wait_ms);
/* Polls until nothing is under way, at most wait_ms. True: all reported. */
bool kafka_producer_wait(struct kafka_producer *producer, int wait_ms);
/* Readable when reports wait: for an event loop. */
int kafka_producer_fd(struct kafka_producer *producer);
/* Flushes (at most 5 s) and frees; no report is called from here: _wait first. NULL is fine. */
void kafka_producer_free(struct kafka_producer **producer);

#endif
