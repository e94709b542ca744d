#ifndef BASE_HEX_H
#define BASE_HEX_H

#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>

/* Lower-case hex. `out` has room for 2 * len + 1 characters. */
const char *hex_build(const void *bytes, size_t len, char *out);
/* The text must be exactly 2 * len digits, lower case only. */
bool hex_parse(struct text text, void *ret, size_t len);

#endif
