/* Fields of structs to and from PostgreSQL's binary format: big-endian numbers, arrays with a length before each
   element, times as microseconds since 2000. */
#include "io/pg.h"

#include "base/digest.h"
#include "base/time.h"
#include "base/uuid.h"
#include "core/amount.h"

#include <endian.h>
#include <libpq-fe.h>
#include <string.h>

static const int64_t EPOCH_2000_US = INT64_C(946684800000000);
enum { ARRAY_HEAD = 20 };

/* pg_type's fixed numbers. */
static const struct {
	unsigned type, array;
	int size; /* 0: varies */
	size_t field;
} kinds[] = {
	[PG_UUID] = {2950, 2951, 16, sizeof(struct uuid)},
	[PG_SMALL] = {21, 1005, 2, sizeof(int)},
	[PG_INT] = {23, 1007, 4, sizeof(int32_t)},
	[PG_UNSIGNED] = {23, 1007, 4, sizeof(unsigned)},
	[PG_LONG] = {20, 1016, 8, sizeof(int64_t)},
	[PG_REAL] = {701, 1022, 8, sizeof(double)},
	[PG_INSTANT] = {1184, 1185, 8, sizeof(struct instant)},
	[PG_BOOL] = {16, 1000, 1, sizeof(bool)},
	[PG_STRING] = {25, 1009, 0, sizeof(const char *)},
	[PG_BYTES] = {17, 1001, 0, sizeof(struct text)},
	[PG_DIGEST] = {17, 1001, DIGEST_SIZE, sizeof(struct digest)},
	[PG_AMOUNT] = {20, 1016, 8, sizeof(struct amount)},
};

static struct text varying(enum pg_kind kind, const void *field)
{
	if (kind == PG_STRING)
		return text_of(*(const char *const *)field);
	return *(const struct text *)field;
}

static bool is_null(enum pg_kind kind, const void *field)
{
	if (kind == PG_UUID)
		return !uuid_is_set(field);
	return kind == PG_INSTANT && !instant_is_set(*(const struct instant *)field);
}

static size_t value_size(enum pg_kind kind, const void *field)
{
	if (kinds[kind].size != 0)
		return (size_t)kinds[kind].size;
	return varying(kind, field).len;
}

static char *put16(char *out, uint16_t value)
{
	value = htobe16(value);
	memcpy(out, &value, sizeof(value));
	return out + sizeof(value);
}

static char *put32(char *out, uint32_t value)
{
	value = htobe32(value);
	memcpy(out, &value, sizeof(value));
	return out + sizeof(value);
}

static char *put64(char *out, uint64_t value)
{
	value = htobe64(value);
	memcpy(out, &value, sizeof(value));
	return out + sizeof(value);
}

static char *put_bytes(char *out, const void *bytes, size_t len)
{
	if (len > 0)
		memcpy(out, bytes, len);
	return out + len;
}

static char *put_value(char *out, enum pg_kind kind, const void *field)
{
	struct text text;
	uint64_t bits;
	unsigned number;

	switch (kind) {
	case PG_SMALL:
		return put16(out, (uint16_t) * (const int *)field);
	case PG_INT:
		return put32(out, (uint32_t) * (const int32_t *)field);
	case PG_UNSIGNED:
		number = *(const unsigned *)field;
		must(number <= INT32_MAX);
		return put32(out, number);
	case PG_LONG:
		return put64(out, (uint64_t) * (const int64_t *)field);
	case PG_AMOUNT:
		return put64(out, (uint64_t)amount_cents(*(const struct amount *)field));
	case PG_REAL:
		memcpy(&bits, field, sizeof(bits));
		return put64(out, bits);
	case PG_INSTANT:
		return put64(out, (uint64_t)(((const struct instant *)field)->us - EPOCH_2000_US));
	case PG_BOOL:
		*out = *(const bool *)field ? 1 : 0;
		return out + 1;
	case PG_UUID:
	case PG_DIGEST:
		return put_bytes(out, field, kinds[kind].field);
	case PG_STRING:
	case PG_BYTES:
		text = varying(kind, field);
		return put_bytes(out, text.at, text.len);
	}
	return out;
}

static void add(struct pg_params *params, unsigned type, const char *value, size_t len)
{
	must(params->count < PG_PARAMS_MOST && len <= INT32_MAX);
	params->types[params->count] = type;
	params->values[params->count] = value;
	params->lengths[params->count] = (int)len;
	params->count++;
}

void pg_value(struct pg_params *params, enum pg_kind kind, const void *field)
{
	size_t size = value_size(kind, field);
	char *out;

	if (is_null(kind, field)) {
		add(params, kinds[kind].type, NULL, 0);
		return;
	}
	out = arena_alloc(params->arena, size > 0 ? size : 1);
	put_value(out, kind, field);
	add(params, kinds[kind].type, out, size);
}

