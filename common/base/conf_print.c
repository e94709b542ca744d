#include "base/conf_value.h"

#include <string.h>

static void show_fallback(const struct conf_row *row, struct buf *out)
{
	buf_str(out, row->type == CONF_SECRET ? "***" : row->fallback);
}

/* Whether the value reads as the default would, whatever unit it was written in. */
static bool is_fallback(const struct conf_row *row, struct text shown)
{
	char space[1024];
	struct buf same = BUF(space);
	union {
		int64_t number;
		double scale;
		const char *string;
		struct conf_address address;
		bool yes;
		int choice;
	} place = {0};
	const struct conf_source no_files = {0};
	struct conf_row row_here = *row;
	struct arena arena;
	struct text why;
	bool is = false;

	arena_init(&arena);
	row_here.at = 0;
	if (conf_value_parse(&row_here, row->fallback, &no_files, &arena, &place, &why)) {
		conf_value_show(&row_here, &place, &same);
		is = text_same(buf_as_text(&same), shown);
	}
	arena_done(&arena);
	return is;
}

static void print_row(const struct conf_row *row, const void *into, struct buf *out)
{
	struct text shown;
	size_t start;

	buf_print(out, "%s=", row->name);
	start = out->len;
	conf_value_show(row, into, out);
	shown = (struct text){out->at + start, out->len - start};
	if (row->fallback == NULL) {
		buf_char(out, '\n');
	} else if (row->fallback[0] == '\0') {
		buf_str(out, shown.len == 0 ? "  (not set)\n" : "\n");
	} else if (is_fallback(row, shown)) {
		buf_str(out, "  (default)\n");
	} else {
		buf_str(out, "  (default ");
		show_fallback(row, out);
		buf_str(out, ")\n");
	}
}

void conf_print(const struct conf_group *groups, struct buf *out)
{
	for (const struct conf_group *group = groups; group->rows != NULL; group++)
		for (const struct conf_row *row = group->rows; row->name != NULL; row++)
			print_row(row, group->into, out);
}

/* In a cell of a table a bar would end the cell. */
static void cell(struct buf *out, struct text text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (text.at[i] == '|')
			buf_char(out, '\\');
		buf_char(out, text.at[i]);
	}
}

static void document_row(const struct conf_row *row, struct buf *out)
{
	char space[512];
	struct buf allowed = BUF(space);

	conf_value_allowed(row, &allowed);
	buf_print(out, "| `%s` | ", row->name);
	cell(out, buf_as_text(&allowed));
	buf_str(out, " | ");
	if (row->fallback == NULL) {
		buf_str(out, "must be set");
	} else if (row->fallback[0] == '\0') {
		buf_str(out, "not set");
	} else {
		buf_char(out, '`');
		show_fallback(row, out);
		buf_char(out, '`');
	}
	buf_str(out, " | ");
	cell(out, text_of(row->about));
	buf_str(out, " |\n");
}

void conf_document(const struct conf_group *groups, struct buf *out)
{
	buf_str(out, "| setting | takes | default | what it is |\n| --- | --- | --- | --- |\n");
	for (const struct conf_group *group = groups; group->rows != NULL; group++)
		for (const struct conf_row *row = group->rows; row->name != NULL; row++)
			document_row(row, out);
}
