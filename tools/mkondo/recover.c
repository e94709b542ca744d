#include "mkondo/recover.h"

#include "core/payment.h"
#include "io/clock.h"
#include "io/lane_store.h"
#include "io/operator_store.h"
#include "io/recovery_store.h"
#include "service/service.h"

#include <stdio.h>
#include <string.h>

/*
 * After a restore, or a failover that lost commits: what was sent and is not known any more is put into doubt, and the freeze is
 * lifted when nothing is missing. Shows what it would do; does it with --yes. May be run again at any time.
 */
static const char usage[] = "recover [--journal DIR]... [--yes]";
enum { SLICE = 500 };

static const struct conf_row recover_rows[] = {
	{.name = "MKONDO_TIME_SCALE",
		.type = CONF_SCALE,
		.at = offsetof(struct recovery, time_scale),
		.fallback = "1",
		.about = "As the services have it."},
	{.name = NULL},
};

static bool find_forgotten(struct recovery *recovery, struct store *store, struct err *err)
{
	struct arena *arena = &recovery->tool->arena;

	recovery->forgotten = ARENA_ARRAY(arena, struct forgotten, recovery->count + 1);
	recovery->forgotten_count = 0;
	for (size_t from = 0; from < recovery->count; from += SLICE) {
		size_t left = recovery->count - from, found;
		struct forgotten *some;

		if (!recovery_store_forgotten(store, recovery->sends + from, left < SLICE ? left : SLICE,
			    arena, &some, &found, err))
			return false;
		for (size_t i = 0; i < found; i++)
			recovery->forgotten[recovery->forgotten_count++] = some[i];
	}
	return true;
}

static void show(const struct recovery *recovery)
{
	size_t rowless = 0;

	for (size_t i = 0; i < recovery->forgotten_count; i++) {
		const struct forgotten *one = &recovery->forgotten[i];
		char id[UUID_TEXT], at[INSTANT_TEXT];

		rowless += one->rowless;
		printf("%s  attempt %u, sent %s: %s\n", uuid_text(&one->send.id, id), one->send.attempt,
			instant_iso(one->send.at, at),
			one->rowless ? "there is no such payment" : "the payment does not know of it");
	}
	printf("%zu payments were sent in the last 48 hours; %zu of them are not known as sent, and %zu of "
	       "these are not there at all\n",
		recovery->count, recovery->forgotten_count, rowless);
}

static bool note(const struct recovery *recovery, struct store *store, const char *detail, struct err *err)
{
	const struct operator_action action = {
		.action = "recover", .reference = "", .by = recovery->tool->user, .detail = detail};

	return operator_store_add(store, &action, err);
}

/* Nobody may claim in between what is about to be put into doubt. */
static bool freeze(struct recovery *recovery, struct store *store, struct err *err)
{
	return store_begin(store, NULL, err) &&
	       freeze_store_set(store, "mkondo recover is at work, or has left payments that are not there",
		       &recovery->forgotten[0].send.id, err) &&
	       store_commit(store, err);
}

static bool mend(struct recovery *recovery, struct store *store, size_t *ret_mended, size_t *ret_rowless,
	struct err *err)
{
	struct arena *arena = &recovery->tool->arena;

	for (size_t from = 0; from < recovery->forgotten_count; from += SLICE) {
		size_t left = recovery->forgotten_count - from, mended, rowless;

		if (!store_begin(store, NULL, err) ||
			!recovery_store_mend(store, recovery->forgotten + from, left < SLICE ? left : SLICE,
				recovery->time_scale, arena, &mended, &rowless, err) ||
			!note(recovery, store,
				arena_print(
					arena, "%zu payments put into doubt, %zu not there", mended, rowless),
				err) ||
			!store_commit(store, err))
			return false;
		*ret_mended += mended;
		*ret_rowless += rowless;
	}
	return true;
}

static bool lift(const struct recovery *recovery, struct store *store, struct err *err)
{
	return store_begin(store, NULL, err) && freeze_store_lift(store, err) &&
	       note(recovery, store, "the freeze is lifted", err) && store_commit(store, err);
}

static int recover(struct recovery *recovery, struct store *store)
{
	size_t mended = 0, rowless = 0;
	struct err err;

	if (!recovery_read(recovery, &err) || !find_forgotten(recovery, store, &err))
		return tool_failed(&err);
	show(recovery);
	if (!recovery->yes) {
		printf("nothing was changed; with --yes those that are there are put into doubt\n");
		return recovery->forgotten_count > 0 ? 1 : 0;
	}
	if ((recovery->forgotten_count > 0 && !freeze(recovery, store, &err)) ||
		!mend(recovery, store, &mended, &rowless, &err) ||
		(rowless == 0 && !lift(recovery, store, &err)))
		return tool_failed(&err);
	printf("%zu payments are in doubt now and will be asked about\n", mended);
	if (rowless == 0) {
		printf("dispatching goes on\n");
		return 0;
	}
	printf("dispatching stays frozen: %zu payments are not there. Let ingest read commands.v1 again from "
	       "before the time that is lost (docs/operations.md, Frozen), then run this once more\n",
		rowless);
	return 1;
}

int tool_recover(struct tool *tool)
{
	struct recovery recovery = {.tool = tool};
	const struct conf_group groups[] = {{recover_rows, &recovery}, {NULL, NULL}};
	struct store *store = NULL;
	struct err err;

	for (int i = 0; i < tool->argc;) {
		if (tool_flag(tool, &i, "--yes"))
			recovery.yes = true;
		else if (recovery.dir_count == RECOVERY_JOURNALS_MOST ||
			 !tool_option(tool, &i, "--journal", &recovery.dirs[recovery.dir_count++]))
			return tool_usage(usage);
	}
	if (!service_read_settings(groups, &tool->arena) || !tool_read_database(tool) ||
		!tool_read_kafka(tool))
		return 78;
	if (recovery.dir_count == 0)
		fprintf(stderr, "mkondo: no --journal is given: attempts.v1 alone may lack the last sends "
				"before a crash\n");
	if (!store_open(&store, &tool->database, "mkondo-recover", &err))
		return tool_failed(&err);
	int code = recover(&recovery, store);
	store_close(&store);
	return code;
}
