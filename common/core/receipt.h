#ifndef CORE_RECEIPT_H
#define CORE_RECEIPT_H

#include "base/uuid.h"
#include "core/c2b_notice.h"

/* What receipts.v1 says: a notice, and what is known of its receipt. The fields' meaning: proto/mkondo/v1/receipt.proto. */
struct receipt {
	struct c2b_notice notice;
	const char *account;
	bool is_new;
	struct uuid payment; /* not set: none holds it */
	struct instant received_at;
	bool source_listed;
};

#endif
