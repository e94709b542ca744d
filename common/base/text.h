#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include "base/attr.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Borrowed bytes: not NUL-terminated, may hold any byte. {NULL, 0} is "none". */
struct text {
	const char *at;
	size_t len;
};

#define TEXT(literal) ((struct text){(literal), sizeof(literal) - 1})
/* For printf's "%.*s". */
#define TEXT_ARG(text) (int)(text).len, ((text).at != NULL ? (text).at : "")

struct text text_of(const char *string); /* NULL gives none */
bool text_is(struct text text, const char *string);
bool text_same(struct text a, struct text b);
bool text_same_nocase(struct text a, struct text b); /* ASCII case only */
bool text_has_nocase(struct text text, const char *part); /* "" is in everything */
bool text_starts(struct text text, const char *prefix);
struct text text_trim(struct text text); /* white space at both ends */
/* Decimal, optional '-', the whole text, within int64. */
bool text_to_int64(struct text text, int64_t *ret);
bool text_is_utf8(struct text text); /* strict: no overlong forms, surrogates or NUL */

/* Writes into the caller's memory; what does not fit sets `full` and changes nothing more. */
struct buf {
	char *at;
	size_t len, cap;
	bool full;
};

#define BUF(array) ((struct buf){.at = (array), .cap = sizeof(array)})

void buf_add(struct buf *buf, const void *bytes, size_t len);
void buf_text(struct buf *buf, struct text text);
void buf_str(struct buf *buf, const char *string);
void buf_char(struct buf *buf, char c);
void buf_print(struct buf *buf, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* NUL-terminates (the last byte is given up when full) and returns buf->at. */
const char *buf_end(struct buf *buf);
struct text buf_as_text(const struct buf *buf);
/* Adds a JSON string with its quotes; bad UTF-8 becomes U+FFFD. */
void buf_json_string(struct buf *buf, struct text text);

#endif
