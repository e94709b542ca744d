#ifndef IO_ACCOUNT_BOOK_H
#define IO_ACCOUNT_BOOK_H

#include "base/arena.h"
#include "base/conf.h"
#include "base/err.h"
#include "core/account.h"
#include "io/file_watch.h"

/* All accounts: `default` from MPESA_* variables, any number from MKONDO_ACCOUNTS_FILE (YAML). */
struct account_conf {
	int environment; /* 0 sandbox, 1 production */
	const char *consumer_key, *consumer_secret, *shortcode, *passkey;
	const char *initiator, *security_credential, *initiator_password, *certificate_file;
	const char *c2b_secret, *bill_app_key;
	int b2c_version, c2b_version, till_identifier, older_b2b; /* 0: the usual one */
	const char *api_base; /* MPESA_API_BASE_URL; "" : Daraja's host of the environment */
	const char *accounts_file;
	double time_scale; /* filled by the service: not 1 is refused with production */
};
extern const struct conf_row account_conf_rows[];

/*
 * A book never changes. A re-read makes a new one, and whoever holds an account of the old one holds that book: a call under way keeps the
 * values that it was claimed with, all of them, until it is settled. Holds are counted; any thread may take and drop them.
 */
struct account_book;
/* Refuses: plain http to anything but loopback, plain http with production, time scale with production, an account without what its
   kind needs, two accounts of one name. Reports all faults in err->text as far as it reaches. The book is the caller's hold.
   `files` is told of each file before it is read, of those of a book that is refused, too; NULL: nobody is. */
bool account_book_read(struct account_book **ret, const struct account_conf *conf, struct file_watch *files,
	struct err *err);
bool account_book_load(struct account_book **ret, const struct account_conf *conf,
	struct err *err); /* the same without files */
/* One more hold; returns the book. */
struct account_book *account_book_keep(struct account_book *book);
/* Drops the caller's hold; the last one frees. NULL is fine. */
void account_book_free(struct account_book **book);
const struct account *account_book_find(
	const struct account_book *book, struct text name); /* "" is "default"; NULL: none */
const struct account *account_book_each(
	const struct account_book *book, size_t index); /* NULL past the end */
size_t account_book_count(const struct account_book *book);
/* core/account_follow.h: whether `next` may take the place of `book`. */
bool account_book_check_next(
	const struct account_book *book, const struct account_book *next, struct buf *faults);

#endif
