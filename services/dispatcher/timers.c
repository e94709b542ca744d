#include "dispatcher/worker.h"

#include "base/log.h"
#include "io/clock.h"
#include "io/payment_store.h"
#include "io/timer_store.h"

/* Kafka is an accelerator and not a dependency: without a hint for a second, due sends are taken from the timers. */
enum { HINTS_LATE_MS = 1000, TAKE_EVERY_MS = 1000, TAKE_MOST = 200 };

static bool take(struct worker *worker, struct uuid **ids, size_t *count, struct err *err)
{
	struct changes changes;
	struct instant now;

	changes_init(&changes, &worker->tmp);
	if (!store_begin(worker->store, &now, err) ||
		!timer_store_take(worker->store, TIMER_SEND, -1, TAKE_MOST, &worker->tmp, ids, count, err))
		return false;

	/* Written anew before anything else happens: what cannot be claimed is found again. */
	struct payment_row *rows = ARENA_ARRAY(&worker->tmp, struct payment_row, *count + 1);
	if (*count > 0 && !payment_store_lock(worker->store, *ids, *count, &worker->tmp, rows, err))
		return false;

	size_t kept = 0;
	for (size_t i = 0; i < *count; i++) {
		struct instant again = instant_add_ms(now, scaled_ms(HINT_FIRST_MS, worker->time_scale));

		if (!rows[i].found ||
			(rows[i].state.state != STATE_ACCEPTED && rows[i].state.state != STATE_RETRY))
			continue;
		if (instant_before(now, rows[i].state.due_at))
			continue; /* whoever moved due_at wrote the timer for it */
		changes_timer(&changes, &(*ids)[i], again, TIMER_SEND, rows[i].payment.lane);
		rows[i].state.due_at = again;
		changes_state(&changes, &rows[i].state);
		const struct waiting waiting = {
			.hint = {.id = rows[i].state.id, .priority = rows[i].payment.priority},
			.account = worker_account(worker, rows[i].payment.account)};
		worker_put(worker, rows[i].payment.lane, &waiting);
		kept++;
	}
	*count = kept;
	return changes_save(worker->store, &changes, err) && store_commit(worker->store, err);
}

bool worker_timers(struct worker *worker, struct err *err)
{
	struct mono now = clock_mono();
	struct uuid *ids;
	size_t count = 0;

	if (mono_ms_between((struct mono){atomic_load(&worker->hinted_at)}, now) < HINTS_LATE_MS ||
		mono_ms_between(worker->timers_at, now) < TAKE_EVERY_MS)
		return true;
	worker->timers_at = now;
	if (!take(worker, &ids, &count, err))
		return false;
	if (count > 0)
		LOG(INFO, "timers.taken", LOG_NUM("payments", count));
	return true;
}
