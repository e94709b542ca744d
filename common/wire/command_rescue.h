#ifndef WIRE_COMMAND_RESCUE_H
#define WIRE_COMMAND_RESCUE_H

#include "base/arena.h"
#include "core/command.h"

/*
 * For command_wire.c alone. A record that cannot be read as a command is a refused payment when its id can
 * be read all the same. These take out id, tenant and account, and nothing else; an id that is told twice with
 * different values is no id.
 */
void command_init(struct command *ret); /* every string "", everything else zero */
void command_rescue_proto(struct text bytes, struct arena *arena, struct command *ret);
void command_rescue_json(struct text bytes, struct arena *arena, struct command *ret);

#endif
