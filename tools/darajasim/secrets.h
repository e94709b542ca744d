#ifndef DARAJASIM_SECRETS_H
#define DARAJASIM_SECRETS_H

#include "darajasim/tokens.h"

/* Consumer secrets that were changed while the simulator runs, on the portal as it were. Of other keys the options tell. */
struct secret;
struct secrets {
	struct secret *by_key;
};

/* From now on the key wants this secret. Both below APP_TEXT. */
void secrets_change(struct secrets *secrets, const char *key, const char *secret);
/* NULL: it was never changed. */
const char *secrets_find(const struct secrets *secrets, const char *key);
void secrets_done(struct secrets *secrets);

#endif
