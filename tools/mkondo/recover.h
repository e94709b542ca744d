#ifndef MKONDO_RECOVER_H
#define MKONDO_RECOVER_H

#include "io/send_memory.h"
#include "mkondo/mkondo.h"

/* What `mkondo recover` gathers. */
enum { RECOVERY_JOURNALS_MOST = 64 };

struct recovery {
	struct tool *tool;
	double time_scale; /* MKONDO_TIME_SCALE */
	const char *dirs[RECOVERY_JOURNALS_MOST];
	size_t dir_count;
	bool yes;
	struct send_record *sends; /* folded */
	size_t count, cap;
	struct forgotten *forgotten;
	size_t forgotten_count;
};

/* recover_read.c: the send journals that were named, and attempts.v1, as far back as journals vouch for. */
bool recovery_read(struct recovery *recovery, struct err *err);

#endif
