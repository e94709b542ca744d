#ifndef INGEST_SLICE_H
#define INGEST_SLICE_H

#include "ingest/intake.h"
#include "io/evidence_store.h"
#include "io/kafka_consumer.h"
#include "io/payment_store.h"

/*
 * A slice of a batch on its way through one transaction: the whole batch, or the half of it in which a record is sought that the
 * database refuses.
 */
struct slice {
	const struct kafka_batch *batch;
	struct intake_item *items;
	size_t count;
	struct payment_row *rows; /* of the ids that existed, or came twice */
	struct uuid *ids;
	size_t id_count;
	bool *inserted; /* by item: this one made the row */
	struct dead_letter *letters;
	size_t *letter_items; /* whose letter it is */
	size_t letter_count;
	struct arena *tmp;
};

void slice_init(struct slice *slice, const struct kafka_batch *batch, struct intake_item *items, size_t count,
	struct arena *tmp);
/* Everything of the slice in one transaction; after it nothing but the answers is left to do. On failure nothing was done. */
bool slice_record(struct slice *slice, struct store *store, struct err *err);
/* The payment that was there before this item, which asks about it again; NULL: the item made its row itself, or has no id. */
const struct payment_row *slice_repeats(const struct slice *slice, size_t index);
/* Adds a dead letter for an item. */
void slice_letter(struct slice *slice, size_t index, const char *reason, const char *detail);

#endif
