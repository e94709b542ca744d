#ifndef IO_PG_H
#define IO_PG_H

#include "base/arena.h"
#include "base/err.h"
#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * libpq, narrowed to what the stores need: statements that are prepared once per connection, binary parameters
 * (arrays for whole batches), several statements in one pipeline, binary results, and a deadline on every wait.
 *
 * Nobody else sees libpq. A connection that failed stays failed: the store drops it and makes a new one.
 */
struct pg;
struct pg_result; /* libpq's own tag */

struct pg_statement {
	const char *name; /* distinct among all statements */
	const char *sql;
};

/* How a field of a struct stands in a column. */
enum pg_kind {
	PG_UUID, /* struct uuid - uuid; not set: NULL */
	PG_SMALL, /* int or an enum - smallint */
	PG_INT, /* int32_t - integer */
	PG_UNSIGNED, /* unsigned - integer; up to 2^31 - 1 */
	PG_LONG, /* int64_t - bigint */
	PG_REAL, /* double - double precision */
	PG_INSTANT, /* struct instant - timestamptz; not set: NULL */
	PG_BOOL, /* bool - boolean */
	PG_STRING, /* const char * - text; NULL becomes '' both ways */
	PG_BYTES, /* struct text - bytea; NULL becomes empty both ways */
	PG_DIGEST, /* struct digest - bytea */
	PG_AMOUNT, /* struct amount - bigint, cents */
};

struct pg_column {
	enum pg_kind kind;
	size_t at; /* offsetof */
};

/* The parameters of one statement, in order $1, $2, ... Their memory is the arena's. */
enum { PG_PARAMS_MOST = 32 };
struct pg_params {
	struct arena *arena;
	int count;
	unsigned types[PG_PARAMS_MOST];
	const char *values[PG_PARAMS_MOST];
	int lengths[PG_PARAMS_MOST];
};

#define PG_PARAMS(a) ((struct pg_params){.arena = (a)})
void pg_value(struct pg_params *params, enum pg_kind kind, const void *field);
/* One array: element i is the field at rows[i] + at. */
void pg_array(struct pg_params *params, struct pg_column column, const void *const *rows, size_t count);
/* An array for each column. */
void pg_arrays(struct pg_params *params, const struct pg_column *columns, size_t column_count,
	const void *const *rows, size_t count);
/* Pointers to the elements of an array of structs. */
const void **pg_each(struct arena *arena, const void *first, size_t size, size_t count);

struct pg_call {
	const struct pg_statement *statement;
	const struct pg_params *params; /* NULL: none */
	struct pg_result *result; /* out; pg_calls_clear frees it */
	size_t rows; /* out: returned, or touched when the statement returns none */
};

bool pg_connect(struct pg **ret, const char *conninfo, const char *name, struct err *err);
void pg_close(struct pg **pg);
/* The statements in order, in one pipeline up to one Sync: outside of BEGIN they are one transaction. False: the
   first error; those after it were not done. */
bool pg_run(struct pg *pg, struct pg_call *calls, size_t count, struct err *err);
void pg_calls_clear(struct pg_call *calls, size_t count);
/* Any number of statements as text, for migrations; up to patience_ms. */
bool pg_script(struct pg *pg, const char *sql, int64_t patience_ms, struct err *err);
/* COMMIT: true only if the tag says COMMIT and no WARNING came. See store_commit. */
bool pg_commit(struct pg *pg, struct err *err);
bool pg_is_alive(const struct pg *pg); /* false: it must be dropped */
bool pg_in_transaction(const struct pg *pg);

size_t pg_rows(const struct pg_result *result);
void pg_get(const struct pg_result *result, size_t row, int column, enum pg_kind kind, struct arena *arena,
	void *ret);
/* Consecutive columns from `first` into the fields of one struct. */
void pg_get_row(const struct pg_result *result, size_t row, int first, const struct pg_column *columns,
	size_t column_count, struct arena *arena, void *ret);
/* An array without NULLs (uuid[], integer[]): the count; *ret gets the elements. */
size_t pg_get_array(const struct pg_result *result, size_t row, int column, enum pg_kind kind,
	struct arena *arena, void **ret);

#endif
