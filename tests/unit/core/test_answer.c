#include "core/answer.h"

#include "check.h"
#include "memory.h"
#include "life.h"

#include "base/arena.h"

static struct answer answered(int http, const char *code, const char *message)
{
	return (struct answer){.transport = TRANSPORT_ANSWERED,
		.http = http,
		.json = true,
		.code = text_of(code),
		.message = text_of(message),
		.ids = {"ws_CO_9", "m-9", "", ""},
		.has_ids = true,
		.trouble = ""};
}

static struct answer_verdict classify(enum api api, struct answer answer, bool fresh)
{
	return answer_classify(api, &answer, fresh, &arena);
}

/* What an answer is, before any payment is looked at */

static void test_named_answers_have_their_class(void **unused)
{
	static const struct {
		const char *what;
		enum api api;
		int http;
		const char *code, *message;
		enum code_class want;
		bool fault;
		const char *name;
	} rows[] = {
		/* clang-format off */
		{ "push taken", API_STK_PUSH, 200, "0", "Success. Request accepted for processing",
			CODE_TAKEN, false, "daraja.0" },
		{ "payout taken", API_B2C, 200, "0", "Accept the service request successfully.",
			CODE_TAKEN, false, "daraja.0" },
		{ "open prompt", API_STK_PUSH, 500, "500.001.1001",
			"Unable to lock subscriber, a transaction is already in process", CODE_PUT_OFF,
			false, "daraja.500.001.1001" },
		{ "spike", API_B2C, 500, "500.003.02", "Error Occurred: Spike Arrest Violation",
			CODE_PUT_OFF, false, "daraja.500.003.02" },
		{ "busy is not spike", API_B2C, 500, "500.003.02", "System is busy", CODE_NO_WORD, false,
			"daraja.500.003.02" },
		{ "bad field", API_STK_PUSH, 400, "400.002.02", "Bad Request - Invalid PhoneNumber",
			CODE_TURNED_DOWN, false, "daraja.400.002.02" },
		{ "wrong passkey", API_STK_PUSH, 500, "500.001.1001", "Wrong credentials", CODE_CONFIG,
			true, "daraja.500.001.1001" },
		{ "old token", API_STK_PUSH, 404, "404.001.03", "Invalid Access Token", CODE_TOKEN, false,
			"daraja.404.001.03" },
		{ "duplicate", API_B2C, 500, "500.002.1001", "Duplicate OriginatorConversationID.",
			CODE_DUPLICATE, false, "daraja.500.002.1001" },
		{ "new words", API_B2C, 500, "500.001.1001", "something new", CODE_NO_WORD, false,
			"daraja.500.001.1001" },
		{ "new code", API_B2C, 418, "teapot one\n", "", CODE_NO_WORD, false, "daraja.teapot_one" },
		{ "no code", API_B2C, 503, "", "", CODE_NO_WORD, false, "daraja.http_503" },
		{ "query open", API_STK_QUERY, 500, "500.001.1001", "The transaction is being processed",
			CODE_PENDING, false, "daraja.500.001.1001" },
		/* clang-format on */
	};

	(void)unused;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const struct answer_verdict verdict =
			classify(rows[i].api, answered(rows[i].http, rows[i].code, rows[i].message), false);

		CHECK(verdict.class == rows[i].want, "%s: %s", rows[i].what, code_class_name(verdict.class));
		CHECK(verdict.credential_fault == rows[i].fault, "%s: credential fault", rows[i].what);
		CHECK(strcmp(verdict.code, rows[i].name) == 0, "%s: %s", rows[i].what, verdict.code);
		CHECK(verdict.row != NULL, "%s", rows[i].what);
	}
}

static void test_transport_decides_first(void **unused)
{
	(void)unused;
	for (const struct api_row *api = api_each(NULL); api != NULL; api = api_each(api)) {
		struct answer answer = answered(200, "0", "");

		answer.transport = TRANSPORT_NOT_SENT;
		CHECK(classify(api->api, answer, false).class == CODE_PUT_OFF, "%s: not sent", api->name);
		CHECK(strcmp(classify(api->api, answer, false).code, "transport.not_sent") == 0, "%s",
			api->name);
		answer.transport = TRANSPORT_NO_ANSWER;
		CHECK(classify(api->api, answer, false).class == CODE_NO_WORD, "%s: no answer", api->name);
		CHECK(strcmp(classify(api->api, answer, false).code, "transport.no_answer") == 0, "%s",
			api->name);
	}
}

