#include "dispatcher/worker.h"

#include "base/log.h"
#include "io/clock.h"
#include "io/lane_store.h"
#include "io/recovery_store.h"
#include "service/service.h"

/*
 * PostgreSQL may not be the one that it was: restored from a backup, or a standby that had missed commits. Whatever the send journal
 * remembers must be found in it before anything is claimed, on each new connection; else nothing is dispatched any more, by
 * anyone, until `mkondo recover` has put right what was forgotten.
 */
enum { SLICE = 1000, LOOK_AGAIN_MS = 2000 };

bool worker_remembers(const struct worker *worker)
{
	return worker->remembers && worker->remembered_by == store_generation(worker->store);
}

/* *ret_count of those that were sent are not known; *ret_first is one of them. */
static bool compare(struct worker *worker, struct uuid *ret_first, size_t *ret_count, struct err *err)
{
	const struct instant since = instant_add_ms(clock_wall(), -(int64_t)SEND_MEMORY_MS);
	struct send_record *sends;
	size_t count;

	*ret_count = 0;
	if (!send_journal_sends(worker->journal, since, &worker->tmp, &sends, &count, err))
		return false;
	count = send_memory_fold(sends, count);
	for (size_t from = 0; from < count; from += SLICE) {
		struct forgotten *forgotten;
		size_t found;

		if (!recovery_store_forgotten(worker->store, sends + from,
			    count - from < SLICE ? count - from : SLICE, &worker->tmp, &forgotten, &found,
			    err))
			return false;
		if (found > 0 && *ret_count == 0)
			*ret_first = forgotten[0].send.id;
		*ret_count += found;
		service_ticked(); /* a journal of two busy days takes its time */
	}
	return true;
}

static bool freeze(struct worker *worker, const struct uuid *first, size_t count, struct err *err)
{
	const char *why = arena_print(
		&worker->tmp, "%zu payments were sent that the database does not know as sent", count);

	if (!store_begin(worker->store, NULL, err) || !freeze_store_set(worker->store, why, first, err) ||
		!store_commit(worker->store, err))
		return false;
	if (!worker->told_frozen)
		LOG(ALARM, "dispatch.frozen", LOG_PAYMENT(first), LOG_NUM("forgotten", count));
	worker->told_frozen = true;
	return true;
}

bool worker_remember(struct worker *worker, struct err *err)
{
	const unsigned generation = store_generation(worker->store);
	const struct mono now = clock_mono();
	struct uuid first = {{0}};
	size_t count;

	if (worker_remembers(worker) ||
		(worker->remembered_by == generation && worker->remember_at.us > now.us))
		return true;
	worker->remembers = false;
	if (!compare(worker, &first, &count, err) || (count > 0 && !freeze(worker, &first, count, err)))
		return false;
	/* A connection that was made on the way is another one's: it is looked at in the next turn. */
	worker->remembered_by = generation;
	worker->remember_at = mono_add_ms(now, LOOK_AGAIN_MS);
	worker->remembers = count == 0;
	if (count == 0 && worker->told_frozen)
		LOG(INFO, "dispatch.remembers");
	worker->told_frozen &= count > 0;
	return true;
}
