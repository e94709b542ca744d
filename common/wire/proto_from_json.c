#include "wire/proto_field.h"

#include "base/base64.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/*
 * JSON -> protobuf-c message. Numbers are read as integers or as strings of digits, never through a double:
 * what a sender writes as 1050.0 or 1e3 has no exact reading that all senders share.
 */
struct reading {
	struct arena *arena;
	char *ret_field;
	struct err *err;
};

static void json_free(json_t **json)
{
	json_decref(*json);
}

static bool refuse(const struct reading *reading, enum proto_trouble trouble, const struct proto_path *path,
        const char *name, const char *text)
{
	return proto_refuse(reading->ret_field, reading->err, trouble, path, name, text);
}

/* "amount_cents" is also read as "amountCents". */
static bool name_fits(const char *snake, const char *told)
{
	const char *camel = told;

	if (strcmp(snake, told) == 0)
		return true;
	for (; *snake != '\0'; snake++, camel++) {
		if (*snake == '_' && snake[1] >= 'a' && snake[1] <= 'z') {
			snake++;
			if (*camel != *snake - 'a' + 'A')
				return false;
		} else if (*camel != *snake) {
			return false;
		}
	}
	return *camel == '\0';
}

static const ProtobufCFieldDescriptor *field_find(
        const ProtobufCMessageDescriptor *descriptor, const char *told)
{
	for (unsigned i = 0; i < descriptor->n_fields; i++)
		if (name_fits(descriptor->fields[i].name, told))
			return &descriptor->fields[i];
	return NULL;
}

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

/* A value that is no message, into its place. */
static bool set_plain(
        const struct reading *reading, const ProtobufCFieldDescriptor *field, const json_t *value, void *at)
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
		return set_string(reading->arena, value, at);
	case PROTOBUF_C_TYPE_BYTES:
		return set_bytes(reading->arena, value, at);
	case PROTOBUF_C_TYPE_BOOL:
		return set_bool(value, at);
	case PROTOBUF_C_TYPE_FLOAT:
	case PROTOBUF_C_TYPE_DOUBLE:
	case PROTOBUF_C_TYPE_MESSAGE:
		return false;
	}
	return false;
}

static const char *wanted(ProtobufCType type)
{
	if (type == PROTOBUF_C_TYPE_STRING)
		return "the value is no string";
	if (type == PROTOBUF_C_TYPE_BYTES)
		return "the value is no base64 string";
	if (type == PROTOBUF_C_TYPE_BOOL)
		return "the value is neither true nor false";
	return "the value is no whole number in the type's range, written as a number or as a string of "
	       "digits";
}

static bool read_message(const struct reading *reading, const struct proto_path *path,
        const ProtobufCMessageDescriptor *descriptor, const json_t *object, unsigned depth, void **ret);

static bool read_value(const struct reading *reading, const struct proto_path *path,
        const ProtobufCFieldDescriptor *field, const json_t *value, unsigned depth, void *at)
{
	struct proto_path below = {.above = path, .name = field->name};

	if (field->type == PROTOBUF_C_TYPE_MESSAGE)
		return read_message(reading, &below, field->descriptor, value, depth + 1, at);
	if (set_plain(reading, field, value, at))
		return true;
	if (field->type == PROTOBUF_C_TYPE_ENUM)
		return refuse(reading, PROTO_ENUM, path, field->name,
		        "the value is none of those that this enum has");
	return refuse(reading, PROTO_TYPE, path, field->name, wanted(field->type));
}

static bool read_map(const struct reading *reading, const struct proto_path *path,
        const ProtobufCFieldDescriptor *field, json_t *value, unsigned depth, void *message)
{
	const ProtobufCMessageDescriptor *descriptor = field->descriptor;
	struct proto_path below = {.above = path, .name = field->name};
	ProtobufCMessage **entries;
	const char *key;
	json_t *inner;
	size_t n = 0;

	if (!json_is_object(value))
		return refuse(
		        reading, PROTO_TYPE, path, field->name, "the value is no object of names and values");
	entries = ARENA_ARRAY(reading->arena, ProtobufCMessage *, json_object_size(value));
	json_object_foreach(value, key, inner)
	{
		ProtobufCMessage *entry = arena_alloc(reading->arena, descriptor->sizeof_message);

		descriptor->message_init(entry);
		*(char **)proto_member(entry, descriptor->fields[0].offset) =
		        arena_string(reading->arena, text_of(key));
		if (!read_value(reading, &below, &descriptor->fields[1], inner, depth,
		            proto_member(entry, descriptor->fields[1].offset)))
			return false;
		entries[n++] = entry;
	}
	qsort(entries, n, sizeof(*entries), proto_entry_cmp);
	*(size_t *)proto_member(message, field->quantifier_offset) = n;
	*(ProtobufCMessage ***)proto_member(message, field->offset) = entries;
	return true;
}

