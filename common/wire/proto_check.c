#include "wire/proto_field.h"

#include <stdio.h>

/*
 * The walk over raw protobuf bytes that comes before protobuf-c. In: bytes from anybody. Out: nothing, or
 * the field's path and what is wrong with it. protobuf-c cuts strings at a NUL, takes any bytes for UTF-8,
 * keeps unknown fields, lets the last of two oneof members win and cuts numbers to their type's width: each of
 * these is refused here, since what is paid must be what both sides read.
 */
struct walk {
	const uint8_t *at, *end;
	char *ret_field;
	struct err *err;
	bool pass_unknown;
};

enum { FIELDS_MOST = 64, FIELD_ID_MOST = (1 << 29) - 1 };

static bool refuse(const struct walk *walk, enum proto_trouble trouble, const struct proto_path *path,
	const char *name, const char *text)
{
	return proto_refuse(walk->ret_field, walk->err, trouble, path, name, text);
}

static bool take_varint(struct walk *walk, uint64_t *ret)
{
	uint64_t value = 0;

	for (unsigned shift = 0; shift < 64 && walk->at < walk->end; shift += 7) {
		uint8_t byte = *walk->at++;

		if (shift == 63 && byte > 1)
			return false;
		value |= (uint64_t)(byte & 0x7f) << shift;
		if ((byte & 0x80) == 0) {
			*ret = value;
			return true;
		}
	}
	return false;
}

static bool take_fixed(struct walk *walk, size_t size)
{
	if ((size_t)(walk->end - walk->at) < size)
		return false;
	walk->at += size;
	return true;
}

static bool take_bytes(struct walk *walk, struct text *ret)
{
	uint64_t len;

	if (!take_varint(walk, &len) || len > (uint64_t)(walk->end - walk->at))
		return false;
	*ret = (struct text){(const char *)walk->at, (size_t)len};
	walk->at += len;
	return true;
}

/* Whether protobuf-c, which keeps the low bits, would keep all of the number. */
static bool number_fits(const ProtobufCFieldDescriptor *field, uint64_t value)
{
	int64_t number = (int64_t)value;

	if (field->type == PROTOBUF_C_TYPE_BOOL)
		return value <= 1;
	if (field->type == PROTOBUF_C_TYPE_UINT32 || field->type == PROTOBUF_C_TYPE_SINT32)
		return value <= UINT32_MAX;
	if (field->type == PROTOBUF_C_TYPE_INT32 || field->type == PROTOBUF_C_TYPE_ENUM)
		return number >= INT32_MIN && number <= INT32_MAX;
	return true;
}

static bool check_number(
	struct walk *walk, const struct proto_path *path, const ProtobufCFieldDescriptor *field)
{
	uint64_t value = 0;
	bool whole = false;

	switch (proto_wire_of(field->type)) {
	case PROTO_VARINT:
		whole = take_varint(walk, &value);
		break;
	case PROTO_FIXED32:
		whole = take_fixed(walk, 4);
		break;
	case PROTO_FIXED64:
		whole = take_fixed(walk, 8);
		break;
	case PROTO_BYTES: /* a packed run has been opened by now */
		break;
	}
	if (!whole)
		return refuse(walk, PROTO_SYNTAX, path, field->name,
			"the bytes end, or go wrong, inside this number");
	if (!number_fits(field, value))
		return refuse(walk, PROTO_TYPE, path, field->name, "the number is out of its type's range");
	if (field->type == PROTOBUF_C_TYPE_ENUM && !proto_enum_has(field->descriptor, (int64_t)value))
		return refuse(
			walk, PROTO_ENUM, path, field->name, "the value is none of those that this enum has");
	return true;
}

static bool check_message(struct walk *walk, const struct proto_path *path,
	const ProtobufCMessageDescriptor *descriptor, unsigned depth);

static bool check_packed(const struct walk *outer, struct text bytes, const struct proto_path *path,
	const ProtobufCFieldDescriptor *field)
{
	struct walk walk = *outer;

	walk.at = (const uint8_t *)bytes.at;
	walk.end = walk.at + bytes.len;
	while (walk.at < walk.end)
		if (!check_number(&walk, path, field))
			return false;
	return true;
}

static bool check_bytes(struct walk *walk, const struct proto_path *path,
	const ProtobufCFieldDescriptor *field, unsigned depth)
{
	struct proto_path below = {.above = path, .name = field->name};
	struct walk inner = *walk;
	struct text bytes;

	if (!take_bytes(walk, &bytes))
		return refuse(walk, PROTO_SYNTAX, path, field->name, "the bytes end inside this field");
	if (field->type == PROTOBUF_C_TYPE_BYTES)
		return true;
	if (field->type == PROTOBUF_C_TYPE_STRING) {
		if (text_is_utf8(bytes))
			return true;
		return refuse(walk, PROTO_TEXT, path, field->name, "the string has a NUL or is not UTF-8");
	}
	if (field->type != PROTOBUF_C_TYPE_MESSAGE)
		return check_packed(walk, bytes, path, field);
	inner.at = (const uint8_t *)bytes.at;
	inner.end = inner.at + bytes.len;
	return check_message(&inner, &below, field->descriptor, depth + 1);
}

