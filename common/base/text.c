#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct text text_of(const char *string)
{
	return string != NULL ? (struct text){string, strlen(string)} : (struct text){NULL, 0};
}

bool text_same(struct text a, struct text b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

bool text_is(struct text text, const char *string)
{
	return text_same(text, text_of(string));
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool same_nocase(const char *a, const char *b, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (lower(a[i]) != lower(b[i]))
			return false;
	return true;
}

bool text_same_nocase(struct text a, struct text b)
{
	return a.len == b.len && same_nocase(a.at, b.at, a.len);
}

bool text_has_nocase(struct text text, const char *part)
{
	size_t len = strlen(part);

	if (len == 0)
		return true;
	for (size_t i = 0; i + len <= text.len; i++)
		if (same_nocase(text.at + i, part, len))
			return true;
	return false;
}

bool text_starts(struct text text, const char *prefix)
{
	size_t len = strlen(prefix);

	return text.len >= len && (len == 0 || memcmp(text.at, prefix, len) == 0);
}

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

struct text text_trim(struct text text)
{
	while (text.len > 0 && is_space(text.at[0])) {
		text.at++;
		text.len--;
	}
	while (text.len > 0 && is_space(text.at[text.len - 1]))
		text.len--;
	return text;
}

bool text_to_int64(struct text text, int64_t *ret)
{
	bool negative = text.len > 0 && text.at[0] == '-';
	size_t i = negative ? 1 : 0;
	int64_t n = 0;

	if (i == text.len)
		return false;
	/* Built downwards, since the most negative number has no positive twin. */
	for (; i < text.len; i++) {
		if (text.at[i] < '0' || text.at[i] > '9')
			return false;
		if (__builtin_mul_overflow(n, 10, &n) || __builtin_sub_overflow(n, text.at[i] - '0', &n))
			return false;
	}
	if (!negative && __builtin_sub_overflow((int64_t)0, n, &n))
		return false;
	*ret = n;
	return true;
}

static bool is_tail(unsigned char c)
{
	return (c & 0xc0) == 0x80;
}

/* The length of the character that starts here; 0: none that is well-formed (Unicode 15, table 3-7). */
static size_t utf8_length(const char *at, size_t left)
{
	const unsigned char *b = (const unsigned char *)at;
	unsigned char least = 0x80, most = 0xbf;

	if (b[0] < 0x80)
		return 1;
	if (b[0] < 0xc2 || b[0] > 0xf4)
		return 0;
	if (b[0] < 0xe0)
		return left >= 2 && is_tail(b[1]) ? 2 : 0;
	if (b[0] == 0xe0)
		least = 0xa0;
	else if (b[0] == 0xed)
		most = 0x9f;
	else if (b[0] == 0xf0)
		least = 0x90;
	else if (b[0] == 0xf4)
		most = 0x8f;
	if (left < 3 || b[1] < least || b[1] > most || !is_tail(b[2]))
		return 0;
	if (b[0] < 0xf0)
		return 3;
	return left >= 4 && is_tail(b[3]) ? 4 : 0;
}

bool text_is_utf8(struct text text)
{
	for (size_t i = 0, step; i < text.len; i += step) {
		step = utf8_length(text.at + i, text.len - i);
		if (step == 0 || text.at[i] == '\0')
			return false;
	}
	return true;
}

void buf_add(struct buf *buf, const void *bytes, size_t len)
{
	if (buf->full || len > buf->cap - buf->len) {
		buf->full = true;
		return;
	}
	if (len > 0)
		memcpy(buf->at + buf->len, bytes, len);
	buf->len += len;
}

void buf_text(struct buf *buf, struct text text)
{
	buf_add(buf, text.at, text.len);
}

void buf_str(struct buf *buf, const char *string)
{
	buf_add(buf, string, strlen(string));
}

void buf_char(struct buf *buf, char c)
{
	buf_add(buf, &c, 1);
}

void buf_print(struct buf *buf, const char *fmt, ...)
{
	size_t room = buf->cap - buf->len;
	va_list args;
	int len;

	if (buf->full)
		return;
	va_start(args, fmt);
	len = vsnprintf(room > 0 ? buf->at + buf->len : NULL, room, fmt, args);
	va_end(args);
	if (len < 0 || (len > 0 && (size_t)len >= room))
		buf->full = true;
	else
		buf->len += (size_t)len;
}

const char *buf_end(struct buf *buf)
{
	if (buf->cap == 0)
		return "";
	if (buf->len == buf->cap) {
		buf->len--;
		buf->full = true;
	}
	buf->at[buf->len] = '\0';
	return buf->at;
}

struct text buf_as_text(const struct buf *buf)
{
	return (struct text){buf->at, buf->len};
}

static void json_char(struct buf *buf, const char *at, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	unsigned char c = (unsigned char)*at;

	if (len == 0)
		buf_str(buf, "\xef\xbf\xbd");
	else if (c == '"' || c == '\\')
		buf_add(buf, (char[]){'\\', (char)c}, 2);
	else if (c == '\n')
		buf_str(buf, "\\n");
	else if (c == '\t')
		buf_str(buf, "\\t");
	else if (c == '\r')
		buf_str(buf, "\\r");
	else if (c < 0x20 || c == 0x7f)
		buf_add(buf, (char[]){'\\', 'u', '0', '0', digits[c >> 4], digits[c & 15]}, 6);
	else
		buf_add(buf, at, len);
}

void buf_json_string(struct buf *buf, struct text text)
{
	size_t start = buf->len;

	buf_char(buf, '"');
	for (size_t i = 0, step; i < text.len && !buf->full; i += step > 0 ? step : 1) {
		step = utf8_length(text.at + i, text.len - i);
		json_char(buf, text.at + i, step);
	}
	buf_char(buf, '"');
	if (buf->full)
		buf->len = start;
}