/* Every listed code and text, at every status: without JSON only 401 and 429 mean anything. */
static void test_what_cannot_be_read_is_in_doubt_whatever_its_status(void **unused)
{
	size_t count;
	const struct code_row *rows = codes_all(&count);

	(void)unused;
	for (size_t i = 0; i < count; i++)
		for (int http = 200; http < 600; http++) {
			struct answer answer = answered(http, rows[i].code, rows[i].message);

			answer.json = false;
			const enum code_class class = classify(API_B2C, answer, false).class;
			const enum code_class want = http == 401   ? CODE_TOKEN
						     : http == 429 ? CODE_PUT_OFF
								   : CODE_NO_WORD;

			CHECK(class == want, "%d %s %s: %s", http, rows[i].code, rows[i].message,
				code_class_name(class));
		}
}

static void test_an_acceptance_without_its_ids_is_in_doubt(void **unused)
{
	struct answer answer = answered(200, "0", "Success");

	(void)unused;
	answer.has_ids = false;
	assert_int_equal(classify(API_STK_PUSH, answer, false).class, CODE_NO_WORD);
	assert_int_equal(classify(API_B2C, answer, false).class, CODE_NO_WORD);
}

static void test_only_a_200_is_an_acceptance(void **unused)
{
	(void)unused;
	for (const struct api_row *api = api_each(NULL); api != NULL; api = api_each(api))
		for (int http = 201; http < 600; http++)
			CHECK(classify(api->api, answered(http, "0", "Success"), false).class != CODE_TAKEN,
				"%s at %d", api->name, http);
}

static void test_a_token_refused_while_fresh_is_our_credentials_fault(void **unused)
{
	const struct answer answer =
		answered(401, "401.002.01", "Error Occurred - Invalid Access Token - abc");

	(void)unused;
	assert_int_equal(classify(API_B2C, answer, true).class, CODE_TOKEN);
	assert_true(classify(API_B2C, answer, true).credential_fault);
	assert_false(classify(API_B2C, answer, false).credential_fault);
}

static void test_an_answer_that_nobody_listed_is_told_apart(void **unused)
{
	(void)unused;
	assert_true(classify(API_STK_PUSH, answered(200, "0", ""), false).listed);
	assert_false(classify(API_STK_PUSH, answered(500, "999.9", "new"), false).listed);
}

