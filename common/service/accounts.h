#ifndef SERVICE_ACCOUNTS_H
#define SERVICE_ACCOUNTS_H

#include "io/account_book.h"
#include "service/account_watch.h"

/*
 * The accounts of a service that has them: the book that counts now, from MPESA_* variables, the files that these name, and
 * MKONDO_ACCOUNTS_FILE with the files that it names. A change of any of the files makes a new book (service/account_watch.h), unless it
 * breaks a rule of the accounts, of core/account_follow.h, or of the service's own.
 */
struct accounts {
	const struct account_conf *conf; /* as it was read at the start */
	struct account_book *book; /* held until the next one; read-only */
	/* The service's own rule for a further book; its faults go to `faults`. NULL: it has none. */
	bool (*may)(void *self, const struct account_book *next, struct buf *faults);
	void *self;
	struct account_watch watch;
};

/* `may` and `self` are filled before. After a failure, too, accounts_close. */
bool accounts_open(struct accounts *accounts, const struct account_conf *conf, struct err *err);
/* To be called often. True: `book` is another one; what came from the old one is gone, unless somebody keeps that. */
bool accounts_look(struct accounts *accounts, struct mono now);
void accounts_close(struct accounts *accounts);

#endif
