#ifndef CORE_AMOUNT_H
#define CORE_AMOUNT_H

#include "base/text.h"

#include <stdbool.h>
#include <stdint.h>

/* Money: Kenyan cents. `->cents` and `.cents` of an amount are touched in amount.c only. */
struct amount {
	int64_t cents;
};

#define AMOUNT_NONE ((struct amount){0})
enum { AMOUNT_TEXT = 32 };

struct amount amount_of_cents(int64_t cents);
struct amount amount_of_shillings(int64_t shillings); /* saturates at INT64_MAX cents */
int64_t amount_cents(struct amount amount);
bool amount_is_whole(struct amount amount); /* whole shillings: what Daraja can carry */
int64_t amount_shillings(struct amount amount); /* of a whole amount */
bool amount_same(struct amount a, struct amount b);
bool amount_over(struct amount a, struct amount limit);
/* "350", "350.00", "168.5", " 10 "; at most 2 decimals other than zeros; never through a double. */
bool amount_parse(struct text text, struct amount *ret);
/* A JSON real whose text is lost: times 100, rounded; refused when off by more than 1e-6 or out of range. */
bool amount_of_real(double shillings, struct amount *ret);
const char *amount_text(struct amount amount, char out[AMOUNT_TEXT]); /* "1,200" or "1,200.50" */

#endif
