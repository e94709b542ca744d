#include "dispatcher/worker.h"

#include "base/log.h"
#include "base/metric.h"
#include "io/clock.h"
#include "io/lane_store.h"

/*
 * What answers say about our speed and Daraja's health, gathered here and written to the shared row: at once when something
 * is wrong, else once a second. A transaction of its own: the lane's row is always locked before payments.
 */
enum { WRITE_EVERY_MS = 1000, QUOTA_PAUSE_MS = 60000 };

static struct metric breaker_open = {.name = "mkondo_breaker_open",
	.help = "1 while the lane's breaker is not closed.",
	.label = "lane",
	.kind = METRIC_GAUGE};
static struct metric lane_rate = {.name = "mkondo_lane_rate",
	.help = "Calls a second that the lane's bucket allows now.",
	.label = "lane",
	.kind = METRIC_GAUGE};

static bool is_throttle(const struct answer_verdict *verdict)
{
	return verdict->class == CODE_PUT_OFF && !verdict->row->counted && verdict->row->http_most != 0;
}

void worker_note(struct worker *worker, const struct call *call, const struct answer_verdict *verdict)
{
	size_t app = worker_app(worker, call->account);
	struct lane_notes *notes = &worker->notes[app][call->lane];
	bool doubt = verdict->class == CODE_NO_WORD;

	if (call->refused_here || call->transport == TRANSPORT_NOT_SENT)
		return;
	if (verdict->credential_fault)
		notes->credential_faults++;
	else
		runs_add(&notes->runs, doubt);
	if (is_throttle(verdict)) {
		notes->throttled++;
		notes->quota |= text_has_nocase(text_of(verdict->row->message), "Quota") ||
				text_has_nocase(text_of(verdict->row->code), "Quota") ||
				text_same(text_of(verdict->row->code), TEXT("500.003.03"));
	}
	if (call->probe) {
		worker->notes[app][call->probed].probed = true;
		worker->notes[app][call->probed].probe_answered = !doubt && !verdict->credential_fault;
	}
}

static bool must_write(const struct lane_notes *notes, struct mono now)
{
	if (runs_have_doubts(&notes->runs) || notes->credential_faults + notes->throttled > 0 ||
		notes->probed || notes->token_called)
		return true;
	return notes->runs.count > 0 && mono_ms_between(notes->written, now) >= WRITE_EVERY_MS;
}

static void apply(struct worker *worker, struct lane_row *row, const struct lane_notes *notes, size_t app,
	enum lane lane, struct instant now, bool *ret_opened)
{
	bool token_decides = row->breaker.reason == BREAKER_CREDENTIALS || !worker->known[app][lane].known;
	const struct bucket_limits limits = worker_limits(worker, lane);
	double scale = worker->time_scale;

	*ret_opened = false;
	if (notes->probed)
		breaker_probed(&row->breaker, notes->probe_answered, now, scale);
	else if (notes->token_called && token_decides)
		breaker_probed(&row->breaker, notes->token_given, now, scale);
	for (unsigned i = 0; i < notes->runs.count; i++)
		*ret_opened |= breaker_note(&row->breaker, notes->runs.run[i].doubt ? SAW_DOUBT : SAW_ANSWER,
			notes->runs.run[i].n, now, scale);
	if (notes->credential_faults > 0)
		*ret_opened |= breaker_note(
			&row->breaker, SAW_CREDENTIAL_FAULT, notes->credential_faults, now, scale);
	if (notes->quota)
		bucket_pause(&row->bucket, instant_add_ms(now, scaled_ms(QUOTA_PAUSE_MS, scale)));
	else if (notes->throttled > 0)
		bucket_slow(&row->bucket, &limits, now);
}

static bool write_one(struct worker *worker, size_t app, enum lane lane, struct err *err)
{
	const struct bucket_limits limits = worker_limits(worker, lane);
	const char *name = worker->tokens[app].account->app;
	struct lane_notes *notes = &worker->notes[app][lane];
	struct lane_row row;
	struct instant now;
	bool opened;

	if (!store_begin(worker->store, &now, err) ||
		!lane_store_lock(worker->store, name, lane, &limits, &row, err))
		return false;
	enum breaker_state before = row.breaker.state;
	apply(worker, &row, notes, app, lane, now, &opened);
	if (!lane_store_save(worker->store, name, lane, &row, err) || !store_commit(worker->store, err))
		return false;
	if (opened)
		LOG(ALARM, "breaker.opened", LOG_STR("app", name), LOG_STR("lane", lane_name(lane)),
			LOG_STR("reason", breaker_reason_name(row.breaker.reason)));
	if (before != BREAKER_CLOSED && row.breaker.state == BREAKER_CLOSED)
		LOG(INFO, "breaker.closed", LOG_STR("app", name), LOG_STR("lane", lane_name(lane)));
	if (notes->throttled > 0)
		LOG(WARN, "lane.slowed", LOG_STR("app", name), LOG_STR("lane", lane_name(lane)),
			LOG_YES("quota", notes->quota));
	metric_set(&breaker_open, lane_name(lane), row.breaker.state != BREAKER_CLOSED);
	metric_set(&lane_rate, lane_name(lane), row.bucket.rate);
	*notes = (struct lane_notes){.written = clock_mono()};
	return true;
}

bool worker_write_notes(struct worker *worker, struct err *err)
{
	struct mono now = clock_mono();

	for (size_t app = 0; app < worker->app_count; app++)
		for (int lane = 0; lane < LANE_COUNT; lane++)
			if (must_write(&worker->notes[app][lane], now) &&
				!write_one(worker, app, (enum lane)lane, err))
				return false;
	return true;
}
