#ifndef WIRE_PROTO_FIELD_H
#define WIRE_PROTO_FIELD_H

#include "base/err.h"
#include "base/text.h"
#include "wire/proto_json.h"

#include <protobuf-c/protobuf-c.h>

/*
 * protobuf-c's descriptors, as the files behind wire/proto_json.h read them. Only what our contract
 * uses: no floating point, no groups, no `optional`, no field of a required label; maps have string keys.
 */
enum { PROTO_DEPTH_MOST = 32, PROTO_FIELD_PATH = 64, PROTO_SIZE_MOST = 256 * 1024 };

enum proto_wire { PROTO_VARINT = 0, PROTO_FIXED64 = 1, PROTO_BYTES = 2, PROTO_FIXED32 = 5 };

/* How the type lies in the bytes. */
enum proto_wire proto_wire_of(ProtobufCType type);
size_t proto_size_of(ProtobufCType type); /* of one value in a message */
const ProtobufCFieldDescriptor *proto_field_by_id(const ProtobufCMessageDescriptor *descriptor, uint64_t id);
bool proto_is_oneof(const ProtobufCFieldDescriptor *field);
bool proto_is_repeated(const ProtobufCFieldDescriptor *field);
/* protobuf-c knows no maps: they are repeated messages named ...Entry with a key and a value. */
bool proto_is_map(const ProtobufCFieldDescriptor *field);
bool proto_enum_has(const ProtobufCEnumDescriptor *descriptor, int64_t number);

/* Where a field's value and its quantifier lie in a message. */
void *proto_member(const void *message, unsigned offset);
size_t proto_count(const void *message, const ProtobufCFieldDescriptor *field); /* of a repeated field */
/* True: it would be written, since it is a chosen member of a oneof or not the type's default. */
bool proto_is_present(const void *message, const ProtobufCFieldDescriptor *field);

/* Where we are in a message, for the path in an error: "stk_push.phone". */
struct proto_path {
	const struct proto_path *above; /* NULL: the message itself */
	const char *name;
};
/* Fills the field path and the error; returns false. `name` NULL: the message at `path` itself. */
bool proto_refuse(char ret_field[PROTO_FIELD_PATH], struct err *err, enum proto_trouble trouble,
	const struct proto_path *path, const char *name, const char *text);
/* proto_check, but fields that the descriptor does not have are passed over. */
bool proto_check_own(
	const void *descriptor, struct text bytes, char ret_field[PROTO_FIELD_PATH], struct err *err);
/* Map entries in order of key; doubles are the caller's to find. */
int proto_entry_cmp(const void *a, const void *b);

#endif
