#ifndef WIRE_RESULT_WIRE_H
#define WIRE_RESULT_WIRE_H

#include "base/arena.h"
#include "base/err.h"
#include "core/result.h"

enum result_encoding { RESULT_PROTOBUF, RESULT_JSON };

/* The bytes that are published. */
struct text result_pack(const struct result *result, enum result_encoding encoding, struct arena *arena);
/* payment_state.frozen: only what a version froze. */
struct text result_freeze(const struct result *result, struct arena *arena);
/* The whole result of the row's newest version (or ACCEPTED while there is none), from what was frozen and from
   the payment. Metadata come from payment.command. */
bool result_thaw(const struct payment *payment, const struct payment_state *state, struct arena *arena,
	struct result *ret, struct err *err);
/* For tools: bytes of results.v1 in either encoding -> result. */
bool result_unpack(struct text bytes, struct arena *arena, struct result *ret, struct err *err);
struct text result_json(
	struct text bytes, struct arena *arena); /* either encoding -> one line of JSON; "" when unreadable */

#endif
