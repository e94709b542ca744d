#include "fixture.h"

#include "wire/daraja_callback.h"

#include "../../fuzz/fuzz.h"
#include "memory.h"

/* The payment whose provider key the fixtures tell. */
static struct callback callback_of(enum api purpose, struct text body)
{
	struct callback callback = {
		.has_payment = true,
		.ref = {.purpose = purpose, .gen = 1},
		.strength = STRENGTH_SIGNED_LISTED,
		.peer = "",
		.path = "",
		.traceparent = "",
		.body = body,
		.http_status = purpose == API_STK_QUERY ? 200 : 0,
	};

	CHECK(uuid_parse(TEXT("0193e5f2-a7b0-7c3d-8e4f-5a6b7c8d9e0f"), &callback.ref.payment), "the id");
	return callback;
}

static const struct {
	const char *fixture;
	enum api purpose;
	enum evidence_says want_says;
	bool want_parsed;
	const char *want_code, *want_receipt;
	int want_cents; /* -1: not told */
} bodies[] = {
	{"stk_paid.json", API_STK_PUSH, SAYS_PAID, true, "0", "UKN4A7QX2M", 35000},
	{"stk_paid_other_order.json", API_STK_PUSH, SAYS_PAID, true, "0", "UKN4A7QX2M", 35000},
	{"stk_paid_amount_text.json", API_STK_PUSH, SAYS_PAID, true, "0", "UKN4A7QX2M", 35000},
	{"stk_paid_one_item.json", API_STK_PUSH, SAYS_PAID, true, "0", "UKN4A7QX2M", -1},
	{"stk_paid_without_metadata.json", API_STK_PUSH, SAYS_PAID, true, "0", "", -1},
	{"stk_paid_placeholder.json", API_STK_PUSH, SAYS_PAID, true, "0", "", 35000},
	{"stk_paid_two_receipts.json", API_STK_PUSH, SAYS_UNCLEAR, false, "0", "", -1},
	{"stk_paid_amount_unreadable.json", API_STK_PUSH, SAYS_UNCLEAR, false, "0", "", -1},
	{"stk_paid_fraction.json", API_STK_PUSH, SAYS_UNCLEAR, false, "0", "", -1},
	{"stk_cancelled.json", API_STK_PUSH, SAYS_DECLINED, true, "1032", "", -1},
	{"stk_no_funds_text_code.json", API_STK_PUSH, SAYS_DECLINED, true, "1", "", -1},
	{"stk_unreachable.json", API_STK_PUSH, SAYS_DECLINED, true, "1037", "", -1},
	{"stk_rule_limited.json", API_STK_PUSH, SAYS_UNCLEAR, true, "17", "", -1},
	{"stk_unlisted_code.json", API_STK_PUSH, SAYS_UNCLEAR, true, "7777", "", -1},
	{"stk_processing.json", API_STK_PUSH, SAYS_UNCLEAR, true, "4999", "", -1},
	{"stk_without_code.json", API_STK_PUSH, SAYS_UNCLEAR, false, "", "", -1},
	{"stk_doubled_key.json", API_STK_PUSH, SAYS_UNCLEAR, false, "", "", -1},
	{"not_an_object.json", API_STK_PUSH, SAYS_UNCLEAR, false, "", "", -1},
	{"cut_off.json", API_STK_PUSH, SAYS_UNCLEAR, false, "", "", -1},
	{"incapsula.html", API_B2C, SAYS_UNCLEAR, false, "", "", -1},
	{"b2c_paid.json", API_STK_PUSH, SAYS_UNCLEAR, false, "", "", -1},

	{"b2c_paid.json", API_B2C, SAYS_PAID, true, "0", "UKN4A7QX2M", 35000},
	{"b2c_paid_text_numbers.json", API_B2C, SAYS_PAID, true, "0", "UKN4A7QX2M", 35000},
	{"b2c_paid_one_parameter.json", API_B2C, SAYS_PAID, true, "0", "UKN4A7QX2M", 35000},
	{"b2c_paid_without_parameters.json", API_B2C, SAYS_PAID, true, "0", "UKN4A7QX2M", -1},
	{"b2c_paid_placeholder.json", API_B2C, SAYS_PAID, true, "0", "", 35000},
	{"b2c_paid_item_without_value.json", API_B2C, SAYS_PAID, true, "0", "UKN4A7QX2M", 35000},
	{"b2c_more_follow.json", API_B2C, SAYS_UNCLEAR, true, "0", "", -1},
	{"b2c_no_funds.json", API_B2C, SAYS_DECLINED, true, "1", "", -1},
	{"b2c_failed_with_receipt.json", API_B2C, SAYS_DECLINED, true, "2001", "", -1},
	{"b2c_failed_letters.json", API_B2C, SAYS_DECLINED, true, "SFC_IC0003", "", -1},
	{"b2c_duplicate_result.json", API_B2C, SAYS_UNCLEAR, true, "15", "", -1},
	{"b2c_unlisted_code.json", API_B2C, SAYS_UNCLEAR, true, "R999999", "", -1},
	{"b2c_flat.json", API_B2C, SAYS_UNCLEAR, false, "", "", -1},
	{"stk_paid.json", API_B2C, SAYS_UNCLEAR, false, "", "", -1},

	{"status_completed.json", API_TRANSACTION_STATUS, SAYS_PAID, true, "Completed", "UKN4A7QX2M", 35000},
	{"status_completed_spaced.json", API_TRANSACTION_STATUS, SAYS_PAID, true, "Completed", "UKN4A7QX2M",
		35000},
	/* whose it is, is for the judge to see */
	{"status_completed_other.json", API_TRANSACTION_STATUS, SAYS_PAID, true, "Completed", "UKN4A7QX2M",
		35000},
	{"status_declined.json", API_TRANSACTION_STATUS, SAYS_DECLINED, true, "Declined", "", -1},
	{"status_cancelled.json", API_TRANSACTION_STATUS, SAYS_DECLINED, true, "Cancelled", "", -1},
	{"status_expired.json", API_TRANSACTION_STATUS, SAYS_DECLINED, true, "Expired", "", -1},
	{"status_initiated.json", API_TRANSACTION_STATUS, SAYS_OPEN, true, "Initiated", "", -1},
	{"status_authorized.json", API_TRANSACTION_STATUS, SAYS_OPEN, true, "Pending Authorized", "", -1},
	{"status_unlisted_word.json", API_TRANSACTION_STATUS, SAYS_UNCLEAR, true, "Suspended", "", -1},
	{"status_two_words.json", API_TRANSACTION_STATUS, SAYS_UNCLEAR, false, "0", "", -1},
	{"status_without_word.json", API_TRANSACTION_STATUS, SAYS_UNCLEAR, false, "0", "", -1},
	{"status_more_follow.json", API_TRANSACTION_STATUS, SAYS_UNCLEAR, true, "0", "", -1},
	{"status_not_found.json", API_TRANSACTION_STATUS, SAYS_NOT_FOUND, true, "2033", "", -1},
	{"status_bad_initiator.json", API_TRANSACTION_STATUS, SAYS_UNCLEAR, true, "2001", "", -1},
	{"b2c_paid.json", API_TRANSACTION_STATUS, SAYS_UNCLEAR, false, "0", "", -1},

	{"query_paid.json", API_STK_QUERY, SAYS_PAID, true, "0", "", -1},
	{"query_cancelled.json", API_STK_QUERY, SAYS_DECLINED, true, "1032", "", -1},
	{"query_processing_4999.json", API_STK_QUERY, SAYS_OPEN, true, "4999", "", -1},
	{"query_bad_debt.json", API_STK_QUERY, SAYS_UNCLEAR, true, "E3008", "", -1},
	{"stk_accepted.json", API_STK_QUERY, SAYS_UNCLEAR, true, "0", "", -1},
	{"stk_cancelled.json", API_STK_QUERY, SAYS_UNCLEAR, true, "", "", -1},
	{"cut_off.json", API_STK_QUERY, SAYS_UNCLEAR, false, "", "", -1},

	{"b2c_paid.json", API_ACCOUNT_BALANCE, SAYS_UNCLEAR, false, "0", "", -1},
	{"b2c_paid.json", API_NONE, SAYS_UNCLEAR, false, "", "", -1},
};

