#include "mkondo/mkondo.h"

#include "io/clock.h"
#include "io/lane_store.h"
#include "io/payment_store.h"

#include <stdio.h>

/* Of those whose outcome is known; what is in doubt is no failure. */
static void print_success_rate(const int64_t by_state[STATE_COUNT])
{
	const int64_t paid = by_state[STATE_SUCCEEDED], decided = paid + by_state[STATE_FAILED];

	if (decided > 0)
		printf("success rate   %7.1f%%   of %lld that are decided\n",
			100.0 * (double)paid / (double)decided, (long long)decided);
	else
		printf("success rate          -   nothing is decided yet\n");
}

static void print_counts(const struct payment_counts *counts)
{
	printf("payments\n");
	for (int state = 0; state < STATE_COUNT; state++)
		printf("  %-12s %10lld   %s\n", state_name((enum state)state),
			(long long)counts->by_state[state], state_about((enum state)state));
	print_success_rate(counts->by_state);
	printf("results owed   %8lld   oldest %.1f s\n", (long long)counts->owed,
		(double)counts->oldest_owed_ms / 1000);
	printf("timers overdue %8lld   oldest %.1f s\n", (long long)counts->timers_overdue,
		(double)counts->oldest_due_ms / 1000);
	printf("receipts       %8lld\ndead letters   %8lld\norphans        %8lld\n",
		(long long)counts->receipts, (long long)counts->dead_letters, (long long)counts->orphans);
}

static double seconds(struct instant from, struct instant to)
{
	return (double)instant_ms_between(from, to) / 1000;
}

static void print_breaker(const struct lane_row *row)
{
	const struct breaker *breaker = &row->breaker;
	const double left = seconds(row->now, breaker->until);

	printf("  breaker %s", breaker_state_name(breaker->state));
	switch (breaker->state) {
	case BREAKER_CLOSED:
		return;
	case BREAKER_OPEN:
		printf(": %s, ", breaker_reason_name(breaker->reason));
		if (left > 0)
			printf("asked in %.1f s", left);
		else
			printf("to be asked now");
		return;
	case BREAKER_HALF_OPEN:
		printf(": %s, being asked, again in %.1f s", breaker_reason_name(breaker->reason),
			left > 0 ? left : 0);
		return;
	}
}

/* Rate and tokens as they are now, not as they were when somebody last took one. */
static void print_lane(const struct lane_line *line)
{
	struct lane_row row = line->row;

	lane_row_advance(&row, row.ceiling);
	printf("  %-12s %-12s ", line->app, lane_name(line->lane));
	if (row.ceiling < 1) /* made by a pause: no dispatcher has written it yet */
		printf("not used yet");
	else
		printf("%7.1f/s of %-6.0f tokens %-6.1f retry tokens %-6.1f", row.bucket.rate, row.ceiling,
			row.bucket.tokens, row.retries.tokens);
	print_breaker(&row);
	if (instant_is_set(row.bucket.slowed_at))
		printf("  slowed %.0f s ago", seconds(row.bucket.slowed_at, row.now));
	printf("%s%s\n", row.frozen ? "  FROZEN" : "", row.paused ? "  paused" : "");
}

static void print_lanes(const struct lane_line *lines, size_t count)
{
	printf("lanes\n");
	for (size_t i = 0; i < count; i++)
		print_lane(&lines[i]);
}

int tool_stats(struct tool *tool)
{
	struct payment_counts counts;
	struct lane_line *lines;
	struct store *store = NULL;
	struct instant now;
	size_t line_count;
	const char *why;
	bool frozen;
	struct err err;

	if (tool->argc > 0)
		return tool_usage("stats");
	if (!tool_read_database(tool))
		return 78;
	if (!store_open(&store, &tool->database, "mkondo-stats", &err))
		return tool_failed(&err);
	bool good = store_begin(store, &now, &err) && payment_store_counts(store, &counts, &err) &&
		    lane_store_list(store, &tool->arena, &lines, &line_count, &err) &&
		    freeze_store_get(store, &frozen, &tool->arena, &why, &err);
	store_rollback(store);
	if (good) {
		print_counts(&counts);
		print_lanes(lines, line_count);
		if (frozen)
			printf("FROZEN: nothing is sent. %s\n", why);
	}
	store_close(&store);
	return good ? 0 : tool_failed(&err);
}
