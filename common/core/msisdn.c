#include "core/msisdn.h"

#include <string.h>

enum { NATIONAL = 9, INTERNATIONAL = 12 };

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool all_digits(struct text text)
{
	for (size_t i = 0; i < text.len; i++)
		if (!is_digit(text.at[i]))
			return false;
	return true;
}

static struct text without(struct text text, size_t first)
{
	return (struct text){text.at + first, text.len - first};
}

bool msisdn_parse(struct text text, struct msisdn *ret)
{
	struct text national;

	if (text_starts(text, "+254"))
		national = without(text, 4);
	else if (text.len == INTERNATIONAL && text_starts(text, "254"))
		national = without(text, 3);
	else if (text.len == NATIONAL + 1 && text_starts(text, "0"))
		national = without(text, 1);
	else
		national = text;
	if (national.len != NATIONAL || !all_digits(national) ||
		(national.at[0] != '7' && national.at[0] != '1'))
		return false;
	memcpy(ret->digits, "254", 3);
	memcpy(ret->digits + 3, national.at, NATIONAL);
	ret->digits[INTERNATIONAL] = '\0';
	return true;
}

const char *msisdn_masked(const char *digits, char out[MSISDN_MASKED])
{
	/* What is no phone number may be of any length: its mask is cut to what surely fits. */
	enum { DOTS_MOST = 8, TAIL = 3 };
	struct buf buf = {.at = out, .cap = MSISDN_MASKED};
	struct text text = text_of(digits);
	bool phone = text.len == INTERNATIONAL && all_digits(text);
	size_t head = phone ? 4 : 0;
	size_t tail = text.len > TAIL && all_digits(without(text, text.len - TAIL)) ? TAIL : 0;
	size_t dots = text.len - head - tail;

	buf_add(&buf, text.at, head);
	for (size_t i = 0; i < dots && i < DOTS_MOST; i++)
		buf_str(&buf, "\u2022");
	if (tail > 0)
		buf_text(&buf, without(text, text.len - tail));
	return buf_end(&buf);
}
