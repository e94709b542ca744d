#ifndef DARAJASIM_SETTLE_H
#define DARAJASIM_SETTLE_H

#include "darajasim/call.h"

/* The way of a transaction: taken, its outcome (money moves here and nowhere else), its callbacks. */

/* Takes the deal (product, payment, phone, ids, addresses are set), answers the call when it is time to. */
void settle_accept(struct call *call, struct deal *deal);
/* After a restart: goes on with what the ledger says was taken and has no outcome, or no callback yet. */
void settle_resume(struct sim *sim);
/* A line of an old ledger. */
void settle_replay(void *sim, const json_t *line);

#endif
