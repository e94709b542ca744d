#include "core/result.h"

#include "base/arena.h"

#include <string.h>

static const char *told(const char *string)
{
	return string != NULL ? string : "";
}

static const struct cause no_cause = {.class = "", .code = "", .text = "", .advice = "", .field = ""};

/* A phone is masked; a shortcode is nobody's secret. */
static const char *shown_party(const char *party, struct arena *arena)
{
	enum { SHORTCODE_MOST = 7 };
	char masked[MSISDN_MASKED];

	return strlen(party) <= SHORTCODE_MOST ? party
					       : arena_string(arena, text_of(msisdn_masked(party, masked)));
}

/* What the command said, and what every result repeats of it. */
static struct result result_of(const struct payment *payment, struct arena *arena)
{
	const char *party = told(payment->party);

	return (struct result){
		.id = payment->id,
		.tenant = told(payment->tenant),
		.account = told(payment->account),
		.operation = payment->api != API_NONE ? api_operation(api_row(payment->api)) : "",
		.amount = payment->amount,
		.receipt = "",
		.party = shown_party(party, arena),
		.cause = no_cause,
		.ids = {"", "", "", ""},
		.accepted_at = payment->created_at,
		.fingerprint = payment->fingerprint,
		.details = details_none(),
	};
}

void result_accepted(const struct payment *payment, struct arena *arena, struct result *ret)
{
	*ret = result_of(payment, arena);
	ret->outcome = OUTCOME_ACCEPTED;
	ret->decided_at = payment->created_at;
}

static enum outcome outcome_of(const struct payment *payment, enum state state)
{
	switch (state) {
	case STATE_SUCCEEDED:
		return OUTCOME_SUCCEEDED;
	case STATE_FAILED:
		return payment->rejected ? OUTCOME_REJECTED : OUTCOME_FAILED;
	case STATE_UNRESOLVED:
		return OUTCOME_UNRESOLVED;
	case STATE_CONFLICT:
		return OUTCOME_CONFLICT;
	case STATE_ACCEPTED:
	case STATE_RETRY:
	case STATE_SENDING:
	case STATE_PENDING:
	case STATE_UNKNOWN:
		break;
	}
	must(false);
}

static bool outcome_is_final(enum outcome outcome)
{
	return outcome == OUTCOME_REJECTED || outcome == OUTCOME_SUCCEEDED || outcome == OUTCOME_FAILED;
}

static struct cause whole(const struct cause *cause)
{
	if (cause == NULL)
		return no_cause;
	return (struct cause){.class = told(cause->class),
		.code = told(cause->code),
		.text = told(cause->text),
		.advice = told(cause->advice),
		.field = told(cause->field),
		.retryable = cause->retryable};
}

void result_decided(const struct payment *payment, const struct payment_state *state,
	const struct cause *cause, struct arena *arena, struct result *ret)
{
	const enum outcome outcome = outcome_of(payment, state->state);

	*ret = result_of(payment, arena);
	ret->version = state->result_ver;
	ret->outcome = outcome;
	ret->final = outcome_is_final(outcome);
	ret->ids = (struct provider_ids){told(state->ids.checkout), told(state->ids.merchant),
		told(state->ids.conversation), told(state->ids.originator)};
	ret->attempts = state->attempt;
	ret->decided_at = state->decided_at;
	/* "No money moved" must not carry a receipt or a sum, whatever weak words the row has kept. */
	if (outcome == OUTCOME_SUCCEEDED || outcome == OUTCOME_CONFLICT) {
		ret->receipt = told(state->receipt);
		ret->moved = state->moved;
	}
	ret->cause = whole(cause);
	if (outcome == OUTCOME_SUCCEEDED)
		ret->cause = no_cause; /* a success needs no reason */
}

void result_add_details(struct result *result, const struct details *details)
{
	if (details != NULL && result->outcome == OUTCOME_SUCCEEDED)
		result->details = *details;
}

const char *outcome_name(enum outcome outcome)
{
	switch (outcome) {
	case OUTCOME_ACCEPTED:
		return "ACCEPTED";
	case OUTCOME_REJECTED:
		return "REJECTED";
	case OUTCOME_SUCCEEDED:
		return "SUCCEEDED";
	case OUTCOME_FAILED:
		return "FAILED";
	case OUTCOME_UNRESOLVED:
		return "UNRESOLVED";
	case OUTCOME_CONFLICT:
		return "CONFLICT";
	}
	return "UNSPECIFIED";
}
