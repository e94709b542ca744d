#ifndef DARAJASIM_BOOK_H
#define DARAJASIM_BOOK_H

#include "base/time.h"

#include "darajasim/ids.h"
#include "darajasim/plan.h"
#include "darajasim/product.h"

#include <uthash.h>

/*
 * The transactions that M-PESA has taken, found by any of their ids. A deal is never forgotten while the
 * program runs; after a restart the ledger brings it back.
 */
struct call;

struct deal {
	enum product product;
	const struct plan *plan;
	unsigned rule;
	uint64_t number; /* of its request */
	char payment[33]; /* from the callback address; "" unknown */
	char phone[16], shortcode[8];
	char reference[24]; /* B2B and tax: AccountReference; reversal: the original's receipt */
	int64_t shillings;
	char *originator; /* MerchantRequestID, or OriginatorConversationID */
	char id[ID_TEXT]; /* CheckoutRequestID, or ConversationID */
	char *url, *timeout_url, *echo; /* echo: the request itself, for the queue's timeout; may be NULL */
	struct instant started, ended; /* ended: not set while it is open */
	char result[24];
	char trouble[16]; /* a code that its fields earn, whatever the scenario wants; "" */
	bool executed, dropped; /* dropped: ran out in the queue, M-PESA never had it */
	bool reversed; /* its money went back */
	unsigned callbacks; /* told or lost */
	unsigned on_their_way; /* callbacks that still need this */
	char receipt[RECEIPT_TEXT];
	struct call *waiting; /* its request is answered after the callback */
	/* A question about a transaction; NULL: none was found. */
	const struct deal *about;
	const char *about_status; /* what the scenario wants to be said; "" the truth */
	UT_hash_handle by_id, by_originator, by_receipt, by_lock;
	struct deal *next_of_payment;
};

/* What is known of a payment that callback addresses name. */
struct book_payment {
	char id[33];
	unsigned requests, accepted, executions;
	struct deal *deals; /* the latest first */
	UT_hash_handle hh;
};

struct book {
	struct deal *by_id, *by_originator, *by_receipt, *by_lock;
	struct book_payment *payments;
	unsigned deals, open;
};

struct deal *deal_new(void);
void deal_free(struct deal **deal);

/* Takes the deal. */
void book_add(struct book *book, struct deal *deal);
void book_end(struct book *book, struct deal *deal); /* `ended`, `executed` and `receipt` were just set */
struct deal *book_by_id(const struct book *book, const char *id);
struct deal *book_by_originator(const struct book *book, const char *id);
struct deal *book_by_receipt(const struct book *book, const char *receipt);
/* The prompt that is open on a phone. */
struct deal *book_prompt(const struct book *book, const char *phone);
struct book_payment *book_payment(struct book *book, const char *id); /* made when missing; NULL for "" */
struct book_payment *book_payment_find(const struct book *book, const char *id);
void book_done(struct book *book);

#endif
