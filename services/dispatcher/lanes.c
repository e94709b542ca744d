#include "dispatcher/worker.h"

#include "base/log.h"
#include "io/clock.h"
#include "io/lane_store.h"

/*
 * What answers say about our speed and Daraja's health, gathered here and written to the shared row: at once when something
 * is wrong, else once a second. A transaction of its own: the lane's row is always locked before payments.
 */
enum { WRITE_EVERY_MS = 1000 };

void worker_note(struct worker *worker, const struct call *call, const struct answer_verdict *verdict)
{
	struct lane_notes *notes = &worker->notes[call->app][call->lane];
	enum breaker_saw saw =
		call->fate != CALL_TO_BE_SENT ? SAW_NOTHING : answer_saw(call->transport, verdict);

	if (call->replayed)
		return;
	if (call->probe) {
		worker->notes[call->app][call->probed].probed = true;
		worker->notes[call->app][call->probed].probe_saw = saw;
	}
	switch (saw) {
	case SAW_NOTHING:
		return;
	case SAW_ANSWER:
	case SAW_DOUBT:
		runs_add(&notes->runs, saw == SAW_DOUBT);
		break;
	case SAW_CREDENTIAL_FAULT:
		notes->credential_faults++;
		break;
	case SAW_QUOTA:
		notes->quotas++;
		break;
	}
	notes->throttled += verdict->pace == PACE_SLOW;
}

static bool must_write(const struct lane_notes *notes, struct mono now)
{
	if (runs_have_doubts(&notes->runs) ||
		notes->credential_faults + notes->throttled + notes->quotas > 0 || notes->probed ||
		notes->token_called)
		return true;
	return notes->runs.count > 0 && mono_ms_between(notes->written, now) >= WRITE_EVERY_MS;
}

/* Its question first: what else came in may be of the time before. */
static void apply(struct worker *worker, struct lane_row *row, const struct lane_notes *notes, enum lane lane)
{
	const struct bucket_limits limits = worker_limits(worker, lane);
	struct breaker *breaker = &row->breaker;
	double scale = worker->time_scale;

	if (notes->probed)
		breaker_probed(breaker, notes->probe_saw, row->now, scale);
	else if (notes->token_called && breaker->reason == BREAKER_CREDENTIALS)
		breaker_probed(breaker, notes->token_saw, row->now, scale);
	for (unsigned i = 0; i < notes->runs.count; i++)
		breaker_note(breaker, notes->runs.run[i].doubt ? SAW_DOUBT : SAW_ANSWER, notes->runs.run[i].n,
			row->now, scale);
	breaker_note(breaker, SAW_QUOTA, notes->quotas, row->now, scale);
	breaker_note(breaker, SAW_CREDENTIAL_FAULT, notes->credential_faults, row->now, scale);
	if (notes->throttled > 0)
		bucket_slow(&row->bucket, &limits, row->now);
	row->ceiling = limits.ceiling;
}

/* Once for each trouble, not for each question that finds it still there. */
static void tell(const char *app, enum lane lane, const struct breaker *before, const struct lane_row *row,
	const struct lane_notes *notes)
{
	const struct breaker *breaker = &row->breaker;
	const char *reason = breaker_reason_name(breaker->reason);

	if (breaker->state != BREAKER_CLOSED && breaker->reason != before->reason)
		LOG(ALARM, "breaker.opened", LOG_STR("app", app), LOG_STR("lane", lane_name(lane)),
			LOG_STR("reason", reason));
	else if (before->state == BREAKER_HALF_OPEN && breaker->state == BREAKER_OPEN)
		LOG(INFO, "breaker.kept_open", LOG_STR("app", app), LOG_STR("lane", lane_name(lane)),
			LOG_STR("reason", reason),
			LOG_NUM("again_ms", instant_ms_between(row->now, breaker->until)));
	if (before->state != BREAKER_CLOSED && breaker->state == BREAKER_CLOSED)
		LOG(INFO, "breaker.closed", LOG_STR("app", app), LOG_STR("lane", lane_name(lane)));
	if (notes->throttled > 0)
		LOG(WARN, "lane.slowed", LOG_STR("app", app), LOG_STR("lane", lane_name(lane)),
			LOG_NUM("rate_per_minute", (int64_t)(row->bucket.rate * 60)));
}

static bool write_one(struct worker *worker, size_t app, enum lane lane, struct err *err)
{
	const struct bucket_limits limits = worker_limits(worker, lane);
	const char *name = worker->apps.tokens[app].app;
	struct lane_notes *notes = &worker->notes[app][lane];
	struct lane_row row;

	if (!store_begin(worker->store, NULL, err) ||
		!lane_store_lock(worker->store, name, lane, &limits, &row, err))
		return false;
	const struct breaker before = row.breaker;
	apply(worker, &row, notes, lane);
	if (!lane_store_save(worker->store, name, lane, &row, err) || !store_commit(worker->store, err))
		return false;
	tell(name, lane, &before, &row, notes);
	*notes = (struct lane_notes){.written = clock_mono()};
	return true;
}

bool worker_write_notes(struct worker *worker, struct err *err)
{
	struct mono now = clock_mono();

	for (size_t app = 0; app < worker->apps.count; app++)
		for (int lane = 0; lane < LANE_COUNT; lane++)
			if (must_write(&worker->notes[app][lane], now) &&
				!write_one(worker, app, (enum lane)lane, err))
				return false;
	return true;
}

void worker_tell_ceilings(const struct worker *worker)
{
	const int64_t *rates = worker->settings->rates;

	for (int lane = 0; lane < LANE_COUNT; lane++)
		LOG(INFO, "lane.ceiling", LOG_STR("lane", lane_name((enum lane)lane)),
			LOG_NUM("per_second", (int64_t)gate_ceiling(rates, (enum lane)lane)),
			LOG_YES("set", rates[lane] > 0));
}
