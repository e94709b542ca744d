#ifndef DISPATCHER_BACKLOG_H
#define DISPATCHER_BACKLOG_H

#include "base/time.h"
#include "core/api.h"
#include "wire/hint_wire.h"

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * The hints that wait, per lane: a bounded store without doubles. Pure: no clock, no IO. Losing a hint is harmless, since the
 * payment's timer finds it again.
 *
 * Hints belong to accounts, accounts to apps. Each app is taken from by itself, in this order:
 *	1. INTERACTIVE before NORMAL before BULK; but of any 10 in a row that were taken while they waited, at least
 *	   3 are NORMAL and at least 1 is BULK, however few each take takes;
 *	2. inside a priority the accounts take turns, one hint each;
 *	3. inside an account and a priority first in, first out; one that was taken and is put back keeps its place.
 * A hint may be held until a time (the STK guard); it is in nobody's way until then.
 *
 * With more than one account, one may hold as many as there are free places, no more: half of the store when it is alone, a
 * third when two flood it; so there is always room for one more.
 * Putting and taking cost O(log n) a hint.
 */
enum { BACKLOG_MOST = 4096 };
/* Taken at least once in so many, while it waits. */
enum { BACKLOG_NORMAL_EACH = 3, BACKLOG_BULK_EACH = 10 };
/* A backlog per lane for what is to be claimed, and one for the questions that the poller wants asked. */
enum { BACKLOG_QUESTIONS = LANE_COUNT, BACKLOG_COUNT };

struct waiting {
	struct hint hint; /* but for the account's name, which is not kept */
	unsigned account; /* its number */
	struct mono not_before;
	bool probe;
	enum lane probed;
	uint64_t place; /* the backlog's own; 0 for what comes for the first time */
};

struct backlog_slot;
struct backlog_line;
struct backlog_app;

struct backlog {
	struct backlog_slot *slots, *unused;
	struct backlog_slot *index; /* by payment and kind */
	struct backlog_slot *held; /* the one whose time comes first */
	struct backlog_line *lines; /* by account and priority */
	struct backlog_app *apps;
	size_t *of_account; /* how many of each account wait */
	size_t accounts, count;
	uint64_t places;
};

enum backlog_fate {
	BACKLOG_ADDED,
	BACKLOG_KNOWN, /* it waits already; a question with a higher number has replaced the older one */
	BACKLOG_FULL,
	BACKLOG_OVER_SHARE, /* there are as many of its account as free places */
};

/* app_of[n]: the app of account n, small numbers from 0; NULL: all accounts are of app 0. Numbers of accounts are below `accounts`. */
void backlog_init(struct backlog *backlog, const unsigned *app_of, size_t accounts);
void backlog_done(struct backlog *backlog);
enum backlog_fate backlog_put(struct backlog *backlog, const struct waiting *waiting);
/* Takes up to `most` of an app that may go now. */
size_t backlog_take(struct backlog *backlog, size_t app, struct mono now, struct waiting *ret, size_t most);
/* How many of an app may go now. */
size_t backlog_ready(struct backlog *backlog, size_t app, struct mono now);
/* When the next that is held may go; false: nothing is held. */
bool backlog_next(const struct backlog *backlog, struct mono *ret);

/*
 * Moves what waits into `to`, which is new and empty, and ends `from`: account n becomes number_of[n], places and times stay. What was of
 * account 0, and so perhaps of an account that is known by now, waits no longer. Returns how many were dropped: those of accounts that
 * have become BACKLOG_GONE, and what is over the new shares.
 */
enum { BACKLOG_GONE = INT_MAX };
size_t backlog_move(struct backlog *from, struct backlog *to, const unsigned *number_of);

/*
 * Whether a lane's topic is to be paused. With one account Kafka keeps what is too much. With more, pausing would hold up
 * everybody behind one account's flood, so what is over its share is dropped instead, and only hints that came faster than the
 * store thread takes them (`handed`, of all lanes) pause the topics.
 */
bool backlog_pauses(bool paused, size_t waiting, size_t handed, size_t accounts);

#endif
