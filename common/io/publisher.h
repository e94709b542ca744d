#ifndef IO_PUBLISHER_H
#define IO_PUBLISHER_H

#include "base/conf.h"
#include "base/err.h"
#include "base/time.h"
#include "core/payment.h"
#include "core/receipt.h"
#include "io/kafka.h"
#include "io/store.h"
#include "wire/callback_wire.h"
#include "wire/hint_wire.h"

/*
 * What the services say to the world and to each other, on one producer: results, hints, envelopes, notes of
 * attempts, dead letters. Remembers which results were acknowledged, and takes their debts off the books a while
 * later. All calls from one thread. A record that could not be delivered is counted; what it said stays owed.
 */
struct publisher;

struct publisher_conf {
	int encoding; /* MKONDO_RESULT_ENCODING: protobuf, json */
	const char *source; /* MKONDO_EVENT_SOURCE: CloudEvents' source */
};
extern const struct conf_row publisher_conf_rows[];

bool publisher_new(struct publisher **ret, const struct kafka_conf *kafka, const struct publisher_conf *conf,
	struct err *err);
void publisher_free(struct publisher **publisher);

/* The row's newest result, or ACCEPTED while it has none. Frozen bytes that cannot be read are ERR_BROKEN. */
bool publisher_result(struct publisher *publisher, const struct payment *payment,
	const struct payment_state *state, struct err *err);
/* To receipts.v1. Nobody keeps it as owed: offsets wait for publisher_wait. */
bool publisher_receipt(struct publisher *publisher, const struct receipt *receipt, struct err *err);
bool publisher_hint(struct publisher *publisher, enum lane lane, const char *traceparent,
	const struct hint *hint, struct err *err);
bool publisher_callback(struct publisher *publisher, const struct callback *callback, struct err *err);
bool publisher_attempt(struct publisher *publisher, const struct attempt_note *note, const char *traceparent,
	struct err *err);
/* The original bytes and key; reason, detail, topic, partition, offset and time in headers. */
bool publisher_dead_letter(struct publisher *publisher, const struct kafka_message *message,
	const char *reason, const char *detail, struct err *err);

/* Serves reports without waiting. */
void publisher_poll(struct publisher *publisher);
/* False: for two seconds records have been under way and Kafka has acknowledged none. To be asked often: it looks at the reports. */
bool publisher_is_heard(struct publisher *publisher, struct mono now);
/* Until everything is reported, at most wait_ms. True: all of it was delivered since the last call of this. */
bool publisher_wait(struct publisher *publisher, int wait_ms);
/* Deletes the acknowledged debts, in a transaction of its own, half a second after the first of them, or when many
   have gathered: before the poller takes them for forgotten. */
bool publisher_settle(struct publisher *publisher, struct store *store, struct mono now, struct err *err);

#endif
