#include "fixture.h"

#include "core/answer.h"
#include "wire/daraja_answer.h"
#include "wire/daraja_callback.h"

#include "memory.h"

/* Balances, statuses, QR codes, organisations, SIM cards: what Daraja says of them, and what it means. */

static void parse(enum api purpose, const char *fixture, unsigned flags, struct evidence *ret)
{
	struct callback callback = {
		.has_payment = true,
		.ref = {.purpose = purpose, .gen = 1, .flags = flags},
		.strength = STRENGTH_ASKED,
		.peer = "",
		.path = "",
		.traceparent = "",
		.body = fixture_read(fixture, &arena),
	};

	daraja_callback_parse(&callback, &arena, ret);
}

static const struct {
	const char *fixture;
	enum api purpose;
	enum evidence_says want_says, want_answers; /* of the payment, and of the question itself */
	bool want_parsed;
	const char *want_code;
	size_t want_balances;
} bodies[] = {
	{"balance_told.json", API_ACCOUNT_BALANCE, SAYS_PAID, 0, true, "0", 5},
	{"balance_told_number_time.json", API_ACCOUNT_BALANCE, SAYS_PAID, 0, true, "0", 5},
	{"balance_told_one_parameter.json", API_ACCOUNT_BALANCE, SAYS_PAID, 0, true, "0", 1},
	{"balance_told_whole.json", API_ACCOUNT_BALANCE, SAYS_PAID, 0, true, "0", 1},
	{"balance_without_accounts.json", API_ACCOUNT_BALANCE, SAYS_UNCLEAR, 0, false, "0", 0},
	{"balance_five_columns.json", API_ACCOUNT_BALANCE, SAYS_UNCLEAR, 0, false, "0", 0},
	{"balance_amount_unreadable.json", API_ACCOUNT_BALANCE, SAYS_UNCLEAR, 0, false, "0", 0},
	{"balance_two_texts.json", API_ACCOUNT_BALANCE, SAYS_UNCLEAR, 0, false, "0", 0},
	{"balance_java_map.json", API_ACCOUNT_BALANCE, SAYS_UNCLEAR, 0, false, "0", 0},
	{"balance_no_role.json", API_ACCOUNT_BALANCE, SAYS_DECLINED, 0, true, "21", 0},
	{"balance_bad_credential.json", API_ACCOUNT_BALANCE, SAYS_DECLINED, 0, true, "8006", 0},
	{"balance_unlisted_code.json", API_ACCOUNT_BALANCE, SAYS_UNCLEAR, 0, true, "7777", 0},
	{"balance_more_follow.json", API_ACCOUNT_BALANCE, SAYS_UNCLEAR, 0, true, "0", 0},
	{"b2c_flat.json", API_ACCOUNT_BALANCE, SAYS_UNCLEAR, 0, false, "", 0},
	{"incapsula.html", API_ACCOUNT_BALANCE, SAYS_UNCLEAR, 0, false, "", 0},

	{"status_completed.json", API_TRANSACTION_STATUS, SAYS_PAID, SAYS_PAID, true, "Completed", 0},
	{"status_declined.json", API_TRANSACTION_STATUS, SAYS_DECLINED, SAYS_PAID, true, "Declined", 0},
	{"status_pending_authorized.json", API_TRANSACTION_STATUS, SAYS_OPEN, SAYS_PAID, true,
		"Pending Authorized", 0},
	{"status_not_found.json", API_TRANSACTION_STATUS, SAYS_NOT_FOUND, SAYS_PAID, true, "2033", 0},
	/* the question fared ill: that says nothing about the payment */
	{"status_refused_format.json", API_TRANSACTION_STATUS, SAYS_UNCLEAR, SAYS_DECLINED, true, "25", 0},
	{"status_no_role.json", API_TRANSACTION_STATUS, SAYS_UNCLEAR, SAYS_DECLINED, true, "21", 0},
};

static void test_every_body_says_what_it_says_and_no_more(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(bodies); i++) {
		const char *what = bodies[i].fixture;
		struct evidence evidence;

		parse(bodies[i].purpose, what, 0, &evidence);
		CHECK(evidence.says == bodies[i].want_says, "%s: says %d", what, (int)evidence.says);
		CHECK(evidence.parsed == bodies[i].want_parsed, "%s", what);
		CHECK(bodies[i].purpose != API_TRANSACTION_STATUS ||
				evidence.answers == bodies[i].want_answers,
			"%s: answers %d", what, (int)evidence.answers);
		CHECK(strcmp(evidence.code, bodies[i].want_code) == 0, "%s: %s", what, evidence.code);
		CHECK(evidence.details.balance_count == bodies[i].want_balances || !evidence.parsed,
			"%s: %zu balances", what, evidence.details.balance_count);
		if (bodies[i].purpose == API_ACCOUNT_BALANCE)
			CHECK(evidence.receipt[0] == '\0' && !evidence.has_amount, "%s: no money moved",
				what);
	}
}

static void test_a_balance_has_its_columns_in_their_order(void **state)
{
	struct evidence evidence;
	const struct balance *working;

	(void)state;
	parse(API_ACCOUNT_BALANCE, "balance_told.json", 0, &evidence);
	working = &evidence.details.balances[0];
	assert_string_equal(working->account, "Working Account");
	assert_string_equal(working->currency, "KES");
	assert_int_equal(working->current, 70000000);
	assert_int_equal(working->available, 69381317);
	assert_int_equal(working->reserved, 618683);
	assert_int_equal(working->uncleared, 0);
	assert_int_equal(working->available + working->reserved, working->current);
	assert_string_equal(evidence.details.balances[3].account, "Charges Paid Account");
	assert_int_equal(evidence.details.balances[3].current, -154000);
	parse(API_ACCOUNT_BALANCE, "balance_told_whole.json", 0, &evidence);
	assert_int_equal(evidence.details.balances[0].current, 22803700);
}

