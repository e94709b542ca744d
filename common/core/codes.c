#include "core/codes.h"
#include "core/codes_table.h"

#include <string.h>

static bool is_any(const char *pattern)
{
	return strcmp(pattern, "*") == 0;
}

static bool family_fits(const char *pattern, const char *family)
{
	return strcmp(pattern, "any") == 0 || strcmp(pattern, family) == 0;
}

static bool row_fits(
	const struct code_row *row, const char *family, int http, struct text code, struct text message)
{
	if (!family_fits(row->family, family) || http < row->http_least || http > row->http_most)
		return false;
	if (!is_any(row->code) && !text_same_nocase(text_of(row->code), code))
		return false;
	/* In a reply the message is what we send, not what we look for. */
	return row->where == WHERE_REPLY || is_any(row->message) || text_has_nocase(message, row->message);
}

const struct code_row *codes_find(
	enum code_where where, const char *family, int http, struct text code, struct text message)
{
	const struct code_row *last = &codes_table[0];
	struct text trimmed = text_trim(code);

	for (size_t i = 0; i < codes_table_count; i++) {
		const struct code_row *row = &codes_table[i];

		if (row->where != where)
			continue;
		if (row_fits(row, family, http, trimmed, message))
			return row;
		last = row;
	}
	return last;
}

const struct code_row *codes_all(size_t *ret_count)
{
	*ret_count = codes_table_count;
	return codes_table;
}

const char *code_class_name(enum code_class class)
{
	static const char *const names[] = {
		[CODE_TAKEN] = "TAKEN",
		[CODE_PUT_OFF] = "PUT_OFF",
		[CODE_TURNED_DOWN] = "TURNED_DOWN",
		[CODE_NO_WORD] = "NO_WORD",
		[CODE_DUPLICATE] = "DUPLICATE",
		[CODE_TOKEN] = "TOKEN",
		[CODE_CONFIG] = "CONFIG",
		[CODE_PENDING] = "PENDING",
		[CODE_FOUND_NOTHING] = "FOUND_NOTHING",
		[CODE_PAID] = "PAID",
		[CODE_FINAL] = "FINAL",
		[CODE_DOUBT] = "DOUBT",
		[CODE_OPEN] = "OPEN",
		[CODE_ACCEPT] = "ACCEPT",
		[CODE_REJECT] = "REJECT",
	};

	must((size_t) class < COUNT_OF(names));
	return names[class];
}

bool code_row_is_default(const struct code_row *row)
{
	bool one_status = row->http_least == row->http_most;

	if (strcmp(row->family, "any") != 0 || !is_any(row->code) || !is_any(row->message))
		return false;
	/* 401, 429, 504 and the like say something by themselves. A 200 does not: its code was to say it. */
	return !one_status || row->http_least == 200;
}
