#ifndef IO_JOURNAL_FILE_H
#define IO_JOURNAL_FILE_H

#include "base/text.h"
#include "io/send_journal.h"

#include <sys/types.h>

/*
 * The send journal's records as bytes. Each is
 *	length 4 | CRC-32C 4 | batch 4 | kind 1 | id 16 | attempt 4 | gen 4 | at 8 | fence 8 | body
 * little-endian; the length counts what follows the CRC, and the CRC covers it. The batch counts the writes: damage with
 * records of later batches behind it is no torn tail.
 */
enum { JOURNAL_BODY_MOST = 96 * 1024, JOURNAL_HEAD = 8, JOURNAL_FIXED = 45 };

size_t journal_record_size(const struct send_record *record);
/* `out` has room for journal_record_size. */
void journal_record_build(const struct send_record *record, uint32_t batch, unsigned char *out);
/* The record that begins at bytes; its body borrows. False: cut off or damaged. */
bool journal_record_parse(struct text bytes, struct send_record *ret, uint32_t *ret_batch, size_t *ret_size);

/* Reads a file from its beginning, one record after the other. */
struct journal_reader {
	int fd;
	off_t at; /* where the next record begins */
	uint32_t batch; /* of the last record */
	unsigned char *window;
	size_t len;
	off_t window_at;
	int trouble; /* errno of a failed read */
};

/* The window comes from the arena. */
void journal_reader_init(struct journal_reader *reader, int fd, struct arena *arena);
/* The body is valid until the next call. False: no whole record at reader->at (end, damage, or `trouble`). */
bool journal_reader_next(struct journal_reader *reader, struct send_record *ret);
/* After the end: whether a whole record of a later batch than the next stands somewhere behind. */
bool journal_reader_is_damaged(struct journal_reader *reader);

#endif
