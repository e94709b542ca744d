#include "io/recovery_store.h"

#include "io/store_sql.h"

bool recovery_store_forgotten(struct store *store, const struct send_record *sends, size_t count,
	struct arena *arena, struct forgotten **ret, size_t *ret_count, struct err *err)
{
	static const struct pg_statement statement = {"known_attempts",
		"select id, attempt from payment_state where id = any($1::uuid[]) order by id"};
	struct pg_params params = PG_PARAMS(&store->scratch);
	STORE_RESULT result = NULL;

	arena_reset(&store->scratch);
	pg_array(&params, (struct pg_column){PG_UUID, offsetof(struct send_record, id)},
		pg_each(&store->scratch, sends, sizeof(*sends), count), count);
	if (!store_query(store, &statement, &params, &result, err))
		return false;

	size_t known_count = pg_rows(result);
	struct known_attempt *known = ARENA_ARRAY(&store->scratch, struct known_attempt, known_count + 1);
	for (size_t i = 0; i < known_count; i++) {
		pg_get(result, i, 0, PG_UUID, NULL, &known[i].id);
		pg_get(result, i, 1, PG_UNSIGNED, NULL, &known[i].attempt);
	}
	*ret = ARENA_ARRAY(arena, struct forgotten, count + 1);
	*ret_count = send_memory_forgotten(sends, count, known, known_count, *ret);
	return true;
}
