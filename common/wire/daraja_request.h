#ifndef WIRE_DARAJA_REQUEST_H
#define WIRE_DARAJA_REQUEST_H

#include "base/arena.h"
#include "base/err.h"
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
};

bool daraja_request_build(
	const struct daraja_request *request, struct arena *arena, struct text *ret_body, struct err *err);
/* base64(shortcode | passkey | timestamp) */
const char *daraja_password(const struct account *account, const char *timestamp, struct arena *arena);

#endif
