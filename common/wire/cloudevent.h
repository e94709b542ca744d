#ifndef WIRE_CLOUDEVENT_H
#define WIRE_CLOUDEVENT_H

#include "base/arena.h"
#include "core/result.h"
#include "wire/result_wire.h"

/* A Kafka record's header. */
struct header {
	const char *name;
	struct text value;
};

/*
 * CloudEvents 1.0, Kafka binding, binary mode, and W3C traceparent, for a result:
 * ce_specversion, ce_id (first 32 hex of SHA-256(id || version)), ce_type (mkondo.payment.succeeded.v1),
 * ce_source, ce_subject (the id), ce_time (decided_at; accepted_at for version 0), content-type, traceparent (the command's
 * trace id, span id from SHA-256(id || version)). All values are determined by the result.
 */
enum { CLOUDEVENT_HEADERS = 8 };
size_t cloudevent_headers(const struct result *result, enum result_encoding encoding, const char *source,
	const char *traceparent, struct arena *arena, struct header ret[CLOUDEVENT_HEADERS]);
/* A well-formed W3C traceparent (version 00), else "": what is taken over from a command. */
const char *traceparent_check(struct text value, struct arena *arena);
/* The same trace with a span id made from `what` and the id: for hints, requests and callbacks. */
const char *traceparent_child(
	const char *parent, const char *what, const struct uuid *id, unsigned number, struct arena *arena);

#endif
