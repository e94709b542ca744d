#ifndef IO_ACCOUNT_BOOK_H
#define IO_ACCOUNT_BOOK_H

#include "base/arena.h"
#include "base/conf.h"
#include "base/err.h"
#include "core/account.h"

/* All accounts: `default` from MPESA_* variables, any number from MKONDO_ACCOUNTS_FILE (YAML). */
struct account_conf {
	int environment; /* 0 sandbox, 1 production */
	const char *consumer_key, *consumer_secret, *shortcode, *passkey;
	const char *initiator, *security_credential, *initiator_password, *certificate_file;
	const char *c2b_secret;
	int b2c_version, c2b_version, till_identifier, older_b2b; /* 0: the usual one */
	const char *api_base; /* MPESA_API_BASE_URL; "" : Daraja's host of the environment */
	const char *accounts_file;
	double time_scale; /* filled by the service: not 1 is refused with production */
};
extern const struct conf_row account_conf_rows[];

struct account_book;
/* Refuses: plain http to anything but loopback, plain http with production, time scale with production, an account without what its
   kind needs, two accounts of one name. Reports all faults in err->text as far as it reaches. */
bool account_book_load(struct account_book **ret, const struct account_conf *conf, struct err *err);
const struct account *account_book_find(
	const struct account_book *book, struct text name); /* "" is "default"; NULL: none */
const struct account *account_book_each(
	const struct account_book *book, size_t index); /* NULL past the end */
void account_book_free(struct account_book **book);

#endif