static void test_every_body_says_what_it_says_and_no_more(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(bodies); i++) {
		const char *what =
			arena_print(&arena, "%s for %d", bodies[i].fixture, (int)bodies[i].purpose);
		struct callback callback =
			callback_of(bodies[i].purpose, fixture_read(bodies[i].fixture, &arena));
		struct evidence evidence;

		daraja_callback_parse(&callback, &arena, &evidence);
		CHECK(evidence.says == bodies[i].want_says, "%s: says %d", what, (int)evidence.says);
		CHECK(evidence.parsed == bodies[i].want_parsed, "%s", what);
		CHECK((evidence.row != NULL) == evidence.parsed, "%s", what);
		CHECK(strcmp(evidence.code, bodies[i].want_code) == 0, "%s: %s", what, evidence.code);
		CHECK(strcmp(evidence.receipt, bodies[i].want_receipt) == 0, "%s: %s", what,
			evidence.receipt);
		CHECK(evidence.has_amount == (bodies[i].want_cents >= 0), "%s", what);
		CHECK(!evidence.has_amount || amount_cents(evidence.amount) == bodies[i].want_cents, "%s",
			what);
	}
}

/* An error of the question is no word about the payment. */
static void test_a_query_that_fails_says_nothing_about_the_payment(void **state)
{
	static const struct {
		const char *fixture;
		int http;
		enum evidence_says want;
		bool want_parsed;
	} cases[] = {
		{"query_processing_500.json", 500, SAYS_OPEN, true},
		{"query_unknown_id.json", 400, SAYS_NOT_FOUND, true},
		{"error_internal.json", 500, SAYS_UNCLEAR, true},
		{"error_token_404.json", 404, SAYS_UNCLEAR, true},
		{"error_spike.json", 500, SAYS_UNCLEAR, true},
		{"fault_spike.json", 429, SAYS_UNCLEAR, true},
		{"incapsula.html", 503, SAYS_UNCLEAR, true},
		{"incapsula.html", 200, SAYS_UNCLEAR, false},
		{"query_paid.json", 500, SAYS_UNCLEAR, true},
		{"query_paid.json", 0, SAYS_UNCLEAR, false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct callback callback = callback_of(API_STK_QUERY, fixture_read(cases[i].fixture, &arena));
		struct evidence evidence;

		callback.http_status = cases[i].http;
		daraja_callback_parse(&callback, &arena, &evidence);
		CHECK(evidence.says == cases[i].want, "%s %d: %d", cases[i].fixture, cases[i].http,
			(int)evidence.says);
		CHECK(evidence.parsed == cases[i].want_parsed, "%s %d", cases[i].fixture, cases[i].http);
	}
}

static void test_a_queue_time_out_is_never_an_outcome(void **state)
{
	const char *names[FIXTURES_MOST];
	size_t count = fixture_names(names, &arena);

	(void)state;
	for (size_t i = 0; i < count; i++) {
		struct callback callback = callback_of(API_B2C, fixture_read(names[i], &arena));
		struct evidence evidence;

		callback.ref.flags = CALLBACK_FLAG_QUEUE_TIMEOUT;
		daraja_callback_parse(&callback, &arena, &evidence);
		CHECK(evidence.says == SAYS_UNCLEAR && evidence.parsed && evidence.row != NULL, "%s",
			names[i]);
		CHECK(evidence.receipt[0] == '\0' && !evidence.has_amount, "%s", names[i]);
	}
}

static void test_all_three_shapes_of_a_time_out_tell_the_id(void **state)
{
	static const char *const shapes[] = {
		"timeout_echo.json", "timeout_envelope.json", "timeout_flat.json"};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(shapes); i++) {
		struct callback callback = callback_of(API_B2C, fixture_read(shapes[i], &arena));
		struct evidence evidence;

		callback.ref.flags = CALLBACK_FLAG_QUEUE_TIMEOUT;
		daraja_callback_parse(&callback, &arena, &evidence);
		CHECK(strcmp(evidence.ids.originator, "0193e5f2a7b07c3d8e4f5a6b7c8d9e0f-1") == 0, "%s",
			shapes[i]);
	}
}

