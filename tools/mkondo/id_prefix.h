#ifndef MKONDO_ID_PREFIX_H
#define MKONDO_ID_PREFIX_H

#include "base/uuid.h"

/* The beginning of a payment's id as people copy it: 8 to 32 hex digits, either case, dashes anywhere. True: the ids that
   begin so are those from *ret_least to *ret_last. */
bool id_prefix_parse(struct text text, struct uuid *ret_least, struct uuid *ret_last);

#endif
