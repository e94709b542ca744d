#include "wire/proto_field.h"

#include <stdlib.h>
#include <string.h>

static void *arena_alloc_for_proto(void *arena, size_t size)
{
	return arena_alloc(arena, size);
}

static void leave_to_arena(void *arena UNUSED, void *at UNUSED)
{
}

/* A copy of what sorting changes: the message, its maps and its submessages; the rest is shared. */
static ProtobufCMessage *sorted(const ProtobufCMessage *message, struct arena *arena)
{
	const ProtobufCMessageDescriptor *descriptor = message->descriptor;
	ProtobufCMessage *copy = arena_alloc(arena, descriptor->sizeof_message);

	memcpy(copy, message, descriptor->sizeof_message);
	for (unsigned i = 0; i < descriptor->n_fields; i++) {
		const ProtobufCFieldDescriptor *field = &descriptor->fields[i];
		ProtobufCMessage **at = proto_member(copy, field->offset), **copies;
		size_t count;

		if (field->type != PROTOBUF_C_TYPE_MESSAGE || !proto_is_present(copy, field))
			continue;
		if (!proto_is_repeated(field)) {
			*at = sorted(*at, arena);
			continue;
		}
		count = proto_count(copy, field);
		copies = ARENA_ARRAY(arena, ProtobufCMessage *, count);
		for (size_t k = 0; k < count; k++)
			copies[k] = sorted((*(ProtobufCMessage ***)at)[k], arena);
		if (proto_is_map(field))
			qsort(copies, count, sizeof(*copies), proto_entry_cmp);
		*(ProtobufCMessage ***)at = copies;
	}
	return copy;
}

char *proto_string(const char *string, struct arena *arena)
{
	char *clean;

	if (string == NULL || text_is_utf8(text_of(string)))
		return (char *)(uintptr_t)(string != NULL ? string : "");
	clean = arena_string(arena, text_of(string));
	for (char *at = clean; *at != '\0'; at++)
		if ((unsigned char)*at > 127)
			*at = '?';
	return clean;
}

struct text proto_pack(const void *message, struct arena *arena)
{
	const ProtobufCMessage *ordered = sorted(message, arena);
	size_t size = protobuf_c_message_get_packed_size(ordered);
	uint8_t *bytes = arena_alloc(arena, size + 1);

	must(protobuf_c_message_pack(ordered, bytes) == size);
	return (struct text){(const char *)bytes, size};
}

/* A map with the same key twice: each reader would take another one of the values. Sorts the entries. */
static bool check_map(ProtobufCMessage **entries, size_t count)
{
	qsort(entries, count, sizeof(*entries), proto_entry_cmp);
	for (size_t i = 1; i < count; i++)
		if (proto_entry_cmp(&entries[i - 1], &entries[i]) == 0)
			return false;
	return true;
}

static bool check_maps(ProtobufCMessage *message, const struct proto_path *path,
	char ret_field[PROTO_FIELD_PATH], struct err *err)
{
	const ProtobufCMessageDescriptor *descriptor = message->descriptor;

	for (unsigned i = 0; i < descriptor->n_fields; i++) {
		const ProtobufCFieldDescriptor *field = &descriptor->fields[i];
		struct proto_path below = {.above = path, .name = field->name};
		ProtobufCMessage **at = proto_member(message, field->offset);
		bool many = proto_is_repeated(field);

		if (field->type != PROTOBUF_C_TYPE_MESSAGE || !proto_is_present(message, field))
			continue;
		if (proto_is_map(field) && !check_map(*(ProtobufCMessage ***)at, proto_count(message, field)))
			return proto_refuse(ret_field, err, PROTO_TWICE, path, field->name,
				"a key of the map is told twice");
		for (size_t k = 0; k < (many ? proto_count(message, field) : 1); k++)
			if (!check_maps(many ? (*(ProtobufCMessage ***)at)[k] : *at, &below, ret_field, err))
				return false;
	}
	return true;
}

static bool unpack(const ProtobufCMessageDescriptor *descriptor, struct text bytes, struct arena *arena,
	void **ret_message, char ret_field[PROTO_FIELD_PATH], struct err *err)
{
	ProtobufCAllocator allocator = {arena_alloc_for_proto, leave_to_arena, arena};
	struct proto_path root = {0};
	ProtobufCMessage *message =
		protobuf_c_message_unpack(descriptor, &allocator, bytes.len, (const uint8_t *)bytes.at);

	if (message == NULL)
		return proto_refuse(ret_field, err, PROTO_SYNTAX, &root, NULL,
			"the bytes are no protobuf message of this kind");
	if (!check_maps(message, &root, ret_field, err))
		return false;
	*ret_message = message;
	return true;
}

bool proto_unpack(const void *descriptor, struct text bytes, struct arena *arena, void **ret_message,
	char ret_field[PROTO_FIELD_PATH], struct err *err)
{
	return proto_check(descriptor, bytes, ret_field, err) &&
	       unpack(descriptor, bytes, arena, ret_message, ret_field, err);
}

bool proto_unpack_own(
	const void *descriptor, struct text bytes, struct arena *arena, void **ret_message, struct err *err)
{
	char field[PROTO_FIELD_PATH];

	if (proto_check_own(descriptor, bytes, field, err) &&
		unpack(descriptor, bytes, arena, ret_message, field, err))
		return true;
	if (field[0] != '\0')
		return err_while(err, "field %s", field);
	return false;
}
