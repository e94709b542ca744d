#ifndef IO_DEAD_LETTER_H
#define IO_DEAD_LETTER_H

#include "io/publisher.h"

/*
 * Keeps one record that cannot become anything: a row (its value sealed) in a transaction of its own, and a record of
 * dlq.v1, whose delivery the caller waits for before it moves the offset. Outside a transaction.
 */
bool dead_letter_keep(struct store *store, struct publisher *publisher, const struct kafka_message *message,
	const char *reason, const char *detail, struct err *err);

#endif
