#ifndef WIRE_DARAJA_REQUEST_H
#define WIRE_DARAJA_REQUEST_H

#include "base/arena.h"
#include "base/err.h"
#include "core/about.h"
#include "core/account.h"
#include "core/payment.h"

/*
 * A payment, or a question about one, in Daraja's words: the JSON body. Amounts leave as whole
 * shillings, times in East Africa Time, and the misspelt names as Daraja spells them.
 */
struct daraja_request {
	enum api api; /* what is sent: the payment's api, or a question's */
	const struct payment *payment;
	const struct payment_state *state; /* gen, ids */
	const struct account *account;
	struct instant now;
	const char *result_url, *timeout_url; /* signed; "" where the api has none */
	const char *confirmation_url, *validation_url; /* the account's own, of C2B; NULL or "" elsewhere */
	struct about about; /* what a question, a status command or a reversal is about */
};

bool daraja_request_build(
	const struct daraja_request *request, struct arena *arena, struct text *ret_body, struct err *err);
/* Where it is sent: the api's path, or another version's by the account's settings or the command. Borrowed from the table. */
const char *daraja_request_path(const struct daraja_request *request, struct arena *arena);
/* base64(shortcode | passkey | timestamp) */
const char *daraja_password(const struct account *account, const char *timestamp, struct arena *arena);

/* What the header appKey says of a call; "": it has none. P:BillManager asks for it on the page of bulk invoices, "on every call", and the others do not
   show it: so it goes with all of Bill Manager's calls, where the account tells one. */
const char *daraja_request_app_key(const struct account *account, enum api api);

#endif
