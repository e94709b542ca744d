#ifndef WIRE_DARAJA_WORDS_H
#define WIRE_DARAJA_WORDS_H

#include "core/api.h"

/*
 * Each api's request as a list of what it says, in Daraja's order and spelling. What a word needs is asked
 * for where it stands: an api that says an initiator cannot be sent without one.
 */
enum daraja_says {
	SAYS_WORD, /* `what` itself */
	SAYS_FIELD, /* the command's field `what`; must be told */
	SAYS_FIELD_IF_TOLD, /* left out when it is empty, and so for all ..._IF_... */
	SAYS_FIELD_OR, /* `other` when it is empty */
	SAYS_FIELD_OR_SHORTCODE,
	SAYS_TILL_OR_SHORTCODE, /* the field "till", which BUY_GOODS must have, or the account's */
	SAYS_CHOICE, /* by the field `what`, among `choices` */
	SAYS_RECEIVER_TYPE, /* the same, unless the account wants 4 for tills */
	SAYS_DATE, /* YYYY-MM-DD as YYYYMMDD */
	SAYS_AMOUNT, /* the payment's, whole shillings, a number */
	SAYS_AMOUNT_OR_0,
	SAYS_PHONE, /* the field `what`, or the payment's party when `what` is NULL: 12 digits */
	SAYS_PHONE_IF_TOLD,
	SAYS_SHORTCODE,
	SAYS_INITIATOR,
	SAYS_CREDENTIAL,
	SAYS_PASSWORD,
	SAYS_TIMESTAMP,
	SAYS_KEY, /* OriginatorConversationID of ours */
	SAYS_RESULT_URL,
	SAYS_TIMEOUT_URL,
	SAYS_CONFIRMATION_URL,
	SAYS_VALIDATION_URL,
	SAYS_ABOUT_CHECKOUT,
	SAYS_ABOUT_RECEIPT,
	SAYS_ABOUT_CONVERSATION_IF_KNOWN,
	SAYS_ABOUT_RECEIPT_ELSE, /* only when there is no conversation */
};

struct daraja_choice {
	const char *of, *is; /* of NULL ends the list */
};

struct daraja_word {
	const char *name; /* NULL ends the list */
	enum daraja_says says;
	const char *what, *other;
	const struct daraja_choice *choices;
};

const struct daraja_word *daraja_words(enum api api); /* NULL: this api has no request that is one object */

#endif