static bool read_list(const struct reading *reading, const struct proto_path *path,
        const ProtobufCFieldDescriptor *field, const json_t *value, unsigned depth, void *message)
{
	size_t count = json_array_size(value), size = proto_size_of(field->type);
	char *items;

	if (!json_is_array(value))
		return refuse(reading, PROTO_TYPE, path, field->name, "the value is no array");
	items = arena_array(reading->arena, count, size);
	for (size_t i = 0; i < count; i++)
		if (!read_value(reading, path, field, json_array_get(value, i), depth, items + i * size))
			return false;
	*(size_t *)proto_member(message, field->quantifier_offset) = count;
	*(void **)proto_member(message, field->offset) = items;
	return true;
}

static bool read_field(const struct reading *reading, const struct proto_path *path,
        const ProtobufCFieldDescriptor *field, json_t *value, unsigned depth, void *message)
{
	uint32_t *chosen = proto_member(message, field->quantifier_offset);

	if (proto_is_oneof(field)) {
		if (*chosen != 0)
			return refuse(reading, PROTO_ONEOF, path, field->name,
			        "the field is told beside another one of which only one is allowed");
		*chosen = field->id;
	}
	if (proto_is_map(field))
		return read_map(reading, path, field, value, depth, message);
	if (proto_is_repeated(field))
		return read_list(reading, path, field, value, depth, message);
	return read_value(reading, path, field, value, depth, proto_member(message, field->offset));
}

/* A name of the sender's that we do not have: kept out of the path unless it is short and plain. */
static bool refuse_name(const struct reading *reading, const struct proto_path *path, const char *told)
{
	size_t len = strlen(told);
	bool plain = len >= 1 && len <= 32 &&
	             strspn(told, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-") == len;

	return refuse(reading, PROTO_UNKNOWN, path, plain ? told : "?", "there is no field of this name");
}

static bool read_message(const struct reading *reading, const struct proto_path *path,
        const ProtobufCMessageDescriptor *descriptor, const json_t *object, unsigned depth, void **ret)
{
	ProtobufCMessage *message = arena_alloc(reading->arena, descriptor->sizeof_message);
	const ProtobufCFieldDescriptor *field;
	uint64_t seen = 0;
	const char *key;
	json_t *value;

	must(descriptor->n_fields <= 64);
	if (!json_is_object(object))
		return refuse(reading, PROTO_TYPE, path, NULL, "the value is no object");
	if (depth > PROTO_DEPTH_MOST)
		return refuse(reading, PROTO_SYNTAX, path, NULL, "the objects are nested too deep");
	descriptor->message_init(message);
	json_object_foreach((json_t *)(uintptr_t)object, key, value)
	{
		field = field_find(descriptor, key);
		if (field == NULL)
			return refuse_name(reading, path, key);
		if ((seen >> (field - descriptor->fields) & 1) != 0)
			return refuse(reading, PROTO_TWICE, path, field->name,
			        "the field is told twice, in both spellings");
		seen |= (uint64_t)1 << (field - descriptor->fields);
		if (!json_is_null(value) && !read_field(reading, path, field, value, depth, message))
			return false;
	}
	*ret = message;
	return true;
}

static bool refuse_syntax(const struct reading *reading, const json_error_t *error)
{
	const struct proto_path root = {0};
	enum proto_trouble trouble = PROTO_SYNTAX;

	if (json_error_code(error) == json_error_duplicate_key)
		trouble = PROTO_TWICE;
	if (json_error_code(error) == json_error_invalid_utf8 ||
	        json_error_code(error) == json_error_null_character)
		trouble = PROTO_TEXT;
	/* jansson's own words would repeat the sender's bytes. */
	refuse(reading, trouble, &root, NULL,
	        trouble == PROTO_TWICE  ? "a name is told twice in one object"
	        : trouble == PROTO_TEXT ? "the text has a NUL or is not UTF-8"
	                                : "the text is not one JSON object");
	return err_while(reading->err, "line %d, column %d", error->line, error->column);
}

bool proto_from_json(const void *descriptor, struct text json, struct arena *arena, void **ret_message,
        char ret_field[PROTO_FIELD_PATH], struct err *err)
{
	struct reading reading = {.arena = arena, .ret_field = ret_field, .err = err};
	const struct proto_path root = {0};
	json_t *object CLEANUP(json_free) = NULL;
	json_error_t error;

	ret_field[0] = '\0';
	if (json.len > PROTO_SIZE_MOST)
		return refuse(&reading, PROTO_SYNTAX, &root, NULL, "the message is larger than 256 KiB");
	object = json_loadb(json.at != NULL ? json.at : "", json.len, JSON_REJECT_DUPLICATES, &error);
	if (object == NULL)
		return refuse_syntax(&reading, &error);
	return read_message(&reading, &root, descriptor, object, 1, ret_message);
}
