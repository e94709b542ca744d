#include "core/result.h"

#include "base/arena.h"

static const char *told(const char *string)
{
	return string != NULL ? string : "";
}

static const struct cause no_cause = {.class = "", .code = "", .text = "", .advice = "", .field = ""};

/* What the command said, and what every result repeats of it. */
static struct result result_of(const struct payment *payment, struct arena *arena)
{
	char masked[MSISDN_MASKED];
	const char *party = told(payment->party);

	return (struct result){
		.id = payment->id,
		.tenant = told(payment->tenant),
		.account = told(payment->account),
		.operation = payment->api != API_NONE ? api_row(payment->api)->name : "",
		.amount = payment->amount,
		.receipt = "",
		.party = party[0] != '\0' ? arena_string(arena, text_of(msisdn_masked(party, masked))) : "",
		.cause = no_cause,
		.ids = {"", "", "", ""},
		.accepted_at = payment->created_at,
		.fingerprint = payment->fingerprint,
		.answer_code = "",
		.answer_text = "",
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
	if (outcome != OUTCOME_SUCCEEDED)
		return;
	/* A success needs no reason; what an inquiry was told travels as its cause till here. */
	if (text_is(text_of(ret->cause.class), "answer")) {
		ret->answer_code = ret->cause.code;
		ret->answer_text = ret->cause.text;
	}
	ret->cause = no_cause;
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
