/* Debts: results that the results topic has not acknowledged. A row per batch; `least` and `most` bound its ids. */
#include "io/timer_store.h"

#include "io/store_sql.h"

#include <stdlib.h>
#include <string.h>

static int compare_owed(const void *a, const void *b)
{
	const struct owed *x = a, *y = b;
	int order = uuid_cmp(&x->id, &y->id);

	return order != 0 ? order : (x->version > y->version) - (x->version < y->version);
}

struct debt {
	int64_t no;
	struct uuid *ids;
	unsigned *versions;
	size_t count;
	struct uuid least, most;
};

static void take_debt(const struct pg_result *result, size_t row, struct arena *arena, struct debt *ret)
{
	void *ids, *versions;

	pg_get(result, row, 0, PG_LONG, arena, &ret->no);
	ret->count = pg_get_array(result, row, 1, PG_UUID, arena, &ids);
	must(pg_get_array(result, row, 2, PG_UNSIGNED, arena, &versions) == ret->count);
	ret->ids = ids;
	ret->versions = versions;
}

bool owed_store_take(struct store *store, int64_t older_ms, size_t most, struct arena *arena,
	struct owed **ret, size_t *ret_count, struct err *err)
{
	/* 2 s, 4 s, ... 5 min until the next try. Rows that together hold about `most` debts: at least one. */
	static const struct pg_statement statement = {"take_owed",
		"with due as materialized (select no from owed where next_at <= now() and at <= now() - "
		"$1 * interval '1 millisecond' order by next_at limit $2 for update skip locked) update "
		"owed o set tries = o.tries + 1, next_at = now() + least(interval '5 minutes', interval "
		"'2 seconds' * power(2, least(o.tries, 8))) from due where o.no = due.no returning o.no, "
		"o.ids, o.versions"};
	enum { DEBTS_PER_ROW = 100 };
	const int64_t limit = (int64_t)(most / DEBTS_PER_ROW + 1);
	struct pg_params params = PG_PARAMS(&store->scratch);
	STORE_RESULT result = NULL;
	struct debt *debts;
	size_t count = 0, rows;

	must(store->in_transaction);
	arena_reset(&store->scratch);
	pg_value(&params, PG_LONG, &older_ms);
	pg_value(&params, PG_LONG, &limit);
	if (!store_query(store, &statement, &params, &result, err))
		return false;
	rows = pg_rows(result);
	debts = ARENA_ARRAY(&store->scratch, struct debt, rows + 1);
	for (size_t i = 0; i < rows; i++) {
		take_debt(result, i, &store->scratch, &debts[i]);
		count += debts[i].count;
	}
	*ret = ARENA_ARRAY(arena, struct owed, count + 1);
	*ret_count = 0;
	for (size_t i = 0; i < rows; i++)
		for (size_t k = 0; k < debts[i].count; k++)
			(*ret)[(*ret_count)++] =
				(struct owed){.id = debts[i].ids[k], .version = debts[i].versions[k]};
	if (*ret_count > 0)
		qsort(*ret, *ret_count, sizeof(**ret), compare_owed);
	return true;
}

/* The rows in which an id of the batch may be. The locks are taken in order of `no`. */
static const struct pg_statement find_owed = {"find_owed",
	"select no, ids, versions from owed where least <= $2 and most >= $1 order by no for update"};
static const struct pg_statement delete_owed = {
	"delete_owed", "delete from owed where no = any($1::bigint[])"};
static const struct pg_statement cut_owed = {"cut_owed",
	"update owed o set least = t.least, most = t.most, ids = ($6::uuid[])[t.low:t.high], versions = "
	"($7::integer[])[t.low:t.high] from unnest($1::bigint[], $2::uuid[], $3::uuid[], $4::integer[], "
	"$5::integer[]) t(no, least, most, low, high) where o.no = t.no"};

/* paid: sorted by id, each id once, with its highest version. */
static bool is_paid(const struct owed *paid, size_t count, const struct uuid *id, unsigned version)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = uuid_cmp(id, &paid[middle].id);

		if (order == 0)
			return version <= paid[middle].version;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return false;
}

/* Takes what was paid out of the row; how many were. */
static size_t cut(struct debt *debt, const struct owed *paid, size_t paid_count)
{
	size_t kept = 0, before = debt->count;

	for (size_t i = 0; i < before; i++) {
		if (is_paid(paid, paid_count, &debt->ids[i], debt->versions[i]))
			continue;
		debt->ids[kept] = debt->ids[i];
		debt->versions[kept++] = debt->versions[i];
	}
	debt->count = kept;
	if (kept > 0)
		debt->least = debt->most = debt->ids[0];
	for (size_t i = 0; i < kept; i++) {
		if (uuid_cmp(&debt->ids[i], &debt->least) < 0)
			debt->least = debt->ids[i];
		if (uuid_cmp(&debt->ids[i], &debt->most) > 0)
			debt->most = debt->ids[i];
	}
	return before - kept;
}

