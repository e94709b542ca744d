#ifndef IO_SPOOL_WRITER_H
#define IO_SPOOL_WRITER_H

#include "io/spool_segment.h"

/*
 * The spool's thread: writes what it is given, in that order, and syncs a group at once. A group is closed when its oldest record has
 * waited for group_ms, or when it has group_records.
 * Never: goes on after a failed fdatasync, since a second one would not tell what the first has dropped.
 */
struct spool_writer;

enum { SPOOL_PENDING_MOST = 8 << 20 };

struct spool_writer_conf {
	int folder; /* borrowed */
	size_t segment_size;
	unsigned group_ms, group_records;
	void (*wake)(void *self); /* there is an outcome; on the writer's thread */
	void *self;
};

/* What became of records first .. end - 1, which are in the segment of that name if they are durable. */
struct spool_outcome {
	uint64_t first, end, segment;
	bool durable;
	int code; /* errno, when not */
};

bool spool_writer_new(struct spool_writer **ret, const struct spool_writer_conf *conf, struct err *err);
/* The bytes are copied. False: too many bytes wait for the disk, or it is broken; nothing was taken. */
bool spool_writer_add(struct spool_writer *writer, const struct spool_record *record);
/* The oldest outcome that was not told yet; numbers come in their order, each once. */
bool spool_writer_outcome(struct spool_writer *writer, struct spool_outcome *ret);
/* The errno of a failed write or sync; 0: it works. */
int spool_writer_broken(struct spool_writer *writer);
/* Writes what it was given and ends the thread. */
void spool_writer_free(struct spool_writer **writer);

#endif
