#include "mkondo/details.h"

#include "core/amount.h"

#include <stdio.h>

/* Balances may be below 0. */
static const char *cents_text(int64_t cents, char out[AMOUNT_TEXT + 1])
{
	out[0] = '-';
	amount_text(amount_of_cents(cents < 0 ? -cents : cents), out + 1);
	return cents < 0 ? out : out + 1;
}

/* What an inquiry was told, and what M-PESA charged. */
void details_print(const struct details *details, const char *indent)
{
	char a[AMOUNT_TEXT + 1], b[AMOUNT_TEXT + 1], c[AMOUNT_TEXT + 1], d[AMOUNT_TEXT + 1];

	if (details->code[0] != '\0')
		printf("%sanswered %s: %s\n", indent, details->code, details->text);
	for (size_t i = 0; i < details->balance_count; i++) {
		const struct balance *balance = &details->balances[i];

		printf("%s%-32s %s %14s  available %14s  reserved %12s  uncleared %12s\n", indent,
			balance->account, balance->currency, cents_text(balance->current, a),
			cents_text(balance->available, b), cents_text(balance->reserved, c),
			cents_text(balance->uncleared, d));
	}
	for (size_t i = 0; i < details->charge_count; i++)
		printf("%scharge: %s %s %s\n", indent, details->charges[i].name, details->charges[i].currency,
			cents_text(details->charges[i].fee_cents, a));
	for (size_t i = 0; i < details->item_count; i++)
		printf("%s%s: %s\n", indent, details->items[i].name, details->items[i].value);
	if (details->png.len > 0)
		printf("%sa picture of %zu bytes (results --json has it)\n", indent, details->png.len);
}
