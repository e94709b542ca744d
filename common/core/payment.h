#ifndef CORE_PAYMENT_H
#define CORE_PAYMENT_H

#include "base/digest.h"
#include "base/text.h"
#include "base/time.h"
#include "base/uuid.h"
#include "core/amount.h"
#include "core/details.h"
#include "core/api.h"
#include "core/lifecycle.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * A payment in two halves, as in the database: what the command said (written once) and where it
 * stands (the row that steps change). Strings are never NULL ("" when none) and are borrowed from
 * whoever filled the struct, usually the batch's arena.
 */
enum priority { PRIORITY_NORMAL = 0, PRIORITY_INTERACTIVE = 1, PRIORITY_BULK = 2 };

struct payment {
	struct uuid id;
	struct digest fingerprint;
	const char *tenant, *account;
	enum api api; /* API_NONE: a rejected command whose operation could not be told */
	enum lane lane;
	enum priority priority;
	bool rejected; /* a bad command: FAILED from the start, outcome REJECTED */
	struct amount amount;
	const char *party; /* 2547..., "" for inquiries */
	const char *reference; /* account reference; "" */
	struct instant valid_until, created_at; /* created_at: when ingest accepted it */
	struct text command; /* canonical protobuf bytes (command_wire), for building the request */
	const char *traceparent; /* "" */
};

struct provider_ids {
	const char *checkout, *merchant, *conversation, *originator;
};

/* Why it ended as it did; frozen into the result. */
struct cause {
	const char *class; /* customer, funds, limit, config, provider, command, operator */
	const char *code; /* "stk.1032", "command.amount.fraction", "unresolved.horizon" */
	const char *text;
	const char *advice;
	const char *field; /* of the command; only for REJECTED */
	bool retryable;
};

struct payment_state {
	struct uuid id;
	enum state state;
	unsigned attempt, gen;
	struct instant due_at; /* not set: at rest */
	struct instant fence_at, horizon_at, asked_at, decided_at, updated_at;
	int64_t token_no;
	unsigned query_no; /* the number of the question that is still wanted; 16 bits */
	unsigned asks; /* questions since the claim */
	unsigned put_offs; /* counted ones, for the limit of five */
	bool heard;
	const char *heard_receipt; /* of a success that was heard and whose amount fits */
	unsigned result_ver;
	struct provider_ids ids;
	const char *receipt;
	struct amount moved; /* as M-PESA reported; 0: not known */
	const char *cause_code;
	struct text frozen; /* the newest result's own part, result_freeze(); empty while result_ver is 0 */
};

enum timer_what { TIMER_SEND, TIMER_LOOK };

/* What a step brings with it. Zero everything that does not apply. */
struct step_facts {
	enum event event;
	struct instant now; /* the transaction's */
	double time_scale;
	uint32_t random; /* for jitter */
	struct provider_ids ids; /* TAKEN */
	const char *receipt; /* of evidence of success; "" or NULL: not told */
	struct amount moved; /* 0: not told */
	struct cause cause; /* for a step that makes a result */
	const struct details *details; /* what a success tells beside; NULL: nothing */
	int64_t token_no; /* CLAIMED */
	struct instant token_expires; /* CLAIMED: counted from the end of the token's answer */
	bool counted; /* PUT_OFF counts for the limit of five */
	int64_t wait_ms; /* PUT_OFF: not tried again before (before scaling) */
	bool ask_now; /* NO_WORD: M-PESA knows it already, ask at once */
};

struct step_done {
	enum state from, to;
	enum event event;
	unsigned effects;
	const char *why;
	bool new_version; /* result_ver was raised; freeze the result, write it to owed */
	bool changed; /* anything of the row changed: it must be saved */
	struct instant timer_at; /* set: a timer is to be written */
	enum timer_what timer_what;
	struct cause cause; /* of the new version: the facts', else the fixed one; strings never NULL */
};

