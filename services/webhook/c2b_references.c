#include "webhook/c2b_references.h"

#include <stdlib.h>
#include <string.h>

/* The next line, without its end, from the front of `rest`. */
static struct text take_line(struct text *rest)
{
	const char *end = memchr(rest->at, '\n', rest->len);
	const size_t len = end != NULL ? (size_t)(end - rest->at) : rest->len;
	struct text line = {rest->at, len};

	*rest = (struct text){rest->at + len + (end != NULL), rest->len - len - (end != NULL)};
	return text_trim(line);
}

static bool take_reference(struct text line, struct arena *arena, struct c2b_reference *ret)
{
	const char *comma = memchr(line.at, ',', line.len);
	const size_t len = comma != NULL ? (size_t)(comma - line.at) : line.len;
	struct text reference = text_trim((struct text){line.at, len}), name = {0};

	if (comma != NULL)
		name = text_trim((struct text){comma + 1, line.len - len - 1});
	if (reference.len == 0 || reference.len > C2B_REFERENCE_MOST)
		return false;
	*ret = (struct c2b_reference){
		.reference = arena_string(arena, reference), .name = arena_string(arena, name)};
	return true;
}

bool c2b_references_parse(
	struct text file, struct arena *arena, struct c2b_references *ret, unsigned *ret_line)
{
	struct c2b_reference *list;
	size_t lines = 1, count = 0;

	for (size_t i = 0; i < file.len; i++)
		lines += file.at[i] == '\n';
	list = ARENA_ARRAY(arena, struct c2b_reference, lines);
	for (*ret_line = 1; file.len > 0; (*ret_line)++) {
		struct text line = take_line(&file);

		if (line.len == 0 || line.at[0] == '#')
			continue;
		if (!take_reference(line, arena, &list[count]))
			return false;
		count++;
	}
	if (count > 0)
		qsort(list, count, sizeof(*list), c2b_reference_cmp);
	*ret = (struct c2b_references){.list = list, .count = count};
	return true;
}
