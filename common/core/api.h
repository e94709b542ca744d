#ifndef CORE_API_H
#define CORE_API_H

#include "base/text.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * Daraja's products, one row each: what differs between them is data. The source is
 * common/core/api.csv; a test compares every row with it. Durations are before MKONDO_TIME_SCALE.
 */
enum api {
	API_NONE = 0,
	API_STK_PUSH = 1,
	API_B2C = 2,
	API_B2POCHI = 3,
	API_B2B = 4,
	API_TAX_REMITTANCE = 5,
	API_B2B_EXPRESS = 6,
	API_REVERSAL = 7,
	API_STANDING_ORDER = 8,
	API_B2C_V1 = 9, /* B2C as an account's setting wants it; commanded as b2c */
	API_C2B_REGISTER = 20,
	API_BILL_OPT_IN = 21,
	API_PULL_REGISTER = 22,
	API_BILL_INVOICE = 23,
	API_BILL_INVOICES = 24,
	API_BILL_CANCEL = 25,
	API_BILL_RECONCILE = 26,
	API_C2B_SIMULATE = 40,
	API_STK_QUERY = 41,
	API_TRANSACTION_STATUS = 42,
	API_ACCOUNT_BALANCE = 43,
	API_QR_CODE = 44,
	API_ORG_INFO = 45,
	API_SIM_SWAP = 46,
	API_IMSI = 47,
	API_PULL_QUERY = 48,
};

/* What shares a rate limit and a breaker, per app. */
enum lane { LANE_INTERACTIVE, LANE_PAYOUT, LANE_BUSINESS, LANE_CARE, LANE_QUERY };
enum { LANE_COUNT = 5 };

/* What lets M-PESA recognise a repeat. */
enum api_key {
	KEY_NONE, /* nothing: every attempt is its own generation */
	KEY_PROVIDER, /* a key of ours that the provider de-duplicates by: the generation stays 1 */
	KEY_REPEATABLE, /* read-only: may be asked again freely */
};

/* What a field of a command may hold. Free text is limited to [A-Za-z0-9 .-]: other characters have made Daraja drop
   requests without a word. */
enum field_kind {
	FIELD_NONE, /* checked, or not looked at, beyond this table */
	FIELD_WORDS, /* free text of least..most bytes */
	FIELD_PHONE, /* a Kenyan mobile number, in any of its forms */
	FIELD_SHORTCODE, /* 5 to 7 digits */
	FIELD_RECEIPT, /* an M-PESA receipt: 10 letters and digits, no placeholder */
	FIELD_UUID,
	FIELD_ID, /* [A-Za-z0-9_-] of least..most bytes */
	FIELD_IDS, /* a list of least..most of them, each of up to 40 */
	FIELD_CHOICE, /* an enum or a yes or no: what cannot be is refused when it is decoded */
	FIELD_DATE, /* YYYY-MM-DD */
	FIELD_EMAIL,
	FIELD_URL, /* https://..., of up to most bytes */
	FIELD_NUMBER, /* 0: not told; else least..most */
	FIELD_AMOUNT, /* cents, whole shillings above 0 */
	FIELD_LIST, /* least..most messages, each by `items` */
};

struct field_rule {
	const char *name; /* as in command.proto; NULL ends the list */
	enum field_kind kind;
	unsigned least, most; /* least 0: it need not be told */
	const struct field_rule *items;
};

/* The ids without which an acceptance is none: nobody could ask about the payment, or tell whose callback it is. */
enum api_ids { IDS_NONE, IDS_CHECKOUT /* and MerchantRequestID */, IDS_CONVERSATION /* both of them */ };
/* By what M-PESA finds a payment that we ask about. */
enum api_found_by {
	FOUND_BY_NOTHING,
	FOUND_BY_CHECKOUT,
	FOUND_BY_KEY,
	FOUND_BY_ORIGINATOR,
	FOUND_BY_REPEATING, /* an inquiry whose callback is missing: the same inquiry once more */
};

struct api_row {
	enum api api;
	const char *name; /* "stk_push": in logs, settings and tables */
	const char *operation; /* the command's name where it is another: api_operation() */
	enum lane lane;
	const char *path;
	enum api_key key;
	bool outcome_is_answer; /* the synchronous answer is the outcome; else a callback is */
	enum api
		asked_by; /* API_NONE: there is no question about it; itself: an inquiry, which is repeated */
	int64_t first_ask_ms;
	int64_t horizon_ms;
	int64_t send_within_ms; /* default of valid_until, from acceptance */
	int64_t least_shillings, most_shillings; /* 0, 0: no amount; most INT64_MAX / 100: no bound known */
	int64_t answer_within_ms; /* of the HTTP request: 30 s, queries 15 s */
	const char *sync_family; /* the dictionary's family of synchronous answers, codes.csv */
	const char *result_family; /* and of result codes */
	bool served; /* this release carries it as a command */
	bool asks_initiator; /* needs initiator name and SecurityCredential */
	bool asks_passkey;
	bool moves_later; /* its success is an order that stands: it tells no amount, and what it brings comes as C2B */
	bool tells_url; /* its outcome is the answer, and yet it gives an address for what comes later */
	bool sandbox_only; /* refused with production before anything is sent */
	enum api_ids taken_with;
	enum api_found_by found_by;
	const char *party, *reference; /* the fields that are the payment's; NULL: none */
	const struct field_rule *fields; /* in the order in which faults are told */
};

const struct api_row *api_row(enum api api); /* must be one of the enum, not API_NONE */
const struct api_row *api_find(struct text name); /* NULL: no such api */
const struct api_row *api_by_number(int number); /* NULL: none */
const struct api_row *api_each(const struct api_row *after); /* NULL starts; NULL at the end */
/* Of commands and results: "b2c" for b2c and b2c_v1. */
const char *api_operation(const struct api_row *row);
const char *lane_name(enum lane lane); /* "interactive", ... */
bool lane_find(struct text name, enum lane *ret);

/* The generation of the n-th attempt: 1 for KEY_PROVIDER and KEY_REPEATABLE, else the attempt. 0 of 0. */
unsigned api_gen(const struct api_row *row, unsigned attempt);
/* How long after now the next question comes, when `asks` were asked since the claim (0: none yet). */
int64_t api_next_ask_ms(const struct api_row *row, unsigned asks, bool after_fence);

#endif
