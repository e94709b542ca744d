#include "wire/command_fields.h"

#include <inttypes.h>
#include <protobuf-c/protobuf-c.h>
#include <string.h>

static const void *member(const ProtobufCMessage *message, unsigned offset)
{
	return (const char *)message + offset;
}

static const char *enum_text(const ProtobufCFieldDescriptor *field, int number)
{
	const ProtobufCEnumValue *value = protobuf_c_enum_descriptor_get_value(field->descriptor, number);

	return value != NULL ? value->name : "";
}

static const char *number_text(int64_t number, struct arena *arena)
{
	return number != 0 ? arena_print(arena, "%" PRId64, number) : "";
}

/* One value of a field; `at` points to it. */
static const char *value_text(const ProtobufCFieldDescriptor *field, const void *at, struct arena *arena)
{
	switch (field->type) {
	case PROTOBUF_C_TYPE_STRING:
		return *(const char *const *)at;
	case PROTOBUF_C_TYPE_ENUM:
		return enum_text(field, *(const int *)at);
	case PROTOBUF_C_TYPE_BOOL:
		return *(const protobuf_c_boolean *)at ? "true" : "";
	case PROTOBUF_C_TYPE_INT64:
		return number_text(*(const int64_t *)at, arena);
	case PROTOBUF_C_TYPE_UINT32:
		return number_text(*(const uint32_t *)at, arena);
	case PROTOBUF_C_TYPE_INT32:
	case PROTOBUF_C_TYPE_SINT32:
	case PROTOBUF_C_TYPE_SFIXED32:
	case PROTOBUF_C_TYPE_SINT64:
	case PROTOBUF_C_TYPE_SFIXED64:
	case PROTOBUF_C_TYPE_FIXED32:
	case PROTOBUF_C_TYPE_UINT64:
	case PROTOBUF_C_TYPE_FIXED64:
	case PROTOBUF_C_TYPE_FLOAT:
	case PROTOBUF_C_TYPE_DOUBLE:
	case PROTOBUF_C_TYPE_BYTES:
	case PROTOBUF_C_TYPE_MESSAGE:
		break;
	}
	/* No operation has such a field: command.proto is where that is decided. */
	must(false);
}

static void fill_list(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field,
	struct arena *arena, struct command_field *ret)
{
	const size_t count = *(const size_t *)member(message, field->quantifier_offset);
	const char *values = *(const char *const *)member(message, field->offset);
	struct command_fields *items = ARENA_ARRAY(arena, struct command_fields, count + 1);
	const size_t size = sizeof(void *); /* strings and messages both are pointers */

	must(field->type == PROTOBUF_C_TYPE_STRING || field->type == PROTOBUF_C_TYPE_MESSAGE);
	for (size_t i = 0; i < count; i++) {
		const void *value = values + i * size;
		struct command_field *only;

		if (field->type == PROTOBUF_C_TYPE_MESSAGE) {
			command_fields_read(*(const void *const *)value, arena, &items[i]);
			continue;
		}
		only = ARENA_NEW(arena, struct command_field);
		*only = (struct command_field){.name = "", .text = value_text(field, value, arena)};
		items[i] = (struct command_fields){.at = only, .count = 1};
	}
	ret->items = items;
	ret->item_count = count;
}

void command_fields_read(const void *message, struct arena *arena, struct command_fields *ret)
{
	const ProtobufCMessage *base = message;
	const ProtobufCMessageDescriptor *descriptor = base->descriptor;
	struct command_field *fields = ARENA_ARRAY(arena, struct command_field, descriptor->n_fields + 1);

	for (unsigned i = 0; i < descriptor->n_fields; i++) {
		const ProtobufCFieldDescriptor *field = &descriptor->fields[i];

		fields[i] = (struct command_field){.name = field->name, .text = ""};
		if (field->label == PROTOBUF_C_LABEL_REPEATED)
			fill_list(base, field, arena, &fields[i]);
		else
			fields[i].text = value_text(field, member(base, field->offset), arena);
	}
	*ret = (struct command_fields){.at = fields, .count = descriptor->n_fields};
}

enum api command_operation_read(
	const void *message, unsigned operation_case, struct arena *arena, struct command_fields *ret)
{
	const ProtobufCMessage *base = message;
	const ProtobufCFieldDescriptor *field;
	const struct api_row *row;

	if (operation_case == 0)
		return API_NONE;
	field = protobuf_c_message_descriptor_get_field(base->descriptor, operation_case);
	must(field != NULL);
	row = api_find(text_of(field->name));
	/* Each operation has the name of its row; a test walks them. */
	must(row != NULL);
	command_fields_read(*(const void *const *)member(base, field->offset), arena, ret);
	return row->api;
}
