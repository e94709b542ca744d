#include "io/changes_rows.h"

#include <stdlib.h>

enum { SHARED_MS = 20, GROUP_MOST = 500 };

static int compare_timers(const void *a, const void *b)
{
	const struct timer_want *x = a, *y = b;

	if (x->what != y->what)
		return x->what < y->what ? -1 : 1;
	if (x->lane != y->lane)
		return x->lane < y->lane ? -1 : 1;
	if (x->at.us != y->at.us)
		return x->at.us < y->at.us ? -1 : 1;
	return uuid_cmp(&x->id, &y->id);
}

/* A row of timer or owed: ids[from - 1] ... ids[to - 1] of the statement's one array of ids. */
struct group {
	struct instant due_at;
	enum timer_what what;
	enum lane lane;
	unsigned from, to;
	struct uuid least, most;
};

static bool shares(const struct timer_want *first, const struct timer_want *next)
{
	return first->what == next->what && first->lane == next->lane &&
	       instant_ms_between(first->at, next->at) <= SHARED_MS;
}

const struct pg_statement insert_timers = {"insert_timers",
	"insert into timer (due_at, what, lane, ids) select t.due_at, t.what, t.lane, "
	"($6::uuid[])[t.low:t.high] from unnest($1::timestamptz[], $2::smallint[], $3::smallint[], "
	"$4::integer[], $5::integer[]) t(due_at, what, lane, low, high)"};

void timer_rows(const struct changes *changes, struct pg_params *params)
{
#define OF_GROUP(kind, field)                                                                                \
	{                                                                                                    \
		kind, offsetof(struct group, field)                                                          \
	}
	static const struct pg_column columns[] = {OF_GROUP(PG_INSTANT, due_at), OF_GROUP(PG_SMALL, what),
		OF_GROUP(PG_SMALL, lane), OF_GROUP(PG_UNSIGNED, from), OF_GROUP(PG_UNSIGNED, to)};
	size_t count = changes->timer_count, group_count = 0, id_count = 0;
	struct timer_want *timers = changes->timers;
	struct group *groups = ARENA_ARRAY(params->arena, struct group, count);
	struct uuid *ids = ARENA_ARRAY(params->arena, struct uuid, count);

	qsort(timers, count, sizeof(*timers), compare_timers);
	for (size_t i = 0, next; i < count; i = next) {
		struct group *group = &groups[group_count++];
		size_t from = id_count;

		for (next = i; next < count && next - i < GROUP_MOST && shares(&timers[i], &timers[next]);
			next++)
			ids[id_count++] = timers[next].id;
		id_count = from + uuid_sort_distinct(&ids[from], id_count - from);
		*group = (struct group){.due_at = timers[next - 1].at,
			.what = timers[i].what,
			.lane = timers[i].lane,
			.from = (unsigned)from + 1,
			.to = (unsigned)id_count};
	}
	pg_arrays(params, columns, COUNT_OF(columns),
		pg_each(params->arena, groups, sizeof(*groups), group_count), group_count);
	pg_array(params, (struct pg_column){PG_UUID, 0}, pg_each(params->arena, ids, sizeof(*ids), id_count),
		id_count);
}

static int compare_owed(const void *a, const void *b)
{
	const struct owed_want *x = a, *y = b;
	int order = uuid_cmp(&x->id, &y->id);

	return order != 0 ? order : (x->version > y->version) - (x->version < y->version);
}

const struct pg_statement insert_owed = {"insert_owed",
	"insert into owed (least, most, ids, versions) select t.least, t.most, "
	"($5::uuid[])[t.low:t.high], ($6::integer[])[t.low:t.high] from unnest($1::uuid[], $2::uuid[], "
	"$3::integer[], $4::integer[]) t(least, most, low, high)"};

void owed_rows(const struct changes *changes, struct pg_params *params)
{
	static const struct pg_column columns[] = {OF_GROUP(PG_UUID, least), OF_GROUP(PG_UUID, most),
		OF_GROUP(PG_UNSIGNED, from), OF_GROUP(PG_UNSIGNED, to)};
	size_t count = changes->owed_count, group_count = 0;
	struct owed_want *owed = changes->owed;
	struct group *groups = ARENA_ARRAY(params->arena, struct group, count / GROUP_MOST + 1);
	const void **rows = pg_each(params->arena, owed, sizeof(*owed), count);

	qsort(owed, count, sizeof(*owed), compare_owed);
	for (size_t i = 0, next; i < count; i = next) {
		next = count - i < GROUP_MOST ? count : i + GROUP_MOST;
		groups[group_count++] = (struct group){.least = owed[i].id,
			.most = owed[next - 1].id,
			.from = (unsigned)i + 1,
			.to = (unsigned)next};
	}
	pg_arrays(params, columns, COUNT_OF(columns),
		pg_each(params->arena, groups, sizeof(*groups), group_count), group_count);
	pg_array(params, (struct pg_column){PG_UUID, offsetof(struct owed_want, id)}, rows, count);
	pg_array(params, (struct pg_column){PG_UNSIGNED, offsetof(struct owed_want, version)}, rows, count);
}
