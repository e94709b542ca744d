#include "dispatcher/worker.h"

#include "base/log.h"
#include "base/metric.h"
#include "io/clock.h"
#include "io/lane_store.h"

#include <string.h>

/*
 * The lanes' rows as this process's metrics, once a second, whether it sends anything or not: all replicas tell the same.
 */
enum { SHOW_EVERY_MS = 1000, LANES_MOST = APPS_MOST * LANE_COUNT, REASONS = 3 };

METRIC(rate, .name = "mkondo_lane_calls_per_second",
	.help = "Calls a second that flow into the bucket of the app's lane now, over all dispatchers.",
	.label = "app,lane", .kind = METRIC_GAUGE, .most = LANES_MOST);
METRIC(ceiling, .name = "mkondo_lane_ceiling_calls_per_second",
	.help = "The most calls of the app's lane in any second, over all dispatchers.", .label = "app,lane",
	.kind = METRIC_GAUGE, .most = LANES_MOST);
METRIC(tokens, .name = "mkondo_lane_tokens", .help = "Calls of the app's lane that may be made at once.",
	.label = "app,lane", .kind = METRIC_GAUGE, .most = LANES_MOST);
METRIC(retry_tokens, .name = "mkondo_lane_retry_tokens",
	.help = "Retries of the app's lane that may be made at once.", .label = "app,lane",
	.kind = METRIC_GAUGE, .most = LANES_MOST);
METRIC(breaker_open, .name = "mkondo_breaker_open",
	.help = "1 while the breaker of the app's lane is open or half-open for this reason, else 0.",
	.label = "app,lane,reason", .kind = METRIC_GAUGE, .most = LANES_MOST * REASONS);
METRIC(probe_seconds, .name = "mkondo_breaker_probe_seconds",
	.help = "Until the breaker of the app's lane may be half-opened by a question (again); 0 when it is "
		"closed.",
	.label = "app,lane", .kind = METRIC_GAUGE, .most = LANES_MOST);

static void show(struct worker *worker, const char *app, enum lane lane, const struct lane_row *row)
{
	const struct breaker *breaker = &row->breaker;
	const char *name = arena_print(&worker->tmp, "%s,%s", app, lane_name(lane));
	int64_t left_ms = breaker_allows(breaker) ? 0 : instant_ms_between(row->now, breaker->until);

	metric_set(&rate, name, row->bucket.rate);
	metric_set(&ceiling, name, row->ceiling);
	metric_set(&tokens, name, row->bucket.tokens);
	metric_set(&retry_tokens, name, row->retries.tokens);
	metric_set(&probe_seconds, name, left_ms > 0 ? (double)left_ms / 1000 : 0);
	for (enum breaker_reason reason = BREAKER_PROVIDER; reason <= BREAKER_QUOTA; reason++)
		metric_set(&breaker_open,
			arena_print(&worker->tmp, "%s,%s", name, breaker_reason_name(reason)),
			!breaker_allows(breaker) && breaker->reason == reason);
}

/* The row as it would be made: for lanes that nothing was sent in yet. */
static struct lane_row unused_row(const struct bucket_limits *limits)
{
	struct lane_row row = {.ceiling = limits->ceiling, .now = clock_wall()};

	bucket_start(&row.bucket, limits, row.now);
	retry_budget_start(&row.retries, row.bucket.rate, row.now);
	breaker_start(&row.breaker, row.now);
	return row;
}

static struct lane_line *find(struct lane_line *lines, size_t count, const char *app, enum lane lane)
{
	for (size_t i = 0; i < count; i++)
		if (lines[i].lane == lane && strcmp(lines[i].app, app) == 0)
			return &lines[i];
	return NULL;
}

/* A lane in which nothing waits has nobody at its gate: its breaker is half-opened from here. */
static bool half_open(struct worker *worker, size_t app, enum lane lane, struct err *err)
{
	const struct bucket_limits limits = worker_limits(worker, lane);
	const char *name = worker->apps.tokens[app].app;
	struct lane_row row;

	if (!store_begin(worker->store, NULL, err) ||
		!lane_store_lock(worker->store, name, lane, &limits, &row, err))
		return false;
	if (row.frozen || row.paused || !breaker_wants_probe(&row.breaker, row.now)) {
		store_rollback(worker->store);
		return true;
	}
	breaker_probe(&row.breaker, row.now, worker->time_scale);
	if (!lane_store_save(worker->store, name, lane, &row, err) || !store_commit(worker->store, err))
		return false;
	worker_probe_won(worker, app, lane, row.breaker.reason);
	return true;
}

bool worker_show(struct worker *worker, struct err *err)
{
	const struct mono now = clock_mono();
	bool probes = worker_remembers(worker) && !atomic_load(&worker->stopping);
	struct lane_line *lines;
	size_t count;

	if (worker->shown_at.us != 0 && mono_ms_between(worker->shown_at, now) < SHOW_EVERY_MS)
		return true;
	if (!lane_store_list(worker->store, &worker->tmp, &lines, &count, err))
		return false;
	worker->shown_at = now;
	for (size_t app = 0; app < worker->apps.count; app++)
		for (int i = 0; i < LANE_COUNT; i++) {
			const char *name = worker->apps.tokens[app].app;
			const struct bucket_limits limits = worker_limits(worker, (enum lane)i);
			struct lane_line *line = find(lines, count, name, (enum lane)i);
			struct lane_row row = line != NULL ? line->row : unused_row(&limits);

			row.ceiling = limits.ceiling;
			lane_row_advance(&row, limits.ceiling);
			show(worker, name, (enum lane)i, &row);
			if (probes && worker->apps.tokens[app].account != NULL && !row.frozen &&
				!row.paused && breaker_wants_probe(&row.breaker, row.now) &&
				!half_open(worker, app, (enum lane)i, err))
				return false;
		}
	return true;
}
