#ifndef MKONDO_RESULT_CHECK_H
#define MKONDO_RESULT_CHECK_H

#include "core/result.h"

/*
 * Whether the records of results.v1 keep what docs/contract.md promises to those who read them. Pure: records go in, in
 * the order of their partition, and what is wrong with each comes out. It remembers every id and version (some
 * 400 bytes per payment) till result_check_free.
 */
struct result_check;

enum result_fault { /* bits: one record may have more than one */
	/* A lower version behind a higher one, and not a republication of what was told before. */
	RESULT_REGRESSED = 1 << 0,
	/* The same version with other bytes than before in that encoding, or saying something else in another encoding. */
	RESULT_OTHER_BYTES = 1 << 1,
	RESULT_OTHER_MEANING = 1 << 2,
	/* The same version with another ce_id. */
	RESULT_OTHER_EVENT_ID = 1 << 3,
	/* A higher version that takes a final outcome back, other than into CONFLICT. */
	RESULT_NOT_FINAL = 1 << 4,
	/* No fault, worth a line: ACCEPTED behind a higher version. It is informational, and readers pass over it. */
	RESULT_LATE_ACCEPTED = 1 << 5,
};
enum { RESULT_FAULTS = RESULT_LATE_ACCEPTED - 1 };

struct result_seen {
	struct uuid id;
	unsigned version;
	enum outcome outcome;
	struct text value, event_id; /* the record's bytes, its ce_id */
	struct text encoding,
		meaning; /* its content-type, and what it says, in words that are the same for both encodings */
};
struct result_verdict {
	unsigned faults; /* of enum result_fault; 0: as promised */
	unsigned
		highest; /* what was the newest before this record; the record's own when it is the id's first */
	enum outcome outcome; /* of that one */
};

struct result_check *result_check_new(void);
void result_check_free(struct result_check **check); /* NULL is fine */
struct result_verdict result_check_add(struct result_check *check, const struct result_seen *seen);
size_t result_check_payments(const struct result_check *check); /* how many ids were seen */
const char *result_fault_text(enum result_fault fault); /* one bit, for people */

#endif
