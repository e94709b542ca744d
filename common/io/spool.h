#ifndef IO_SPOOL_H
#define IO_SPOOL_H

#include "io/spool_segment.h"

/*
 * What was received and the broker does not have yet, on this machine's disk: written always, on the normal path, so that the worst hour finds
 * it at work. Each record is written and synced in a group, and freed when the broker has it. At start, and whenever the broker did not
 * take one, what is not freed is handed to the broker again: it may come twice, it is not lost.
 *
 * All calls by one thread; `wake` comes from another one and means: call spool_outcome.
 *	keep (bytes) -> number, and whether to hand it to the broker at once
 *	outcome -> these numbers are durable, or were not written
 *	report (number, delivered) <- the broker's word on one that was handed
 *	next -> one that waited on the disk, to be handed now
 */
struct spool;

struct spool_conf {
	const char *folder; /* there must be one; one process has it at a time */
	size_t segment_size; /* SPOOL_SEGMENT_LEAST at least */
	uint64_t most; /* bytes of segments; when they are used up, nothing more is kept */
	unsigned group_ms, group_records;
	void (*wake)(void *self);
	void *self;
};

/* ERR_BROKEN: another process has the folder, or it cannot be used. */
bool spool_open(struct spool **ret, const struct spool_conf *conf, struct err *err);
/* Up to SPOOL_BYTES_MOST bytes. False: the disk is broken or behind, or the spool is full; the record is not kept. */
bool spool_keep(
	struct spool *spool, struct text bytes, struct instant at, uint64_t *ret_number, bool *ret_hand);
/* The oldest outcome not told yet, numbers first .. end - 1. */
bool spool_outcome(
	struct spool *spool, uint64_t *ret_first, uint64_t *ret_end, bool *ret_durable, int *ret_code);
void spool_report(struct spool *spool, uint64_t number, bool delivered);
/* Bytes are valid until the next call. False: nothing waits, or enough is on its way. */
bool spool_next(struct spool *spool, struct spool_record *ret);
/* Each second or so: remembers what is freed and removes what is not needed. */
void spool_tidy(struct spool *spool);

struct spool_state {
	uint64_t kept; /* records that the broker does not have yet */
	uint64_t on_their_way;
	uint64_t bytes; /* of all segments */
	uint64_t damaged; /* places in the files that could not be read, since the start */
	double disk_used; /* share of the file system, 0..1; less than 0: not known */
	int broken; /* errno of the write or sync that failed; 0: it works */
};
void spool_look(struct spool *spool, struct spool_state *ret);

/* Waits for what was kept to be written. */
void spool_close(struct spool **spool);

#endif
