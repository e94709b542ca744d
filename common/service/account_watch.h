#ifndef SERVICE_ACCOUNT_WATCH_H
#define SERVICE_ACCOUNT_WATCH_H

#include "base/err.h"
#include "base/time.h"
#include "io/file_watch.h"

/*
 * The accounts' files, read again when they change, without a restart. What was read last and was good goes on, whole, until something
 * new has been read, whole. A change that cannot be taken is one alarm (accounts.not_reread), however often it is tried again; the
 * next good one heals it. One thread at a time.
 */
struct account_watch {
	/* Reads everything anew, each file told to `files` before it is read, and takes it. False: all is as it was, and why. */
	bool (*read)(void *self, struct file_watch *files, struct err *err);
	void *self;
	struct file_watch files; /* of the last try */
	struct mono look_at, again_at;
	bool troubled; /* the last try failed */
};

/* The first reading: what is wrong is an error, and no alarm. */
bool account_watch_start(struct account_watch *watch, struct err *err);
/* To be called often; looks at the files once a second. True: something new was taken. */
bool account_watch_look(struct account_watch *watch, struct mono now);
void account_watch_stop(struct account_watch *watch);

#endif
