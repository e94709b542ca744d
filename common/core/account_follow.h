#ifndef CORE_ACCOUNT_FOLLOW_H
#define CORE_ACCOUNT_FOLLOW_H

#include "core/account.h"

#include <stddef.h>

/*
 * Whether these accounts may take the place of those while the process runs; pure. Accounts come and go, and change secrets, passkey,
 * operator and tenants. What payments under way, their questions and the stored token hang on stays as it is until a restart:
 *	- there is at least one account, and of no environment that was not there before: sandbox and production never mix;
 *	- the account of a name keeps its shortcode and its environment: a question about an older payment would go to another organisation;
 *	- the app of a name keeps its consumer key and its host: the token that is in use is that key's.
 * Every fault is added to `faults` ("<account>: ...; "); false when there was one.
 */
bool account_follow_check(const struct account *was, size_t was_count, const struct account *next,
	size_t next_count, struct buf *faults);

#endif
