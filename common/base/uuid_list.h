#ifndef BASE_UUID_LIST_H
#define BASE_UUID_LIST_H

#include "base/uuid.h"

#include <stddef.h>

/* Where `id` stands in a sorted list; `count` when it is not there. */
size_t uuid_find(const struct uuid *sorted, size_t count, const struct uuid *id);

#endif
