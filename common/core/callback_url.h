#ifndef CORE_CALLBACK_URL_H
#define CORE_CALLBACK_URL_H

#include "base/text.h"
#include "base/uuid.h"
#include "core/api.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * Callback URLs, signed per payment and purpose:
 *	<base>/<prefix>/<12 hex>/<32 hex payment id>/<32 hex MAC>
 * 12 hex = key id 8, purpose 4, flags 4, gen 16, question number 16 bits; MAC = first 16 bytes of
 * HMAC-SHA256(key, "mkondo.callback.v1" | segment | id), compared in constant time. Lower-case hex,
 * because Daraja refuses URLs with words such as mpesa, exe, cmd, sql, query in them.
 */
enum { CALLBACK_FLAG_AFTER_FENCE = 1, CALLBACK_FLAG_QUEUE_TIMEOUT = 2 };

struct callback_ref {
	enum api purpose;
	unsigned flags, gen, query_no;
	struct uuid payment;
};

struct callback_key {
	uint8_t id;
	uint8_t secret[32];
};

/* The first signs; all verify. */
struct callback_keys {
	struct callback_key keys[8];
	size_t count;
};

enum { CALLBACK_URL_MOST = 512 };

/* The file's text: "<id 0-255> <64 hex>" a line, '#' comments, 1 to 8 keys, ids distinct. On failure *ret_line tells where. */
bool callback_keys_parse(struct text file, struct callback_keys *ret, unsigned *ret_line);
/* `base` without a slash at its end, `prefix` without slashes. False: it would not fit, or a field is out of range. */
bool callback_url_build(const struct callback_keys *keys, const char *base, const char *prefix,
	const struct callback_ref *ref, char out[CALLBACK_URL_MOST]);
/* The path of a request, "/<prefix>/...". False for anything but a well-formed path with a right MAC. */
bool callback_path_check(
	const struct callback_keys *keys, const char *prefix, struct text path, struct callback_ref *ret);
/* A prefix or base path that Daraja would refuse ("mpesa", "exe", ...): the word; NULL: none. */
const char *callback_url_forbidden_word(const char *url_path);

#endif
