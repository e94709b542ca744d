#include "core/lifecycle.h"

#include "core/lifecycle_table.h"

static const struct {
	const char *name, *about;
} states[STATE_COUNT] = {
#define ROW(state, text) [STATE_##state] = {.name = #state, .about = (text)},
	LIFECYCLE_STATES(ROW)
#undef ROW
};

static const char *const event_names[EVENT_COUNT] = {
#define ROW(event) [EVENT_##event] = #event,
	LIFECYCLE_EVENTS(ROW)
#undef ROW
};

/* clang-format off */
static const struct {
	enum event_match match;
	const char *raised_by, *about;
} events[EVENT_COUNT] = {
	[EVENT_CLAIMED] = { MATCH_NONE, "dispatcher",
		"tokens and breaker allow it and valid_until lies ahead" },
	[EVENT_EXPIRED] = { MATCH_NONE, "dispatcher at the claim; poller",
		"valid_until has passed and it was never sent or is proven not executed" },
	[EVENT_TAKEN] = { MATCH_ATTEMPT, "dispatcher",
		"Daraja accepted the request" },
	[EVENT_PUT_OFF] = { MATCH_ATTEMPT, "dispatcher",
		"proof that this attempt was not executed; may be tried again" },
	[EVENT_TURNED_DOWN] = { MATCH_ATTEMPT, "dispatcher",
		"proof that this attempt was not executed and never will be" },
	[EVENT_NO_WORD] = { MATCH_ATTEMPT, "dispatcher",
		"the request may have arrived and the answer says nothing certain (Duplicate included)" },
	[EVENT_LEASE_OUT] = { MATCH_NONE, "poller",
		"the claim's owner has not reported" },
	[EVENT_CONFIRMED] = { MATCH_GENERATION, "reconciler",
		"strong evidence of success; amount right; receipt free or ours or not told" },
	[EVENT_RECEIPT_LEARNED] = { MATCH_GENERATION, "reconciler",
		"the receipt of a success that was told without one" },
	[EVENT_CONFIRMED_OTHER] = { MATCH_GENERATION, "reconciler",
		"strong success with a second receipt for the same request" },
	[EVENT_MISMATCH] = { MATCH_GENERATION, "reconciler",
		"strong success for another amount or with another payment's receipt" },
	[EVENT_DECLINED] = { MATCH_GENERATION, "reconciler",
		"strong evidence that it was not executed and never will be; no success was heard of" },
	[EVENT_DECLINED_BUT_HEARD] = { MATCH_GENERATION, "reconciler",
		"strong failure after a success was heard under a valid signature" },
	[EVENT_STALE_CONFIRMED] = { MATCH_OLDER, "reconciler",
		"success of an earlier generation: a certain class was wrong" },
	[EVENT_STALE_DECLINED] = { MATCH_OLDER, "reconciler",
		"failure of an earlier generation" },
	[EVENT_LOST_CLAIM] = { MATCH_LATER, "reconciler",
		"signed evidence about an attempt that the row does not know (a later generation or any "
		"while attempt is 0): the database has forgotten a claim" },
	[EVENT_HEARSAY_PAID] = { MATCH_GENERATION, "reconciler",
		"success under a valid signature that is not strong enough to settle" },
	[EVENT_HEARSAY] = { MATCH_GENERATION, "reconciler",
		"weak or unclear evidence: a success without a signature; a code that is not final; a "
		"first of several messages; bytes that do not parse; a queue time-out" },
	[EVENT_STILL_OPEN] = { MATCH_GENERATION, "reconciler",
		"asked: not final yet" },
	[EVENT_NOT_FOUND] = { MATCH_GENERATION, "reconciler",
		"asked: no such transaction (never proof)" },
	[EVENT_HORIZON] = { MATCH_NONE, "poller",
		"the api's horizon has passed without proof" },
	[EVENT_OPERATOR_PAID] = { MATCH_ATTEMPT, "operator (two people; receipt)",
		"a person found the payment at M-PESA" },
	[EVENT_OPERATOR_NOT_PAID] = { MATCH_ATTEMPT,
		"operator (two people; after the fence and the api's horizon)",
		"a person found that it did not happen" },
};
/* clang-format on */

static const struct {
	enum effect effect;
	const char *name;
} effects[] = {
	{DO_CLAIM, "claim"},
	{DO_IDS, "ids"},
	{DO_HEARD, "heard"},
	{DO_RECEIPT, "receipt"},
	{DO_FREEZE, "freeze"},
	{DO_ALARM, "alarm"},
	{DO_ASK, "ask"},
	{DO_ASK_SOON, "ask-soon"},
	{DO_ASK_LATER, "ask-later"},
	{DO_ASK_AGAIN, "ask-again"},
	{DO_ASK_RARELY, "ask-rarely"},
	{DO_BACK_OFF, "back-off"},
};

const struct lifecycle_step *lifecycle_step(enum state state, enum event event)
{
	must((unsigned)state < STATE_COUNT && (unsigned)event < EVENT_COUNT);
	return &steps[state][event];
}

const char *state_name(enum state state)
{
	must((unsigned)state < STATE_COUNT);
	return states[state].name;
}

const char *state_about(enum state state)
{
	must((unsigned)state < STATE_COUNT);
	return states[state].about;
}

bool state_find(struct text name, enum state *ret)
{
	for (unsigned i = 0; i < STATE_COUNT; i++)
		if (text_is(name, states[i].name)) {
			*ret = (enum state)i;
			return true;
		}
	return false;
}

bool state_is_open(enum state state)
{
	return state == STATE_SENDING || state == STATE_PENDING || state == STATE_UNKNOWN;
}

bool state_is_published(enum state state)
{
	return state == STATE_SUCCEEDED || state == STATE_FAILED || state == STATE_UNRESOLVED ||
	       state == STATE_CONFLICT;
}

const char *event_name(enum event event)
{
	must((unsigned)event < EVENT_COUNT);
	return event_names[event];
}

bool event_find(struct text name, enum event *ret)
{
	for (unsigned i = 0; i < EVENT_COUNT; i++)
		if (text_is(name, event_names[i])) {
			*ret = (enum event)i;
			return true;
		}
	return false;
}

const char *event_about(enum event event)
{
	must((unsigned)event < EVENT_COUNT);
	return events[event].about;
}

const char *event_raised_by(enum event event)
{
	must((unsigned)event < EVENT_COUNT);
	return events[event].raised_by;
}

enum event_match event_match(enum event event)
{
	must((unsigned)event < EVENT_COUNT);
	return events[event].match;
}

const char *event_match_name(enum event_match match)
{
	switch (match) {
	case MATCH_NONE:
		return "-";
	case MATCH_ATTEMPT:
		return "attempt";
	case MATCH_GENERATION:
		return "generation";
	case MATCH_OLDER:
		return "older";
	case MATCH_LATER:
		return "later";
	}
	must(false);
}

const char *effect_name(enum effect effect)
{
	for (size_t i = 0; i < COUNT_OF(effects); i++)
		if (effects[i].effect == effect)
			return effects[i].name;
	must(false);
}
