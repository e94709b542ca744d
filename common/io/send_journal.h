#ifndef IO_SEND_JOURNAL_H
#define IO_SEND_JOURNAL_H

#include "base/arena.h"
#include "base/err.h"
#include "base/time.h"
#include "base/uuid.h"

/*
 * The dispatcher's memory of what it sent, outside PostgreSQL: an append-only file, written and fdatasync'ed once
 * per claimed batch, before the batch's first send. Records carry length and CRC-32C; a torn tail is cut off at opening.
 * Also keeps answers that PostgreSQL could not take, until they are applied: a restart replays them.
 */
struct send_journal;

enum { JOURNAL_SEND = 1, JOURNAL_ANSWER = 2, JOURNAL_APPLIED = 3 };

struct send_record {
	int kind;
	struct uuid id;
	unsigned attempt, gen;
	struct instant at, fence_at;
	struct text body; /* ANSWER: "<transport> <http>\n" and the reply's bytes (redacted) */
};

/* Opens or makes <dir>/send.journal under a lock; ERR_BROKEN when another process has it. */
bool send_journal_open(struct send_journal **ret, const char *dir, struct err *err);
/* One write, one fdatasync. A failure means that nothing of the batch may be sent. */
bool send_journal_add(
	struct send_journal *journal, const struct send_record *records, size_t count, struct err *err);
/* After a failed write or fdatasync: nothing is added any more, and nothing may be sent. */
bool send_journal_is_broken(const struct send_journal *journal);
/* Answers without an APPLIED behind them, oldest first. */
bool send_journal_unapplied(struct send_journal *journal, struct arena *arena, struct send_record **ret,
	size_t *ret_count, struct err *err);
/* All SEND records since `since`. */
bool send_journal_sends(struct send_journal *journal, struct instant since, struct arena *arena,
	struct send_record **ret, size_t *ret_count, struct err *err);
/* The same of a journal that another process may be working with, or that a dead one has left: takes no lock, changes
   nothing. For tools. ERR_BROKEN: there is none in `dir`, or it is damaged. */
bool send_journal_read(const char *dir, struct instant since, struct arena *arena, struct send_record **ret,
	size_t *ret_count, struct err *err);
void send_journal_close(struct send_journal **journal);

#endif