/* Too fast, or out of quota: every shape that is known, with what the breaker makes of it. */
static void test_throttles_and_quotas_are_told_apart(void **unused)
{
	static const struct {
		const char *what;
		int http;
		bool json;
		const char *code, *message;
		enum code_pace pace;
		enum breaker_saw saw;
		enum code_class class;
	} rows[] = {
		/* clang-format off */
		{ "spike", 500, true, "500.003.02", "Error Occurred: Spike Arrest Violation", PACE_SLOW,
			SAW_ANSWER, CODE_PUT_OFF },
		{ "spike, raw", 429, true, "policies.ratelimit.SpikeArrestViolation",
			"Spike arrest violation. Allowed rate : 100ps", PACE_SLOW, SAW_ANSWER, CODE_PUT_OFF },
		{ "spike, raw, 500", 500, true, "policies.ratelimit.SpikeArrestViolation", "", PACE_SLOW,
			SAW_ANSWER, CODE_PUT_OFF },
		{ "spike, new code", 500, true, "1.2.3", "spike arrest violation", PACE_SLOW, SAW_ANSWER,
			CODE_PUT_OFF },
		{ "429", 429, true, "", "", PACE_SLOW, SAW_ANSWER, CODE_PUT_OFF },
		{ "429, a page", 429, false, "", "<html>", PACE_SLOW, SAW_ANSWER, CODE_PUT_OFF },
		{ "busy", 500, true, "500.003.02", "System is busy", PACE_SLOW, SAW_DOUBT, CODE_NO_WORD },
		{ "the core's throttle", 500, true, "100000002", "", PACE_SLOW, SAW_DOUBT, CODE_NO_WORD },
		{ "quota", 500, true, "500.003.03", "Error Occurred: Quota Violation", PACE_QUOTA,
			SAW_QUOTA, CODE_PUT_OFF },
		{ "quota, raw", 429, true, "policies.ratelimit.QuotaViolation", "Rate limit quota violation",
			PACE_QUOTA, SAW_QUOTA, CODE_PUT_OFF },
		{ "quota, other code", 500, true, "1.2.3", "Quota Violation", PACE_QUOTA, SAW_QUOTA,
			CODE_PUT_OFF },
		{ "quota, other words", 500, true, "500.003.03", "something new", PACE_QUOTA, SAW_QUOTA,
			CODE_NO_WORD },
		{ "locked", 500, true, "500.001.1001", "Unable to lock subscriber", PACE_KEEP, SAW_ANSWER,
			CODE_PUT_OFF },
		{ "token", 401, true, "401.002.01", "", PACE_KEEP, SAW_ANSWER, CODE_TOKEN },
		{ "no product", 401, true, "401.003.01", "", PACE_KEEP, SAW_CREDENTIAL_FAULT, CODE_CONFIG },
		{ "unknown", 500, true, "1.2.3", "", PACE_KEEP, SAW_DOUBT, CODE_NO_WORD },
		{ "taken", 200, true, "0", "", PACE_KEEP, SAW_ANSWER, CODE_TAKEN },
		/* clang-format on */
	};
	struct answer none = answered(0, "Quota Violation", "Spike Arrest");

	(void)unused;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct answer answer = answered(rows[i].http, rows[i].code, rows[i].message);

		answer.json = rows[i].json;
		const struct answer_verdict verdict = classify(API_STK_PUSH, answer, false);

		CHECK(verdict.pace == rows[i].pace, "%s: pace %d", rows[i].what, verdict.pace);
		CHECK(verdict.class == rows[i].class, "%s: %s", rows[i].what, code_class_name(verdict.class));
		CHECK(answer_saw(TRANSPORT_ANSWERED, &verdict) == rows[i].saw, "%s: saw %d", rows[i].what,
			answer_saw(TRANSPORT_ANSWERED, &verdict));
	}
	none.transport = TRANSPORT_NOT_SENT;
	struct answer_verdict verdict = classify(API_B2C, none, false);
	assert_true(verdict.pace == PACE_KEEP && answer_saw(TRANSPORT_NOT_SENT, &verdict) == SAW_NOTHING);
	none.transport = TRANSPORT_NO_ANSWER;
	verdict = classify(API_B2C, none, false);
	assert_true(verdict.pace == PACE_KEEP && answer_saw(TRANSPORT_NO_ANSWER, &verdict) == SAW_DOUBT);
}

static void test_a_token_call_without_a_token_says_why(void **unused)
{
	static const struct {
		enum transport transport;
		int http;
		const char *code, *message;
		enum breaker_saw want;
	} rows[] = {
		{TRANSPORT_NOT_SENT, 0, "", "", SAW_NOTHING}, {TRANSPORT_NO_ANSWER, 0, "", "", SAW_DOUBT},
		{TRANSPORT_ANSWERED, 400, "", "", SAW_CREDENTIAL_FAULT},
		{TRANSPORT_ANSWERED, 401, "", "", SAW_CREDENTIAL_FAULT},
		{TRANSPORT_ANSWERED, 500, "500.003.03", "Quota Violation", SAW_QUOTA},
		{TRANSPORT_ANSWERED, 429, "policies.ratelimit.QuotaViolation", "", SAW_QUOTA},
		{TRANSPORT_ANSWERED, 429, "", "", SAW_DOUBT}, {TRANSPORT_ANSWERED, 503, "", "", SAW_DOUBT},
		{TRANSPORT_ANSWERED, 200, "", "", SAW_DOUBT}, /* a token that could not be read */
	};

	(void)unused;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct answer answer = answered(rows[i].http, rows[i].code, rows[i].message);

		answer.transport = rows[i].transport;
		CHECK(answer_token_saw(&answer) == rows[i].want, "row %zu: %d", i, answer_token_saw(&answer));
	}
}

/* What it does to a payment */

static bool judge(const struct payment *payment, const struct payment_state *state, unsigned attempt,
	struct answer answer, struct step_facts *facts, enum answer_note *note)
{
	static struct answer_verdict verdict; /* the facts' details point into it */

	verdict = answer_classify(payment->api, &answer, false, &arena);

	*facts = facts_of(EVENT_CLAIMED);
	return answer_judge(payment, state, attempt, &answer, &verdict, facts, note);
}

