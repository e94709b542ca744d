#ifndef DISPATCHER_PROBE_CHOICE_H
#define DISPATCHER_PROBE_CHOICE_H

#include "io/payment_store.h"

#include <stdbool.h>

/*
 * Whom a breaker's question is about. Pure. One in doubt comes first, since the answer helps it, too; else the newest that is
 * settled: M-PESA knows it, and asking changes nothing.
 */
enum probe_worth {
	PROBE_WORTHLESS, /* not ours to ask: never sent, maybe on its way just now, or a person decides */
	PROBE_SETTLED,
	PROBE_IN_DOUBT,
};
enum probe_worth probe_worth(const struct payment_row *row);
/* Of equal worth the one with the greater id. */
bool probe_is_better(const struct payment_row *row, const struct payment_row *than);

#endif
