#ifndef INGEST_INTAKE_H
#define INGEST_INTAKE_H

#include "base/arena.h"
#include "core/command.h"

/*
 * What becomes of each record of a batch, before the database is asked: pure. A record is a new payment, a new rejection, a
 * repeat of an id that the same batch brought before, or bytes without a readable id.
 */
enum intake_fate { INTAKE_PAYMENT, INTAKE_REJECTION, INTAKE_UNREADABLE };

struct intake_item {
	enum intake_fate fate;
	size_t record; /* index in the batch */
	struct uuid id;
	struct digest fingerprint;
	struct payment payment;
	struct payment_state state;
	struct cause cause; /* of a rejection */
	struct command_fault fault;
	size_t first; /* index of the item that brought this id first; itself when it is the first */
};

struct intake_rules {
	struct instant now; /* wall clock; the rows get the database's */
	int64_t retention_ms;
	double time_scale;
	const struct account *(*account)(const void *book, struct text name);
	const void *book;
};

/* Decodes and checks one record into *ret (without `first`). */
void intake_read(struct text value, struct text content_type, const char *traceparent,
	const struct intake_rules *rules, struct arena *arena, struct intake_item *ret);
/* Finds repeats; items in log order. */
void intake_fold(struct intake_item *items, size_t count, struct arena *arena);
/* Whether the repeat says what the stored payment says. When the hashes differ, the stored bytes are read by the same
   code and compared, so that a new release does not see old commands as other ones. */
bool intake_is_same(const struct intake_item *item, const struct payment *stored, struct arena *arena);

#endif
