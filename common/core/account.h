#ifndef CORE_ACCOUNT_H
#define CORE_ACCOUNT_H

#include "base/text.h"

#include <stdbool.h>

/*
 * One shortcode with its app and credentials: an immutable value that travels whole to the send, so
 * that a shortcode can never be paired with another one's credential.
 */
struct account {
	const char *name; /* "default" when it comes from MPESA_* variables */
	const char *const *tenants; /* NULL-terminated; NULL or empty: every tenant */
	bool production;
	const char *api_base; /* "https://sandbox.safaricom.co.ke", no slash at the end */
	const char *app; /* names the token, the buckets and the breakers; "default" */
	const char *consumer_key, *consumer_secret;
	const char *shortcode;
	const char *passkey; /* "" : STK push is not possible */
	const char *initiator; /* "" : payouts and status questions are not possible */
	const char *security_credential; /* base64, ready to send */
	const char *c2b_secret; /* in the addresses of C2B; "" or NULL: they cannot be registered */
	const char *bill_app_key; /* of Bill Manager, as its opt-in told it; "": calls go without */
	/* Where Daraja's pages and the field disagree; the default is false. docs/daraja.md tells of each. */
	bool b2c_v1; /* the app was given B2C as it was before it knew OriginatorConversationID */
	bool c2b_v1; /* and C2B as it was before phones were masked */
	bool till_as_4; /* RecieverIdentifierType of a till is 4, as the portal has it, and not 2 */
	bool older_b2b; /* CommandIDs that the portal does not list any more are let through */
};

bool account_serves(const struct account *account, struct text tenant);

#endif
