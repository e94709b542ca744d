#ifndef WIRE_DARAJA_READERS_H
#define WIRE_DARAJA_READERS_H

#include "wire/callback_wire.h"
#include "wire/daraja_json.h"

/* Readers of callbacks that stand in files of their own; wire/daraja_callback.c has the table. json is NULL for what is no JSON. */
void daraja_read_express(
	const struct callback *callback, const json_t *json, struct arena *arena, struct evidence *ret);
void daraja_read_standing_order(
	const struct callback *callback, const json_t *json, struct arena *arena, struct evidence *ret);

#endif
