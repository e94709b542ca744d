#ifndef IO_ACCOUNT_URL_H
#define IO_ACCOUNT_URL_H

#include "base/arena.h"

#include <stdbool.h>

/*
 * Where an account's calls go, without a slash at the end; "" gives Daraja's host of the environment. NULL, and why, for
 * what must not be: plain http to anything but loopback, or with production; the other environment's host.
 */
const char *account_url(const char *base, bool production, struct arena *arena, const char **ret_why);

#endif
