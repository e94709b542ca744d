#ifndef IO_ACCOUNT_CHECK_H
#define IO_ACCOUNT_CHECK_H

#include "base/arena.h"
#include "core/account.h"
#include "io/account_file.h"
#include "io/file_watch.h"

/* One account_draft -> struct account: secrets read from their files, every rule checked. All faults are told. */
struct account_origin {
	const char *dir; /* relative paths start here; "" : at the process's own folder */
	bool production; /* where the draft names no environment */
	const char *api_base; /* where the draft names none; "" : Daraja's own */
	bool plain_secrets; /* they need not be in files, also with production (they came by the environment) */
	struct file_watch *files; /* told of each file before it is read; NULL: nobody is */
};

/* Every fault is added to `faults` ("<account>: ...; "); false when there was one. Strings live in the arena. */
bool account_check(const struct account_draft *draft, const struct account_origin *origin,
	struct arena *arena, struct account *ret, struct buf *faults);
/* False, with a fault: the two cannot stand in one book (same name; one app with two keys; one key in two apps). */
bool account_check_pair(const struct account *a, const struct account *b, struct buf *faults);

#endif
