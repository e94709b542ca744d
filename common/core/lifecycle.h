#ifndef CORE_LIFECYCLE_H
#define CORE_LIFECYCLE_H

#include "base/text.h"

#include <stdbool.h>

/*
 * The life of a payment: one table, every state x event decided, a reason in every cell. The table
 * has no conditions: a pure function turns facts into an event first (core/evidence, core/answer),
 * the table says what the event does, core/payment applies it. lifecycle.csv beside this file is the
 * same table for the model (tests/model) and for people; a test compares them cell by cell.
 */
#define LIFECYCLE_STATES(X)                                                                                  \
	X(ACCEPTED, "recorded; never on the wire")                                                           \
	X(RETRY, "proven not executed by every attempt so far")                                              \
	X(SENDING, "claimed; maybe on the wire")                                                             \
	X(PENDING, "Daraja accepted it; its ids are known")                                                  \
	X(UNKNOWN, "in doubt: it may have been executed")                                                    \
	X(UNRESOLVED, "the horizon passed without proof")                                                    \
	X(SUCCEEDED, "the money moved")                                                                      \
	X(FAILED, "proof that no money moved and none will")                                                 \
	X(CONFLICT, "the evidence contradicts itself; a person decides")

/* Version 14 breaks this list in another way each time. */
/* clang-format off */
#define LIFECYCLE_EVENTS(X) \
	X(CLAIMED) X(EXPIRED) X(TAKEN) X(PUT_OFF) X(TURNED_DOWN) X(NO_WORD) X(LEASE_OUT) \
	X(CONFIRMED) X(RECEIPT_LEARNED) X(CONFIRMED_OTHER) X(MISMATCH) X(DECLINED) X(DECLINED_BUT_HEARD) \
	X(STALE_CONFIRMED) X(STALE_DECLINED) X(LOST_CLAIM) X(HEARSAY_PAID) X(HEARSAY) \
	X(STILL_OPEN) X(NOT_FOUND) X(HORIZON) X(OPERATOR_PAID) X(OPERATOR_NOT_PAID)
/* clang-format on */

#define LIFECYCLE_STATE_ENUM(name, about) STATE_##name,
enum state { LIFECYCLE_STATES(LIFECYCLE_STATE_ENUM) };
enum { STATE_COUNT = 9 };
#define LIFECYCLE_EVENT_ENUM(name) EVENT_##name,
enum event { LIFECYCLE_EVENTS(LIFECYCLE_EVENT_ENUM) };
enum { EVENT_COUNT = 23 };

/* What the shell, by way of core/payment, does with the row once the step is decided. */
enum effect {
	DO_CLAIM =
		1
		<< 0, /* a new attempt: lease, fence, horizon, next question number; ids and heard cleared */
	DO_IDS = 1 << 1, /* keep Daraja's ids */
	DO_HEARD = 1 << 2, /* remember that a success was reported under a valid signature */
	DO_RECEIPT = 1 << 3, /* keep receipt and amount, as far as told */
	DO_FREEZE = 1 << 4, /* all dispatching stops until recovered */
	DO_ALARM = 1 << 5, /* a person, now */
	DO_ASK = 1 << 6, /* ask at once; where there is no way to ask: due at the horizon */
	DO_ASK_SOON = 1 << 7, /* ask in 15 s; at once when told to */
	DO_ASK_LATER = 1 << 8, /* ask by the api's cadence */
	DO_ASK_AGAIN = 1 << 9, /* ask at max(now, last asked + 15 s) */
	DO_ASK_RARELY = 1 << 10, /* ask in 6 h, for 7 days */
	DO_BACK_OFF = 1 << 11, /* offer it to the dispatcher after a jittered wait */
};

enum event_match {
	MATCH_NONE,
	MATCH_ATTEMPT, /* of the row's attempt */
	MATCH_GENERATION, /* of the row's generation */
	MATCH_OLDER,
	MATCH_LATER,
};

struct lifecycle_step {
	enum state to; /* the same state: nothing changes but the effects */
	bool new_version; /* a result version is made and owed */
	unsigned effects; /* of enum effect */
	const char *why; /* never NULL */
};

const struct lifecycle_step *lifecycle_step(enum state state, enum event event);

const char *state_name(enum state state);
const char *state_about(enum state state);
bool state_find(struct text name, enum state *ret);
bool state_is_open(enum state state); /* SENDING, PENDING, UNKNOWN */
bool state_is_published(enum state state); /* SUCCEEDED, FAILED, UNRESOLVED, CONFLICT */
const char *event_name(enum event event);
bool event_find(struct text name, enum event *ret);
const char *event_about(enum event event); /* its meaning, one line */
const char *event_raised_by(enum event event);
enum event_match event_match(enum event event);
const char *event_match_name(enum event_match match); /* "-", "attempt", "generation", "older", "later" */
const char *effect_name(enum effect effect); /* one bit; "ask-soon" as in lifecycle.csv */

#endif
