#ifndef IO_NOTICE_STORE_H
#define IO_NOTICE_STORE_H

#include "base/digest.h"
#include "core/amount.h"
#include "io/store.h"

/* Notices of C2B, once per receipt. Inside a transaction. */
struct notice_row {
	const char *receipt; /* never "" */
	struct digest
		record; /* of the Kafka record that told it: the same record again is no second notice */
	const char *account, *shortcode, *bill_reference, *customer;
	struct amount amount;
	struct instant paid_at, received_at; /* paid_at: not set when not told */
	struct text body; /* sealed here */
	bool is_new; /* out: before this record nothing had told of the receipt; the same whenever it is asked */
	struct uuid payment; /* out: who holds the receipt; not set: nobody */
};
/* The first notice of a receipt is kept; a receipt that no payment holds is entered, and is the payment's who claims it later.
   The same receipt may come more than once in one call: the first of them is the first. */
bool notice_store_add(struct store *store, struct notice_row *rows, size_t count, struct err *err);

#endif
