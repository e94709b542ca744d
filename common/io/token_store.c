/* The access token of an app: one row, sealed, numbered. Every new token kills the old one, so one process makes it. */
#include "io/lane_store.h"

#include "io/store_sql.h"

static struct text context_of(const char *app, struct arena *arena)
{
	return text_of(arena_print(arena, "token|%s", app));
}

bool token_store_get(
	struct store *store, const char *app, struct arena *arena, struct token *ret, struct err *err)
{
	static const struct pg_statement statement = {"read_token",
		"select no, use_until, expires, made_at, sealed from token where app = $1 and no > 0"};
	struct pg_params params = PG_PARAMS(&store->scratch);
	struct token token = {.text = ""};
	STORE_RESULT result = NULL;
	struct text sealed, text;

	arena_reset(&store->scratch);
	pg_value(&params, PG_STRING, &app);
	if (!store_query(store, &statement, &params, &result, err))
		return false;
	if (pg_rows(result) == 0) {
		*ret = token;
		return true;
	}
	pg_get(result, 0, 0, PG_LONG, NULL, &token.no);
	pg_get(result, 0, 1, PG_INSTANT, NULL, &token.use_until);
	pg_get(result, 0, 2, PG_INSTANT, NULL, &token.expires);
	pg_get(result, 0, 3, PG_INSTANT, NULL, &token.made_at);
	pg_get(result, 0, 4, PG_BYTES, &store->scratch, &sealed);
	if (!seal_open(&store->keys, sealed, context_of(app, &store->scratch), &store->scratch, &text, err))
		return err_while(err, "the token of app %s", app);
	token.text = arena_string(arena, text);
	*ret = token;
	return true;
}

bool token_store_number(struct store *store, const char *app, int64_t *ret_no, struct err *err)
{
	static const struct pg_statement statement = {
		"token_number", "select coalesce((select no from token where app = $1), 0)"};
	struct pg_params params = PG_PARAMS(&store->scratch);
	STORE_RESULT result = NULL;

	arena_reset(&store->scratch);
	pg_value(&params, PG_STRING, &app);
	if (!store_query(store, &statement, &params, &result, err))
		return false;
	pg_get(result, 0, 0, PG_LONG, NULL, ret_no);
	return true;
}

/* In its own transaction: whether the statement touched the one row. */
static bool change_one(struct store *store, const struct pg_statement *statement,
	const struct pg_params *params, bool *ret_done, struct err *err)
{
	struct pg_call call = {.statement = statement, .params = params};
	bool done;

	if (!store_begin(store, NULL, err) || !store_run(store, &call, 1, err))
		return false;
	done = call.rows == 1;
	pg_calls_clear(&call, 1);
	if (!store_commit(store, err))
		return false;
	*ret_done = done;
	return true;
}

bool token_store_refresh(struct store *store, const char *app, int64_t no, bool *ret_mine, struct err *err)
{
	/* Two at once: the second waits for the first one's commit, and then finds refresh_until ahead. */
	static const struct pg_statement statement = {"refresh_token",
		"insert into token as t (app, no, sealed, refresh_until) select $1, 0, '', now() + "
		"interval '20 seconds' where $2::bigint = 0 or exists (select from token where app = $1) "
		"on conflict (app) do update set refresh_until = now() + interval '20 seconds' where "
		"t.no = $2 and (t.refresh_until is null or t.refresh_until <= now())"};
	struct pg_params params = PG_PARAMS(&store->scratch);

	arena_reset(&store->scratch);
	pg_value(&params, PG_STRING, &app);
	pg_value(&params, PG_LONG, &no);
	return change_one(store, &statement, &params, ret_mine, err);
}

bool token_store_put(struct store *store, const char *app, int64_t no, const struct token *token,
	bool *ret_stored, struct err *err)
{
	static const struct pg_statement statement = {"put_token",
		"insert into token as t (app, no, sealed, use_until, expires, made_at) select $1, 1, $3, "
		"$4, $5, $6 where $2::bigint = 0 or exists (select from token where app = $1) on "
		"conflict (app) do update set no = t.no + 1, sealed = excluded.sealed, use_until = "
		"excluded.use_until, expires = excluded.expires, made_at = excluded.made_at, "
		"refresh_until = null where t.no = $2"};
	struct arena *tmp = &store->scratch;
	struct pg_params params = PG_PARAMS(tmp);
	struct text sealed;

	arena_reset(tmp);
	if (!seal(&store->keys, text_of(token->text), context_of(app, tmp), tmp, &sealed, err))
		return false;
	pg_value(&params, PG_STRING, &app);
	pg_value(&params, PG_LONG, &no);
	pg_value(&params, PG_BYTES, &sealed);
	pg_value(&params, PG_INSTANT, &token->use_until);
	pg_value(&params, PG_INSTANT, &token->expires);
	pg_value(&params, PG_INSTANT, &token->made_at);
	return change_one(store, &statement, &params, ret_stored, err);
}
