#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H

#include "base/text.h"

#include <stdbool.h>
#include <stdint.h>

/* One-shot SHA-256 and HMAC-SHA256 (libcrypto's). */
enum { DIGEST_SIZE = 32 };

struct digest {
	uint8_t b[DIGEST_SIZE];
};

struct digest sha256(struct text bytes);
struct digest hmac_sha256(struct text key, struct text bytes);
bool digest_same(const void *a, const void *b, size_t len); /* constant time */

#endif
