#ifndef DARAJASIM_BODIES_PARTS_H
#define DARAJASIM_BODIES_PARTS_H

#include "darajasim/bodies.h"

/* What the bodies of several products are made of: lists of items, and the envelope Result. */
enum { ITEM_TEXT = 512 };

enum value_is { IS_STRING, IS_NUMBER, IS_SHILLINGS, IS_NOTHING };

struct item {
	const char *key;
	enum value_is is;
	bool needed; /* stays in the minimal shape */
	char text[ITEM_TEXT];
};

struct items {
	struct item some[16];
	unsigned count;
};

void items_add(struct items *items, bool needed, const char *key, enum value_is is, const char *value);
void items_add_shillings(struct items *items, bool needed, const char *key, int64_t shillings);
void items_add_time(struct items *items, bool needed, const char *key, struct instant at);
/* An array; in the object shape a single item stands without one. key_name: "Key", or "Name" of a prompt's. */
void items_put(struct buf *out, const struct told *told, const char *key_name, struct items *items);

bool told_success(const struct told *told);
/* ResultCode and ResultType: a number if it is one, and a string where the shape wants strings. */
void envelope_code(struct buf *out, enum shape shape, const char *code);
void envelope_named(struct buf *out, const char *name, const char *value);
/* The part that all Result bodies share; the caller goes on with the parameters, and ends it. */
void envelope_begin(const struct told *told, struct buf *out);
void envelope_parameters(const struct told *told, struct items *items, struct buf *out);
/* Failures carry nothing, or one bare object that says when. */
void envelope_failed(const struct told *told, struct buf *out);
void envelope_end(const struct told *told, const char *address, struct buf *out);

#endif
