#include "core/payment.h"

#include "core/retry.h"

#include <stdio.h>
#include <string.h>

static const char *told(const char *string)
{
	return string != NULL ? string : "";
}

void payment_begin(
	const struct payment *payment, struct instant now, double time_scale, struct payment_state *ret)
{
	*ret = (struct payment_state){
		.id = payment->id,
		.state = STATE_ACCEPTED,
		.due_at = instant_add_ms(now, scaled_ms(FIRST_LOOK_MS, time_scale)),
		.updated_at = now,
		.heard_receipt = "",
		.ids = {"", "", "", ""},
		.receipt = "",
		.cause_code = "",
	};
}

/* Attempt and question numbers travel in 16 bits of the signed URL, and must not wrap. */
static bool has_numbers(const struct payment *payment, const struct payment_state *state)
{
	return payment->api != API_NONE && state->attempt < ATTEMPT_MOST && state->query_no < QUERY_NO_MOST;
}

bool payment_can_claim(const struct payment *payment, const struct payment_state *state, struct instant now)
{
	return (state->state == STATE_ACCEPTED || state->state == STATE_RETRY) &&
	       instant_before(now, payment->valid_until) && has_numbers(payment, state);
}

bool payment_can_ask(const struct payment *payment, const struct payment_state *state)
{
	if (state->attempt == 0 || state->query_no >= QUERY_NO_MOST)
		return false;
	if (payment->api == API_NONE)
		return false;
	switch (api_row(payment->api)->found_by) {
	case FOUND_BY_CHECKOUT:
		return told(state->ids.checkout)[0] != '\0';
	case FOUND_BY_KEY: /* OriginatorConversationID is ours */
	case FOUND_BY_REPEATING:
		return true;
	case FOUND_BY_ORIGINATOR:
		return told(state->ids.originator)[0] != '\0';
	case FOUND_BY_NOTHING:
		break;
	}
	return false;
}

const char *payment_provider_key(const struct uuid *id, unsigned gen, char out[48])
{
	char hex[UUID_HEX];

	snprintf(out, 48, "%s-%u", uuid_hex(id, hex), gen);
	return out;
}

bool payment_of_key(struct text key, struct uuid *ret)
{
	const size_t hex = UUID_HEX - 1;
	int64_t gen;

	return key.len > hex + 1 && key.at[hex] == '-' &&
	       text_to_int64((struct text){key.at + hex + 1, key.len - hex - 1}, &gen) && gen > 0 &&
	       uuid_parse_hex((struct text){key.at, hex}, ret);
}

static bool keep(const char **string, const char *said)
{
	if (told(said)[0] == '\0' || strcmp(told(*string), said) == 0)
		return false;
	*string = said;
	return true;
}

static bool keep_ids(struct provider_ids *ids, const struct provider_ids *said)
{
	const bool checkout = keep(&ids->checkout, said->checkout);
	const bool merchant = keep(&ids->merchant, said->merchant);
	const bool conversation = keep(&ids->conversation, said->conversation);
	const bool originator = keep(&ids->originator, said->originator);

	return checkout || merchant || conversation || originator;
}

static bool keep_receipt(struct payment_state *state, const struct step_facts *facts)
{
	const bool receipt = keep(&state->receipt, facts->receipt);

	if (amount_same(facts->moved, AMOUNT_NONE) || amount_same(facts->moved, state->moved))
		return receipt;
	state->moved = facts->moved;
	return true;
}

static bool keep_heard(
	const struct payment *payment, struct payment_state *state, const struct step_facts *facts)
{
	const bool fits =
		amount_same(facts->moved, AMOUNT_NONE) || amount_same(facts->moved, payment->amount);
	const bool receipt = fits && keep(&state->heard_receipt, facts->receipt);
	const bool first = !state->heard;

	state->heard = true;
	return first || receipt;
}

/* I9: the fence counts from the expiry of the token that the request carries: nothing is taken after it. */
static void claim(const struct payment *payment, struct payment_state *state, const struct step_facts *facts)
{
	const struct api_row *api = api_row(payment->api);
	const struct instant horizon =
		instant_add_ms(facts->now, scaled_ms(api->horizon_ms, facts->time_scale));

	state->attempt++;
	state->gen = api_gen(api, state->attempt);
	state->token_no = facts->token_no;
	state->fence_at = instant_add_ms(facts->token_expires, scaled_ms(FENCE_MARGIN_MS, facts->time_scale));
	state->horizon_at = instant_later(horizon, state->fence_at);
	state->query_no++;
	state->asks = 0;
	state->asked_at = (struct instant){0};
	state->ids = (struct provider_ids){"", "", "", ""};
	state->heard = false;
	state->heard_receipt = "";
}

static struct instant earlier(struct instant a, struct instant b)
{
	return instant_before(a, b) ? a : b;
}

static struct instant after(const struct step_facts *facts, int64_t ms)
{
	return instant_add_ms(facts->now, scaled_ms(ms, facts->time_scale));
}

static struct instant back_off_until(
	const struct payment *payment, const struct payment_state *state, const struct step_facts *facts)
{
	const unsigned earlier_attempts = state->attempt > 0 ? state->attempt - 1 : 0;
	int64_t wait = retry_wait_ms(earlier_attempts, BACK_OFF_FIRST_MS, BACK_OFF_MOST_MS, facts->random);

	if (wait < facts->wait_ms)
		wait = facts->wait_ms;
	return earlier(after(facts, wait), payment->valid_until);
}