static void test_the_envelope_is_taken_over(void **state)
{
	struct callback callback = callback_of(API_STK_PUSH, fixture_read("stk_paid.json", &arena));
	struct evidence evidence;

	(void)state;
	callback.ref.gen = 4;
	callback.ref.query_no = 7;
	callback.ref.flags = CALLBACK_FLAG_AFTER_FENCE;
	callback.strength = STRENGTH_SIGNED;
	daraja_callback_parse(&callback, &arena, &evidence);
	assert_int_equal(evidence.gen, 4);
	assert_int_equal(evidence.query_no, 7);
	assert_true(evidence.after_fence);
	assert_int_equal(evidence.strength, STRENGTH_SIGNED);
	assert_int_equal(evidence.purpose, API_STK_PUSH);
	assert_string_equal(evidence.ids.checkout, "ws_CO_231120261015003120700000012");
	assert_string_equal(evidence.ids.merchant, "9a1c-4d77-b0e2-5f31c08e77aa118204");
}

/* The envelope's ids are the question's; what is asked about stands inside. */
static void test_a_status_tells_the_ids_of_the_payment_and_not_of_the_question(void **state)
{
	struct callback callback =
		callback_of(API_TRANSACTION_STATUS, fixture_read("status_completed.json", &arena));
	struct evidence evidence;

	(void)state;
	daraja_callback_parse(&callback, &arena, &evidence);
	assert_string_equal(evidence.ids.originator, "0193e5f2a7b07c3d8e4f5a6b7c8d9e0f-1");
	assert_string_equal(evidence.ids.conversation, "AG_20261123_2010a1b2c3d4e5f60718");
}

