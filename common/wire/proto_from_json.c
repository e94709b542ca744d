#include "wire/proto_value.h"

#include <stdlib.h>
#include <string.h>

/* JSON -> protobuf-c message. */
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
	if (proto_set(field, value, reading->arena, at))
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
