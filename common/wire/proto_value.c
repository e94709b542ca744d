#include "wire/proto_value.h"

#include "base/base64.h"

#include <string.h>

static bool to_uint64(const json_t *value, uint64_t *ret)
{
	struct text text = {json_string_value(value), json_string_length(value)};
	uint64_t number = 0;

	if (json_is_integer(value) && json_integer_value(value) >= 0) {
		*ret = (uint64_t)json_integer_value(value);
		return true;
	}
	if (!json_is_string(value) || text.len == 0)
		return false;
	for (size_t i = 0; i < text.len; i++)
		if (text.at[i] < '0' || text.at[i] > '9' ||
			__builtin_mul_overflow(number, (uint64_t)10, &number) ||
			__builtin_add_overflow(number, (uint64_t)(text.at[i] - '0'), &number))
			return false;
	*ret = number;
	return true;
}

static bool to_int64(const json_t *value, int64_t *ret)
{
	if (json_is_integer(value)) {
		*ret = json_integer_value(value);
		return true;
	}
	return json_is_string(value) &&
	       text_to_int64((struct text){json_string_value(value), json_string_length(value)}, ret);
}

static bool set_int(const json_t *value, int64_t least, int64_t most, bool wide, void *at)
{
	int64_t number;

	if (!to_int64(value, &number) || number < least || number > most)
		return false;
	if (wide)
		*(int64_t *)at = number;
	else
		*(int32_t *)at = (int32_t)number;
	return true;
}

static bool set_uint(const json_t *value, uint64_t most, bool wide, void *at)
{
	uint64_t number;

	if (!to_uint64(value, &number) || number > most)
		return false;
	if (wide)
		*(uint64_t *)at = number;
	else
		*(uint32_t *)at = (uint32_t)number;
	return true;
}

static bool set_enum(const ProtobufCEnumDescriptor *descriptor, const json_t *value, void *at)
{
	for (unsigned i = 0; i < descriptor->n_values; i++)
		if (json_is_string(value) ? strcmp(descriptor->values[i].name, json_string_value(value)) == 0
					  : json_is_integer(value) && json_integer_value(value) ==
									      descriptor->values[i].value) {
			*(int32_t *)at = descriptor->values[i].value;
			return true;
		}
	return false;
}

static bool set_string(struct arena *arena, const json_t *value, void *at)
{
	struct text text = {json_string_value(value), json_string_length(value)};

	if (!json_is_string(value))
		return false;
	*(char **)at = arena_string(arena, text);
	return true;
}

static bool set_bytes(struct arena *arena, const json_t *value, void *at)
{
	ProtobufCBinaryData *bytes = at;
	size_t cap = json_string_length(value);
	uint8_t *room;

	if (!json_is_string(value))
		return false;
	room = arena_alloc(arena, cap + 1);
	if (!base64_parse((struct text){json_string_value(value), cap}, room, cap, &bytes->len))
		return false;
	bytes->data = room;
	return true;
}

static bool set_bool(const json_t *value, void *at)
{
	if (!json_is_boolean(value))
		return false;
	*(protobuf_c_boolean *)at = json_is_true(value);
	return true;
}

bool proto_set(const ProtobufCFieldDescriptor *field, const json_t *value, struct arena *arena, void *at)
{
	switch (field->type) {
	case PROTOBUF_C_TYPE_INT32:
	case PROTOBUF_C_TYPE_SINT32:
	case PROTOBUF_C_TYPE_SFIXED32:
		return set_int(value, INT32_MIN, INT32_MAX, false, at);
	case PROTOBUF_C_TYPE_INT64:
	case PROTOBUF_C_TYPE_SINT64:
	case PROTOBUF_C_TYPE_SFIXED64:
		return set_int(value, INT64_MIN, INT64_MAX, true, at);
	case PROTOBUF_C_TYPE_UINT32:
	case PROTOBUF_C_TYPE_FIXED32:
		return set_uint(value, UINT32_MAX, false, at);
	case PROTOBUF_C_TYPE_UINT64:
	case PROTOBUF_C_TYPE_FIXED64:
		return set_uint(value, UINT64_MAX, true, at);
	case PROTOBUF_C_TYPE_ENUM:
		return set_enum(field->descriptor, value, at);
	case PROTOBUF_C_TYPE_STRING:
		return set_string(arena, value, at);
	case PROTOBUF_C_TYPE_BYTES:
		return set_bytes(arena, value, at);
	case PROTOBUF_C_TYPE_BOOL:
		return set_bool(value, at);
	case PROTOBUF_C_TYPE_FLOAT:
	case PROTOBUF_C_TYPE_DOUBLE:
	case PROTOBUF_C_TYPE_MESSAGE:
		return false;
	}
	return false;
}