static void test_odd_values_of_a_code_and_a_receipt(void **state)
{
	static const struct {
		const char *what, *code, *receipt;
		enum evidence_says want;
		bool want_parsed;
		const char *want_receipt;
	} cases[] = {
		{"a code with spaces", "\" 0 \"", "\"UKN4A7QX2M\"", SAYS_PAID, true, "UKN4A7QX2M"},
		{"a code that begins with zeros", "\"00\"", "\"UKN4A7QX2M\"", SAYS_UNCLEAR, true, ""},
		{"minus nothing", "-0.0", "\"UKN4A7QX2M\"", SAYS_PAID, true, "UKN4A7QX2M"},
		{"a code with a fraction", "0.5", "\"UKN4A7QX2M\"", SAYS_UNCLEAR, true, ""},
		{"a code that is true", "true", "\"UKN4A7QX2M\"", SAYS_UNCLEAR, false, ""},
		{"a code that is null", "null", "\"UKN4A7QX2M\"", SAYS_UNCLEAR, false, ""},
		{"an empty code", "\"\"", "\"UKN4A7QX2M\"", SAYS_UNCLEAR, false, ""},
		{"a code that is a list", "[0]", "\"UKN4A7QX2M\"", SAYS_UNCLEAR, false, ""},
		{"a code past 64 bits", "99999999999999999999", "\"UKN4A7QX2M\"", SAYS_UNCLEAR, false, ""},
		{"a receipt with quotes in it", "0", "\"UKN'; --4A\"", SAYS_PAID, true, ""},
		{"a receipt of two letters", "0", "\"UK\"", SAYS_PAID, true, ""},
		{"a receipt of zeros", "0", "\"0000000000\"", SAYS_PAID, true, ""},
		{"a receipt that is null", "0", "null", SAYS_PAID, true, ""},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const char *body = arena_print(&arena,
			"{\"Body\":{\"stkCallback\":{\"ResultCode\":%s,\"CallbackMetadata\":{\"Item\":[{"
			"\"Name\":"
			"\"MpesaReceiptNumber\",\"Value\":%s}]}}}}",
			cases[i].code, cases[i].receipt);
		struct callback callback = callback_of(API_STK_PUSH, text_of(body));
		struct evidence evidence;

		daraja_callback_parse(&callback, &arena, &evidence);
		CHECK(evidence.says == cases[i].want && evidence.parsed == cases[i].want_parsed, "%s: %d",
			cases[i].what, (int)evidence.says);
		CHECK(strcmp(evidence.receipt, cases[i].want_receipt) == 0, "%s: %s", cases[i].what,
			evidence.receipt);
	}
}

/* The plain paths name no payment: then there is no key to compare with, and the ids do the matching. */
static void test_without_a_payment_the_ids_are_still_told(void **state)
{
	struct callback callback = callback_of(API_B2C, fixture_read("b2c_paid.json", &arena));
	struct evidence evidence;

	(void)state;
	callback.has_payment = false;
	callback.ref.gen = 0;
	callback.strength = STRENGTH_PLAIN;
	daraja_callback_parse(&callback, &arena, &evidence);
	assert_int_equal(evidence.says, SAYS_PAID);
	assert_int_equal(evidence.strength, STRENGTH_PLAIN);
	assert_string_equal(evidence.ids.conversation, "AG_20261123_2010a1b2c3d4e5f60718");
}

static void test_no_body_breaks_the_parser(void **state)
{
	(void)state;
	fixture_fuzz(LLVMFuzzerTestOneInput, 20000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_body_says_what_it_says_and_no_more),
		cmocka_unit_test(test_a_query_that_fails_says_nothing_about_the_payment),
		cmocka_unit_test(test_a_queue_time_out_is_never_an_outcome),
		cmocka_unit_test(test_all_three_shapes_of_a_time_out_tell_the_id),
		cmocka_unit_test(test_the_envelope_is_taken_over),
		cmocka_unit_test(test_a_status_tells_the_ids_of_the_payment_and_not_of_the_question),
		cmocka_unit_test(test_odd_values_of_a_code_and_a_receipt),
		cmocka_unit_test(test_without_a_payment_the_ids_are_still_told),
		cmocka_unit_test(test_no_body_breaks_the_parser),
	};

	return cmocka_run_group_tests(tests, start_memory, stop_memory);
}
