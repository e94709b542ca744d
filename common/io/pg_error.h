#ifndef IO_PG_ERROR_H
#define IO_PG_ERROR_H

#include "base/err.h"

struct pg_result;

/* What the server's error means: fills *err. True: the session is over, its connection must be dropped. */
bool pg_error(const struct pg_result *result, struct err *err);

#endif
