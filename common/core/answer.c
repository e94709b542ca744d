#include "core/answer.h"

#include "base/arena.h"

#include <string.h>

enum { LOCKED_WAIT_MS = 60000, CODE_MOST = 64 };

static const char *told(const char *string)
{
	return string != NULL ? string : "";
}

/* Foreign text becomes part of a stable name: what is not of a code's alphabet is replaced. */
static const char *code_name(const char *family, struct text code, struct arena *arena)
{
	char name[CODE_MOST + 1];
	size_t len = 0;

	code = text_trim(code);
	for (; len < code.len && len < CODE_MOST; len++) {
		const char c = code.at[len];
		const bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
				   (c >= 'a' && c <= 'z') || c == '.' || c == '_' || c == '-';

		name[len] = plain ? c : '_';
	}
	name[len] = '\0';
	return arena_print(arena, "%s.%s", family, name);
}

static const char *verdict_code(const struct answer *answer, struct arena *arena)
{
	switch (answer->transport) {
	case TRANSPORT_NOT_SENT:
		return "transport.not_sent";
	case TRANSPORT_NO_ANSWER:
		return "transport.no_answer";
	case TRANSPORT_ANSWERED:
		break;
	}
	if (!answer->json || text_trim(answer->code).len == 0)
		return arena_print(arena, "daraja.http_%d", answer->http);
	return code_name("daraja", answer->code, arena);
}

static const struct code_row *find_row(const char *family, const struct answer *answer)
{
	const struct text none = {NULL, 0};

	switch (answer->transport) {
	case TRANSPORT_NOT_SENT:
		return codes_find(WHERE_SYNC, family, 0, TEXT("NOT_SENT"), none);
	case TRANSPORT_NO_ANSWER:
		return codes_find(WHERE_SYNC, family, 0, TEXT("NO_ANSWER"), none);
	case TRANSPORT_ANSWERED:
		break;
	}
	if (answer->json)
		return codes_find(WHERE_SYNC, family, answer->http, answer->code, answer->message);
	/* Of a body that cannot be read only the status counts; elsewhere the text may lend its words. */
	return codes_find(WHERE_SYNC, family, answer->http, none,
		answer->http == 401 || answer->http == 429 ? none : answer->message);
}

static enum code_class class_of(const struct answer *answer, const struct code_row *row)
{
	/* The gateway says 401 and 429 before it passes anything on; else nothing is sure without a body. */
	if (answer->transport == TRANSPORT_ANSWERED && !answer->json && answer->http != 401 &&
		answer->http != 429)
		return CODE_NO_WORD;
	if (answer->transport == TRANSPORT_NO_ANSWER)
		return CODE_NO_WORD;
	if (row->class == CODE_TAKEN && !answer->has_ids)
		return CODE_NO_WORD;
	return row->class;
}

struct answer_verdict answer_classify(
	enum api api, const struct answer *answer, bool token_is_fresh, struct arena *arena)
{
	const struct code_row *row = find_row(api_row(api)->sync_family, answer);
	const enum code_class class = class_of(answer, row);
	const bool inquiry = api_row(api)->outcome_is_answer && answer->transport == TRANSPORT_ANSWERED;
	const bool inside = answer->result_code.len > 0;
	struct details details = inquiry ? answer->details : details_none();

	if (inquiry) {
		details.code = arena_string(arena, inside ? answer->result_code : answer->code);
		details.text = arena_string(arena, inside ? answer->result_desc : answer->message);
	}
	return (struct answer_verdict){
		.class = class,
		.row = row,
		.pace = answer->transport == TRANSPORT_ANSWERED ? row->pace : PACE_KEEP,
		.code = verdict_code(answer, arena),
		.credential_fault = class == CODE_CONFIG || (class == CODE_TOKEN && token_is_fresh),
		.listed = !code_row_is_default(row),
		.details = details,
	};
}

/* A quota is told before silence: the gateway that says so is well, and whether it passed the call on is another question. */
enum breaker_saw answer_saw(enum transport transport, const struct answer_verdict *verdict)
{
	if (transport == TRANSPORT_NOT_SENT)
		return SAW_NOTHING;
	if (verdict->credential_fault)
		return SAW_CREDENTIAL_FAULT;
	if (verdict->pace == PACE_QUOTA)
		return SAW_QUOTA;
	return verdict->class == CODE_NO_WORD ? SAW_DOUBT : SAW_ANSWER;
}

enum breaker_saw answer_token_saw(const struct answer *answer)
{
	const struct code_row *row = find_row("oauth", answer);

	if (answer->transport == TRANSPORT_NOT_SENT)
		return SAW_NOTHING;
	if (answer->transport == TRANSPORT_NO_ANSWER)
		return SAW_DOUBT;
	if (row->pace == PACE_QUOTA)
		return SAW_QUOTA;
	return row->class == CODE_CONFIG ? SAW_CREDENTIAL_FAULT : SAW_DOUBT;
}

