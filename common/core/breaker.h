#ifndef CORE_BREAKER_H
#define CORE_BREAKER_H

#include "base/time.h"

#include <stdbool.h>

/*
 * A circuit breaker per (app, lane), in the database, shared by all replicas. It opens on silence
 * (which costs money states), and at once on a fault of our credentials or a used-up quota; it is half-opened by a question
 * or a token call, never by a payment. Why it is open is told apart: a person can mend credentials, time mends a quota,
 * and the provider mends itself.
 */
enum breaker_state { BREAKER_CLOSED, BREAKER_OPEN, BREAKER_HALF_OPEN };
enum breaker_reason { BREAKER_NO_REASON, BREAKER_PROVIDER, BREAKER_CREDENTIALS, BREAKER_QUOTA };

struct breaker {
	enum breaker_state state;
	enum breaker_reason reason;
	struct instant until; /* OPEN: no question before this; HALF_OPEN: who asks has until then */
	unsigned
		opened; /* times in a row: 10 s * 2^n, at most 5 min; for a quota 60 s * 2^n, at most 15 min */
	unsigned in_a_row; /* answers in doubt in a row */
	unsigned seen, doubtful; /* in the window */
	struct instant window_at; /* when the window of 10 s began */
};

enum breaker_saw {
	SAW_NOTHING, /* nothing left us: it tells nothing of Daraja */
	SAW_ANSWER,
	SAW_DOUBT,
	SAW_CREDENTIAL_FAULT,
	SAW_QUOTA,
};

void breaker_start(struct breaker *breaker, struct instant now);
bool breaker_allows(const struct breaker *breaker); /* a payment: only when CLOSED */
/* OPEN and its time has come: the caller that moves it to HALF_OPEN in the database asks the one question. */
bool breaker_wants_probe(const struct breaker *breaker, struct instant now);
/* How long whoever half-opens it has for the question: 60 s by the scale, but as long as an answer may take. */
int64_t breaker_probe_ms(double time_scale);
/* -> HALF_OPEN, with that deadline in `until`: after it whoever asked is taken for dead, and another asks. */
void breaker_probe(struct breaker *breaker, struct instant now, double time_scale);
/* What became of the question. Anything but SAW_ANSWER opens it again, for longer. Without effect unless HALF_OPEN. */
void breaker_probed(struct breaker *breaker, enum breaker_saw saw, struct instant now, double time_scale);
/* `n` calls of one kind. True: it opened by this. What was in flight when it opened tells nothing new, but for faults of
   our own, which change its reason. */
bool breaker_note(
	struct breaker *breaker, enum breaker_saw saw, unsigned n, struct instant now, double time_scale);
const char *breaker_state_name(enum breaker_state state);
const char *breaker_reason_name(enum breaker_reason reason);

#endif
