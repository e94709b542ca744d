#include "core/payment.h"

static const struct instant no_time = {0};

static bool passed(struct instant at, struct instant now)
{
	return !instant_before(now, at);
}

static struct instant earlier(struct instant a, struct instant b)
{
	return instant_before(a, b) ? a : b;
}

/*
 * A hint that got lost is repeated, each time after twice the wait: the one that has just ended is the time
 * from the row's last change, which set due_at, to due_at. Never beyond valid_until, when it is to expire.
 */
static struct instant next_hint(const struct payment *payment, const struct payment_state *state,
	struct instant now, double time_scale)
{
	const int64_t least = scaled_ms(HINT_FIRST_MS, time_scale);
	const int64_t most = scaled_ms(HINT_MOST_MS, time_scale);
	const int64_t waited = instant_ms_between(state->updated_at, state->due_at);
	int64_t wait = waited < most ? 2 * waited : most;

	if (wait < least)
		wait = least;
	if (wait > most)
		wait = most;
	return earlier(instant_add_ms(now, wait), payment->valid_until);
}

static enum look look_unsent(const struct payment *payment, const struct payment_state *state,
	struct instant now, double time_scale, struct instant *ret_next)
{
	if (passed(payment->valid_until, now))
		return LOOK_EXPIRED;
	*ret_next = next_hint(payment, state, now, time_scale);
	return LOOK_HINT;
}

static enum look look_in_doubt(const struct payment *payment, const struct payment_state *state,
	struct instant now, double time_scale, struct instant *ret_next)
{
	const struct api_row *api = api_row(payment->api);
	const bool after_fence = instant_is_set(state->fence_at) && passed(state->fence_at, now);

	/* A read-only one is never in doubt: it is sent again. One that was accepted waits for its callback, and is asked anew. */
	if (passed(state->horizon_at, now) || (api->key == KEY_REPEATABLE && state->state == STATE_UNKNOWN))
		return LOOK_HORIZON;
	*ret_next = state->horizon_at;
	if (!payment_can_ask(payment, state))
		return LOOK_WAIT;
	*ret_next = earlier(instant_add_ms(now, scaled_ms(api_next_ask_ms(api, state->asks + 1, after_fence),
							time_scale)),
		state->horizon_at);
	return LOOK_ASK;
}

static enum look look_unresolved(const struct payment *payment, const struct payment_state *state,
	struct instant now, double time_scale, struct instant *ret_next)
{
	const struct instant next = instant_add_ms(now, scaled_ms(ASK_RARELY_MS, time_scale));

	/* Nobody owes anybody money: who still wants to know asks under a new id. */
	if (api_row(payment->api)->key == KEY_REPEATABLE)
		return LOOK_WAIT;
	if (!instant_before(payment_rare_until(state, time_scale), next))
		*ret_next = next;
	return payment_can_ask(payment, state) ? LOOK_ASK : LOOK_WAIT;
}

enum look payment_look(const struct payment *payment, const struct payment_state *state, struct instant now,
	double time_scale, struct instant *ret_next)
{
	*ret_next = no_time;
	if (!instant_is_set(state->due_at) || instant_before(now, state->due_at))
		return LOOK_NOTHING;
	switch (state->state) {
	case STATE_ACCEPTED:
	case STATE_RETRY:
		return look_unsent(payment, state, now, time_scale, ret_next);
	case STATE_SENDING:
		return LOOK_LEASE_OUT;
	case STATE_PENDING:
	case STATE_UNKNOWN:
		return look_in_doubt(payment, state, now, time_scale, ret_next);
	case STATE_UNRESOLVED:
		return look_unresolved(payment, state, now, time_scale, ret_next);
	case STATE_FAILED: /* a success was heard of after the failure: one question */
		return payment_can_ask(payment, state) ? LOOK_ASK : LOOK_WAIT;
	case STATE_SUCCEEDED:
	case STATE_CONFLICT:
		return LOOK_WAIT;
	}
	must(false);
}
