#ifndef IO_ACCOUNT_FILE_H
#define IO_ACCOUNT_FILE_H

#include "base/err.h"
#include "base/text.h"

/*
 * An account as somebody wrote it down, unchecked: in the accounts file, or in MPESA_* variables. NULL or "": not
 * told. Everything is text, numbers too: the YAML library reads "8080abc" as a number without a word.
 */
struct account_draft {
	const char *name, *environment, *kind, *app, *api_base, *shortcode;
	const char *consumer_key, *consumer_key_file;
	const char *consumer_secret, *consumer_secret_file;
	const char *passkey, *passkey_file;
	const char *initiator;
	const char *initiator_password, *initiator_password_file;
	const char *security_credential, *security_credential_file;
	const char *certificate_file;
	const char *c2b_secret, *c2b_secret_file;
	const char *bill_app_key, *bill_app_key_file;
	const char *b2c_version, *c2b_version, *till_identifier,
		*older_b2b; /* where the field and the portal disagree */
	/* What the webhook answers when Daraja asks whether a payment may come in (webhook/c2b_book.h). */
	const char *c2b_pattern, *c2b_minimum, *c2b_maximum, *c2b_references_file;
	const char *c2b_reject_unknown, *c2b_needs_phone;
	const char **c2b_shortcodes;
	unsigned c2b_shortcodes_count;
	const char **tenants;
	unsigned tenants_count;
};

struct account_file {
	struct account_draft *accounts;
	unsigned accounts_count;
};

/* Unknown, doubled and missing keys are refused, with line and column. */
bool account_file_parse(struct account_file **ret, struct text yaml, struct err *err);
void account_file_free(struct account_file **file);

#endif
