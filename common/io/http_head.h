#ifndef IO_HTTP_HEAD_H
#define IO_HTTP_HEAD_H

#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The head of one HTTP request: found in a stream of bytes, then read by llhttp in one piece under a stricter policy than
 * llhttp's own. Pure: bytes in, verdict out. What two readers could understand differently is refused.
 */
enum { HTTP_HEAD_MOST = 8192, HTTP_FIELDS_MOST = 64 };

struct http_field {
	struct text name, value;
};

struct http_head { /* texts point into the block */
	struct text method, target;
	bool keep_alive; /* HTTP/1.1 without "Connection: close" */
	bool chunked;
	bool wants_continue; /* Expect: 100-continue */
	uint64_t length; /* Content-Length; 0 when there is none */
	struct http_field fields[HTTP_FIELDS_MOST];
	size_t field_count;
};

enum http_head_found {
	HTTP_HEAD_MORE,
	HTTP_HEAD_WHOLE,
	HTTP_HEAD_BAD, /* a bare LF or a folded line: no later byte makes it good */
};

/* Looks for the empty line. *seen: 0 at first, then kept by the caller between calls on the same, longer bytes. */
enum http_head_found http_head_find(struct text bytes, size_t *seen, size_t *ret_len);
/* `block`: up to and with the empty line. 0, or the status to refuse with: 400, 417, 431, 505. */
int http_head_parse(struct text block, struct http_head *ret);
/* What is to be said when HTTP_HEAD_MOST bytes came and no end: 414 when not even the first line ended, else 431. */
int http_head_too_long(struct text bytes);
/* The field's value; none when it is not there. */
struct text http_head_field(const struct http_head *head, const char *name);

#endif
