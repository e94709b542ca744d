#include "wire/proto_field.h"

#include <string.h>

enum proto_wire proto_wire_of(ProtobufCType type)
{
	switch (type) {
	case PROTOBUF_C_TYPE_INT32:
	case PROTOBUF_C_TYPE_SINT32:
	case PROTOBUF_C_TYPE_INT64:
	case PROTOBUF_C_TYPE_SINT64:
	case PROTOBUF_C_TYPE_UINT32:
	case PROTOBUF_C_TYPE_UINT64:
	case PROTOBUF_C_TYPE_BOOL:
	case PROTOBUF_C_TYPE_ENUM:
		return PROTO_VARINT;
	case PROTOBUF_C_TYPE_SFIXED32:
	case PROTOBUF_C_TYPE_FIXED32:
	case PROTOBUF_C_TYPE_FLOAT:
		return PROTO_FIXED32;
	case PROTOBUF_C_TYPE_SFIXED64:
	case PROTOBUF_C_TYPE_FIXED64:
	case PROTOBUF_C_TYPE_DOUBLE:
		return PROTO_FIXED64;
	case PROTOBUF_C_TYPE_STRING:
	case PROTOBUF_C_TYPE_BYTES:
	case PROTOBUF_C_TYPE_MESSAGE:
		return PROTO_BYTES;
	}
	must(!"a type that protobuf-c 1.4 does not have");
}

size_t proto_size_of(ProtobufCType type)
{
	if (type == PROTOBUF_C_TYPE_STRING || type == PROTOBUF_C_TYPE_MESSAGE)
		return sizeof(void *);
	if (type == PROTOBUF_C_TYPE_BYTES)
		return sizeof(ProtobufCBinaryData);
	if (type == PROTOBUF_C_TYPE_INT64 || type == PROTOBUF_C_TYPE_SINT64 ||
		type == PROTOBUF_C_TYPE_UINT64 || proto_wire_of(type) == PROTO_FIXED64)
		return sizeof(uint64_t);
	return sizeof(uint32_t);
}

const ProtobufCFieldDescriptor *proto_field_by_id(const ProtobufCMessageDescriptor *descriptor, uint64_t id)
{
	for (unsigned i = 0; i < descriptor->n_fields; i++)
		if (descriptor->fields[i].id == id)
			return &descriptor->fields[i];
	return NULL;
}

bool proto_is_oneof(const ProtobufCFieldDescriptor *field)
{
	return (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0;
}

bool proto_is_repeated(const ProtobufCFieldDescriptor *field)
{
	return field->label == PROTOBUF_C_LABEL_REPEATED;
}

bool proto_is_map(const ProtobufCFieldDescriptor *field)
{
	const ProtobufCMessageDescriptor *entry = field->descriptor;
	size_t len;

	if (!proto_is_repeated(field) || field->type != PROTOBUF_C_TYPE_MESSAGE || entry->n_fields != 2)
		return false;
	len = strlen(entry->short_name);
	return len > 5 && strcmp(entry->short_name + len - 5, "Entry") == 0 &&
	       strcmp(entry->fields[0].name, "key") == 0 && entry->fields[0].id == 1 &&
	       entry->fields[0].type == PROTOBUF_C_TYPE_STRING &&
	       strcmp(entry->fields[1].name, "value") == 0 && entry->fields[1].id == 2;
}

bool proto_enum_has(const ProtobufCEnumDescriptor *descriptor, int64_t number)
{
	for (unsigned i = 0; i < descriptor->n_values; i++)
		if (descriptor->values[i].value == number)
			return true;
	return false;
}

void *proto_member(const void *message, unsigned offset)
{
	return (char *)(uintptr_t)message + offset;
}

size_t proto_count(const void *message, const ProtobufCFieldDescriptor *field)
{
	return *(const size_t *)proto_member(message, field->quantifier_offset);
}

bool proto_is_present(const void *message, const ProtobufCFieldDescriptor *field)
{
	const void *at = proto_member(message, field->offset);

	if (proto_is_oneof(field))
		return *(const uint32_t *)proto_member(message, field->quantifier_offset) == field->id;
	if (proto_is_repeated(field))
		return proto_count(message, field) > 0;
	if (field->type == PROTOBUF_C_TYPE_MESSAGE)
		return *(void *const *)at != NULL;
	if (field->type == PROTOBUF_C_TYPE_STRING)
		return *(char *const *)at != NULL && **(char *const *)at != '\0';
	if (field->type == PROTOBUF_C_TYPE_BYTES)
		return ((const ProtobufCBinaryData *)at)->len > 0;
	if (proto_size_of(field->type) == sizeof(uint64_t))
		return *(const uint64_t *)at != 0;
	return *(const uint32_t *)at != 0; /* a protobuf_c_boolean is an int */
}

static void path_print(struct buf *buf, const struct proto_path *path)
{
	if (path->above != NULL)
		path_print(buf, path->above);
	if (path->above != NULL && buf->len > 0)
		buf_char(buf, '.');
	if (path->name != NULL)
		buf_str(buf, path->name);
}

bool proto_refuse(char ret_field[PROTO_FIELD_PATH], struct err *err, enum proto_trouble trouble,
	const struct proto_path *path, const char *name, const char *text)
{
	struct proto_path leaf = {.above = path, .name = name};
	struct buf buf = {.at = ret_field, .cap = PROTO_FIELD_PATH};

	path_print(&buf, name != NULL ? &leaf : path);
	buf_end(&buf);
	return err_set(err, ERR_REFUSED, trouble, "%s", text);
}

int proto_entry_cmp(const void *a, const void *b)
{
	const ProtobufCMessage *left = *(ProtobufCMessage *const *)a;
	const ProtobufCMessage *right = *(ProtobufCMessage *const *)b;
	unsigned key = left->descriptor->fields[0].offset;

	return strcmp(*(char *const *)proto_member(left, key), *(char *const *)proto_member(right, key));
}

static bool is_json_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

bool proto_looks_like_json(struct text bytes)
{
	if (bytes.len == 0)
		return false;
	if (bytes.at[0] == '\n')
		return bytes.len > 1 && (is_json_space(bytes.at[1]) || bytes.at[1] == '{');
	return bytes.at[0] == '{' || is_json_space(bytes.at[0]);
}
