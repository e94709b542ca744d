#ifndef DARAJASIM_C2B_NOTICE_H
#define DARAJASIM_C2B_NOTICE_H

#include "base/text.h"
#include "base/time.h"

#include <stdint.h>

/* What a validation or a confirmation says, in its body. */
struct c2b_told {
	bool old_version; /* the phone as a hash; else masked */
	bool goods; /* bought at a till: there is no bill reference */
	bool confirmation;
	uint64_t luck; /* shape of what nobody has promised */
	int64_t shillings, balance;
	const char *receipt, *shortcode, *bill_reference, *phone, *third_party;
	struct instant at;
};

void c2b_notice_build(const struct c2b_told *told, struct buf *out);

#endif
