#ifndef CORE_C2B_URL_H
#define CORE_C2B_URL_H

#include "base/text.h"
#include "core/callback_url.h"

/*
 * The addresses of C2B, which Daraja is given once per shortcode:
 *	<base>/<prefix>/c2b/<the account's secret>/confirmation
 *	<base>/<prefix>/c2b/<the account's secret>/validation
 * They cannot be signed per payment, so the secret alone tells whose they are. Hex digits, since no word that Daraja
 * refuses can be spelt with them.
 */
enum c2b_door { C2B_CONFIRMATION, C2B_VALIDATION };
enum { C2B_SECRET_LEAST = 32, C2B_SECRET_MOST = 128 };

/* C2B_SECRET_LEAST to C2B_SECRET_MOST lower-case hex digits. */
bool c2b_secret_check(struct text secret);
/* False: it would not fit, has no good secret, or a word in it that Daraja refuses. */
bool c2b_url_build(const char *base, const char *prefix, const char *secret, enum c2b_door door,
	char out[CALLBACK_URL_MOST]);
/* The path of a request -> the secret that it claims, for a comparison in constant time. False: no such path. */
bool c2b_path_parse(const char *prefix, struct text path, struct text *ret_secret, enum c2b_door *ret_door);

#endif
