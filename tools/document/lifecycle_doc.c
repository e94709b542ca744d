/*
 * lifecycle_doc: prints docs/lifecycle.md from the table that the services run on.
 */
#include "core/lifecycle.h"

#include <stdio.h>

#define EACH_STATE(s) for (enum state s = 0; (int)s < STATE_COUNT; s++)
#define EACH_EVENT(e) for (enum event e = 0; (int)e < EVENT_COUNT; e++)

enum { EFFECT_BITS = 12 };

static const struct {
	enum effect effect;
	const char *about;
} effects[EFFECT_BITS] = {
	{DO_CLAIM, "a new attempt: lease, fence, horizon, the next question's number; ids and what was heard "
		   "are forgotten"},
	{DO_IDS, "keep Daraja's ids"},
	{DO_HEARD, "remember that a success was reported under a valid signature"},
	{DO_RECEIPT, "keep receipt and amount, as far as they were told"},
	{DO_FREEZE, "all dispatching stops until `mkondo recover`"},
	{DO_ALARM, "a person is called"},
	{DO_ASK, "ask M-PESA at once; where there is no way to ask, look again at the horizon (so for all of "
		 "these)"},
	{DO_ASK_SOON, "ask in 15 s, or at once when M-PESA is known to have it"},
	{DO_ASK_LATER, "ask by the product's cadence, never beyond the horizon"},
	{DO_ASK_AGAIN, "ask now, but not within 15 s of the last question"},
	{DO_ASK_RARELY, "ask in 6 h, until 7 days after the horizon"},
	{DO_BACK_OFF, "offer it to the dispatcher again after a wait with jitter, not beyond `valid_until`"},
};

static void print_effects(unsigned bits)
{
	for (unsigned i = 0; i < EFFECT_BITS; i++)
		if (bits & (unsigned)effects[i].effect)
			printf(" %s", effect_name(effects[i].effect));
}

static void print_step(enum state state, enum event event)
{
	const struct lifecycle_step *step = lifecycle_step(state, event);

	if (step->to == state && !step->new_version)
		printf("-");
	else
		printf("**%s**%s", state_name(step->to), step->new_version ? "!" : "");
	print_effects(step->effects);
}

static void print_head(void)
{
	printf("# The life of a payment\n\n"
	       "Printed by `lifecycle_doc` from `common/core/lifecycle.c`; do not edit. The table's source "
	       "is\n"
	       "`common/core/lifecycle.csv`, which `tests/model` checks with Spin and a unit test compares "
	       "with the code.\n\n"
	       "The table has no conditions. A pure function first turns facts into an event (`core/answer` "
	       "a synchronous\n"
	       "answer, `core/evidence` a callback or the answer to a question), the table says what the "
	       "event does, and\n"
	       "`core/payment` applies it to the row, in one transaction with a journal line.\n\n");
}

static void print_states(void)
{
	printf("## States\n\n| state | meaning | |\n| --- | --- | --- |\n");
	EACH_STATE(s)
	printf("| %s | %s | %s |\n", state_name(s), state_about(s),
		state_is_open(s)        ? "open"
		: state_is_published(s) ? "published: each entry is a new result version"
					: "not on the wire");
}

static void print_events(void)
{
	printf("\n## Events\n\n"
	       "*match*: what of the row an event must fit, else it is kept and changes nothing: its attempt "
	       "(the number of\n"
	       "the request), its generation (what M-PESA can tell apart), or an older or later one than the "
	       "row's.\n\n"
	       "| event | match | raised by | meaning |\n| --- | --- | --- | --- |\n");
	EACH_EVENT(e)
	printf("| %s | %s | %s | %s |\n", event_name(e), event_match_name(event_match(e)), event_raised_by(e),
		event_about(e));
}

static void print_effect_list(void)
{
	printf("\n## Effects\n\n| effect | meaning |\n| --- | --- |\n");
	for (unsigned i = 0; i < EFFECT_BITS; i++)
		printf("| %s | %s |\n", effect_name(effects[i].effect), effects[i].about);
}

/* One arrow per pair of states, with the events that take it. */
static void print_diagram(void)
{
	printf("\n## Diagram\n\nOnly what changes the state; the way into CONFLICT is open from every other "
	       "state and left out.\n\n"
	       "```mermaid\nstateDiagram-v2\n\t[*] --> ACCEPTED\n");
	EACH_STATE(from)
	EACH_STATE(to)
	{
		const char *before = "";

		if (from == to || to == STATE_CONFLICT)
			continue;
		EACH_EVENT(e)
		if (lifecycle_step(from, e)->to == to) {
			if (before[0] == '\0')
				printf("\t%s --> %s: ", state_name(from), state_name(to));
			printf("%s%s", before, event_name(e));
			before = ", ";
		}
		if (before[0] != '\0')
			printf("\n");
	}
	printf("```\n");
}

static void print_table(void)
{
	printf("\n## The table, with its reasons\n\n"
	       "`-`: the state stays, the evidence is kept. `!`: a new result version is made and owed. Then "
	       "the effects.\n");
	EACH_STATE(s)
	{
		printf("\n### %s\n\n%s.\n\n| event | does | because |\n| --- | --- | --- |\n", state_name(s),
			state_about(s));
		EACH_EVENT(e)
		{
			printf("| %s | ", event_name(e));
			print_step(s, e);
			printf(" | %s |\n", lifecycle_step(s, e)->why);
		}
	}
}

int main(void)
{
	print_head();
	print_states();
	print_events();
	print_effect_list();
	print_diagram();
	print_table();
	return fflush(stdout) == 0 && !ferror(stdout) ? 0 : 1;
}