/* When a question is to be asked, by the effect that wants it. */
static struct instant ask_at(const struct payment *payment, const struct payment_state *state,
	const struct step_facts *facts, unsigned effects)
{
	const bool after_fence =
		instant_is_set(state->fence_at) && !instant_before(facts->now, state->fence_at);

	if (effects & DO_ASK)
		return facts->now;
	if (effects & DO_ASK_SOON)
		return facts->ask_now ? facts->now : after(facts, ASK_SOON_MS);
	if ((effects & DO_ASK_AGAIN) && instant_is_set(state->asked_at))
		return instant_later(facts->now,
			instant_add_ms(state->asked_at, scaled_ms(ASK_GAP_MS, facts->time_scale)));
	if (effects & DO_ASK_AGAIN)
		return facts->now;
	return earlier(after(facts, api_next_ask_ms(api_row(payment->api), state->asks, after_fence)),
		state->horizon_at);
}

struct instant payment_rare_until(const struct payment_state *state, double time_scale)
{
	return instant_add_ms(
		state->horizon_at, scaled_ms(ASK_RARELY_FOR_DAYS * (int64_t)86400000, time_scale));
}

/*
 * When the effects want the payment to be looked at. False: they want nothing, or it is published and there
 * is no way to ask; then due_at stays as it is.
 */
static bool due_by(const struct payment *payment, const struct payment_state *state,
	const struct step_facts *facts, unsigned effects, struct instant *ret)
{
	const unsigned asks = DO_ASK | DO_ASK_SOON | DO_ASK_LATER | DO_ASK_AGAIN;

	if (effects & DO_CLAIM) {
		*ret = after(facts, LEASE_MS);
	} else if (effects & DO_BACK_OFF) {
		*ret = back_off_until(payment, state, facts);
	} else if (effects & DO_ASK_RARELY) {
		*ret = after(facts, ASK_RARELY_MS);
		if (instant_before(payment_rare_until(state, facts->time_scale), *ret))
			*ret = (struct instant){0};
	} else if (effects & asks) {
		if (payment_can_ask(payment, state))
			*ret = ask_at(payment, state, facts, effects);
		else if (state_is_published(state->state))
			return false;
		else
			*ret = state->horizon_at;
	} else {
		return false;
	}
	return true;
}

static bool apply_effects(const struct payment *payment, struct payment_state *state,
	const struct step_facts *facts, unsigned effects)
{
	bool changed = false;

	if (effects & DO_CLAIM) {
		claim(payment, state, facts);
		changed = true;
	}
	if (effects & DO_IDS)
		changed |= keep_ids(&state->ids, &facts->ids);
	if (effects & DO_HEARD)
		changed |= keep_heard(payment, state, facts);
	if (effects & DO_RECEIPT)
		changed |= keep_receipt(state, facts);
	if ((effects & DO_BACK_OFF) && facts->counted) {
		state->put_offs++;
		changed = true;
	}
	return changed;
}

static struct cause whole(const struct cause *cause)
{
	return (struct cause){.class = told(cause->class),
		.code = told(cause->code),
		.text = told(cause->text),
		.advice = told(cause->advice),
		.field = told(cause->field),
		.retryable = cause->retryable};
}

static void new_version(struct payment_state *state, const struct step_facts *facts, struct step_done *done)
{
	done->cause = told(facts->cause.code)[0] != '\0' ? whole(&facts->cause)
							 : payment_cause_in(done->from, done->event);
	state->result_ver++;
	state->decided_at = facts->now;
	state->cause_code = done->cause.code;
	state->due_at = (struct instant){0};
}

static bool set_due(struct payment_state *state, const struct step_done *done, struct instant due)
{
	/* A lease may end earlier than it was meant to, never later: evidence keeps no dead claim alive. */
	if (done->from == STATE_SENDING && state->state == STATE_SENDING &&
		!instant_before(due, state->due_at))
		return false;
	state->due_at = due;
	return true;
}

void payment_apply(const struct payment *payment, struct payment_state *state, const struct step_facts *facts,
	struct step_done *ret)
{
	const struct lifecycle_step *step = lifecycle_step(state->state, facts->event);
	struct instant due;

	must(facts->time_scale > 0);
	*ret = (struct step_done){.from = state->state,
		.to = step->to,
		.event = facts->event,
		.effects = step->effects,
		.why = step->why,
		.new_version = step->new_version,
		.cause = whole(&(struct cause){0})};
	if ((step->effects & DO_CLAIM) && !has_numbers(payment, state)) {
		ret->to = state->state;
		ret->effects = 0;
		ret->why = "its numbers are used up: it waits for valid_until";
		return;
	}

	state->state = step->to;
	ret->changed = apply_effects(payment, state, facts, step->effects) || ret->from != ret->to;
	if (step->new_version) {
		new_version(state, facts, ret);
		ret->changed = true;
	}
	if (due_by(payment, state, facts, step->effects, &due) && set_due(state, ret, due)) {
		ret->changed = true;
		ret->timer_at = state->due_at;
	}
	ret->timer_what =
		state->state == STATE_ACCEPTED || state->state == STATE_RETRY ? TIMER_SEND : TIMER_LOOK;
}
