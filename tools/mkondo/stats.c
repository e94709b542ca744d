#include "mkondo/mkondo.h"

#include "io/clock.h"
#include "io/lane_store.h"
#include "io/payment_store.h"

#include <stdio.h>

static void print_counts(const struct payment_counts *counts)
{
	printf("payments\n");
	for (int state = 0; state < STATE_COUNT; state++)
		printf("  %-12s %10lld   %s\n", state_name((enum state)state),
			(long long)counts->by_state[state], state_about((enum state)state));
	printf("results owed   %8lld   oldest %.1f s\n", (long long)counts->owed,
		(double)counts->oldest_owed_ms / 1000);
	printf("timers overdue %8lld   oldest %.1f s\n", (long long)counts->timers_overdue,
		(double)counts->oldest_due_ms / 1000);
	printf("receipts       %8lld\ndead letters   %8lld\norphans        %8lld\n",
		(long long)counts->receipts, (long long)counts->dead_letters, (long long)counts->orphans);
}

static void print_lanes(const struct lane_line *lines, size_t count)
{
	printf("lanes\n");
	for (size_t i = 0; i < count; i++) {
		const struct lane_row *row = &lines[i].row;

		printf("  %-12s %-12s %7.1f/s  breaker %s%s%s%s%s\n", lines[i].app, lane_name(lines[i].lane),
			row->bucket.rate, breaker_state_name(row->breaker.state),
			row->breaker.state != BREAKER_CLOSED ? ": " : "",
			row->breaker.state != BREAKER_CLOSED ? breaker_reason_name(row->breaker.reason) : "",
			row->frozen ? "  FROZEN" : "", row->paused ? "  paused" : "");
	}
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
