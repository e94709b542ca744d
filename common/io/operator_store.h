#ifndef IO_OPERATOR_STORE_H
#define IO_OPERATOR_STORE_H

#include "io/store.h"

/* What people did to the system (table operator_action): a row each, never changed. */
struct operator_action {
	const char *action; /* "pause", "resume", ... */
	const char *reference; /* what it was done to */
	const char *by; /* who, as told by the command line */
	const char *detail;
};
/* In the transaction of what was done. */
bool operator_store_add(struct store *store, const struct operator_action *action, struct err *err);

#endif
