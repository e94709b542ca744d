#ifndef TESTS_UNIT_CORE_CSV_H
#define TESTS_UNIT_CORE_CSV_H

/* A small table of RFC 4180 text, for tests that compare a C table with the file it came from. */
#include "check.h"

#include <stdbool.h>
#include <stdlib.h>

enum { CSV_COLUMNS = 16, CSV_ROWS = 64, CSV_BYTES = 65536 };

struct csv {
	char text[CSV_BYTES];
	char *cell[CSV_ROWS][CSV_COLUMNS]; /* row 0 is the heading */
	int rows, columns;
};

/* Cells end in NUL in place; a quoted cell loses its quotes. */
static inline char *csv_cell(char **at, char *ret_end)
{
	char *from = *at, *to = *at, *begin = *at;
	bool quoted = false;

	for (; *from != '\0' && (quoted || (*from != ',' && *from != '\n')); from++) {
		if (*from == '"' && quoted && from[1] == '"')
			*to++ = *from++;
		else if (*from == '"')
			quoted = !quoted;
		else if (*from != '\r')
			*to++ = *from;
	}
	*ret_end = *from;
	*at = *from != '\0' ? from + 1 : from;
	*to = '\0';
	return begin;
}

static inline struct csv *csv_read(const char *path)
{
	struct csv *csv = calloc(1, sizeof(*csv));
	FILE *file = fopen(path, "rb");

	assert_non_null(csv);
	CHECK(file != NULL, "%s cannot be read", path);
	CHECK(fread(csv->text, 1, sizeof(csv->text) - 1, file) > 0, "%s is empty", path);
	CHECK(feof(file), "%s is longer than this reader", path);
	fclose(file);
	for (char *at = csv->text; *at != '\0'; csv->rows++) {
		char end = ',';
		int column = 0;

		CHECK(csv->rows < CSV_ROWS, "%s has too many rows", path);
		for (; end == ','; column++) {
			CHECK(column < CSV_COLUMNS, "%s has too many columns", path);
			csv->cell[csv->rows][column] = csv_cell(&at, &end);
		}
		if (csv->rows == 0)
			csv->columns = column;
		CHECK(column == csv->columns, "row %d of %s has %d cells", csv->rows, path, column);
	}
	return csv;
}

static inline const char *csv_at(const struct csv *csv, int row, const char *column)
{
	for (int i = 0; i < csv->columns; i++)
		if (strcmp(csv->cell[0][i], column) == 0)
			return csv->cell[row][i];
	CHECK(false, "no column %s", column);
	return "";
}

#endif
