#include "io/evidence_store.h"

#include "base/digest.h"
#include "io/store_sql.h"

struct sealed_letter {
	struct dead_letter letter;
	struct digest digest;
	struct text sealed;
	int64_t no;
	struct instant at;
};

#define OF_LETTER(kind, field)                                                                               \
	{                                                                                                    \
		kind, offsetof(struct sealed_letter, field)                                                  \
	}
static const struct pg_column columns[] = {
	OF_LETTER(PG_STRING, letter.reason),
	OF_LETTER(PG_STRING, letter.detail),
	OF_LETTER(PG_STRING, letter.topic),
	OF_LETTER(PG_INT, letter.partition),
	OF_LETTER(PG_LONG, letter.offset),
	OF_LETTER(PG_BYTES, letter.key),
	OF_LETTER(PG_DIGEST, digest),
	OF_LETTER(PG_BYTES, sealed),
};

static struct text context_of(const struct dead_letter *letter, struct arena *arena)
{
	return text_of(arena_print(arena, "dead_letter|%s|%d|%lld", letter->topic, (int)letter->partition,
		(long long)letter->offset));
}

static const struct pg_statement insert_letters = {"insert_dead_letters",
	"insert into dead_letter (reason, detail, topic, partition, \"offset\", key, sha256, value) "
	"select * from unnest($1::text[], $2::text[], $3::text[], $4::integer[], $5::bigint[], "
	"$6::bytea[], $7::bytea[], $8::bytea[]) on conflict do nothing"};

bool dead_letter_store_add(
	struct store *store, const struct dead_letter *letters, size_t count, struct err *err)
{
	struct arena *tmp = &store->scratch;
	struct pg_params params = PG_PARAMS(tmp);
	struct sealed_letter *sealed;

	if (count == 0)
		return true;
	must(store->in_transaction);
	arena_reset(tmp);
	sealed = ARENA_ARRAY(tmp, struct sealed_letter, count);
	for (size_t i = 0; i < count; i++) {
		sealed[i] = (struct sealed_letter){.letter = letters[i], .digest = sha256(letters[i].value)};
		if (!seal(&store->keys, letters[i].value, context_of(&letters[i], tmp), tmp,
			    &sealed[i].sealed, err)) {
			store_rollback(store);
			return false;
		}
	}
	pg_arrays(&params, columns, COUNT_OF(columns), pg_each(tmp, sealed, sizeof(*sealed), count), count);
	return store_query(store, &insert_letters, &params, NULL, err);
}

bool dead_letter_store_list(struct store *store, int64_t after, size_t most, struct arena *arena,
	struct dead_letter_line **ret, size_t *ret_count, struct err *err)
{
	static const struct pg_statement statement = {"list_dead_letters",
		"select reason, detail, topic, partition, \"offset\", key, sha256, value, no, at from "
		"dead_letter where no > $1 order by no limit $2"};
	const int64_t limit = (int64_t)most;
	struct pg_params params = PG_PARAMS(&store->scratch);
	STORE_RESULT result = NULL;
	size_t count;

	arena_reset(&store->scratch);
	pg_value(&params, PG_LONG, &after);
	pg_value(&params, PG_LONG, &limit);
	if (!store_query(store, &statement, &params, &result, err))
		return false;
	count = pg_rows(result);
	*ret = ARENA_ARRAY(arena, struct dead_letter_line, count + 1);
	for (size_t i = 0; i < count; i++) {
		struct sealed_letter row = {0};

		pg_get_row(result, i, 0, columns, COUNT_OF(columns), arena, &row);
		pg_get(result, i, COUNT_OF(columns), PG_LONG, arena, &row.no);
		pg_get(result, i, COUNT_OF(columns) + 1, PG_INSTANT, arena, &row.at);
		if (!seal_open(&store->keys, row.sealed, context_of(&row.letter, arena), arena,
			    &row.letter.value, err))
			return err_while(err, "dead letter %lld", (long long)row.no);
		(*ret)[i] = (struct dead_letter_line){.no = row.no, .at = row.at, .letter = row.letter};
	}
	*ret_count = count;
	return true;
}
