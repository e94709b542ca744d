#ifndef IO_HEARD_STORE_H
#define IO_HEARD_STORE_H

#include "core/evidence.h"
#include "io/store.h"

/* What Daraja told us by itself, for `mkondo webhooks`: callbacks that belong to payments, those that belong to nobody, notices of C2B. */
struct heard_line {
	struct instant at;
	enum api purpose;
	enum strength strength;
	struct uuid payment; /* not set: none is known by it */
	const char *peer; /* "" of a notice of C2B */
	const char *says; /* what it said, in short; why it is an orphan; a notice's receipt */
	const char *verdict; /* the event that it raised (docs/lifecycle.md), NOTHING, ORPHAN or RECEIPT */
	int64_t bytes; /* of the body, as it is kept */
};

/* Counts of everything that is kept: a callback that came twice in the same words, with the same strength, is kept once. */
struct heard_totals {
	int64_t callbacks; /* about payments of ours */
	int64_t unclear; /* of these: could not be read, or told no code */
	int64_t orphans, notices;
};

/* Newest first, at most `most`. Reads the whole of three tables: for people, not for every scrape. In a transaction. */
bool heard_store_list(struct store *store, size_t most, struct arena *arena, struct heard_line **ret,
	size_t *ret_count, struct heard_totals *ret_totals, struct err *err);

#endif
