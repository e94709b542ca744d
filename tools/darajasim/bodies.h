#ifndef DARAJASIM_BODIES_H
#define DARAJASIM_BODIES_H

#include "base/time.h"

#include "darajasim/plan.h"
#include "darajasim/product.h"

#include <stdint.h>

/*
 * What callbacks say, in every variant in which Daraja has been seen to say it. Pure: facts in, bytes out.
 * What a body leaves out is "" or 0 in the facts.
 */
struct told {
	enum shape shape; /* SHAPE_ANY was decided before */
	uint64_t luck;
	const char *originator; /* MerchantRequestID, or OriginatorConversationID */
	const char *id; /* CheckoutRequestID, or ConversationID */
	const char *code, *desc;
	const char *transaction; /* the envelope's TransactionID: receipt or placeholder */
	const char *receipt;
	int64_t shillings;
	const char *phone, *shortcode;
	struct instant started, ended;
	int64_t utility; /* what is left for payouts */
	const char *reference; /* B2B and tax: AccountReference; reversal: the original's receipt */
	/* TransactionStatus: the transaction that was asked about. */
	const char *status, *about_originator, *about_id;
};

void bodies_stk(const struct told *told, struct buf *out);
void bodies_payout(const struct told *told, struct buf *out);
void bodies_transfer(const struct told *told, struct buf *out); /* B2B */
void bodies_tax(const struct told *told, struct buf *out);
void bodies_reversal(const struct told *told, struct buf *out);
void bodies_express(const struct told *told, struct buf *out);
void bodies_order(const struct told *told, struct buf *out);
void bodies_status(const struct told *told, struct buf *out);
void bodies_balance(const struct told *told, struct buf *out);

#endif
