#ifndef CORE_C2B_NOTICE_H
#define CORE_C2B_NOTICE_H

#include "base/time.h"
#include "core/amount.h"

/*
 * What Daraja tells of a payment that a customer made to a shortcode, before it happens (validation) and after it
 * (confirmation): the same fields in both. Texts are trimmed, as they came, and "" when not told.
 */
struct c2b_notice {
	bool read; /* it is one JSON object; false: all else is empty */
	const char *receipt; /* TransID; "" for what looks like none */
	bool has_amount;
	struct amount amount;
	const char *kind; /* TransactionType: an open set */
	const char *shortcode, *bill_reference, *invoice, *third_party;
	const char *customer; /* masked or hashed by Daraja: opaque */
	const char *first_name;
	struct instant paid_at; /* not set: not told, or no time */
};

#endif
