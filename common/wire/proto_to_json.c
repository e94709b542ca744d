#include "wire/proto_field.h"

#include "base/base64.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* protobuf-c message -> one line of JSON, always in the same order and spelling. */
struct writing {
	struct buf buf;
	struct arena *arena;
};

static void write_bytes(struct writing *writing, const ProtobufCBinaryData *bytes)
{
	char *text = arena_alloc(writing->arena, BASE64_SIZE(bytes->len));

	buf_json_string(&writing->buf, text_of(base64_build(bytes->data, bytes->len, text)));
}

static void write_enum(struct writing *writing, const ProtobufCEnumDescriptor *descriptor, int32_t number)
{
	const ProtobufCEnumValue *value = protobuf_c_enum_descriptor_get_value(descriptor, number);

	if (value != NULL)
		buf_json_string(&writing->buf, text_of(value->name));
	else
		buf_print(&writing->buf, "%" PRId32, number);
}

static bool write_message(struct writing *writing, const ProtobufCMessage *message);

static bool write_value(struct writing *writing, const ProtobufCFieldDescriptor *field, const void *at)
{
	struct buf *buf = &writing->buf;

	switch (field->type) {
	case PROTOBUF_C_TYPE_INT32:
	case PROTOBUF_C_TYPE_SINT32:
	case PROTOBUF_C_TYPE_SFIXED32:
		buf_print(buf, "%" PRId32, *(const int32_t *)at);
		return true;
	case PROTOBUF_C_TYPE_UINT32:
	case PROTOBUF_C_TYPE_FIXED32:
		buf_print(buf, "%" PRIu32, *(const uint32_t *)at);
		return true;
	case PROTOBUF_C_TYPE_INT64:
	case PROTOBUF_C_TYPE_SINT64:
	case PROTOBUF_C_TYPE_SFIXED64:
		buf_print(buf, "\"%" PRId64 "\"", *(const int64_t *)at);
		return true;
	case PROTOBUF_C_TYPE_UINT64:
	case PROTOBUF_C_TYPE_FIXED64:
		buf_print(buf, "\"%" PRIu64 "\"", *(const uint64_t *)at);
		return true;
	case PROTOBUF_C_TYPE_BOOL:
		buf_str(buf, *(const protobuf_c_boolean *)at ? "true" : "false");
		return true;
	case PROTOBUF_C_TYPE_ENUM:
		write_enum(writing, field->descriptor, *(const int32_t *)at);
		return true;
	case PROTOBUF_C_TYPE_STRING:
		buf_json_string(buf, text_of(*(char *const *)at));
		return true;
	case PROTOBUF_C_TYPE_BYTES:
		write_bytes(writing, at);
		return true;
	case PROTOBUF_C_TYPE_MESSAGE:
		return write_message(writing, *(ProtobufCMessage *const *)at);
	case PROTOBUF_C_TYPE_FLOAT:
	case PROTOBUF_C_TYPE_DOUBLE:
		return false;
	}
	return false;
}

static bool write_map(struct writing *writing, const ProtobufCFieldDescriptor *field,
	ProtobufCMessage *const *entries, size_t count)
{
	const ProtobufCMessageDescriptor *descriptor = field->descriptor;
	const ProtobufCFieldDescriptor *value = &descriptor->fields[1];
	ProtobufCMessage **sorted = ARENA_ARRAY(writing->arena, ProtobufCMessage *, count);

	memcpy(sorted, entries, count * sizeof(*sorted));
	qsort(sorted, count, sizeof(*sorted), proto_entry_cmp);
	buf_char(&writing->buf, '{');
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			buf_char(&writing->buf, ',');
		buf_json_string(&writing->buf,
			text_of(*(char *const *)proto_member(sorted[i], descriptor->fields[0].offset)));
		buf_char(&writing->buf, ':');
		if (!write_value(writing, value, proto_member(sorted[i], value->offset)))
			return false;
	}
	buf_char(&writing->buf, '}');
	return true;
}

static bool write_list(
	struct writing *writing, const ProtobufCFieldDescriptor *field, const char *items, size_t count)
{
	buf_char(&writing->buf, '[');
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			buf_char(&writing->buf, ',');
		if (!write_value(writing, field, items + i * proto_size_of(field->type)))
			return false;
	}
	buf_char(&writing->buf, ']');
	return true;
}

static bool write_field(
	struct writing *writing, const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field)
{
	void *at = proto_member(message, field->offset);

	if (proto_is_map(field))
		return write_map(writing, field, *(ProtobufCMessage ***)at, proto_count(message, field));
	if (proto_is_repeated(field))
		return write_list(writing, field, *(char **)at, proto_count(message, field));
	return write_value(writing, field, at);
}

static bool write_message(struct writing *writing, const ProtobufCMessage *message)
{
	const ProtobufCMessageDescriptor *descriptor = message->descriptor;
	bool first = true;

	buf_char(&writing->buf, '{');
	for (unsigned i = 0; i < descriptor->n_fields; i++) {
		const ProtobufCFieldDescriptor *field = &descriptor->fields[i];

		if (!proto_is_present(message, field))
			continue;
		if (!first)
			buf_char(&writing->buf, ',');
		first = false;
		buf_json_string(&writing->buf, text_of(field->name));
		buf_char(&writing->buf, ':');
		if (!write_field(writing, message, field))
			return false;
	}
	buf_char(&writing->buf, '}');
	return true;
}

bool proto_to_json(const void *message, struct arena *arena, struct text *ret, struct err *err)
{
	/* The packed size is no bound, since names and escapes come on top: try, and take more. */
	size_t cap = 1024 + 4 * protobuf_c_message_get_packed_size(message);

	for (;; cap *= 4) {
		struct writing writing = {.buf = {.at = arena_alloc(arena, cap), .cap = cap}, .arena = arena};

		if (!write_message(&writing, message))
			return err_set(err, ERR_BROKEN, 0,
				"the message has a field of a type that is not carried as JSON");
		if (!writing.buf.full) {
			*ret = buf_as_text(&writing.buf);
			return true;
		}
	}
}
