#include "io/evidence_store.h"

#include "base/digest.h"
#include "base/hex.h"
#include "io/store_sql.h"

#include <stdlib.h>
#include <string.h>

/* A row with what is stored instead of its body. */
struct sealed_row {
	struct evidence_row row;
	struct digest digest;
	struct text sealed;
	struct evidence_row *caller;
};

/* What makes a piece of evidence one: the order of the unique key. */
static int compare_rows(const void *a, const void *b)
{
	const struct sealed_row *x = a, *y = b;
	int order = uuid_cmp(&x->row.payment, &y->row.payment);

	if (order != 0)
		return order;
	if (x->row.gen != y->row.gen)
		return x->row.gen < y->row.gen ? -1 : 1;
	if (x->row.purpose != y->row.purpose)
		return x->row.purpose < y->row.purpose ? -1 : 1;
	if (x->row.strength != y->row.strength)
		return x->row.strength < y->row.strength ? -1 : 1;
	return memcmp(&x->digest, &y->digest, sizeof(x->digest));
}

static struct text context_of(const struct evidence_row *row, struct arena *arena)
{
	char id[UUID_TEXT];

	return text_of(arena_print(
		arena, "evidence|%s|%u|%d", uuid_text(&row->payment, id), row->gen, (int)row->purpose));
}

#define OF_ROW(kind, field)                                                                                  \
	{                                                                                                    \
		kind, offsetof(struct sealed_row, field)                                                     \
	}
#define KEY_COLUMNS                                                                                          \
	OF_ROW(PG_UUID, row.payment), OF_ROW(PG_UNSIGNED, row.gen), OF_ROW(PG_SMALL, row.purpose),           \
		OF_ROW(PG_SMALL, row.strength), OF_ROW(PG_DIGEST, digest)
enum { KEYS = 5 };
static const struct pg_column columns[] = {
	KEY_COLUMNS,
	OF_ROW(PG_INSTANT, row.received_at),
	OF_ROW(PG_UNSIGNED, row.query_no),
	OF_ROW(PG_INT, row.http_status),
	OF_ROW(PG_STRING, row.peer),
	OF_ROW(PG_STRING, row.says),
	OF_ROW(PG_BYTES, sealed),
};

static const struct pg_statement insert_evidence = {"insert_evidence",
	"insert into evidence (payment_id, gen, purpose, strength, sha256, received_at, query_no, "
	"http_status, peer, says, body) select * from unnest($1::uuid[], $2::integer[], $3::smallint[], "
	"$4::smallint[], $5::bytea[], $6::timestamptz[], $7::integer[], $8::integer[], $9::text[], "
	"$10::text[], $11::bytea[]) on conflict do nothing returning payment_id, gen, purpose, strength, "
	"sha256, no"};
static const struct pg_statement find_evidence = {"find_evidence",
	"select e.payment_id, e.gen, e.purpose, e.strength, e.sha256, e.no from unnest($1::uuid[], "
	"$2::integer[], $3::smallint[], $4::smallint[], $5::bytea[]) t(payment_id, gen, purpose, "
	"strength, sha256) join evidence e on e.payment_id = t.payment_id and e.gen = t.gen and "
	"e.purpose = t.purpose and e.strength = t.strength and e.sha256 = t.sha256"};

/* Numbers the rows that came back; `is_new`: for the first of several that are one. */
static void number(const struct pg_result *result, bool is_new, struct sealed_row *rows, size_t count)
{
	for (size_t i = 0; i < pg_rows(result); i++) {
		struct sealed_row key;
		struct sealed_row *at;
		int64_t no;

		pg_get_row(result, i, 0, columns, KEYS, NULL, &key);
		pg_get(result, i, KEYS, PG_LONG, NULL, &no);
		at = bsearch(&key, rows, count, sizeof(*rows), compare_rows);
		must(at != NULL);
		while (at > rows && compare_rows(at - 1, &key) == 0)
			at--;
		at->caller->is_new = is_new;
		for (; at < rows + count && compare_rows(at, &key) == 0; at++)
			at->caller->no = no;
	}
}

static size_t nameless(const struct sealed_row *rows, size_t count, const void **ret)
{
	size_t found = 0;

	for (size_t i = 0; i < count; i++)
		if (rows[i].caller->no == 0)
			ret[found++] = &rows[i];
	return found;
}

static bool find_rest(struct store *store, struct sealed_row *rows, size_t count, struct err *err)
{
	struct pg_params params = PG_PARAMS(&store->scratch);
	const void **rest = ARENA_ARRAY(&store->scratch, const void *, count);
	size_t rest_count = nameless(rows, count, rest);
	STORE_RESULT result = NULL;

	if (rest_count == 0)
		return true;
	pg_arrays(&params, columns, KEYS, rest, rest_count);
	if (!store_query(store, &find_evidence, &params, &result, err))
		return false;
	number(result, false, rows, count);
	if (nameless(rows, count, rest) == 0)
		return true;
	store_rollback(store);
	return err_set(err, ERR_BROKEN, 0, "evidence that was neither stored nor found");
}

