#ifndef WIRE_COMMAND_WIRE_H
#define WIRE_COMMAND_WIRE_H

#include "base/arena.h"
#include "base/err.h"
#include "core/command.h"

/*
 * Bytes of commands.v1 -> struct command. Raw protobuf, Confluent framing (first byte 0, index [0] only,
 * schema id ignored) or JSON, told apart by content_type when there is one ("" otherwise: by the first
 * bytes, proto_looks_like_json(); 0 is framed, else protobuf). False: ret_fault says which field and why; ret->has_id
 * tells whether an id could be read all the same (then it is a rejected payment, else a dead letter),
 * and tenant and account are filled as far as they could be read; canonical is empty, and the fingerprint is that
 * of the bytes. Codes of ret_fault: command.encoding.empty/content_type/framing/json/protobuf,
 * command.field.unknown/type/text/twice/enum, command.operation.several.
 *
 * The fingerprint of a readable command is the SHA-256 of a protobuf Command with tenant, account ("default" when
 * empty), amount_cents, currency ("KES" when empty) and the operation, in field order, defaults omitted.
 */
bool command_unpack(struct text bytes, struct text content_type, struct arena *arena, struct command *ret,
	struct command_fault *ret_fault);
/* From payment.command (our own canonical bytes). False is a broken row. */
bool command_unpack_canonical(
	struct text canonical, struct arena *arena, struct command *ret, struct err *err);
/* For tools: JSON text of one command -> protobuf bytes. */
bool command_json_to_proto(struct text json, struct arena *arena, struct text *ret, struct err *err);

#endif