/* What an answer says of the payment, before the row has a word in it. */
static enum event plain_event(enum code_class class, bool outcome_is_answer)
{
	switch (class) {
	case CODE_TAKEN:
		return outcome_is_answer ? EVENT_CONFIRMED : EVENT_TAKEN;
	case CODE_PENDING:
	case CODE_FOUND_NOTHING: /* the question was answered, and that is all that an inquiry wants */
		return outcome_is_answer ? EVENT_CONFIRMED : EVENT_NO_WORD;
	case CODE_PUT_OFF:
	case CODE_TOKEN:
		return EVENT_PUT_OFF;
	case CODE_TURNED_DOWN:
	case CODE_CONFIG:
		return EVENT_TURNED_DOWN;
	case CODE_NO_WORD:
	case CODE_DUPLICATE:
	case CODE_PAID: /* of other parts of the dictionary: no synchronous answer is an outcome */
	case CODE_FINAL:
	case CODE_DOUBT:
	case CODE_OPEN:
	case CODE_ACCEPT:
	case CODE_REJECT:
		return EVENT_NO_WORD;
	}
	return EVENT_NO_WORD;
}

static struct cause cause_of(const struct answer_verdict *verdict, enum event event, bool retryable)
{
	const struct code_row *row = verdict->row;
	const char *who = told(row->who);

	if (event != EVENT_PUT_OFF && event != EVENT_TURNED_DOWN)
		return (struct cause){"", "", "", "", "", false};
	if (who[0] == '\0')
		who = verdict->class == CODE_CONFIG || verdict->class == CODE_TOKEN ? "config" : "provider";
	return (struct cause){.class = who,
		.code = told(verdict->code),
		.text = told(row->meaning),
		.advice = told(row->advice),
		.field = "",
		.retryable = retryable};
}

/* The row's word: what was heard before, how often it was put off, what is settled already. */
static enum event weigh(
	const struct payment_state *state, enum event event, bool counted, enum answer_note *note)
{
	if (event != EVENT_PUT_OFF && event != EVENT_TURNED_DOWN)
		return event;
	if (state->state == STATE_SUCCEEDED) {
		*note = NOTE_REFUSED_BUT_EXECUTED;
		return event;
	}
	if (state->heard) {
		*note = NOTE_REFUSED_BUT_HEARD;
		return EVENT_NO_WORD;
	}
	if (event == EVENT_PUT_OFF && counted && state->put_offs + 1 >= PUT_OFF_LIMIT) {
		*note = NOTE_LIMIT;
		return EVENT_TURNED_DOWN;
	}
	return event;
}

bool answer_judge(const struct payment *payment, const struct payment_state *state, unsigned attempt,
	const struct answer *answer, const struct answer_verdict *verdict, struct step_facts *ret,
	enum answer_note *ret_note)
{
	const struct api_row *api = api_row(payment->api);
	const bool repeatable = api->key == KEY_REPEATABLE;
	const bool counted = verdict->class == CODE_PUT_OFF && verdict->row->counted;
	enum event event = plain_event(verdict->class, api->outcome_is_answer);

	/* An inquiry that is decided, or waits to be sent anew, needs no late answer. */
	if (attempt != state->attempt || attempt == 0 || (repeatable && !state_is_open(state->state))) {
		*ret_note = NOTE_OTHER_ATTEMPT;
		return false;
	}

	*ret_note = NOTE_NONE;
	/* Repeated at once; unless a callback may be on its way, which is worth some waiting. */
	if (repeatable && api->outcome_is_answer && event == EVENT_NO_WORD)
		event = EVENT_PUT_OFF;
	/* The shortcode's addresses stood before, whosoever they are: this registration changed nothing, and says so. A second
	   attempt may have met the first one's. */
	if ((payment->api == API_C2B_REGISTER || payment->api == API_PULL_REGISTER) &&
		verdict->class == CODE_DUPLICATE)
		event = attempt == 1 ? EVENT_TURNED_DOWN : EVENT_NO_WORD;
	/* To a registration "nothing there" is no answer. */
	if (payment->api == API_PULL_REGISTER && verdict->class == CODE_FOUND_NOTHING)
		event = EVENT_NO_WORD;
	event = weigh(state, event, counted, ret_note);
	ret->event = event;
	ret->ids = verdict->class == CODE_TAKEN ? answer->ids : (struct provider_ids){"", "", "", ""};
	ret->cause = cause_of(verdict, event,
		verdict->row->retryable || verdict->class == CODE_PUT_OFF || verdict->class == CODE_TOKEN);
	ret->details = event == EVENT_CONFIRMED ? &verdict->details : NULL;
	ret->counted = counted && event == EVENT_PUT_OFF;
	ret->wait_ms = ret->counted ? LOCKED_WAIT_MS : 0;
	ret->ask_now = verdict->class == CODE_DUPLICATE && event == EVENT_NO_WORD;
	return true;
}