bool evidence_store_add(struct store *store, struct evidence_row *rows, size_t count, struct err *err)
{
	struct arena *tmp = &store->scratch;
	struct pg_params params = PG_PARAMS(tmp);
	STORE_RESULT result = NULL;
	struct sealed_row *sealed;

	if (count == 0)
		return true;
	must(store->in_transaction);
	arena_reset(tmp);
	sealed = ARENA_ARRAY(tmp, struct sealed_row, count);
	for (size_t i = 0; i < count; i++) {
		rows[i].no = 0;
		rows[i].is_new = false;
		sealed[i] = (struct sealed_row){
			.row = rows[i], .digest = sha256(rows[i].body), .caller = &rows[i]};
		if (!seal(&store->keys, rows[i].body, context_of(&rows[i], tmp), tmp, &sealed[i].sealed,
			    err)) {
			store_rollback(store);
			return false;
		}
	}
	qsort(sealed, count, sizeof(*sealed), compare_rows);
	pg_arrays(&params, columns, COUNT_OF(columns), pg_each(tmp, sealed, sizeof(*sealed), count), count);
	if (!store_query(store, &insert_evidence, &params, &result, err))
		return false;
	number(result, true, sealed, count);
	return find_rest(store, sealed, count, err);
}

bool evidence_store_list(struct store *store, const struct uuid *payment, struct arena *arena,
	struct evidence_row **ret, size_t *ret_count, struct err *err)
{
	static const struct pg_statement statement = {"list_evidence",
		"select payment_id, gen, purpose, strength, sha256, received_at, query_no, http_status, "
		"peer, says, body, no from evidence where payment_id = $1 order by no"};
	struct pg_params params = PG_PARAMS(&store->scratch);
	STORE_RESULT result = NULL;
	size_t count;

	arena_reset(&store->scratch);
	pg_value(&params, PG_UUID, payment);
	if (!store_query(store, &statement, &params, &result, err))
		return false;
	count = pg_rows(result);
	*ret = ARENA_ARRAY(arena, struct evidence_row, count + 1);
	for (size_t i = 0; i < count; i++) {
		struct sealed_row row = {0};

		pg_get_row(result, i, 0, columns, COUNT_OF(columns), arena, &row);
		pg_get(result, i, COUNT_OF(columns), PG_LONG, arena, &row.row.no);
		if (!seal_open(
			    &store->keys, row.sealed, context_of(&row.row, arena), arena, &row.row.body, err))
			return err_while(err, "evidence %lld", (long long)row.row.no);
		(*ret)[i] = row.row;
	}
	*ret_count = count;
	return true;
}

/* ---- orphans */

struct sealed_orphan {
	struct orphan orphan;
	struct digest digest;
	struct text sealed;
};

/* The same orphan again, from a batch that is repeated, adds nothing. */
static const struct pg_statement insert_orphans = {"insert_orphans",
	"insert into orphan_evidence (payment_id, purpose, strength, path, peer, why, received_at, "
	"sha256, body) select * from unnest($1::uuid[], $2::smallint[], $3::smallint[], $4::text[], "
	"$5::text[], $6::text[], $7::timestamptz[], $8::bytea[], $9::bytea[]) on conflict do nothing"};

bool orphan_store_add(struct store *store, const struct orphan *orphans, size_t count, struct err *err)
{
#define OF_ORPHAN(kind, field)                                                                               \
	{                                                                                                    \
		kind, offsetof(struct sealed_orphan, field)                                                  \
	}
	static const struct pg_column orphan_columns[] = {
		OF_ORPHAN(PG_UUID, orphan.payment),
		OF_ORPHAN(PG_SMALL, orphan.purpose),
		OF_ORPHAN(PG_SMALL, orphan.strength),
		OF_ORPHAN(PG_STRING, orphan.path),
		OF_ORPHAN(PG_STRING, orphan.peer),
		OF_ORPHAN(PG_STRING, orphan.why),
		OF_ORPHAN(PG_INSTANT, orphan.received_at),
		OF_ORPHAN(PG_DIGEST, digest),
		OF_ORPHAN(PG_BYTES, sealed),
	};
	struct arena *tmp = &store->scratch;
	struct pg_params params = PG_PARAMS(tmp);
	struct sealed_orphan *sealed;

	if (count == 0)
		return true;
	must(store->in_transaction);
	arena_reset(tmp);
	sealed = ARENA_ARRAY(tmp, struct sealed_orphan, count);
	for (size_t i = 0; i < count; i++) {
		char hex[2 * DIGEST_SIZE + 1];
		struct text context;

		sealed[i] = (struct sealed_orphan){.orphan = orphans[i], .digest = sha256(orphans[i].body)};
		context = text_of(
			arena_print(tmp, "orphan|%s", hex_build(&sealed[i].digest, DIGEST_SIZE, hex)));
		if (!seal(&store->keys, orphans[i].body, context, tmp, &sealed[i].sealed, err)) {
			store_rollback(store);
			return false;
		}
	}
	pg_arrays(&params, orphan_columns, COUNT_OF(orphan_columns),
		pg_each(tmp, sealed, sizeof(*sealed), count), count);
	return store_query(store, &insert_orphans, &params, NULL, err);
}
