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
 * `message` and `descriptor` are ProtobufCMessage * and const ProtobufCMessageDescriptor *: void here,
 * since generated types stay inside wire.
 */
bool proto_from_json(const void *descriptor, struct text json, struct arena *arena, void **ret_message, char ret_field[64], struct err *err);
bool proto_to_json(const void *message, struct arena *arena, struct text *ret, struct err *err);
/* Walks raw protobuf bytes against the descriptor before protobuf-c sees them, and refuses what protobuf-c
   takes without a word: unknown fields, NUL or bad UTF-8 in strings, wrong wire types, a second member of a
   oneof, a repeated singular submessage, unknown enum numbers, trailing or cut-off bytes. */
bool proto_check(const void *descriptor, struct text bytes, char ret_field[64], struct err *err);
/* Unpacks into the arena after proto_check. */
bool proto_unpack(const void *descriptor, struct text bytes, struct arena *arena, void **ret_message, char ret_field[64], struct err *err);
/* Packs in field order, defaults omitted, map entries sorted by key. */
struct text proto_pack(const void *message, struct arena *arena);

#endif
