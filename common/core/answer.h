#ifndef CORE_ANSWER_H
#define CORE_ANSWER_H

#include "core/breaker.h"
#include "core/codes.h"
#include "core/payment.h"

/*
 * The synchronous answer to a request: first what the transport knows, then the dictionary, then the
 * row (attempt, heard, the limit of five) make an event. Silence, and whatever is not listed, is
 * NO_WORD: in doubt.
 */
enum transport {
	TRANSPORT_NOT_SENT, /* no byte of the request left us (libcurl: REQUEST_SIZE and PRETRANSFER_TIME_T are 0) */
	TRANSPORT_NO_ANSWER, /* it may have arrived, and no complete answer came */
	TRANSPORT_ANSWERED, /* a complete HTTP reply */
};

/* What wire/daraja_answer read from the reply; all borrowed. */
struct answer {
	enum transport transport;
	int http; /* 0 unless ANSWERED */
	bool json; /* the body is one valid JSON object */
	struct text code; /* errorCode, fault.detail.errorcode, ResponseCode, ...; "" when none */
	struct text message;
	struct provider_ids ids;
	bool has_ids; /* those that a TAKEN of this api needs */
	struct text result_code, result_desc; /* stk_query: the outcome inside; "" when none */
	struct details
		details; /* what an inquiry's answer tells; code and text are filled by answer_classify */
	const char *trouble; /* transport's own words, for people; "" */
};

struct answer_verdict {
	enum code_class class; /* sync class; after the rules that come before the table */
	const struct code_row *row;
	enum code_pace pace; /* PACE_KEEP unless Daraja answered */
	const char *code; /* "daraja.500.001.1001", "transport.no_answer": in the caller's arena */
	bool credential_fault; /* opens the breaker at once */
	bool listed; /* false: nobody has listed this answer; log it for the dictionary */
	struct details details; /* an inquiry's answer, with Daraja's own code and words; else none */
};

struct arena;
/* token_is_fresh: the token of this request is younger than a refresh could make it better. */
struct answer_verdict answer_classify(
	enum api api, const struct answer *answer, bool token_is_fresh, struct arena *arena);

/* What the answer tells of Daraja's health and our standing with it, for the breaker. */
enum breaker_saw answer_saw(enum transport transport, const struct answer_verdict *verdict);

/* The same of a token call that gave no token. Never SAW_ANSWER. */
enum breaker_saw answer_token_saw(const struct answer *answer);

enum answer_note {
	NOTE_NONE,
	NOTE_OTHER_ATTEMPT, /* not this attempt's: kept, changes nothing */
	NOTE_REFUSED_BUT_HEARD, /* alarm: a refusal of what was heard to be paid */
	NOTE_LIMIT, /* the fifth counted PUT_OFF */
	NOTE_REFUSED_BUT_EXECUTED, /* alarm: a refusal of what SUCCEEDED; the dictionary is wrong */
};

/* False: no event (another attempt; or an inquiry that waits for no answer any more). The facts' event, ids, cause,
   details (the verdict's, which must live as long), counted, wait_ms and ask_now are filled, the rest is left alone. */
bool answer_judge(const struct payment *payment, const struct payment_state *state, unsigned attempt,
	const struct answer *answer, const struct answer_verdict *verdict, struct step_facts *ret,
	enum answer_note *ret_note);

#endif
