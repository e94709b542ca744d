#include "wire/command_rescue.h"

#include <jansson.h>
#include <string.h>

enum { ID_FIELD = 1, TENANT_FIELD = 2, ACCOUNT_FIELD = 3, JSON_MOST = 1024 * 1024 };

void command_init(struct command *ret)
{
	*ret = (struct command){
		.id_text = TEXT(""),
		.tenant = "",
		.account = "",
		.currency = "",
		.traceparent = "",
	};
}

static void take_id(struct text text, struct arena *arena, struct command *ret)
{
	ret->id_text = arena_text(arena, text);
	ret->has_id = uuid_parse(text, &ret->id);
}

static void take_name(struct text text, struct arena *arena, const char **ret)
{
	enum { NAME_MOST = 64 };

	if (text.len <= NAME_MOST && text_is_utf8(text))
		*ret = arena_string(arena, text);
}

struct raw {
	const uint8_t *at, *end;
};

static bool raw_varint(struct raw *raw, uint64_t *ret)
{
	uint64_t value = 0;

	for (unsigned shift = 0; shift < 64 && raw->at < raw->end; shift += 7) {
		uint8_t byte = *raw->at++;

		value |= (uint64_t)(byte & 0x7f) << shift;
		if ((byte & 0x80) == 0) {
			*ret = value;
			return true;
		}
	}
	return false;
}

/* One field of any kind; *ret_text is set for those with a length. */
static bool raw_field(struct raw *raw, uint64_t *ret_id, bool *ret_is_text, struct text *ret_text)
{
	uint64_t tag, size;

	if (raw->at == raw->end || !raw_varint(raw, &tag))
		return false;
	*ret_id = tag >> 3;
	*ret_is_text = (tag & 7) == 2;
	if ((tag & 7) == 0)
		return raw_varint(raw, &size);
	if ((tag & 7) == 1)
		size = 8;
	else if ((tag & 7) == 5)
		size = 4;
	else if ((tag & 7) != 2 || !raw_varint(raw, &size))
		return false;
	if (size > (uint64_t)(raw->end - raw->at))
		return false;
	*ret_text = (struct text){(const char *)raw->at, (size_t)size};
	raw->at += size;
	return true;
}

void command_rescue_proto(struct text bytes, struct arena *arena, struct command *ret)
{
	struct raw raw = {(const uint8_t *)bytes.at, (const uint8_t *)bytes.at + bytes.len};
	bool is_text, id_seen = false;
	struct text text;
	uint64_t id;

	while (raw_field(&raw, &id, &is_text, &text)) {
		if (!is_text)
			continue;
		if (id == ID_FIELD && id_seen && !text_same(text, ret->id_text)) {
			ret->has_id = false;
			return;
		}
		if (id == ID_FIELD && !id_seen) {
			take_id(text, arena, ret);
			id_seen = true;
		} else if (id == TENANT_FIELD) {
			take_name(text, arena, &ret->tenant);
		} else if (id == ACCOUNT_FIELD) {
			take_name(text, arena, &ret->account);
		}
	}
}

static struct text string_of(const json_t *object, const char *name)
{
	const json_t *value = json_object_get(object, name);

	return (struct text){json_string_value(value), json_string_length(value)};
}

static void json_free(json_t **json)
{
	json_decref(*json);
}

void command_rescue_json(struct text bytes, struct arena *arena, struct command *ret)
{
	json_t *strict CLEANUP(json_free) = NULL;
	json_t *loose CLEANUP(json_free) = NULL;
	json_error_t error;

	if (bytes.len > JSON_MOST)
		return;
	strict = json_loadb(bytes.at, bytes.len, JSON_REJECT_DUPLICATES, &error);
	/* jansson lets the last of two ids win, and says which name was the double. */
	if (strict == NULL && json_error_code(&error) == json_error_duplicate_key &&
		strstr(error.text, "\"id\"") != NULL)
		return;
	if (strict == NULL)
		loose = json_loadb(bytes.at, bytes.len,
			JSON_DISABLE_EOF_CHECK | JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL, &error);
	if (!json_is_object(strict != NULL ? strict : loose))
		return;
	take_id(string_of(strict != NULL ? strict : loose, "id"), arena, ret);
	take_name(string_of(strict != NULL ? strict : loose, "tenant"), arena, &ret->tenant);
	take_name(string_of(strict != NULL ? strict : loose, "account"), arena, &ret->account);
}
