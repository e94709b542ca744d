#ifndef DISPATCHER_GATE_H
#define DISPATCHER_GATE_H

#include "base/time.h"
#include "core/amount.h"
#include "io/lane_store.h"

#include <stdbool.h>

/*
 * Who is let through now: pure. The lane's row says what all replicas may do together, the gate what this one may do of it.
 */
enum gate_verdict {
	GATE_OPEN,
	GATE_FROZEN, /* evidence of a forgotten claim: nothing goes until `mkondo recover` */
	GATE_PAUSED, /* an operator's pause */
	GATE_BROKEN, /* the breaker is open */
	GATE_PROBE, /* the breaker's time has come: this caller asks the one question (the row was changed, save it) */
	GATE_EMPTY, /* no tokens */
};

/* Who asks. Commands are all that is claimed, users' own questions among them; the poller's questions and a breaker's one question
   share the query lane with those. */
enum gate_who { GATE_COMMANDS, GATE_QUESTIONS, GATE_PROBE_QUESTION };

/* How commands and questions have shared so far. All zero at the start. */
struct gate_turn {
	enum gate_who last; /* who was at the gate last */
	double ahead; /* tokens that commands had more than questions; at most what the bucket holds */
};

struct gate_asks {
	size_t waiting;
	unsigned free_connections;
	enum gate_who who;
	struct gate_turn *
		turn; /* commands and questions both wait for this lane: each gets half. NULL: only one of them does */
	bool probe_waits; /* a breaker's question goes before all others */
	double time_scale;
};

/*
 * On GATE_OPEN *ret_granted > 0 tokens were taken from the row. Otherwise *ret_wait_ms says when to come again; 0: at the
 * next occasion, others go first. Time is the row's `now`.
 */
enum gate_verdict gate_decide(struct lane_row *row, const struct bucket_limits *limits,
	const struct gate_asks *asks, unsigned *ret_granted, int64_t *ret_wait_ms);
const char *gate_verdict_name(enum gate_verdict verdict);
/* The query lane's ceiling where none is set (`rates`[LANE_QUERY] is 0): 15 % of the other lanes' together, at least 1. */
double gate_ceiling(const int64_t rates[LANE_COUNT], enum lane lane);

/*
 * The STK guard, best effort and in memory: no second prompt to a phone within 75 s of a send, no same amount to the same
 * phone within 2 minutes. It makes wait and never fails; Daraja's own lock is the guard.
 */
enum { GUARD_PROMPT_MS = 75000, GUARD_SAME_MS = 120000, GUARD_PHONES_MOST = 20000 };

struct stk_guard;
struct stk_guard *stk_guard_new(void);
void stk_guard_free(struct stk_guard **guard);
/* How long this push must wait; 0: it may go. */
int64_t stk_guard_wait_ms(const struct stk_guard *guard, const char *phone, struct amount amount,
	struct mono now, double time_scale);
void stk_guard_sent(
	struct stk_guard *guard, const char *phone, struct amount amount, struct mono now, double time_scale);
/* The prompt is over (an outcome was told, or nothing was sent): the phone is free. */
void stk_guard_over(struct stk_guard *guard, const char *phone);

#endif
