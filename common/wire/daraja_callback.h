#ifndef WIRE_DARAJA_CALLBACK_H
#define WIRE_DARAJA_CALLBACK_H

#include "base/arena.h"
#include "core/evidence.h"
#include "wire/callback_wire.h"

/*
 * The body of a callback, or of the answer to a question of ours, -> what it says (core/evidence). By
 * purpose: stkCallback; the Result envelope of B2C; TransactionStatus's result, judged by the
 * TransactionStatus word inside and never by its own ResultCode 0; STK query's synchronous answer; the echo of the
 * request on a queue time-out. All oddities of the Result envelope are read: numbers as strings, one object
 * instead of an array, items without Value, doubled keys, placeholder receipts.
 * Always gives an evidence: what cannot be read is SAYS_UNCLEAR with parsed = false.
 */
void daraja_callback_parse(const struct callback *callback, struct arena *arena, struct evidence *ret);

#endif