static bool skip_unknown(struct walk *walk, const struct proto_path *path, uint64_t tag)
{
	struct text bytes;
	uint64_t value;
	char name[24];

	snprintf(name, sizeof(name), "#%llu", (unsigned long long)(tag >> 3));
	if (!walk->pass_unknown)
		return refuse(walk, PROTO_UNKNOWN, path, name, "there is no field of this number");
	if (((tag & 7) == PROTO_VARINT && take_varint(walk, &value)) ||
		((tag & 7) == PROTO_FIXED64 && take_fixed(walk, 8)) ||
		((tag & 7) == PROTO_BYTES && take_bytes(walk, &bytes)) ||
		((tag & 7) == PROTO_FIXED32 && take_fixed(walk, 4)))
		return true;
	return refuse(walk, PROTO_SYNTAX, path, name, "the bytes end, or go wrong, inside this field");
}

/* Told twice, or beside another member of its oneof. */
static bool check_once(const struct walk *walk, const struct proto_path *path,
	const ProtobufCMessageDescriptor *descriptor, const ProtobufCFieldDescriptor *field, uint64_t *seen)
{
	size_t index = (size_t)(field - descriptor->fields);

	if (!proto_is_repeated(field) && (*seen >> index & 1) != 0)
		return refuse(walk, PROTO_TWICE, path, field->name, "the field is told twice");
	for (size_t i = 0; proto_is_oneof(field) && i < descriptor->n_fields; i++)
		if ((*seen >> i & 1) != 0 && proto_is_oneof(&descriptor->fields[i]) &&
			descriptor->fields[i].quantifier_offset == field->quantifier_offset)
			return refuse(walk, PROTO_ONEOF, path, field->name,
				"the field is told beside another one of which only one is allowed");
	*seen |= (uint64_t)1 << index;
	return true;
}

static bool check_message(struct walk *walk, const struct proto_path *path,
	const ProtobufCMessageDescriptor *descriptor, unsigned depth)
{
	uint64_t seen = 0, tag;

	must(descriptor->n_fields <= FIELDS_MOST);
	if (depth > PROTO_DEPTH_MOST)
		return refuse(walk, PROTO_SYNTAX, path, NULL, "the messages are nested too deep");
	while (walk->at < walk->end) {
		const ProtobufCFieldDescriptor *field;
		bool packed;

		if (!take_varint(walk, &tag) || tag >> 3 == 0 || tag >> 3 > FIELD_ID_MOST)
			return refuse(walk, PROTO_SYNTAX, path, NULL,
				"the bytes are no protobuf message of this kind");
		field = proto_field_by_id(descriptor, tag >> 3);
		if (field == NULL) {
			if (!skip_unknown(walk, path, tag))
				return false;
			continue;
		}
		if (!check_once(walk, path, descriptor, field, &seen))
			return false;
		packed = proto_is_repeated(field) && (tag & 7) == PROTO_BYTES;
		if ((tag & 7) != proto_wire_of(field->type) && !packed)
			return refuse(walk, PROTO_TYPE, path, field->name,
				"the field has the wire type of another kind of value");
		if (!((tag & 7) == PROTO_BYTES ? check_bytes(walk, path, field, depth)
					       : check_number(walk, path, field)))
			return false;
	}
	return true;
}

static bool check(const void *descriptor, struct text bytes, bool pass_unknown,
	char ret_field[PROTO_FIELD_PATH], struct err *err)
{
	struct proto_path root = {0};
	struct walk walk = {.ret_field = ret_field, .err = err, .pass_unknown = pass_unknown};

	ret_field[0] = '\0';
	if (bytes.len > PROTO_SIZE_MOST)
		return refuse(&walk, PROTO_SYNTAX, &root, NULL, "the message is larger than 256 KiB");
	if (bytes.len == 0)
		return true;
	walk.at = (const uint8_t *)bytes.at;
	walk.end = walk.at + bytes.len;
	return check_message(&walk, &root, descriptor, 1);
}

bool proto_check(const void *descriptor, struct text bytes, char ret_field[PROTO_FIELD_PATH], struct err *err)
{
	return check(descriptor, bytes, false, ret_field, err);
}

bool proto_check_own(
	const void *descriptor, struct text bytes, char ret_field[PROTO_FIELD_PATH], struct err *err)
{
	return check(descriptor, bytes, true, ret_field, err);
}
