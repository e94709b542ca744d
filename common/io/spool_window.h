#ifndef IO_SPOOL_WINDOW_H
#define IO_SPOOL_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Which of the spool's records the broker has, which are on their way to it, and which is to go next. Pure. Only so many are on their way at
 * once: what came while the broker was away waits on the disk, not in memory.
 *
 *	freed <= cursor <= next		below freed the broker has all; from next on there is nothing yet
 */
enum { SPOOL_WINDOW = 4096 };

struct spool_window {
	uint64_t freed, cursor, next;
	uint64_t out; /* how many are on their way */
	unsigned char
		slots[SPOOL_WINDOW]; /* of freed .. freed + SPOOL_WINDOW - 1, by number % SPOOL_WINDOW */
};

/* Records from first on are not freed; the next one that comes gets the number next. */
void spool_window_init(struct spool_window *window, uint64_t first, uint64_t next);
/* A record has come: its number. *ret_hand: it is handed to the broker at once; false: it waits for its turn. */
uint64_t spool_window_keep(struct spool_window *window, bool *ret_hand);
/* The lowest record that waits, below `before`: now it is on its way. False: none, or too many are on their way. */
bool spool_window_take(struct spool_window *window, uint64_t before, uint64_t *ret);
/* It is not read, or cannot be: as if the broker had it. */
void spool_window_skip(struct spool_window *window, uint64_t number);
/* What became of one that was on its way. False: it did not reach the broker, and waits again. */
void spool_window_report(struct spool_window *window, uint64_t number, bool delivered);

#endif
