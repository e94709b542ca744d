/* Migrations: files NNNN_name.sql, applied in order, each in its own transaction, one process at a time. */
#include "io/store.h"

#include "base/digest.h"
#include "io/file.h"
#include "io/pg.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_MOST = 4 << 20, PATIENCE_MS = 3600 * 1000 };

struct migration {
	unsigned version;
	const char *name;
	struct text sql;
	const char *script; /* the same, as a string */
	struct digest digest;
};

static const struct pg_column columns[] = {
	{PG_UNSIGNED, offsetof(struct migration, version)},
	{PG_STRING, offsetof(struct migration, name)},
	{PG_DIGEST, offsetof(struct migration, digest)},
};

static int is_migration(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return strspn(entry->d_name, "0123456789") == 4 && entry->d_name[4] == '_' && len > 9 &&
	       strcmp(entry->d_name + len - 4, ".sql") == 0;
}

static bool read_migration(const char *dir, const char *name, unsigned version, struct arena *arena,
	struct migration *ret, struct err *err)
{
	if (strtoul(name, NULL, 10) != version)
		return err_set(err, ERR_BROKEN, 0, "%s/%s: number %04u was expected", dir, name, version);
	ret->version = version;
	ret->name = arena_string(arena, text_of(name));
	if (!file_read(arena_print(arena, "%s/%s", dir, name), FILE_MOST, arena, &ret->sql, err))
		return false;
	ret->digest = sha256(ret->sql);
	ret->script = arena_string(arena, ret->sql);
	return true;
}

static bool read_dir(
	const char *dir, struct arena *arena, struct migration **ret, size_t *ret_count, struct err *err)
{
	struct dirent **entries;
	int count = scandir(dir, &entries, is_migration, alphasort);
	bool good = true;

	if (count < 0)
		return err_set(err, ERR_BROKEN, errno, "%s: %s", dir, strerror(errno));
	*ret = ARENA_ARRAY(arena, struct migration, (size_t)count + 1);
	*ret_count = (size_t)count;
	for (int i = 0; i < count; i++) {
		good = good &&
		       read_migration(dir, entries[i]->d_name, (unsigned)i + 1, arena, &(*ret)[i], err);
		free(entries[i]);
	}
	free(entries);
	if (good && count == 0)
		return err_set(err, ERR_BROKEN, 0, "%s: holds no migrations", dir);
	return good;
}

/* What was applied must be what the files say. */
static bool check_applied(struct pg *pg, const struct migration *files, size_t count, struct arena *arena,
	unsigned *ret_version, struct err *err)
{
	static const struct pg_statement statement = {
		"applied", "select version, name, sha256 from schema_version order by version"};
	struct pg_call call = {.statement = &statement};
	size_t applied;
	bool good = true;

	if (!pg_run(pg, &call, 1, err))
		return false;
	applied = pg_rows(call.result);
	for (size_t i = 0; good && i < applied; i++) {
		struct migration row;

		pg_get_row(call.result, i, 0, columns, COUNT_OF(columns), arena, &row);
		if (i >= count)
			good = err_set(err, ERR_BROKEN, 0,
				"the database has migration %04u (%s) of a newer release", row.version,
				row.name);
		else if (row.version != files[i].version ||
			 !digest_same(&row.digest, &files[i].digest, DIGEST_SIZE))
			good = err_set(err, ERR_BROKEN, 0,
				"%s was changed after it had been applied: write a new migration instead",
				files[i].name);
	}
	pg_calls_clear(&call, 1);
	*ret_version = (unsigned)applied;
	return good;
}

static bool apply(struct pg *pg, const struct migration *file, struct arena *arena, struct err *err)
{
	static const struct pg_statement statement = {
		"record", "insert into schema_version (version, name, sha256) values ($1, $2, $3)"};
	struct pg_params params = PG_PARAMS(arena);
	struct pg_call call = {.statement = &statement, .params = &params};

	for (size_t i = 0; i < COUNT_OF(columns); i++)
		pg_value(&params, columns[i].kind, (const char *)file + columns[i].at);
	if (!pg_script(pg, "begin", PATIENCE_MS, err) || !pg_script(pg, file->script, PATIENCE_MS, err) ||
		!pg_run(pg, &call, 1, err))
		return err_while(err, "%s", file->name);
	pg_calls_clear(&call, 1);
	return pg_commit(pg, err) || err_while(err, "%s", file->name);
}

/* Locks for the session; closing the connection unlocks. A service's time-outs are not for migrations. */
static const char prepare[] = "set lock_timeout = 0; set idle_in_transaction_session_timeout = 0; reset "
			      "enable_hashjoin; reset enable_mergejoin;reset enable_seqscan; reset "
			      "enable_bitmapscan; reset plan_cache_mode;select "
			      "pg_advisory_lock(x'6d6b6f6e646f'::bigint);create table if not exists "
			      "schema_version (version integer primary key, name text not null, sha256 "
			      "bytea not null, at timestamptz not null default now())";

static bool migrate(struct pg *pg, const struct migration *files, size_t count, struct arena *arena,
	unsigned *ret_from, unsigned *ret_to, struct err *err)
{
	unsigned version;

	if (!pg_script(pg, prepare, PATIENCE_MS, err) ||
		!check_applied(pg, files, count, arena, &version, err))
		return false;
	*ret_from = version;
	for (; version < count; version++)
		if (!apply(pg, &files[version], arena, err))
			return false;
	*ret_to = version;
	return true;
}

bool store_migrate(
	const char *conninfo, const char *dir, unsigned *ret_from, unsigned *ret_to, struct err *err)
{
	struct arena arena;
	struct migration *files = NULL;
	struct pg *pg = NULL;
	size_t count = 0;
	bool good;

	arena_init(&arena);
	good = read_dir(dir, &arena, &files, &count, err) &&
	       pg_connect(&pg, conninfo, "mkondo-migrate", err) &&
	       migrate(pg, files, count, &arena, ret_from, ret_to, err);
	pg_close(&pg);
	arena_done(&arena);
	return good;
}