struct rest {
	const struct debt *debt;
	int64_t no;
	struct uuid least, most;
	unsigned from, to;
};

static void add_rests(struct pg_params *params, const struct rest *rests, size_t count)
{
#define OF_REST(kind, field)                                                                                 \
	{                                                                                                    \
		kind, offsetof(struct rest, field)                                                           \
	}
	static const struct pg_column columns[] = {OF_REST(PG_LONG, no), OF_REST(PG_UUID, least),
		OF_REST(PG_UUID, most), OF_REST(PG_UNSIGNED, from), OF_REST(PG_UNSIGNED, to)};
	size_t total = rests[count - 1].to, at = 0;
	const void **ids = ARENA_ARRAY(params->arena, const void *, total);
	const void **versions = ARENA_ARRAY(params->arena, const void *, total);

	for (size_t i = 0; i < count; i++) {
		for (size_t k = 0; k < rests[i].debt->count; k++, at++) {
			ids[at] = &rests[i].debt->ids[k];
			versions[at] = &rests[i].debt->versions[k];
		}
	}
	pg_arrays(params, columns, COUNT_OF(columns), pg_each(params->arena, rests, sizeof(*rests), count),
		count);
	pg_array(params, (struct pg_column){PG_UUID, 0}, ids, total);
	pg_array(params, (struct pg_column){PG_UNSIGNED, 0}, versions, total);
}

static bool write_off(struct store *store, struct debt *debts, size_t count, const struct owed *paid,
	size_t paid_count, struct err *err)
{
	struct arena *tmp = &store->scratch;
	struct rest *rests = ARENA_ARRAY(tmp, struct rest, count + 1);
	const void **gone = ARENA_ARRAY(tmp, const void *, count + 1);
	size_t rest_count = 0, gone_count = 0;
	unsigned to = 0;

	for (size_t i = 0; i < count; i++) {
		struct debt *debt = &debts[i];

		if (cut(debt, paid, paid_count) == 0)
			continue;
		if (debt->count == 0) {
			gone[gone_count++] = &debt->no;
			continue;
		}
		rests[rest_count++] = (struct rest){.debt = debt,
			.no = debt->no,
			.least = debt->least,
			.most = debt->most,
			.from = to + 1,
			.to = to + (unsigned)debt->count};
		to += (unsigned)debt->count;
	}
	if (gone_count > 0) {
		struct pg_params params = PG_PARAMS(tmp);

		pg_array(&params, (struct pg_column){PG_LONG, 0}, gone, gone_count);
		if (!store_change(store, &delete_owed, &params, gone_count, err))
			return false;
	}
	if (rest_count > 0) {
		struct pg_params params = PG_PARAMS(tmp);

		add_rests(&params, rests, rest_count);
		if (!store_change(store, &cut_owed, &params, rest_count, err))
			return false;
	}
	return true;
}

/* A sorted copy in which each id stands once, with its highest version. */
static struct owed *highest(const struct owed *paid, size_t count, struct arena *arena, size_t *ret_count)
{
	struct owed *copy = ARENA_ARRAY(arena, struct owed, count);
	size_t kept = 0;

	memcpy(copy, paid, count * sizeof(*copy));
	qsort(copy, count, sizeof(*copy), compare_owed);
	for (size_t i = 0; i < count; i++) {
		if (kept > 0 && uuid_cmp(&copy[kept - 1].id, &copy[i].id) == 0)
			kept--;
		copy[kept++] = copy[i];
	}
	*ret_count = kept;
	return copy;
}

bool owed_store_paid(struct store *store, const struct owed *paid, size_t count, struct err *err)
{
	struct pg_params params = PG_PARAMS(&store->scratch);
	STORE_RESULT result = NULL;
	struct debt *debts;
	struct owed *sorted;
	size_t rows;
	bool own;

	if (count == 0)
		return true;
	if (!store_enter(store, &own, err))
		return false;
	arena_reset(&store->scratch);
	sorted = highest(paid, count, &store->scratch, &count);
	pg_value(&params, PG_UUID, &sorted[0].id);
	pg_value(&params, PG_UUID, &sorted[count - 1].id);
	if (!store_query(store, &find_owed, &params, &result, err))
		return false;
	rows = pg_rows(result);
	debts = ARENA_ARRAY(&store->scratch, struct debt, rows + 1);
	for (size_t i = 0; i < rows; i++)
		take_debt(result, i, &store->scratch, &debts[i]);
	return write_off(store, debts, rows, sorted, count, err) && store_leave(store, own, err);
}