enum {
	LEASE_MS = 45000, /* a claim's owner must have reported by then */
	FENCE_MARGIN_MS = 300000, /* after the token's expiry a late request is refused for certain */
	SEND_DEADLINE_MS = 5000, /* from the claim's BEGIN to the send */
	FIRST_LOOK_MS = 2000, /* an accepted payment whose hint got lost */
	HINT_FIRST_MS = 10000,
	HINT_MOST_MS = 300000,
	ASK_SOON_MS = 15000,
	ASK_GAP_MS = 15000,
	ASK_RARELY_MS = 6 * 3600 * 1000,
	ASK_RARELY_FOR_DAYS = 7,
	PUT_OFF_LIMIT = 5,
	BACK_OFF_FIRST_MS = 1000,
	BACK_OFF_MOST_MS = 300000,
	QUERY_NO_MOST = 65535,
	ATTEMPT_MOST = 65535,
};

/* The row of a payment that has just been accepted: ACCEPTED, first timer FIRST_LOOK_MS ahead. */
void payment_begin(
	const struct payment *payment, struct instant now, double time_scale, struct payment_state *ret);
/* Applies one event to the row by the table. The caller stores the row, a journal row, the timer and, for a
   new version, the frozen result and the debt, in one transaction. */
void payment_apply(const struct payment *payment, struct payment_state *state, const struct step_facts *facts,
	struct step_done *ret);
/* The cause that an event always has, whatever brought it; all "" where there is none (CONFIRMED) or where only the
   code dictionary can tell it (TURNED_DOWN). */
struct cause payment_cause_of(enum event event);
/* The same where the row's present state decides: a CONFIRMED that makes a CONFLICT has a cause. */
struct cause payment_cause_in(enum state from, enum event event);
/* Whether a claim is possible: ACCEPTED or RETRY, before valid_until, and no number would wrap in a signed URL. */
bool payment_can_claim(const struct payment *payment, const struct payment_state *state, struct instant now);
/* Whether M-PESA can be asked about it now: STK push with CheckoutRequestID, B2C once it was claimed; never while the
   next question's number would wrap. */
bool payment_can_ask(const struct payment *payment, const struct payment_state *state);
/* OriginatorConversationID, the same for all attempts of a generation: 32 hex of the id, '-', gen. */
const char *payment_provider_key(const struct uuid *id, unsigned gen, char out[48]);
/* Whose key it is; false: it is none of ours. */
bool payment_of_key(struct text key, struct uuid *ret);

/* After a restore: this attempt was sent, and the database has no memory of it. */
struct forgotten_claim {
	unsigned attempt, gen;
	struct instant fence_at;
};
enum { RECOVERED_VERSIONS = 1000 }; /* above whatever was published in the time that is forgotten */
/* Open or never sent: UNKNOWN; FAILED: UNRESOLVED; SUCCEEDED and CONFLICT stay. False: the row knows the attempt. *ret has
   no event and no cause; a row that had a result version has a higher one. */
bool payment_recover(const struct payment *payment, struct payment_state *state,
	const struct forgotten_claim *claim, struct instant now, double time_scale, struct step_done *ret);

/* When a payment that stays UNRESOLVED is not asked about any more. */
struct instant payment_rare_until(const struct payment_state *state, double time_scale);

/* What a due timer does to one payment; pure, applied by the poller. *ret_next is set for LOOK_HINT, LOOK_ASK and
   LOOK_WAIT, and not set (0) for the others. */
enum look {
	LOOK_NOTHING, /* not due (whoever moved due_at wrote the timer for it), or at rest */
	LOOK_HINT, /* ACCEPTED, RETRY: offer it to the dispatcher; *ret_next is when to look again */
	LOOK_EXPIRED, /* valid_until passed: raise EXPIRED */
	LOOK_LEASE_OUT, /* raise LEASE_OUT (read-only apis: PUT_OFF) */
	LOOK_HORIZON, /* raise HORIZON (read-only apis that are UNKNOWN: PUT_OFF) */
	LOOK_ASK, /* question: query_no + 1, asks + 1, asked_at = now; *ret_next is when to look again (may be unset) */
	LOOK_WAIT, /* nothing to do but to look again at *ret_next (may be unset: at rest) */
};
enum look payment_look(const struct payment *payment, const struct payment_state *state, struct instant now,
	double time_scale, struct instant *ret_next);

#endif