static const struct answer_case {
	const char *what;
	enum api api;
	int http; /* 0: NOT_SENT, -1: NO_ANSWER */
	const char *code, *message;
	enum event want;
	bool counted, ask_now, retryable;
	int64_t wait_ms;
	const char *class;
} cases[] = {
	/* clang-format off */
	{ "taken", API_STK_PUSH, 200, "0", "", EVENT_TAKEN, false, false, false, 0, "" },
	{ "locked", API_STK_PUSH, 500, "500.001.1001", "Unable to lock subscriber", EVENT_PUT_OFF, true,
		false, true, 60000, "provider" },
	{ "spike", API_STK_PUSH, 500, "500.003.02", "Spike Arrest", EVENT_PUT_OFF, false, false, true, 0,
		"provider" },
	{ "429", API_STK_PUSH, 429, "", "", EVENT_PUT_OFF, false, false, true, 0, "provider" },
	{ "token", API_STK_PUSH, 401, "401.002.01", "", EVENT_PUT_OFF, false, false, true, 0, "config" },
	{ "not sent", API_STK_PUSH, 0, "", "", EVENT_PUT_OFF, false, false, true, 0, "provider" },
	{ "no answer", API_STK_PUSH, -1, "", "", EVENT_NO_WORD, false, false, false, 0, "" },
	{ "bad field", API_STK_PUSH, 400, "400.002.02", "Invalid Amount", EVENT_TURNED_DOWN, false, false,
		false, 0, "provider" },
	{ "no product", API_B2C, 401, "401.003.01", "Invalid Access Token", EVENT_TURNED_DOWN, false,
		false, false, 0, "config" },
	{ "duplicate", API_B2C, 500, "500.002.1001", "Duplicate Originator", EVENT_NO_WORD, false, true,
		false, 0, "" },
	{ "unknown", API_B2C, 500, "1.2.3", "", EVENT_NO_WORD, false, false, false, 0, "" },
	{ "inquiry answered", API_STK_QUERY, 200, "0", "", EVENT_CONFIRMED, false, false, false, 0,
		"" },
	{ "inquiry: open", API_STK_QUERY, 500, "500.001.1001", "being processed", EVENT_CONFIRMED, false,
		false, false, 0, "" },
	{ "inquiry: unknown id", API_STK_QUERY, 400, "400.002.02", "Invalid CheckoutRequestID",
		EVENT_CONFIRMED, false, false, false, 0, "" },
	{ "inquiry: silence", API_STK_QUERY, -1, "", "", EVENT_PUT_OFF, false, false, false, 0,
		"provider" },
	{ "inquiry: unknown", API_STK_QUERY, 500, "1.2.3", "", EVENT_PUT_OFF, false, false, false, 0,
		"provider" },
	/* clang-format on */
};

static struct answer answer_of(const struct answer_case *row)
{
	struct answer answer = answered(row->http, row->code, row->message);

	if (row->http <= 0)
		answer.transport = row->http == 0 ? TRANSPORT_NOT_SENT : TRANSPORT_NO_ANSWER;
	return answer;
}

static void test_named_answers_make_their_event(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const struct answer_case *row = &cases[i];
		const struct payment payment = payment_for(row->api);
		const struct payment_state state = row_in(&payment, STATE_SENDING, 2);
		struct step_facts facts;
		enum answer_note note;

		CHECK(judge(&payment, &state, 2, answer_of(row), &facts, &note), "%s: no event", row->what);
		CHECK(facts.event == row->want, "%s: %s", row->what, event_name(facts.event));
		CHECK(facts.counted == row->counted && facts.wait_ms == row->wait_ms, "%s: counted or wait",
			row->what);
		CHECK(facts.ask_now == row->ask_now, "%s: ask now", row->what);
		CHECK(facts.cause.retryable == row->retryable || row->api == API_STK_QUERY, "%s: retryable",
			row->what);
		CHECK(strcmp(facts.cause.class, row->class) == 0, "%s: class %s", row->what,
			facts.cause.class);
		CHECK(note == NOTE_NONE, "%s: note %d", row->what, note);
		CHECK((strcmp(facts.ids.checkout, "ws_CO_9") == 0) ==
				(facts.event == EVENT_TAKEN || row->http == 200),
			"%s: ids", row->what);
		CHECK(facts.now.us == NOW.us && facts.random == 0x80000000u,
			"%s: the caller's facts are gone", row->what);
	}
}

