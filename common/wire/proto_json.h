#ifndef WIRE_PROTO_JSON_H
#define WIRE_PROTO_JSON_H

#include "base/arena.h"
#include "base/err.h"
#include "base/text.h"

/*
 * protobuf-c messages <-> proto3's JSON mapping, driven by the descriptors, so that a new message
 * needs no JSON code. Strict in reading: unknown fields at any depth, duplicate keys, wrong types,
 * two members of a oneof, NUL and bad UTF-8 are refused by field path. snake_case and lowerCamel
 * are read; numbers or strings for 64-bit integers; enums by name or number; bytes as base64; maps
 * as objects. Written as snake_case, 64-bit integers as strings, defaults omitted.
 * At most 256 KiB and 32 messages deep. `message` and `descriptor` are ProtobufCMessage * and const ProtobufCMessageDescriptor *: void here,
 * since generated types stay inside wire.
 */
/* What is wrong, in err->code. */
enum proto_trouble {
	PROTO_SYNTAX = 1, /* cut off, too long, too deep, no JSON object: there is no field to name */
	PROTO_UNKNOWN, /* a field that the message does not have */
	PROTO_TYPE, /* a value of another type, or out of the type's range */
	PROTO_TEXT, /* NUL or bad UTF-8 in a string */
	PROTO_TWICE, /* a field or a map's key is told twice */
	PROTO_ONEOF, /* two members of a oneof */
	PROTO_ENUM, /* an enum value that nobody has named */
};

bool proto_from_json(const void *descriptor, struct text json, struct arena *arena, void **ret_message,
	char ret_field[64], struct err *err);
bool proto_to_json(const void *message, struct arena *arena, struct text *ret, struct err *err);
/* '{' or white space first. A newline alone decides nothing, since it is also how a message begins whose field 1 is a
   string: it is JSON's only when '{' or white space follows. */
bool proto_looks_like_json(struct text bytes);
/* Walks raw protobuf bytes against the descriptor before protobuf-c sees them, and refuses what protobuf-c
   takes without a word: unknown fields, NUL or bad UTF-8 in strings, wrong wire types, a second member of a
   oneof, a singular field told twice, unknown enum numbers, numbers out of their type's range, trailing or cut-off bytes. */
bool proto_check(const void *descriptor, struct text bytes, char ret_field[64], struct err *err);
/* Unpacks into the arena after proto_check; a map's key told twice is refused, too. */
bool proto_unpack(const void *descriptor, struct text bytes, struct arena *arena, void **ret_message,
	char ret_field[64], struct err *err);
/* The same for what we wrote ourselves: fields that a newer release added are passed over. */
bool proto_unpack_own(
	const void *descriptor, struct text bytes, struct arena *arena, void **ret_message, struct err *err);
/* A string as a string field may carry it: NULL is "", and where it is not UTF-8 its bytes above 127 become '?', since no
   reader would take the message otherwise. (protobuf-c's strings are not const; nothing writes to them.) */
char *proto_string(const char *string, struct arena *arena);
/* Packs in field order, defaults omitted, map entries sorted by key. */
struct text proto_pack(const void *message, struct arena *arena);

#endif
