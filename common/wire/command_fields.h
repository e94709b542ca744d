#ifndef WIRE_COMMAND_FIELDS_H
#define WIRE_COMMAND_FIELDS_H

#include "base/arena.h"
#include "core/command.h"

/*
 * The operation of a protobuf-c Command as names and texts, by the descriptors, so that a new operation
 * needs no code here. `message` is a ProtobufCMessage *: void, since generated types stay inside wire. Strings are borrowed from it.
 */
void command_fields_read(const void *message, struct arena *arena, struct command_fields *ret);
/* The member of the oneof that has this field number; 0: none, API_NONE. */
enum api command_operation_read(
	const void *message, unsigned operation_case, struct arena *arena, struct command_fields *ret);

#endif
