#include "wire/daraja_json.h"

#include "base/text.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

json_t *daraja_json_read(struct text body)
{
	json_t *json;

	if (body.at == NULL)
		return NULL;
	json = json_loadb(body.at, body.len, JSON_REJECT_DUPLICATES, NULL);
	if (json != NULL && !json_is_object(json))
		daraja_json_drop(&json);
	return json;
}

void daraja_json_drop(json_t **json)
{
	json_decref(*json);
	*json = NULL;
}

bool daraja_json_write(json_t *json, struct arena *arena, struct text *ret)
{
	DARAJA_JSON json_t *owned = json;
	char *text;

	if (owned == NULL)
		return false;
	text = json_dumps(owned, JSON_COMPACT);
	if (text == NULL)
		return false;
	*ret = arena_text(arena, text_of(text));
	free(text);
	return true;
}

const json_t *daraja_json_object(const json_t *object, const char *name)
{
	const json_t *member = json_object_get(object, name);

	return json_is_object(member) ? member : NULL;
}

/* 1032.0 is the code 1032: some relays write every number as a real. */
static struct text real_text(double value, struct arena *arena)
{
	if (value == 0)
		return TEXT("0");
	if (fabs(value) < 1e15 && floor(value) == value)
		return text_of(arena_print(arena, "%.0f", value));
	return text_of(arena_print(arena, "%.17g", value));
}

/* Cuts between characters, so that what was valid UTF-8 stays so. */
static struct text cut(struct text text, size_t most)
{
	if (text.len <= most)
		return text;
	while (most > 0 && ((unsigned char)text.at[most] & 0xc0) == 0x80)
		most--;
	text.len = most;
	return text;
}

struct text daraja_json_text(const json_t *value, size_t most, struct arena *arena)
{
	struct text text;

	if (json_is_integer(value))
		return text_of(arena_print(arena, "%" JSON_INTEGER_FORMAT, json_integer_value(value)));
	if (json_is_real(value))
		return real_text(json_real_value(value), arena);
	if (!json_is_string(value))
		return (struct text){0};
	text.at = json_string_value(value);
	text.len = json_string_length(value);
	return arena_text(arena, cut(text_trim(text), most));
}

struct text daraja_json_member(
	const json_t *object, const char *const *names, size_t most, struct arena *arena)
{
	struct text text = {0};

	for (; *names != NULL && text.len == 0; names++)
		text = daraja_json_text(json_object_get(object, *names), most, arena);
	return text;
}

const char *daraja_id_of(struct text text, struct arena *arena)
{
	if (text.len == 0 || text.len > DARAJA_ID_MOST)
		return "";
	for (size_t i = 0; i < text.len; i++)
		if (text.at[i] <= ' ' || text.at[i] > '~')
			return "";
	return arena_string(arena, text);
}

const char *daraja_json_id(const json_t *object, const char *name, struct arena *arena)
{
	return daraja_id_of(
		daraja_json_text(json_object_get(object, name), DARAJA_ID_MOST + 1, arena), arena);
}

static bool name_is(const json_t *value, const char *want)
{
	const char *at = json_string_value(value);

	if (at == NULL)
		return false;
	for (; *at != '\0'; at++) {
		if (*at == ' ')
			continue;
		if (*want == '\0' || tolower((unsigned char)*at) != tolower((unsigned char)*want))
			return false;
		want++;
	}
	return *want == '\0';
}

const json_t *daraja_item(const json_t *list, const char *name, bool *ret_doubled, struct arena *arena)
{
	size_t count = json_is_array(list) ? json_array_size(list) : 1;
	const json_t *found = NULL;
	struct text found_text = {0};

	for (size_t i = 0; i < count; i++) {
		const json_t *item = json_is_array(list) ? json_array_get(list, i) : list;
		const json_t *value = json_object_get(item, "Value");
		struct text text;

		if (!name_is(json_object_get(item, "Name"), name) &&
			!name_is(json_object_get(item, "Key"), name))
			continue;
		text = daraja_json_text(value, DARAJA_TEXT_MOST, arena);
		if (text.len == 0)
			continue;
		if (found == NULL) {
			found = value;
			found_text = text;
		} else if (!text_same(found_text, text)) {
			*ret_doubled = true;
		}
	}
	return found;
}

enum daraja_number daraja_json_amount(const json_t *value, struct amount *ret)
{
	struct text text = {0};

	if (value == NULL || json_is_null(value))
		return NUMBER_NOT_TOLD;
	if (json_is_integer(value)) {
		*ret = amount_of_shillings(json_integer_value(value));
		return NUMBER_READ;
	}
	if (json_is_real(value))
		return amount_of_real(json_real_value(value), ret) ? NUMBER_READ : NUMBER_BAD;
	if (!json_is_string(value))
		return NUMBER_BAD;
	text.at = json_string_value(value);
	text.len = json_string_length(value);
	if (text_trim(text).len == 0)
		return NUMBER_NOT_TOLD;
	return amount_parse(text, ret) ? NUMBER_READ : NUMBER_BAD;
}
