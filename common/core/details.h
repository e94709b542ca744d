#ifndef CORE_DETAILS_H
#define CORE_DETAILS_H

#include "base/text.h"
#include "core/amount.h"

#include <stddef.h>
#include <stdint.h>

/*
 * What an answer or a callback tells beside success, receipt and amount: an inquiry's own answer, or a payment's charges.
 * It is frozen into the result that it comes with. All borrowed; strings are never NULL after details_none(). Personal
 * data (names, phones of others) is not taken over.
 */
struct balance { /* cents; charges are often below 0 */
	const char *account, *currency;
	int64_t current, available, reserved, uncleared;
};

struct charge {
	const char *name, *currency;
	int64_t fee_cents;
};

struct detail {
	const char *name, *value;
};

struct details {
	const char *code, *text; /* an inquiry's answer in Daraja's own words; "" */
	const struct balance *balances;
	size_t balance_count;
	const struct charge *charges;
	size_t charge_count;
	const struct detail *items; /* by our names, in order of the name; no name twice */
	size_t item_count;
	struct text png; /* a QR code's picture */
};

struct details details_none(void);
bool details_are_none(const struct details *details);

#endif
