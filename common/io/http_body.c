#include "io/http_body.h"

#include <stdlib.h>
#include <string.h>

enum chunk_state {
	CHUNK_SIZE,
	CHUNK_EXTENSION,
	CHUNK_SIZE_LF,
	CHUNK_DATA,
	CHUNK_DATA_CR,
	CHUNK_DATA_LF,
	TRAILER_START,
	TRAILER_LINE,
	TRAILER_LF,
	LAST_LF,
};

int http_body_begin(struct http_body *body, bool chunked, uint64_t length, size_t most)
{
	*body = (struct http_body){.chunked = chunked, .most = most, .raw_most = most + HTTP_BODY_OVERHEAD};
	if (chunked)
		return 0;
	if (length > most)
		return 413;
	body->left = length;
	body->whole = length == 0;
	return 0;
}

void http_body_done(struct http_body *body)
{
	free(body->at);
	*body = (struct http_body){0};
}

static void reserve(struct http_body *body, size_t more)
{
	size_t want = body->chunked ? body->len + more : (size_t)(body->len + body->left);

	if (want <= body->cap)
		return;
	if (body->chunked && want < 2 * body->cap)
		want = 2 * body->cap;
	body->at = realloc(body->at, want);
	must(body->at != NULL);
	body->cap = want;
}

/* Up to `left` bytes of content. */
static size_t take(struct http_body *body, struct text bytes)
{
	size_t n = bytes.len < body->left ? bytes.len : (size_t)body->left;

	if (n == 0)
		return 0;
	reserve(body, n);
	memcpy(body->at + body->len, bytes.at, n);
	body->len += n;
	body->left -= n;
	return n;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

static bool in_line(char c)
{
	return c == '\t' || ((unsigned char)c >= 0x20 && c != 0x7f);
}

static int size_byte(struct http_body *body, char c)
{
	int digit = hex_digit(c);

	if (digit >= 0) {
		if (++body->digits > 8)
			return 400;
		body->left = body->left * 16 + (unsigned)digit;
		return 0;
	}
	if (body->digits == 0)
		return 400;
	if (c == '\r')
		body->state = CHUNK_SIZE_LF;
	else if (c == ';')
		body->state = CHUNK_EXTENSION;
	else
		return 400;
	return 0;
}

static int size_done(struct http_body *body)
{
	if (body->left > body->most - body->len)
		return 413;
	body->state = body->left == 0 ? TRAILER_START : CHUNK_DATA;
	body->digits = 0;
	return 0;
}

/* One byte of what is not content. */
static int frame_byte(struct http_body *body, char c)
{
	switch ((enum chunk_state)body->state) {
	case CHUNK_SIZE:
		return size_byte(body, c);
	case CHUNK_EXTENSION:
		if (c == '\r')
			body->state = CHUNK_SIZE_LF;
		else if (!in_line(c))
			return 400;
		return 0;
	case CHUNK_SIZE_LF:
		return c == '\n' ? size_done(body) : 400;
	case CHUNK_DATA:
		break;
	case CHUNK_DATA_CR:
		body->state = CHUNK_DATA_LF;
		return c == '\r' ? 0 : 400;
	case CHUNK_DATA_LF:
		body->state = CHUNK_SIZE;
		return c == '\n' ? 0 : 400;
	case TRAILER_START:
		body->state = c == '\r' ? LAST_LF : TRAILER_LINE;
		return c == '\r' || (in_line(c) && c != ' ' && c != '\t') ? 0 : 400;
	case TRAILER_LINE:
		if (c == '\r')
			body->state = TRAILER_LF;
		else if (!in_line(c))
			return 400;
		return 0;
	case TRAILER_LF:
		body->state = TRAILER_START;
		return c == '\n' ? 0 : 400;
	case LAST_LF:
		body->whole = c == '\n';
		return body->whole ? 0 : 400;
	}
	return 400;
}

static int feed_chunked(struct http_body *body, struct text bytes, size_t *ret_used)
{
	size_t at = 0;

	while (at < bytes.len && !body->whole) {
		size_t n = 1;

		if (body->state == CHUNK_DATA) {
			n = take(body, (struct text){bytes.at + at, bytes.len - at});
			if (body->left == 0)
				body->state = CHUNK_DATA_CR;
		} else {
			int status = frame_byte(body, bytes.at[at]);

			if (status != 0)
				return status;
		}
		at += n;
		body->raw += n;
		if (body->raw > body->raw_most)
			return 413;
	}
	*ret_used = at;
	return 0;
}

int http_body_feed(struct http_body *body, struct text bytes, size_t *ret_used)
{
	if (body->chunked)
		return feed_chunked(body, bytes, ret_used);
	*ret_used = take(body, bytes);
	body->whole = body->left == 0;
	return 0;
}