static void test_the_laws_of_answers(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		for (enum state s = 0; (int)s < STATE_COUNT; s++)
			for (unsigned attempt = 0; attempt < 4; attempt++)
				for (unsigned heard = 0; heard < 2; heard++)
					for (unsigned put_offs = 0; put_offs < 6; put_offs++) {
						const struct payment payment = payment_for(cases[i].api);
						struct payment_state state =
							row_in(&payment, s, s == STATE_ACCEPTED ? 0 : 2);
						struct step_facts facts;
						enum answer_note note;

						state.heard = heard;
						state.put_offs = put_offs;
						const bool event = judge(&payment, &state, attempt,
							answer_of(&cases[i]), &facts, &note);
						const bool refusal =
							event && (facts.event == EVENT_PUT_OFF ||
									 facts.event == EVENT_TURNED_DOWN);

						CHECK(!event || attempt == state.attempt,
							"%s: another attempt's", cases[i].what);
						CHECK(event || note == NOTE_OTHER_ATTEMPT,
							"%s: no event, no note", cases[i].what);
						CHECK(!refusal || !heard || s == STATE_SUCCEEDED,
							"%s: refused in %s though heard", cases[i].what,
							state_name(s));
						CHECK(!refusal || s != STATE_SUCCEEDED ||
								note == NOTE_REFUSED_BUT_EXECUTED,
							"%s", cases[i].what);
						CHECK(!event || facts.event != EVENT_PUT_OFF ||
								!facts.counted ||
								put_offs + 1 < PUT_OFF_LIMIT ||
								s == STATE_SUCCEEDED,
							"%s: put off %u times", cases[i].what, put_offs);
						CHECK(!event || payment.api == API_STK_QUERY ||
								facts.event != EVENT_CONFIRMED,
							"%s", cases[i].what);
					}
}

static void test_a_refusal_of_what_was_heard_is_not_believed(void **unused)
{
	const struct payment payment = payment_for(API_STK_PUSH);
	struct payment_state state = row_in(&payment, STATE_SENDING, 1);
	struct step_facts facts;
	enum answer_note note;

	(void)unused;
	state.heard = true;
	assert_true(judge(&payment, &state, 1, answered(400, "400.002.02", "Invalid Amount"), &facts, &note));
	assert_int_equal(facts.event, EVENT_NO_WORD);
	assert_int_equal(note, NOTE_REFUSED_BUT_HEARD);
	assert_string_equal(facts.cause.code, "");
	assert_true(judge(&payment, &state, 1, answered(429, "", ""), &facts, &note));
	assert_int_equal(facts.event, EVENT_NO_WORD);
}

/* The whole dictionary, and what the transport says itself: throttles, tokens and what was not sent never use up a payment's tries. */
static void test_only_refusals_of_unclear_cause_are_counted(void **unused)
{
	const struct payment payment = payment_for(API_STK_PUSH);
	const struct payment_state state = row_in(&payment, STATE_SENDING, 2);
	size_t count, counted = 0;
	const struct code_row *rows = codes_all(&count);

	(void)unused;
	for (size_t i = 0; i < count; i++) {
		const struct code_row *row = &rows[i];
		struct answer answer =
			answered(row->http_least > 0 ? row->http_least : 500, row->code, row->message);
		struct step_facts facts;
		enum answer_note note;

		if (row->where != WHERE_SYNC)
			continue;
		CHECK(!row->counted ||
				(row->class == CODE_PUT_OFF && row->pace == PACE_KEEP && row->http_most > 0),
			"row %zu: %s", i + 2, row->code);
		CHECK(row->pace == PACE_KEEP || row->class == CODE_PUT_OFF || row->class == CODE_NO_WORD,
			"row %zu: %s is slow, and is %s", i + 2, row->code, code_class_name(row->class));
		/* a throttle is not counted, whatever else may be put off */
		CHECK(row->class != CODE_PUT_OFF || row->counted || row->pace != PACE_KEEP ||
				row->http_most == 0,
			"row %zu: %s is put off for ever, and nothing is slowed", i + 2, row->code);
		if (judge(&payment, &state, 2, answer, &facts, &note) && facts.event == EVENT_PUT_OFF) {
			const struct answer_verdict verdict = classify(payment.api, answer, false);

			CHECK(!facts.counted || verdict.row->counted, "row %zu: %s", i + 2, row->code);
			CHECK(!facts.counted || (verdict.pace == PACE_KEEP && verdict.class != CODE_TOKEN),
				"row %zu: %s", i + 2, row->code);
			counted += facts.counted;
		}
		answer.transport = TRANSPORT_NOT_SENT;
		assert_true(judge(&payment, &state, 2, answer, &facts, &note));
		CHECK(facts.event == EVENT_PUT_OFF && !facts.counted, "row %zu: not sent", i + 2);
	}
	CHECK(counted > 0, "nothing is counted at all: this test has seen nothing");
}

