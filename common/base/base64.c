#include "base/base64.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

const char *base64_build(const void *bytes, size_t len, char *out)
{
	const uint8_t *b = bytes;
	char *to = out;

	for (size_t i = 0; i < len; i += 3) {
		size_t left = len - i;
		uint32_t word = (uint32_t)b[i] << 16;

		if (left > 1)
			word |= (uint32_t)b[i + 1] << 8;
		if (left > 2)
			word |= b[i + 2];
		*to++ = alphabet[word >> 18];
		*to++ = alphabet[word >> 12 & 63];
		*to++ = left > 1 ? alphabet[word >> 6 & 63] : '=';
		*to++ = left > 2 ? alphabet[word & 63] : '=';
	}
	*to = '\0';
	return out;
}

static int digit(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+')
		return 62;
	return c == '/' ? 63 : -1;
}

static size_t padding(struct text text)
{
	if (text.len == 0 || text.at[text.len - 1] != '=')
		return 0;
	return text.at[text.len - 2] == '=' ? 2 : 1;
}

/* Whether the digits are digits, and the bits that the padding cuts off are 0: one text for each value. */
static bool is_canonical(struct text digits, size_t pad)
{
	for (size_t i = 0; i < digits.len; i++)
		if (digit(digits.at[i]) < 0)
			return false;
	if (pad == 0)
		return true;
	return (digit(digits.at[digits.len - 1]) & (pad == 1 ? 3 : 15)) == 0;
}

bool base64_parse(struct text text, void *ret, size_t cap, size_t *ret_len)
{
	uint8_t *out = ret;
	size_t pad, len, done = 0;

	if (text.len % 4 != 0)
		return false;
	pad = padding(text);
	len = text.len / 4 * 3 - pad;
	if (len > cap || !is_canonical((struct text){text.at, text.len - pad}, pad))
		return false;
	for (size_t i = 0; i < text.len; i += 4) {
		uint32_t word = 0;

		for (size_t j = i; j < i + 4; j++)
			word = word << 6 | (uint32_t)(text.at[j] == '=' ? 0 : digit(text.at[j]));
		for (int shift = 16; shift >= 0 && done < len; shift -= 8)
			out[done++] = (uint8_t)(word >> shift);
	}
	*ret_len = len;
	return true;
}
