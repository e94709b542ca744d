#include "core/payment.h"

/*
 * A row that was thrown back behind a send: whatever it says was true before that, and the attempt may have been executed since.
 * It never becomes sendable again by itself: nothing proves what became of the attempt but M-PESA.
 */
static enum state state_after(enum state from)
{
	switch (from) {
	case STATE_ACCEPTED:
	case STATE_RETRY:
	case STATE_SENDING:
	case STATE_PENDING:
	case STATE_UNKNOWN:
		return STATE_UNKNOWN;
	case STATE_UNRESOLVED:
	case STATE_FAILED: /* of what was not known to be sent, such as an expiry */
		return STATE_UNRESOLVED;
	case STATE_SUCCEEDED:
	case STATE_CONFLICT:
		return from;
	}
	return from;
}

static struct instant horizon_of(
	const struct payment *payment, struct instant fence_at, struct instant now, double time_scale)
{
	const int64_t ms = payment->api != API_NONE ? api_row(payment->api)->horizon_ms : 0;

	return instant_later(instant_add_ms(now, scaled_ms(ms, time_scale)), fence_at);
}

bool payment_recover(const struct payment *payment, struct payment_state *state,
	const struct forgotten_claim *claim, struct instant now, double time_scale, struct step_done *ret)
{
	if (claim->attempt <= state->attempt)
		return false;
	*ret = (struct step_done){.from = state->state, .to = state_after(state->state), .changed = true};
	state->attempt = claim->attempt;
	state->gen = claim->gen;
	state->fence_at = instant_later(state->fence_at, claim->fence_at);
	ret->new_version = state->result_ver > 0;
	if (ret->new_version)
		state->result_ver += RECOVERED_VERSIONS;
	if (ret->to == STATE_SUCCEEDED || ret->to == STATE_CONFLICT)
		return true;
	state->state = ret->to;
	state->horizon_at = horizon_of(payment, state->fence_at, now, time_scale);
	if (state->query_no < QUERY_NO_MOST)
		state->query_no++;
	state->asks = 0;
	state->asked_at = (struct instant){0};
	state->ids = (struct provider_ids){"", "", "", ""};
	state->heard = false;
	state->heard_receipt = "";
	if (ret->new_version)
		state->decided_at = now;
	state->due_at = payment_can_ask(payment, state) ? now
			: ret->to == STATE_UNKNOWN      ? state->horizon_at
							: (struct instant){0};
	ret->timer_at = state->due_at;
	ret->timer_what = TIMER_LOOK;
	return true;
}
