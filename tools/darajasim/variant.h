#ifndef DARAJASIM_VARIANT_H
#define DARAJASIM_VARIANT_H

#include "darajasim/book.h"

/* What a callback says, beside the truth. */
enum variant {
	VARIANT_TRUTH,
	VARIANT_OPPOSITE,
	VARIANT_WRONG_AMOUNT,
	VARIANT_OTHER_RECEIPT,
	VARIANT_NO_RECEIPT,
	VARIANT_NO_AMOUNT,
	VARIANT_GARBAGE,
	VARIANT_ECHO, /* the request, to the address for timeouts */
	VARIANT_COUNT
};

/* As POST /sim/callback names them. */
const char *variant_name(enum variant variant);
bool variant_from_name(struct text name, enum variant *ret);
/* utility: what is left for payouts. Needs up to 4 KiB; an echo as much as the request had. */
void variant_build(
	enum variant variant, const struct deal *deal, uint64_t seed, int64_t utility, struct buf *out);

#endif
