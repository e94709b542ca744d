#ifndef WIRE_PROTO_VALUE_H
#define WIRE_PROTO_VALUE_H

#include "wire/proto_field.h"

#include <jansson.h>

/*
 * One JSON value that is no message into its place in a protobuf-c message; false: it is of another type, or out
 * of the type's range. Numbers are read as integers or as strings of digits, never through a double: what a
 * sender writes as 1050.0 or 1e3 has no exact reading that all senders share.
 */
bool proto_set(const ProtobufCFieldDescriptor *field, const json_t *value, struct arena *arena, void *at);

#endif
