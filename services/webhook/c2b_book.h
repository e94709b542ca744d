#ifndef WEBHOOK_C2B_BOOK_H
#define WEBHOOK_C2B_BOOK_H

#include "base/conf.h"
#include "base/err.h"
#include "service/account_watch.h"
#include "webhook/c2b_references.h"

/*
 * The accounts whose shortcodes have addresses for C2B: their secrets and rules, all in memory. Of an account the webhook knows
 * this and nothing else: neither keys of apps nor passkeys are read here.
 *
 * In the accounts file, of an account: c2b_secret (or c2b_secret_file), c2b_pattern (core/c2b_pattern.h), c2b_minimum, c2b_maximum
 * (shillings), c2b_shortcodes, c2b_references_file, c2b_reject_unknown and c2b_needs_phone ("yes" or "no"). The account default
 * has its secret in MPESA_C2B_SECRET, and no rules. All of it is read again when one of the files changes (service/account_watch.h).
 */
struct c2b_conf {
	const char *secret; /* MPESA_C2B_SECRET */
	const char *accounts_file; /* MKONDO_ACCOUNTS_FILE */
};
extern const struct conf_row c2b_conf_rows[];

struct c2b_account {
	const char *name, *secret;
	struct c2b_rules rules;
	const char *path; /* of the known references; "" none */
	struct arena memory; /* of the list */
	struct c2b_references references;
	bool has_list, is_troubled; /* the second: the file as it is now cannot be read */
	struct file_watch list; /* the file of the list */
};

struct c2b_book {
	struct arena arena;
	struct c2b_account *accounts;
	size_t count;
	const struct c2b_conf *conf; /* as it was read at the start */
	struct account_watch watch;
};

/* The book stays where it is; conf lives as long. */
bool c2b_book_load(struct c2b_book *book, const struct c2b_conf *conf, struct err *err);
void c2b_book_free(struct c2b_book *book);
/* To be called often: reads accounts and lists again whose files have changed, once they rest. What cannot be read stays as it was, with an
   alarm. Pointers into the book end here. */
void c2b_book_refresh(struct c2b_book *book);
/* Compares with all of them, each in constant time. NULL: whose it is not. */
const struct c2b_account *c2b_book_find(const struct c2b_book *book, struct text secret);

#endif
