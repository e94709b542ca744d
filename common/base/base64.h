#ifndef BASE_BASE64_H
#define BASE_BASE64_H

#include "base/text.h"

/* Standard alphabet with padding, one line. */
#define BASE64_SIZE(len) (((len) + 2) / 3 * 4 + 1)
const char *base64_build(const void *bytes, size_t len, char *out); /* room for BASE64_SIZE(len) */
bool base64_parse(struct text text, void *ret, size_t cap, size_t *ret_len);

#endif
