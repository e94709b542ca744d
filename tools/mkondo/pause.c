#include "mkondo/mkondo.h"

#include "io/lane_store.h"
#include "io/operator_store.h"

#include <stdio.h>
#include <string.h>

/*
 * A lane's pause, kept in the row that every claim reads under its lock: once this has committed, nothing more is claimed.
 * What was claimed before goes out, and what comes in waits, as long as its valid_until allows.
 */
enum { RATE_MOST = 100000 };

struct pausing {
	struct tool *tool;
	struct store *store;
	enum lane lane;
	bool pause;
};

static const char *verb(const struct pausing *pausing)
{
	return pausing->pause ? "pause" : "resume";
}

/* One transaction per app, as a claim has: two lanes' rows are never locked at once. */
static bool pause_app(const struct pausing *pausing, const char *app, struct err *err)
{
	/* A row that is made here gets the greatest rate there is: a dispatcher holds it down to its own ceiling. */
	const struct bucket_limits limits = bucket_limits(RATE_MOST);
	const char *lane = lane_name(pausing->lane);
	struct operator_action action = {
		.action = verb(pausing), .reference = lane, .by = pausing->tool->user};
	struct lane_row row;
	struct instant now;

	if (!store_begin(pausing->store, &now, err) ||
		!lane_store_lock(pausing->store, app, pausing->lane, &limits, &row, err))
		return false;
	const bool changes = row.paused != pausing->pause;
	row.paused = pausing->pause;
	action.detail =
		arena_print(&pausing->tool->arena, "app %s%s", app, changes ? "" : ", which changed nothing");
	if (!lane_store_save(pausing->store, app, pausing->lane, &row, err) ||
		!operator_store_add(pausing->store, &action, err) || !store_commit(pausing->store, err))
		return false;
	printf("%s of app %s %s %s\n", lane, app, changes ? "is now" : "was already",
		pausing->pause ? "paused" : "not paused");
	if (!pausing->pause && row.frozen)
		printf("but all dispatching is FROZEN (mkondo stats): nothing is sent\n");
	else if (!pausing->pause && row.breaker.state != BREAKER_CLOSED)
		printf("but its breaker is %s: %s\n", breaker_state_name(row.breaker.state),
			breaker_reason_name(row.breaker.reason));
	return true;
}

/* Every app that the database knows a lane of; before the first payment, the one of the default account. */
static bool pause_apps(const struct pausing *pausing, struct err *err)
{
	struct lane_line *lines;
	size_t count;

	if (!lane_store_list(pausing->store, &pausing->tool->arena, &lines, &count, err))
		return false;
	if (count == 0)
		return pause_app(pausing, "default", err);
	for (size_t i = 0; i < count; i++)
		if ((i == 0 || strcmp(lines[i - 1].app, lines[i].app) != 0) &&
			!pause_app(pausing, lines[i].app, err))
			return false;
	return true;
}

/* A name that was mistyped is a new app's, as far as anyone can tell: it is done, and told. */
static bool pause_named(const struct pausing *pausing, const char *app, struct err *err)
{
	struct lane_line *lines;
	size_t count, known = 0;

	if (!lane_store_list(pausing->store, &pausing->tool->arena, &lines, &count, err))
		return false;
	for (size_t i = 0; i < count; i++)
		known += strcmp(lines[i].app, app) == 0;
	if (!pause_app(pausing, app, err))
		return false;
	if (known == 0)
		fprintf(stderr, "mkondo: the database knew no app \"%s\" before; is it spelt so?\n", app);
	return true;
}

static int set_pause(struct tool *tool, bool pause, const char *usage)
{
	struct pausing pausing = {.tool = tool, .pause = pause};
	const char *app = NULL, *lane = NULL;
	struct err err;

	for (int i = 0; i < tool->argc;) {
		if (tool_option(tool, &i, "--app", &app))
			continue;
		if (lane != NULL || tool->argv[i][0] == '-')
			return tool_usage(usage);
		lane = tool->argv[i++];
	}
	if (lane == NULL || (app != NULL && app[0] == '\0'))
		return tool_usage(usage);
	if (!lane_find(text_of(lane), &pausing.lane)) {
		fprintf(stderr,
			"mkondo: there is no lane \"%s\": interactive, payout, business, care or query\n",
			lane);
		return 2;
	}
	if (!tool_read_database(tool))
		return 78;
	if (!store_open(&pausing.store, &tool->database, "mkondo-pause", &err))
		return tool_failed(&err);
	bool good = app != NULL ? pause_named(&pausing, app, &err) : pause_apps(&pausing, &err);
	store_close(&pausing.store);
	return good ? 0 : tool_failed(&err);
}

int tool_pause(struct tool *tool)
{
	return set_pause(tool, true,
		"pause LANE [--app NAME]\n  LANE: interactive, payout, business, care, query; of every app "
		"unless one is named");
}

int tool_resume(struct tool *tool)
{
	return set_pause(tool, false,
		"resume LANE [--app NAME]\n  LANE: interactive, payout, business, care, query; of every app "
		"unless one is named");
}
