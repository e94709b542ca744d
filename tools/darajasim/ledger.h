#ifndef DARAJASIM_LEDGER_H
#define DARAJASIM_LEDGER_H

#include "base/err.h"
#include "base/text.h"
#include "base/time.h"

#include <jansson.h>
#include <stdint.h>

/*
 * The truth: an append-only file of JSON lines. Lines gather in memory until ledger_flush, which writes them
 * and waits for the disk; nothing may be told to anybody before the line that it rests on is flushed.
 */
struct ledger;

/* An old file is continued: every whole line of it is shown first; a torn last line is ended and skipped. Without `sync`
   a flush leaves the lines to the system: they outlive this process, and not a power failure. */
bool ledger_open(struct ledger **ret, const char *path, bool sync,
	void (*on_line)(void *self, const json_t *line), void *self, struct err *err);
void ledger_close(struct ledger **ledger);

void ledger_begin(struct ledger *ledger, struct instant at, const char *kind);
void ledger_text(struct ledger *ledger, const char *name, const char *value); /* left out when "" or NULL */
void ledger_number(struct ledger *ledger, const char *name, int64_t value);
void ledger_flag(struct ledger *ledger, const char *name, bool value);
void ledger_end(struct ledger *ledger);

bool ledger_is_dirty(const struct ledger *ledger);
bool ledger_flush(struct ledger *ledger, struct err *err);
/* The file's lines as a JSON array, what is not flushed yet left out. The caller frees. */
bool ledger_read(const struct ledger *ledger, struct text *ret, struct err *err);

#endif
