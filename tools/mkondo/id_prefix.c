#include "mkondo/id_prefix.h"

#include <string.h>

enum { DIGITS_LEAST = 8, DIGITS_MOST = 32 };

static int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool id_prefix_parse(struct text text, struct uuid *ret_least, struct uuid *ret_last)
{
	struct uuid least = {{0}}, last;
	unsigned count = 0;

	memset(last.b, 0xff, sizeof(last.b));
	for (size_t i = 0; i < text.len; i++) {
		const int digit = digit_of(text.at[i]);
		const unsigned shift = count % 2 == 0 ? 4 : 0;

		if (text.at[i] == '-')
			continue;
		if (digit < 0 || count == DIGITS_MOST)
			return false;
		least.b[count / 2] = (uint8_t)(least.b[count / 2] | digit << shift);
		last.b[count / 2] = (uint8_t)(last.b[count / 2] & ~((15 - digit) << shift));
		count++;
	}
	if (count < DIGITS_LEAST || (count == DIGITS_MOST && !uuid_is_set(&least)))
		return false;
	*ret_least = least;
	*ret_last = last;
	return true;
}
