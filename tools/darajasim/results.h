#ifndef DARAJASIM_RESULTS_H
#define DARAJASIM_RESULTS_H

#include "darajasim/product.h"

/* The usual ResultDesc of a code; "Request failed." for codes that nobody has seen. */
const char *results_desc(enum product product, const char *code);
/* The word that TransactionStatus has for a transaction that ended with this code. */
const char *results_status(const char *code);
/* The codes of the table, for tests; NULL behind the last. */
const char *results_code(unsigned at);

#endif
