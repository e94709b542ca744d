#ifndef DARAJASIM_PRODUCT_H
#define DARAJASIM_PRODUCT_H

#include "base/text.h"

/* What of Daraja is played: one row per path. */
enum product {
	PRODUCT_OAUTH,
	PRODUCT_STK_PUSH,
	PRODUCT_STK_QUERY,
	PRODUCT_B2C,
	PRODUCT_B2POCHI,
	PRODUCT_B2B,
	PRODUCT_TAX,
	PRODUCT_REVERSAL,
	PRODUCT_EXPRESS,
	PRODUCT_ORDER,
	PRODUCT_STATUS,
	PRODUCT_BALANCE,
	PRODUCT_QR,
	PRODUCT_ORG,
	PRODUCT_SWAP,
	PRODUCT_IMSI,
	PRODUCT_C2B_REGISTER,
	PRODUCT_C2B_SIMULATE,
	PRODUCT_BILL_OPT_IN,
	PRODUCT_BILL_INVOICE,
	PRODUCT_BILL_INVOICES,
	PRODUCT_BILL_CANCEL,
	PRODUCT_BILL_RECONCILE,
	PRODUCT_PULL_REGISTER,
	PRODUCT_COUNT
};

const char *product_name(enum product product); /* as in scenario and ledger: "stk_push" */
bool product_from_name(struct text name, enum product *ret);
/* By the path without its query string. *ret_old: a first version: b2c's has no id of the merchant's, C2B's
   tells phones as hashes. */
bool product_from_path(struct text path, enum product *ret, bool *ret_old);
/* Whether a request of it may move money. */
bool product_pays(enum product product);
/* Whether it is a question whose answer comes as a callback. */
bool product_inquires(enum product product);
/* Whether what it moves comes out of our own balance. */
bool product_spends(enum product product);

/* Whether it is Bill Manager's. */
bool product_bills(enum product product);

#endif
