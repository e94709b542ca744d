#include "core/amount.h"

#include "base/attr.h"

enum { CENTS_PER_SHILLING = 100 };

struct amount amount_of_cents(int64_t cents)
{
	return (struct amount){cents};
}

struct amount amount_of_shillings(int64_t shillings)
{
	int64_t cents;

	if (__builtin_mul_overflow(shillings, (int64_t)CENTS_PER_SHILLING, &cents))
		cents = shillings < 0 ? INT64_MIN : INT64_MAX;
	return (struct amount){cents};
}

int64_t amount_cents(struct amount amount)
{
	return amount.cents;
}

bool amount_is_whole(struct amount amount)
{
	return amount.cents % CENTS_PER_SHILLING == 0;
}

int64_t amount_shillings(struct amount amount)
{
	must(amount_is_whole(amount));
	return amount.cents / CENTS_PER_SHILLING;
}

bool amount_same(struct amount a, struct amount b)
{
	return a.cents == b.cents;
}

bool amount_over(struct amount a, struct amount limit)
{
	return a.cents > limit.cents;
}

/* Cents of what stands behind the point: "5" is 50, "05" is 5, "500" is 50. */
static bool parse_fraction(struct text text, int64_t *ret_cents)
{
	int64_t cents = 0;

	if (text.len == 0)
		return false;
	for (size_t i = 0; i < text.len || i < 2; i++) {
		char c = i < text.len ? text.at[i] : '0';

		if (c < '0' || c > '9' || (i >= 2 && c != '0'))
			return false;
		if (i < 2)
			cents = cents * 10 + (c - '0');
	}
	*ret_cents = cents;
	return true;
}

bool amount_parse(struct text text, struct amount *ret)
{
	struct text trimmed = text_trim(text);
	struct text whole = trimmed;
	int64_t shillings, cents, fraction = 0;

	for (size_t i = 0; i < trimmed.len; i++)
		if (trimmed.at[i] == '.') {
			whole.len = i;
			if (!parse_fraction(
				    (struct text){trimmed.at + i + 1, trimmed.len - i - 1}, &fraction))
				return false;
			break;
		}
	/* No sign: the amounts that are read this way are never negative. */
	if (whole.len == 0 || whole.at[0] < '0' || whole.at[0] > '9' || !text_to_int64(whole, &shillings))
		return false;
	if (__builtin_mul_overflow(shillings, (int64_t)CENTS_PER_SHILLING, &cents) ||
		__builtin_add_overflow(cents, fraction, &cents))
		return false;
	ret->cents = cents;
	return true;
}

bool amount_of_real(double shillings, struct amount *ret)
{
	const double exact_most = 9007199254740992.0; /* 2^53: above it a double skips cents */
	const double off_most = 1e-6;
	double cents = shillings * CENTS_PER_SHILLING;
	int64_t rounded;

	if (!(cents >= 0 && cents <= exact_most)) /* refuses NaN too */
		return false;
	rounded = (int64_t)(cents + 0.5);
	if (cents - (double)rounded > off_most || (double)rounded - cents > off_most)
		return false;
	ret->cents = rounded;
	return true;
}

const char *amount_text(struct amount amount, char out[AMOUNT_TEXT])
{
	struct buf buf = {.at = out, .cap = AMOUNT_TEXT};
	uint64_t left = amount.cents < 0 ? -(uint64_t)amount.cents : (uint64_t)amount.cents;
	unsigned fraction = (unsigned)(left % CENTS_PER_SHILLING);
	uint64_t unit = 1;

	left /= CENTS_PER_SHILLING;
	while (left / unit >= 1000)
		unit *= 1000;
	if (amount.cents < 0)
		buf_char(&buf, '-');
	buf_print(&buf, "%u", (unsigned)(left / unit));
	for (; unit > 1; unit /= 1000)
		buf_print(&buf, ",%03u", (unsigned)(left % unit / (unit / 1000)));
	if (fraction > 0)
		buf_print(&buf, ".%02u", fraction);
	return buf_end(&buf);
}
