#include "io/store.h"

#include "base/fault.h"
#include "io/file.h"
#include "io/store_sql.h"

#include <stdlib.h>
#include <string.h>

enum { KEYS_FILE_MOST = 4096 };

const struct conf_row store_conf_rows[] = {
	{.name = "MKONDO_PG",
		.type = CONF_SECRET,
		.at = offsetof(struct store_conf, conninfo),
		.about = "PostgreSQL, as a libpq conninfo string or URI."},
	{.name = "MKONDO_STORE_KEYS_FILE",
		.type = CONF_FILE,
		.at = offsetof(struct store_conf, keys_file),
		.about = "Keys that seal callback bodies and access tokens in the database: lines of \"<id> "
			 "<64 hex digits>\", "
			 "the first seals, all open."},
	{.name = NULL},
};

static bool read_keys(struct store *store, const char *path, struct err *err)
{
	struct text text;

	if (path == NULL || *path == '\0')
		return err_set(err, ERR_BROKEN, 0, "MKONDO_STORE_KEYS_FILE is not set");
	arena_reset(&store->scratch);
	if (file_read(path, KEYS_FILE_MOST, &store->scratch, &text, err) &&
		seal_keys_parse(text, &store->keys, err))
		return true;
	if (err != NULL)
		err->class = ERR_BROKEN;
	return err_while(err, "MKONDO_STORE_KEYS_FILE");
}

static bool check_version(struct pg *pg, struct err *err)
{
	static const struct pg_statement statement = {
		"schema_version", "select coalesce(max(version), 0) from schema_version"};
	struct pg_call call = {.statement = &statement};
	unsigned version;

	if (!pg_run(pg, &call, 1, err)) {
		if (err != NULL && strcmp(err->state, "42P01") == 0)
			return err_set(
				err, ERR_BROKEN, 0, "the database has no schema yet: run `mkondo migrate`");
		return false;
	}
	pg_get(call.result, 0, 0, PG_UNSIGNED, NULL, &version);
	pg_calls_clear(&call, 1);
	if (version != SCHEMA_VERSION)
		return err_set(err, ERR_BROKEN, 0,
			"the database's schema is version %u and this release needs %d: run `mkondo migrate` "
			"of the %s",
			version, SCHEMA_VERSION, version < SCHEMA_VERSION ? "same release" : "newer release");
	return true;
}

static bool connected(struct store *store, struct err *err)
{
	if (store->pg != NULL && !pg_is_alive(store->pg))
		pg_close(&store->pg);
	if (store->pg != NULL)
		return true;
	if (!pg_connect(&store->pg, store->conninfo, store->name, err))
		return false;
	if (check_version(store->pg, err)) {
		store->generation++;
		return true;
	}
	pg_close(&store->pg);
	return false;
}

bool store_open(struct store **ret, const struct store_conf *conf, const char *name, struct err *err)
{
	struct store *store = calloc(1, sizeof(*store));

	must(store != NULL);
	arena_init(&store->scratch);
	arena_init(&store->lifelong);
	store->conninfo = arena_string(&store->lifelong, text_of(conf->conninfo));
	store->name = arena_string(&store->lifelong, text_of(name));
	if (!read_keys(store, conf->keys_file, err) || !connected(store, err)) {
		store_close(&store);
		return false;
	}
	*ret = store;
	return true;
}

void store_close(struct store **store)
{
	if (*store == NULL)
		return;
	pg_close(&(*store)->pg);
	arena_done(&(*store)->scratch);
	arena_done(&(*store)->lifelong);
	free(*store);
	*store = NULL;
}

bool store_begin(struct store *store, struct instant *ret_now, struct err *err)
{
	static const struct pg_statement begin = {"begin", "begin"}, now = {"now", "select now()"};
	struct pg_call calls[] = {{.statement = &begin}, {.statement = &now}};

	must(!store->in_transaction);
	if (!connected(store, err))
		return false;
	store->in_transaction = true;
	store->journal_lines = 0;
	if (!store_run(store, calls, COUNT_OF(calls), err))
		return false;
	pg_get(calls[1].result, 0, 0, PG_INSTANT, NULL, &store->now);
	pg_calls_clear(calls, COUNT_OF(calls));
	if (ret_now != NULL)
		*ret_now = store->now;
	return true;
}

bool store_commit(struct store *store, struct err *err)
{
	if (!store->in_transaction)
		return err_set(err, ERR_RETRY, 0, "the transaction had failed before its COMMIT");
	store->in_transaction = false;
	if (pg_commit(store->pg, err))
		return true;
	store_rollback(store);
	return false;
}

void store_rollback(struct store *store)
{
	static const struct pg_statement rollback = {"rollback", "rollback"};
	struct pg_call call = {.statement = &rollback};

	store->in_transaction = false;
	if (store->pg == NULL)
		return;
	if (pg_is_alive(store->pg) && pg_in_transaction(store->pg) && pg_run(store->pg, &call, 1, NULL))
		pg_calls_clear(&call, 1);
	if (!pg_is_alive(store->pg) || pg_in_transaction(store->pg))
		pg_close(&store->pg);
}

bool store_is_up(const struct store *store)
{
	return store->pg != NULL && pg_is_alive(store->pg);
}

unsigned store_generation(const struct store *store)
{
	return store->generation;
}

bool store_run(struct store *store, struct pg_call *calls, size_t count, struct err *err)
{
	if (!store->in_transaction && !connected(store, err))
		return false;
	if (pg_run(store->pg, calls, count, err))
		return true;
	store_rollback(store);
	return false;
}

bool store_query(struct store *store, const struct pg_statement *statement, const struct pg_params *params,
	struct pg_result **ret, struct err *err)
{
	struct pg_call call = {.statement = statement, .params = params};

	if (!store_run(store, &call, 1, err))
		return false;
	if (ret != NULL)
		*ret = call.result;
	else
		pg_calls_clear(&call, 1);
	return true;
}

bool store_change(struct store *store, const struct pg_statement *statement, const struct pg_params *params,
	size_t rows, struct err *err)
{
	struct pg_call call = {.statement = statement, .params = params};
	size_t touched;

	if (!store_run(store, &call, 1, err))
		return false;
	touched = call.rows + (FAULT_OF("store.change", FAULT_REFUSED, statement->name) != 0);
	pg_calls_clear(&call, 1);
	if (touched == rows)
		return true;
	store_rollback(store);
	return err_set(err, ERR_BROKEN, 0, "%s touched %zu rows of %zu", statement->name, touched, rows);
}

void store_result_free(struct pg_result **result)
{
	struct pg_call call = {.result = *result};

	pg_calls_clear(&call, 1);
	*result = NULL;
}

bool store_enter(struct store *store, bool *ret_own, struct err *err)
{
	*ret_own = !store->in_transaction;
	return store->in_transaction || store_begin(store, NULL, err);
}

bool store_leave(struct store *store, bool own, struct err *err)
{
	return !own || store_commit(store, err);
}
