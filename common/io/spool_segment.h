#ifndef IO_SPOOL_SEGMENT_H
#define IO_SPOOL_SEGMENT_H

#include "base/err.h"
#include "base/text.h"
#include "base/time.h"

#include <sys/types.h>

/*
 * The spool's files. A segment is named by its first record's number, 16 hex digits and ".spool", and made whole before it has that name: its
 * blocks are there, so that a sync writes no metadata. It begins with
 *	"mkspool1" | first number 8 | CRC-32C of both 4 | zeros to 32
 * and then has records, each
 *	length 4 | CRC-32C 4 | number 8 | at 8 | bytes
 * little-endian; the length counts what follows the CRC, and the CRC covers it. Numbers grow by one from record to record. A length
 * of 0 is the end. What the crash of a machine leaves behind is found by CRC and number.
 */
enum {
	SPOOL_HEAD = 32,
	SPOOL_RECORD_HEAD = 8,
	SPOOL_RECORD_FIXED = 16,
	SPOOL_BYTES_MOST = 96 * 1024,
	SPOOL_SEGMENT_LEAST = 256 * 1024,
};

struct spool_record {
	uint64_t number;
	struct instant at;
	struct text bytes;
};

size_t spool_record_size(size_t len); /* of a record with so many bytes */
void spool_record_build(const struct spool_record *record, unsigned char *out);
/* The record that begins here; its bytes borrow. False: end, cut off or damaged. */
bool spool_record_parse(struct text bytes, struct spool_record *ret, size_t *ret_size);

/* Makes, fills with zeros, syncs file and folder. *ret_fd is closed by the caller. */
bool spool_segment_make(int folder, uint64_t first, size_t size, int *ret_fd, struct err *err);
bool spool_segment_remove(int folder, uint64_t first, struct err *err);
/* Renames it to "<first number>.bad", for a person to look at. */
bool spool_segment_set_aside(int folder, uint64_t first, struct err *err);
/* "00000000000004d2.spool" -> 1234; false: another file's name. */
bool spool_segment_number(const char *name, uint64_t *ret);
/* Reads the head. False: not a segment, or not this one (*err tells). */
bool spool_segment_open(int folder, uint64_t first, int *ret_fd, struct err *err);

/* Reads records one after the other; what is damaged between good ones is passed over and counted. */
struct spool_reader {
	int fd;
	off_t at; /* where the next record begins, or the end */
	uint64_t next; /* its number, as it should be */
	unsigned char *window; /* SPOOL_LOOK bytes, the caller's */
	size_t len;
	off_t window_at;
	uint64_t damaged; /* places that were passed over */
	int trouble; /* errno of a failed read */
};
enum { SPOOL_LOOK = 512 * 1024 };

void spool_reader_init(struct spool_reader *reader, int fd, uint64_t first, unsigned char *window);
/* The bytes are valid until the next call. False: no more records, or `trouble`. */
bool spool_reader_next(struct spool_reader *reader, struct spool_record *ret);

#endif
