#ifndef IO_SEND_MEMORY_H
#define IO_SEND_MEMORY_H

#include "io/send_journal.h"

/*
 * What was sent, as journals remember it, against what the database knows: pure. An attempt that was sent and that the
 * database has never heard of means that a restore or a failover has lost its claim, and perhaps those of others.
 */

/* How long a journal vouches for its sends; it keeps them as long. */
enum { SEND_MEMORY_MS = 48 * 3600 * 1000 };

/* A database that knows a send knows what was committed before it. So much younger may be what others have sent since. */
enum { SEND_MEMORY_RECENT_MS = 3600 * 1000 };

struct known_attempt {
	struct uuid id;
	unsigned attempt;
};

struct forgotten {
	struct send_record send;
	bool rowless; /* the payment itself is not there */
};

/* In place: sorted by id, of each id the highest attempt, with its latest fence. The new count. */
size_t send_memory_fold(struct send_record *sends, size_t count);
/* The sends that the rows do not know; sends folded, rows sorted by id. *ret has room for `count`. */
size_t send_memory_forgotten(const struct send_record *sends, size_t count, const struct known_attempt *known,
	size_t known_count, struct forgotten *ret);
/* Whether a journal whose newest send is of `newest` (not set: it has none) vouches alone, while attempts.v1 cannot be read. */
bool send_memory_vouches(struct instant newest, struct instant now);

#endif
