#ifndef POLLER_OVERDUE_H
#define POLLER_OVERDUE_H

#include "core/payment.h"

/*
 * One due payment -> what is to be done about it: pure. Changes the row as far as looking changes it (the question's
 * number, when it is looked at next); steps of the lifecycle are left to the caller.
 */
enum overdue_act {
	OVERDUE_NOTHING, /* not due, or at rest */
	OVERDUE_LATER, /* only the next look is set */
	OVERDUE_HINT, /* hint the dispatcher to send */
	OVERDUE_ASK, /* hint the dispatcher to ask; the question's number and after_fence are in the row and the plan */
	OVERDUE_STEP, /* raise `event` */
};

struct overdue_plan {
	enum overdue_act act;
	enum event event;
	bool after_fence; /* of the question */
	struct instant next; /* the timer to be written; not set: none */
};

void overdue_decide(const struct payment *payment, struct payment_state *state, struct instant now,
	double time_scale, struct overdue_plan *ret);

#endif
