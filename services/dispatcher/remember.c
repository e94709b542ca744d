#include "dispatcher/worker.h"

#include "base/log.h"
#include "io/clock.h"
#include "io/lane_store.h"
#include "io/recovery_store.h"
#include "service/service.h"

enum { SLICE = 1000, LOOK_AGAIN_MS = 2000, TAIL_AGAIN_MS = 30000, VOUCH_EVERY_MS = 1000 };

enum word { KNOWN, FORGOTTEN, NOT_TOLD };

bool worker_remembers(const struct worker *worker)
{
	return worker->memory.vouches && worker->memory.asked == store_generation(worker->store);
}

bool worker_find_forgotten(
	struct worker *worker, struct send_record *sends, size_t count, struct finding *ret, struct err *err)
{
	struct arena slice;
	bool good = true;

	arena_init(&slice);
	count = send_memory_fold(sends, count);
	for (size_t from = 0; good && from < count; from += SLICE) {
		size_t left = count - from, found = 0;
		struct forgotten *forgotten;

		good = recovery_store_forgotten(worker->store, sends + from, left < SLICE ? left : SLICE,
			&slice, &forgotten, &found, err);
		for (size_t i = 0; good && i < found; i++) {
			ret->count++;
			if (ret->kept == SAMPLE_MOST)
				continue;
			ret->some[ret->kept] = forgotten[i].send;
			ret->some[ret->kept++].body = (struct text){0};
		}
		arena_reset(&slice);
		service_ticked(); /* two busy days take their time */
	}
	arena_done(&slice);
	return good;
}

static bool compare_journal(
	struct worker *worker, struct finding *ret, struct instant *ret_newest, struct err *err)
{
	const struct instant since = instant_add_ms(clock_wall(), -(int64_t)SEND_MEMORY_MS);
	struct send_record *sends;
	size_t count;

	if (!send_journal_sends(worker->journal, since, &worker->tmp, &sends, &count, err))
		return false;
	for (size_t i = 0; i < count; i++)
		if (instant_before(*ret_newest, sends[i].at))
			*ret_newest = sends[i].at;
	return worker_find_forgotten(worker, sends, count, ret, err);
}

/* Too old for anyone to vouch for it: `mkondo recover` does not look so far back either. */
static void drop_old(struct finding *finding)
{
	const struct instant since = instant_add_ms(clock_wall(), -(int64_t)SEND_MEMORY_MS);
	size_t young = 0;

	for (size_t i = 0; i < finding->kept; i++)
		if (!instant_before(finding->some[i].at, since))
			finding->some[young++] = finding->some[i];
	finding->kept = young;
}

/* Asked once more in the transaction that freezes. *ret_forgotten false: it has been put right, or a lagging standby had
   answered before. Again and again while it is true: who lifts the freeze may not know what we know. */
static bool freeze(struct worker *worker, bool *ret_forgotten, struct err *err)
{
	struct memory *memory = &worker->memory;
	struct finding *missing = &memory->missing, *now = ARENA_NEW(&worker->tmp, struct finding);
	const struct uuid first = missing->some[0].id;
	const char *why = arena_print(&worker->tmp,
		"%zu payments were sent (%s) that the database does not know as sent", missing->count,
		missing->by);

	*now = (struct finding){0};
	drop_old(missing);
	if (!store_begin(worker->store, NULL, err) ||
		!worker_find_forgotten(worker, missing->some, missing->kept, now, err))
		return false;
	*ret_forgotten = now->count > 0;
	if (!*ret_forgotten) {
		store_rollback(worker->store);
		missing->kept = 0;
		return true;
	}
	if (!freeze_store_set(worker->store, why, &first, err) || !store_commit(worker->store, err))
		return false;
	if (!memory->told)
		LOG(ALARM, "dispatch.frozen", LOG_PAYMENT(&first), LOG_NUM("forgotten", missing->count),
			LOG_STR("by", missing->by));
	memory->told = true;
	return true;
}

/* attempts.v1; where it cannot be read, what the journal is worth. */
static bool ask_tail(
	struct worker *worker, bool journal_vouches, struct finding *finding, enum word *ret, struct err *err)
{
	struct memory *memory = &worker->memory;
	const struct instant begun = clock_wall();
	bool is_read = false;

	if (!worker_compare_attempts(worker, finding, &is_read, err))
		return false;
	memory->tail_owed = !is_read && journal_vouches;
	if (is_read || journal_vouches)
		atomic_store(&memory->waits_for_kafka, false);
	if (is_read) {
		*ret = finding->count > 0 ? FORGOTTEN : KNOWN;
		if (*ret == KNOWN)
			memory->tail_read = begun;
		return true;
	}
	*ret = journal_vouches ? KNOWN : NOT_TOLD;
	if (!journal_vouches && !atomic_exchange(&memory->waits_for_kafka, true))
		LOG(WARN, "dispatch.waits_for_kafka");
	return true;
}

static bool ask(struct worker *worker, enum word *ret, struct err *err)
{
	struct finding *missing = &worker->memory.missing;
	const bool vouched = worker_remembers(worker);
	struct instant newest = {0};
	bool forgotten = false;

	*ret = FORGOTTEN;
	if (missing->kept > 0 && !freeze(worker, &forgotten, err))
		return false;
	if (forgotten)
		return true;
	*missing = (struct finding){.by = "send journal"};
	if (!vouched && !compare_journal(worker, missing, &newest, err))
		return false;
	if (missing->count == 0) {
		missing->by = "attempts.v1";
		if (!ask_tail(
			    worker, vouched || send_memory_vouches(newest, clock_wall()), missing, ret, err))
			return false;
	}
	if (missing->count == 0)
		return true;
	if (!freeze(worker, &forgotten, err))
		return false;
	*ret = forgotten ? FORGOTTEN : NOT_TOLD;
	return true;
}

/* Those who act on what is in the database wait for this word. */
static bool vouch(struct worker *worker, struct mono now, struct err *err)
{
	if (worker->memory.vouch_at.us > now.us)
		return true;
	worker->memory.vouch_at = mono_add_ms(now, VOUCH_EVERY_MS);
	if (!store_begin(worker->store, NULL, err))
		return false;
	if (!worker_remembers(worker)) { /* this BEGIN has made a new connection */
		store_rollback(worker->store);
		return true;
	}
	return freeze_store_vouch(worker->store, err) && store_commit(worker->store, err);
}

bool worker_remember(struct worker *worker, struct err *err)
{
	struct memory *memory = &worker->memory;
	const unsigned generation = store_generation(worker->store);
	const struct mono now = clock_mono();
	const bool waits = memory->look_at.us > now.us && memory->asked == generation;
	enum word word;

	if (worker_remembers(worker) && (!memory->tail_owed || waits))
		return vouch(worker, now, err);
	if (waits)
		return true;
	if (!ask(worker, &word, err)) {
		memory->vouches = false;
		return false;
	}
	/* A connection that was made on the way is another one's: it is looked at in the next turn. */
	memory->asked = generation;
	memory->vouches = word == KNOWN;
	memory->look_at = mono_add_ms(clock_mono(), memory->tail_owed ? TAIL_AGAIN_MS : LOOK_AGAIN_MS);
	memory->vouch_at = (struct mono){0};
	if (word == KNOWN && memory->told)
		LOG(INFO, "dispatch.remembers");
	memory->told &= word != KNOWN;
	return true;
}
