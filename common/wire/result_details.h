#ifndef WIRE_RESULT_DETAILS_H
#define WIRE_RESULT_DETAILS_H

#include "base/arena.h"
#include "core/details.h"

#include <mkondo/v1/result.pb-c.h>

/* struct details <-> the fields of a Result that carry them; for wire/result_wire.c alone. */
void result_details_fill(const struct details *details, struct arena *arena, Mkondo__V1__Result *ret);
void result_details_take(const Mkondo__V1__Result *message, struct arena *arena, struct details *ret);

#endif
