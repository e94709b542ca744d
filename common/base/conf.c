#include "base/conf_value.h"

#include <string.h>

/* A reading in progress: `report` gets a line for each error, `failed` says whether there was one. */
struct reading {
	const struct conf_source *source;
	const struct conf_group *groups;
	struct arena *arena;
	struct buf *report;
	bool failed;
};

static void complain(struct reading *reading, const char *line)
{
	buf_str(reading->report, line);
	buf_char(reading->report, '\n');
	reading->failed = true;
}

/* The variable's value; NULL: not set, or set to nothing. */
static const char *look_up(const struct reading *reading, const char *name)
{
	size_t len = strlen(name);

	for (const char *const *at = reading->source->environ; at != NULL && *at != NULL; at++)
		if (strncmp(*at, name, len) == 0 && (*at)[len] == '=')
			return (*at)[len + 1] != '\0' ? *at + len + 1 : NULL;
	return NULL;
}

static const char *allowed(const struct reading *reading, const struct conf_row *row)
{
	char space[512];
	struct buf out = BUF(space);

	conf_value_allowed(row, &out);
	buf_end(&out);
	return arena_string(reading->arena, buf_as_text(&out));
}

/* A secret's file, without the line end that editors and echo put after it. */
static const char *read_secret(struct reading *reading, const struct conf_row *row, const char *path)
{
	struct text text;
	const char *fault;

	if (reading->source->read_file == NULL || !reading->source->read_file(path, reading->arena, &text)) {
		complain(reading,
			arena_print(reading->arena, "%s_FILE: \"%s\" is not a file that can be read. %s",
				row->name, path, row->about));
		return NULL;
	}
	if (text.len > 0 && text.at[text.len - 1] == '\n')
		text.len--;
	if (text.len > 0 && text.at[text.len - 1] == '\r')
		text.len--;
	fault = text.len == 0 ? "is empty" : "holds a NUL byte";
	if (text.len == 0 || memchr(text.at, '\0', text.len) != NULL) {
		complain(reading, arena_print(reading->arena,
					  "%s_FILE: \"%s\" %s; it must hold the secret and nothing else. %s",
					  row->name, path, fault, row->about));
		return NULL;
	}
	return arena_string(reading->arena, text);
}

/* The text that the row is set to; NULL: it is not set, or what it is set to was complained about. */
static const char *text_for(struct reading *reading, const struct conf_row *row, bool *ret_set)
{
	const char *value = look_up(reading, row->name);
	const char *file = NULL;

	if (row->type == CONF_SECRET)
		file = look_up(reading, arena_print(reading->arena, "%s_FILE", row->name));
	*ret_set = value != NULL || file != NULL;
	if (value != NULL && file != NULL) {
		complain(reading,
			arena_print(reading->arena, "%s and %s_FILE are both set; set one of them. %s",
				row->name, row->name, row->about));
		return NULL;
	}
	return file != NULL ? read_secret(reading, row, file) : value;
}

static void read_row(struct reading *reading, const struct conf_row *row, void *into)
{
	struct text why;
	const char *text;
	bool set;

	conf_value_leave_out(row, into);
	text = text_for(reading, row, &set);
	if (set && text == NULL)
		return;
	if (!set && row->fallback == NULL) {
		complain(reading, arena_print(reading->arena, "%s is not set; it must be %s. %s", row->name,
					  allowed(reading, row), row->about));
		return;
	}
	if (!set)
		text = row->fallback;
	if (text[0] == '\0' || conf_value_parse(row, text, reading->source, reading->arena, into, &why))
		return;
	complain(reading, arena_print(reading->arena, "%s%s: \"%s\" is %.*s; it must be %s. %s", row->name,
				  set ? "" : " (by default)", row->type == CONF_SECRET ? "***" : text,
				  TEXT_ARG(why), allowed(reading, row), row->about));
}

static const struct conf_row *find_row(const struct conf_group *groups, struct text name)
{
	for (const struct conf_group *group = groups; group->rows != NULL; group++)
		for (const struct conf_row *row = group->rows; row->name != NULL; row++)
			if (text_is(name, row->name))
				return row;
	return NULL;
}

static bool is_listed(const char *const *known, struct text name)
{
	for (; *known != NULL; known++)
		if (text_is(name, *known))
			return true;
	return false;
}

/* Whether NAME stands for NAME_FILE too: of our own rows the secrets, of another program's we cannot tell. */
static bool may_be_file(const struct reading *reading, struct text name)
{
	const struct conf_row *row = find_row(reading->groups, name);

	return row != NULL ? row->type == CONF_SECRET : is_listed(reading->source->known, name);
}

static bool is_known(const struct reading *reading, struct text name)
{
	const size_t suffix = strlen("_FILE");

	if (find_row(reading->groups, name) != NULL || is_listed(reading->source->known, name))
		return true;
	return name.len > suffix && text_is((struct text){name.at + name.len - suffix, suffix}, "_FILE") &&
	       may_be_file(reading, (struct text){name.at, name.len - suffix});
}

enum { NAME_MOST = 64 };

/* Levenshtein's; a name too long to compare is far from everything. */
static size_t distance(struct text a, const char *b)
{
	size_t row[NAME_MOST + 1], width = strlen(b);

	if (a.len > NAME_MOST || width > NAME_MOST)
		return NAME_MOST;
	for (size_t j = 0; j <= width; j++)
		row[j] = j;
	for (size_t i = 1; i <= a.len; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= width; j++) {
			size_t best = diagonal + (a.at[i - 1] != b[j - 1]);

			diagonal = row[j];
			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			row[j] = best;
		}
	}
	return row[width];
}

static const char *nearest(const struct reading *reading, struct text name)
{
	const char *best = NULL;
	size_t least = 4;

	for (const char *const *known = reading->source->known; *known != NULL; known++) {
		const char *file = arena_print(reading->arena, "%s_FILE", *known);

		if (distance(name, *known) < least) {
			least = distance(name, *known);
			best = *known;
		}
		if (may_be_file(reading, text_of(*known)) && distance(name, file) < least) {
			least = distance(name, file);
			best = file;
		}
	}
	return best;
}

/* The value is not shown: it may be a secret under a misspelt name. */
static void refuse_unknown(struct reading *reading)
{
	for (const char *const *at = reading->source->environ; at != NULL && *at != NULL; at++) {
		struct text name = {*at, strcspn(*at, "=")};
		const char *meant;

		if ((!text_starts(name, "MKONDO_") && !text_starts(name, "MPESA_")) ||
			is_known(reading, name))
			continue;
		meant = nearest(reading, name);
		complain(reading, arena_print(reading->arena, "%.*s is not a setting of this release%s%s%s",
					  TEXT_ARG(name), meant != NULL ? "; did you mean " : "",
					  meant != NULL ? meant : "", meant != NULL ? "?" : "."));
	}
}

bool conf_read(const struct conf_group *groups, const struct conf_source *source, struct arena *arena,
	struct buf *report)
{
	struct reading reading = {.source = source, .groups = groups, .arena = arena, .report = report};

	for (const struct conf_group *group = groups; group->rows != NULL; group++)
		for (const struct conf_row *row = group->rows; row->name != NULL; row++)
			read_row(&reading, row, group->into);
	if (source->known != NULL)
		refuse_unknown(&reading);
	return !reading.failed;
}
