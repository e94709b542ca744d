#ifndef IO_HTTP_BODY_H
#define IO_HTTP_BODY_H

#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The body of one HTTP request, by Content-Length or chunked, gathered into one piece of memory. The chunk grammar is read to
 * the letter: llhttp takes any two bytes after a chunk's data, and a chunk extension of any length.
 */
struct http_body {
	char *at;
	size_t len, cap;
	size_t most; /* bytes of content */
	size_t raw, raw_most; /* bytes on the wire: chunk sizes, extensions and trailers cost too */
	uint64_t left; /* of the content, or of the chunk */
	bool chunked, whole;
	int state;
	unsigned digits;
};

enum { HTTP_BODY_OVERHEAD = 4096 }; /* of chunk sizes, extensions and trailers together */

/* 0, or 413 when the length that was announced is too much. */
int http_body_begin(struct http_body *body, bool chunked, uint64_t length, size_t most);
/* Takes what belongs to this body; *ret_used tells how much. 0, or the status to refuse with: 400, 413. */
int http_body_feed(struct http_body *body, struct text bytes, size_t *ret_used);
void http_body_done(struct http_body *body);

#endif
