#ifndef IO_JOURNAL_INDEX_H
#define IO_JOURNAL_INDEX_H

#include "io/send_journal.h"

#include <sys/types.h>

/* What a send journal's file still owes: its answers that no APPLIED of the same id and attempt stands behind. */
struct journal_index {
	off_t *at; /* where they begin, ascending */
	size_t count;
};

bool journal_index_read(struct journal_index *ret, int fd, struct arena *arena, struct err *err);
bool journal_index_has(const struct journal_index *index, off_t at);
/* The answers themselves, oldest first. */
bool journal_index_answers(const struct journal_index *index, int fd, struct arena *arena,
	struct send_record **ret, size_t *ret_count, struct err *err);
/* All SEND records that are not older than `since`, without bodies. */
bool journal_sends(int fd, struct instant since, struct arena *arena, struct send_record **ret,
	size_t *ret_count, struct err *err);

#endif
