#ifndef BASE_UUID_H
#define BASE_UUID_H

#include "base/text.h"
#include "base/time.h"

#include <stdbool.h>
#include <stdint.h>

struct uuid {
	uint8_t b[16];
};

enum { UUID_TEXT = 37, UUID_HEX = 33 };

/* Canonical form only: 36 characters, lower case, not all zero. */
bool uuid_parse(struct text text, struct uuid *ret);
bool uuid_parse_hex(struct text text, struct uuid *ret); /* 32 lower-case hex digits */
const char *uuid_text(const struct uuid *id, char out[UUID_TEXT]);
const char *uuid_hex(const struct uuid *id, char out[UUID_HEX]);
int uuid_cmp(const struct uuid *a, const struct uuid *b); /* byte order, which is PostgreSQL's */
bool uuid_is_set(const struct uuid *id);
unsigned uuid_version(const struct uuid *id);
struct instant uuid_v7_time(const struct uuid *id);
struct uuid uuid_v7(struct instant now, const uint8_t random[10]);

#endif
