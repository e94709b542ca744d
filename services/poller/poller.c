#include "poller/poller.h"

#include "base/log.h"
#include "base/metric.h"
#include "io/clock.h"
#include "io/payment_store.h"
#include "io/timer_store.h"

enum {
	TICK_MS = 200,
	OWED_MOST = 500,
	OWED_AFTER_MS = 2000,
	COUNT_EVERY_MS = 5000,
	SEARCH_EVERY_MS = 3600000,
	FORGOTTEN_AFTER_MS = 600000
};

METRIC(payments_open, .name = "mkondo_payments",
	.help = "Payments in the database by state, also those that are settled; counted every 5 s.",
	.label = "state",
	.values = "ACCEPTED SENDING PENDING UNKNOWN RETRY SUCCEEDED FAILED UNRESOLVED CONFLICT",
	.kind = METRIC_GAUGE);
METRIC(owed_results, .name = "mkondo_owed_results",
	.help = "Results that results.v1 has not acknowledged; counted every 5 s.", .kind = METRIC_GAUGE);
METRIC(oldest_due, .name = "mkondo_oldest_due_seconds",
	.help = "How long the oldest timer is overdue; 0 when none is.", .kind = METRIC_GAUGE);
METRIC(oldest_owed, .name = "mkondo_oldest_owed_seconds",
	.help = "How long the oldest owed result is owed; 0 when none is.", .kind = METRIC_GAUGE);

bool poller_start(void *self, const struct service_common *common, struct err *err)
{
	struct poller *poller = self;

	poller->time_scale = common->time_scale;
	return store_open(&poller->store, &poller->database, "mkondo-poller", err) &&
	       publisher_new(&poller->publisher, &poller->kafka, &poller->publishing, err);
}

void poller_stop(void *self)
{
	struct poller *poller = self;

	publisher_free(&poller->publisher);
	store_close(&poller->store);
}

bool poller_ready(void *self, struct buf *why)
{
	struct poller *poller = self;

	if (atomic_load(&poller->database_up))
		return true;
	buf_str(why, "PostgreSQL is away\n");
	return false;
}

/* I12's net: open payments that no timer looks after. There should be none. */
static bool search_forgotten(struct poller *poller, struct arena *tmp, struct err *err)
{
	struct instant now;
	struct uuid *ids;
	size_t count;
	bool may;

	if (poller->waits || mono_ms_between(poller->searched_at, clock_mono()) < SEARCH_EVERY_MS)
		return true;
	poller->searched_at = clock_mono();
	if (!store_begin(poller->store, &now, err) || !poller_may_act(poller, &may, err))
		return false;
	if (!may) {
		store_rollback(poller->store);
		return true;
	}
	if (!payment_store_forgotten(
		    poller->store, FORGOTTEN_AFTER_MS, POLLER_LOOK_MOST, tmp, &ids, &count, err))
		return false;
	for (size_t i = 0; i < count; i++)
		LOG(ALARM, "payment.forgotten", LOG_PAYMENT(&ids[i]));
	return poller_look_at(poller, ids, uuid_sort_distinct(ids, count), now, tmp, err);
}

/* Debts that nobody has paid for a while: whoever made them may be dead, or Kafka was away. */
static bool pay_debts(struct poller *poller, struct arena *tmp, size_t *ret_count, struct err *err)
{
	struct instant now;
	struct owed *owed;

	*ret_count = 0;
	if (!store_begin(poller->store, &now, err) ||
		!owed_store_take(poller->store, OWED_AFTER_MS, OWED_MOST, tmp, &owed, ret_count, err) ||
		!store_commit(poller->store, err))
		return false;
	if (*ret_count == 0)
		return true;

	struct uuid *ids = ARENA_ARRAY(tmp, struct uuid, *ret_count);
	struct payment_row *rows = ARENA_ARRAY(tmp, struct payment_row, *ret_count);
	for (size_t i = 0; i < *ret_count; i++)
		ids[i] = owed[i].id;
	size_t count = uuid_sort_distinct(ids, *ret_count);
	if (!payment_store_read(poller->store, ids, count, tmp, rows, err))
		return false;
	for (size_t i = 0; i < count; i++)
		if (rows[i].found &&
			!publisher_result(poller->publisher, &rows[i].payment, &rows[i].state, err))
			return false;
	LOG(INFO, "debts.published", LOG_NUM("results", count));
	return true;
}

static bool count_payments(struct poller *poller, struct err *err)
{
	struct payment_counts counts;

	if (mono_ms_between(poller->counted_at, clock_mono()) < COUNT_EVERY_MS)
		return true;
	if (!payment_store_counts(poller->store, &counts, err))
		return false;
	poller->counted_at = clock_mono();
	for (int state = 0; state < STATE_COUNT; state++)
		metric_set(&payments_open, state_name((enum state)state), (double)counts.by_state[state]);
	metric_set(&owed_results, NULL, (double)counts.owed);
	metric_set(&oldest_due, NULL, (double)counts.oldest_due_ms / 1000);
	metric_set(&oldest_owed, NULL, (double)counts.oldest_owed_ms / 1000);
	return true;
}

bool poller_work(void *self, struct arena *tmp, struct err *err)
{
	struct poller *poller = self;
	size_t looked = 0, published = 0;
	bool done = poller_serve_timers(poller, tmp, &looked, err) &&
		    pay_debts(poller, tmp, &published, err) && search_forgotten(poller, tmp, err) &&
		    count_payments(poller, err) &&
		    publisher_settle(poller->publisher, poller->store, clock_mono(), err);

	atomic_store(&poller->database_up, done);
	if (!done) {
		store_rollback(poller->store);
		return false;
	}
	publisher_poll(poller->publisher);
	if (poller->careful > 0 ? looked == 0 : looked < POLLER_LOOK_MOST && published < OWED_MOST)
		clock_sleep_ms(scaled_ms(TICK_MS, poller->time_scale < 0.1 ? 0.1 : poller->time_scale));
	return true;
}