static void test_the_fifth_counted_put_off_ends_it_and_may_be_sent_anew(void **unused)
{
	const struct payment payment = payment_for(API_STK_PUSH);
	struct payment_state state = row_in(&payment, STATE_SENDING, 5);
	struct step_facts facts;
	enum answer_note note;

	(void)unused;
	state.put_offs = 4;
	assert_true(judge(&payment, &state, 5, answered(500, "500.001.1001", "Unable to lock subscriber"),
		&facts, &note));
	assert_int_equal(facts.event, EVENT_TURNED_DOWN);
	assert_int_equal(note, NOTE_LIMIT);
	assert_true(facts.cause.retryable);
	assert_false(facts.counted);
	assert_true(judge(&payment, &state, 5, answered(500, "500.003.02", "Spike Arrest"), &facts, &note));
	assert_int_equal(facts.event, EVENT_PUT_OFF);
	assert_int_equal(note, NOTE_NONE);
}

static void test_an_inquiry_is_told_daraja_s_own_words(void **unused)
{
	const struct payment payment = payment_for(API_STK_QUERY);
	const struct payment_state state = row_in(&payment, STATE_SENDING, 1);
	struct answer answer = answered(200, "0", "The service request has been accepted successfully");
	struct step_facts facts;
	enum answer_note note;

	(void)unused;
	answer.result_code = TEXT("1032");
	answer.result_desc = TEXT("Request cancelled by user");
	assert_true(judge(&payment, &state, 1, answer, &facts, &note));
	assert_string_equal(facts.details->code, "1032");
	assert_string_equal(facts.details->text, "Request cancelled by user");
	assert_true(judge(&payment, &state, 1,
		answered(500, "500.001.1001", "The transaction is being processed"), &facts, &note));
	assert_string_equal(facts.details->code, "500.001.1001");
	assert_string_equal(facts.details->text, "The transaction is being processed");
}

static void test_a_late_answer_to_an_inquiry_contradicts_nothing(void **unused)
{
	const struct payment payment = payment_for(API_STK_QUERY);
	static const enum state settled[] = {STATE_ACCEPTED, STATE_RETRY, STATE_FAILED, STATE_SUCCEEDED};
	struct step_facts facts;
	enum answer_note note;

	(void)unused;
	for (size_t i = 0; i < COUNT_OF(settled); i++) {
		const struct payment_state state = row_in(&payment, settled[i], 1);

		CHECK(!judge(&payment, &state, 1, answered(200, "0", ""), &facts, &note), "%s",
			state_name(settled[i]));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_named_answers_have_their_class),
		cmocka_unit_test(test_transport_decides_first),
		cmocka_unit_test(test_what_cannot_be_read_is_in_doubt_whatever_its_status),
		cmocka_unit_test(test_an_acceptance_without_its_ids_is_in_doubt),
		cmocka_unit_test(test_only_a_200_is_an_acceptance),
		cmocka_unit_test(test_a_token_refused_while_fresh_is_our_credentials_fault),
		cmocka_unit_test(test_an_answer_that_nobody_listed_is_told_apart),
		cmocka_unit_test(test_named_answers_make_their_event),
		cmocka_unit_test(test_the_laws_of_answers),
		cmocka_unit_test(test_a_refusal_of_what_was_heard_is_not_believed),
		cmocka_unit_test(test_throttles_and_quotas_are_told_apart),
		cmocka_unit_test(test_a_token_call_without_a_token_says_why),
		cmocka_unit_test(test_only_refusals_of_unclear_cause_are_counted),
		cmocka_unit_test(test_the_fifth_counted_put_off_ends_it_and_may_be_sent_anew),
		cmocka_unit_test(test_an_inquiry_is_told_daraja_s_own_words),
		cmocka_unit_test(test_a_late_answer_to_an_inquiry_contradicts_nothing),
	};

	return cmocka_run_group_tests(tests, start_memory, stop_memory);
}
