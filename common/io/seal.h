#ifndef IO_SEAL_H
#define IO_SEAL_H

#include "base/arena.h"
#include "base/err.h"
#include "base/text.h"

/* AES-256-GCM: key id (1) | nonce (12) | text | tag (16). The context (table | id) is bound as additional data. */
struct seal_keys {
	struct {
		unsigned id;
		unsigned char secret[32];
	} keys[8];
	size_t count; /* the first seals, all open */
};
bool seal_keys_parse(struct text file, struct seal_keys *ret, struct err *err);
bool seal(const struct seal_keys *keys, struct text plain, struct text context, struct arena *arena,
	struct text *ret, struct err *err);
bool seal_open(const struct seal_keys *keys, struct text sealed, struct text context, struct arena *arena,
	struct text *ret, struct err *err);

#endif
