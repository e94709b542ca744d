#ifndef WIRE_RECEIPT_WIRE_H
#define WIRE_RECEIPT_WIRE_H

#include "base/err.h"
#include "core/receipt.h"
#include "wire/cloudevent.h"

/* The bytes that are published. */
struct text receipt_pack(const struct receipt *receipt, enum result_encoding encoding, struct arena *arena);
/* For tools: bytes of receipts.v1 in either encoding. */
bool receipt_unpack(struct text bytes, struct arena *arena, struct receipt *ret, struct err *err);
struct text receipt_json(struct text bytes, struct arena *arena); /* "" when unreadable */
/* CloudEvents as for results, of type mkondo.receipt.v1. ce_id: first 32 hex of SHA-256(receipt | "new", or received_at in ms). */
size_t receipt_headers(const struct receipt *receipt, enum result_encoding encoding, const char *source,
	struct arena *arena, struct header ret[CLOUDEVENT_HEADERS]);

#endif