void pg_array(struct pg_params *params, struct pg_column column, const void *const *rows, size_t count)
{
	size_t size = ARRAY_HEAD + 4 * count;
	bool nulls = false;
	char *value, *out;

	for (size_t i = 0; i < count; i++) {
		const char *field = (const char *)rows[i] + column.at;

		if (is_null(column.kind, field))
			nulls = true;
		else
			size += value_size(column.kind, field);
	}
	value = out = arena_alloc(params->arena, size);
	out = put32(out, count > 0 ? 1 : 0); /* dimensions */
	out = put32(out, nulls ? 1 : 0);
	out = put32(out, kinds[column.kind].type);
	if (count > 0) {
		out = put32(out, (uint32_t)count);
		out = put32(out, 1); /* lower bound */
	}
	for (size_t i = 0; i < count; i++) {
		const char *field = (const char *)rows[i] + column.at;

		if (is_null(column.kind, field)) {
			out = put32(out, UINT32_MAX);
			continue;
		}
		out = put32(out, (uint32_t)value_size(column.kind, field));
		out = put_value(out, column.kind, field);
	}
	add(params, kinds[column.kind].array, value, (size_t)(out - value));
}

void pg_arrays(struct pg_params *params, const struct pg_column *columns, size_t column_count,
	const void *const *rows, size_t count)
{
	for (size_t i = 0; i < column_count; i++)
		pg_array(params, columns[i], rows, count);
}

const void **pg_each(struct arena *arena, const void *first, size_t size, size_t count)
{
	const void **rows = ARENA_ARRAY(arena, const void *, count > 0 ? count : 1);

	for (size_t i = 0; i < count; i++)
		rows[i] = (const char *)first + i * size;
	return rows;
}

static uint32_t take32(const char *at)
{
	uint32_t value;

	memcpy(&value, at, sizeof(value));
	return be32toh(value);
}

static uint64_t take64(const char *at)
{
	uint64_t value;

	memcpy(&value, at, sizeof(value));
	return be64toh(value);
}

static void take_value(const char *at, size_t len, enum pg_kind kind, struct arena *arena, void *ret)
{
	uint64_t bits;
	uint16_t small;

	must(kinds[kind].size == 0 || len == (size_t)kinds[kind].size);
	switch (kind) {
	case PG_SMALL:
		memcpy(&small, at, sizeof(small));
		*(int *)ret = (int16_t)be16toh(small);
		return;
	case PG_INT:
		*(int32_t *)ret = (int32_t)take32(at);
		return;
	case PG_UNSIGNED:
		*(unsigned *)ret = take32(at);
		return;
	case PG_LONG:
		*(int64_t *)ret = (int64_t)take64(at);
		return;
	case PG_AMOUNT:
		*(struct amount *)ret = amount_of_cents((int64_t)take64(at));
		return;
	case PG_REAL:
		bits = take64(at);
		memcpy(ret, &bits, sizeof(bits));
		return;
	case PG_INSTANT:
		((struct instant *)ret)->us = (int64_t)take64(at) + EPOCH_2000_US;
		return;
	case PG_BOOL:
		*(bool *)ret = *at != 0;
		return;
	case PG_UUID:
	case PG_DIGEST:
		memcpy(ret, at, len);
		return;
	case PG_STRING:
		*(const char **)ret = len > 0 ? arena_string(arena, (struct text){at, len}) : "";
		return;
	case PG_BYTES:
		*(struct text *)ret = len > 0 ? arena_text(arena, (struct text){at, len}) : (struct text){0};
		return;
	}
}

void pg_get(const struct pg_result *result, size_t row, int column, enum pg_kind kind, struct arena *arena,
	void *ret)
{
	if (!PQgetisnull(result, (int)row, column)) {
		take_value(PQgetvalue(result, (int)row, column),
			(size_t)PQgetlength(result, (int)row, column), kind, arena, ret);
		return;
	}
	memset(ret, 0, kinds[kind].field);
	if (kind == PG_STRING)
		*(const char **)ret = "";
}

void pg_get_row(const struct pg_result *result, size_t row, int first, const struct pg_column *columns,
	size_t column_count, struct arena *arena, void *ret)
{
	for (size_t i = 0; i < column_count; i++)
		pg_get(result, row, first + (int)i, columns[i].kind, arena, (char *)ret + columns[i].at);
}

size_t pg_get_array(const struct pg_result *result, size_t row, int column, enum pg_kind kind,
	struct arena *arena, void **ret)
{
	const char *at = PQgetvalue(result, (int)row, column);
	size_t count = take32(at) > 0 ? take32(at + 12) : 0, size = kinds[kind].field;
	char *out = arena_array(arena, count > 0 ? count : 1, size);

	at += ARRAY_HEAD;
	for (size_t i = 0; i < count; i++) {
		uint32_t len = take32(at);

		must(len != UINT32_MAX);
		take_value(at + 4, len, kind, arena, out + i * size);
		at += 4 + len;
	}
	*ret = out;
	return count;
}

size_t pg_rows(const struct pg_result *result)
{
	return result != NULL ? (size_t)PQntuples(result) : 0;
}