static void test_a_time_out_of_the_queue_is_no_answer(void **state)
{
	static const char *const shapes[] = {
		"balance_timeout_echo.json", "balance_told.json", "timeout_flat.json"};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(shapes); i++) {
		struct evidence evidence;

		parse(API_ACCOUNT_BALANCE, shapes[i], CALLBACK_FLAG_QUEUE_TIMEOUT, &evidence);
		CHECK(evidence.says == SAYS_UNCLEAR && details_are_none(&evidence.details), "%s", shapes[i]);
	}
}

static const struct {
	const char *fixture;
	enum api api;
	int http;
	const char *want_code;
	enum code_class want_class;
} answers[] = {
	{"balance_accepted.json", API_ACCOUNT_BALANCE, 200, "0", CODE_TAKEN},
	{"balance_busy.json", API_ACCOUNT_BALANCE, 200, "26", CODE_PUT_OFF},
	{"balance_token_echoed.json", API_ACCOUNT_BALANCE, 401, "401.002.01", CODE_TOKEN},
	{"b2c_accepted_empty.json", API_ACCOUNT_BALANCE, 200, "", CODE_NO_WORD},
	{"qr_portal.json", API_QR_CODE, 200, "AG_20191219_000043fdf61864fe9ff5", CODE_TAKEN},
	{"qr_field.json", API_QR_CODE, 200, "00", CODE_TAKEN},
	{"qr_not_base64.json", API_QR_CODE, 200, "00", CODE_NO_WORD},
	{"qr_bad_cpi.json", API_QR_CODE, 400, "400.002.02", CODE_TURNED_DOWN},
	{"org_portal.json", API_ORG_INFO, 200, "4000", CODE_TAKEN},
	{"org_table.json", API_ORG_INFO, 200, "0", CODE_TAKEN},
	{"org_nameless.json", API_ORG_INFO, 200, "4000", CODE_NO_WORD},
	{"org_unlisted.json", API_ORG_INFO, 200, "4004", CODE_NO_WORD},
	{"swap_told.json", API_SIM_SWAP, 200, "200", CODE_TAKEN},
	{"swap_long_ago.json", API_SIM_SWAP, 200, "200", CODE_TAKEN},
	{"imsi_told.json", API_IMSI, 200, "200", CODE_TAKEN},
	{"lookup_too_many.json", API_IMSI, 200, "429", CODE_NO_WORD},
};

static void test_every_answer_has_its_class(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(answers); i++) {
		const char *what = answers[i].fixture;
		struct answer_verdict verdict;
		struct answer answer;

		daraja_answer_parse(
			answers[i].api, answers[i].http, fixture_read(what, &arena), &arena, &answer);
		verdict = answer_classify(answers[i].api, &answer, false, &arena);
		CHECK(text_is(answer.code, answers[i].want_code), "%s: %.*s", what, TEXT_ARG(answer.code));
		CHECK(verdict.class == answers[i].want_class, "%s: %s", what, code_class_name(verdict.class));
	}
}

static const char *detail_of(enum api api, const char *fixture, const char *name)
{
	struct answer answer;

	daraja_answer_parse(api, 200, fixture_read(fixture, &arena), &arena, &answer);
	for (size_t i = 0; i < answer.details.item_count; i++)
		if (strcmp(answer.details.items[i].name, name) == 0)
			return answer.details.items[i].value;
	return "";
}

static void test_answers_tell_what_was_asked(void **state)
{
	(void)state;
	assert_string_equal(detail_of(API_ORG_INFO, "org_portal.json", "organization_name"), "MKONDO TEST");
	assert_string_equal(detail_of(API_ORG_INFO, "org_table.json", "charge_profile_id"), "7");
	assert_string_equal(detail_of(API_SIM_SWAP, "swap_told.json", "last_swap_date"), "21-06-2026 15:04");
	assert_string_equal(detail_of(API_IMSI, "imsi_told.json", "imsi"), "b7a3f9c25d18e640");
	assert_string_equal(detail_of(API_IMSI, "imsi_told.json", "msisdn_registration_date"),
		"Registered more than one year ago");
}

static void test_a_picture_is_taken_over_when_it_is_one(void **state)
{
	struct answer answer;

	(void)state;
	daraja_answer_parse(API_QR_CODE, 200, fixture_read("qr_portal.json", &arena), &arena, &answer);
	assert_int_equal(answer.details.png.len, 67);
	assert_memory_equal(answer.details.png.at, "\x89PNG\r\n\x1a\n", 8);
	daraja_answer_parse(API_QR_CODE, 200, fixture_read("qr_not_base64.json", &arena), &arena, &answer);
	assert_int_equal(answer.details.png.len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_body_says_what_it_says_and_no_more),
		cmocka_unit_test(test_a_balance_has_its_columns_in_their_order),
		cmocka_unit_test(test_a_time_out_of_the_queue_is_no_answer),
		cmocka_unit_test(test_every_answer_has_its_class),
		cmocka_unit_test(test_answers_tell_what_was_asked),
		cmocka_unit_test(test_a_picture_is_taken_over_when_it_is_one),
	};

	return cmocka_run_group_tests(tests, start_memory, stop_memory);
}
