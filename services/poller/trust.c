#include "poller/poller.h"

#include "base/log.h"
#include "base/metric.h"
#include "io/lane_store.h"

/*
 * While all is frozen what the rows say may not be true any more: an expiry would call a payment failed that was paid. The freeze
 * itself comes from a dispatcher, which may be slower than the poller to see a new database: so the word of one is awaited
 * that was given since the poller has its connection. Debts are paid all the same: they were decided once and for all, and
 * carry their versions.
 */
METRIC(timers_wait, .name = "mkondo_timers_waiting",
	.help = "1 while no timer is acted upon: all is frozen, or no dispatcher has vouched for the "
		"database yet.",
	.kind = METRIC_GAUGE);

bool poller_may_act(struct poller *poller, bool *ret, struct err *err)
{
	bool frozen, vouched;

	if (!freeze_store_look(poller->store, &frozen, &vouched, err))
		return false;
	*ret = !frozen && vouched;
	if (*ret && poller->waits)
		LOG(INFO, "timers.go_on");
	else if (!*ret && !poller->waits)
		LOG(WARN, "timers.wait",
			LOG_STR("for", frozen ? "mkondo recover" : "the word of a dispatcher"));
	poller->waits = !*ret;
	metric_set(&timers_wait, NULL, poller->waits);
	return true;
}
