#ifndef IO_SPOOL_FOLDER_H
#define IO_SPOOL_FOLDER_H

#include "io/spool_segment.h"

/*
 * The spool's folder: a lock, the segments, and the file "freed", which says below which number nothing is needed: number 8 | its CRC-32C 4.
 * That file is not synced: when a crash of the machine loses it, records are handed to the broker again.
 */
struct spool_folder {
	int fd, lock, freed;
	struct spool_part {
		uint64_t first; /* the segment's first number */
		bool bad; /* some of it could not be read: it is set aside, not removed */
	} * segments; /* by their numbers */
	size_t count, size;
};

/* Locks it and lists its segments. *ret_freed is at least 1. */
bool spool_folder_open(struct spool_folder *folder, const char *path, uint64_t *ret_freed, struct err *err);
/* The index of the segment that a number is in, if it is in one; the first when it lies before all of them. */
size_t spool_folder_find(const struct spool_folder *folder, uint64_t number);
/* Does nothing when it is the last one already. */
void spool_folder_add(struct spool_folder *folder, uint64_t segment);
bool spool_folder_remember(struct spool_folder *folder, uint64_t freed);
/* Or sets it aside. */
bool spool_folder_remove_first(struct spool_folder *folder);
/* Also one that could not be opened, if its fd is -1 or more. */
void spool_folder_close(struct spool_folder *folder);

#endif
