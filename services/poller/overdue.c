#include "poller/overdue.h"

/* Read-only apis are put off where others fall into doubt: they may be repeated. */
static enum event gentle(const struct payment *payment, enum event event)
{
	return payment->api != API_NONE && api_row(payment->api)->key == KEY_REPEATABLE ? EVENT_PUT_OFF
											: event;
}

static void ask(struct payment_state *state, struct instant now, struct overdue_plan *plan)
{
	if (state->query_no >= QUERY_NO_MOST) { /* the number would wrap in the signed URL */
		plan->act = OVERDUE_LATER;
		return;
	}
	state->query_no++;
	state->asks++;
	state->asked_at = now;
	plan->act = OVERDUE_ASK;
	plan->after_fence = instant_is_set(state->fence_at) && !instant_before(now, state->fence_at);
}

void overdue_decide(const struct payment *payment, struct payment_state *state, struct instant now,
	double time_scale, struct overdue_plan *ret)
{
	*ret = (struct overdue_plan){.act = OVERDUE_NOTHING};
	switch (payment_look(payment, state, now, time_scale, &ret->next)) {
	case LOOK_NOTHING:
		ret->next = (struct instant){0};
		return;
	case LOOK_HINT:
		ret->act = OVERDUE_HINT;
		state->due_at = ret->next;
		return;
	case LOOK_WAIT:
		ret->act = OVERDUE_LATER;
		state->due_at = ret->next;
		return;
	case LOOK_ASK:
		ask(state, now, ret);
		state->due_at = ret->next;
		return;
	case LOOK_EXPIRED:
		ret->event = EVENT_EXPIRED;
		break;
	case LOOK_LEASE_OUT:
		ret->event = gentle(payment, EVENT_LEASE_OUT);
		break;
	case LOOK_HORIZON:
		ret->event = state->state == STATE_UNKNOWN ? gentle(payment, EVENT_HORIZON) : EVENT_HORIZON;
		break;
	}
	ret->act = OVERDUE_STEP;
	ret->next = (struct instant){0};
}
