#include "fixture.h"

#include "core/answer.h"
#include "wire/daraja_answer.h"
#include "wire/daraja_callback.h"

#include "memory.h"

/* Business payments, tax, pochi, B2C as it was, and reversals: what Daraja says of them, and what it means. */

#define GATEWAYS "9a1c-4d77-b0e2-5f31c08e77aa118204"
#define OURS     "0193e5f2a7b07c3d8e4f5a6b7c8d9e0f-1"

static void parse(enum api purpose, const char *fixture, unsigned flags, struct evidence *ret)
{
	struct callback callback = {
		.has_payment = true,
		.ref = {.purpose = purpose, .gen = 1, .flags = flags},
		.strength = STRENGTH_SIGNED_LISTED,
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
	enum evidence_says want_says;
	bool want_parsed;
	const char *want_code, *want_receipt;
	int want_cents; /* -1: not told */
	const char *want_originator;
} bodies[] = {
	{"b2b_paid.json", API_B2B, SAYS_PAID, true, "0", "UKN4A7QX2M", 35000, GATEWAYS},
	{"b2b_paid_amount_number.json", API_B2B, SAYS_PAID, true, "0", "UKN4A7QX2M", 35000, GATEWAYS},
	{"b2b_paid_goods.json", API_B2B, SAYS_PAID, true, "0", "UKN4A7QX2M", 35000, GATEWAYS},
	{"b2b_paid_charged.json", API_B2B, SAYS_PAID, true, "0", "UKN4A7QX2M", 35000, GATEWAYS},
	{"b2b_paid_one_parameter.json", API_B2B, SAYS_PAID, true, "0", "UKN4A7QX2M", 35000, GATEWAYS},
	{"b2b_paid_without_parameters.json", API_B2B, SAYS_PAID, true, "0", "UKN4A7QX2M", -1, GATEWAYS},
	{"b2b_paid_placeholder.json", API_B2B, SAYS_PAID, true, "0", "", 35000, GATEWAYS},
	{"b2b_paid_two_amounts.json", API_B2B, SAYS_UNCLEAR, false, "0", "", -1, GATEWAYS},
	{"b2b_paid_amount_unreadable.json", API_B2B, SAYS_UNCLEAR, false, "0", "", -1, GATEWAYS},
	{"b2b_no_funds.json", API_B2B, SAYS_DECLINED, true, "1", "", -1, GATEWAYS},
	{"b2b_failed_bill_number.json", API_B2B, SAYS_DECLINED, true, "2001", "", -1, GATEWAYS},
	{"b2b_wrong_type.json", API_B2B, SAYS_DECLINED, true, "SFC_IC0003", "", -1, GATEWAYS},
	{"b2b_bill_account.json", API_B2B, SAYS_DECLINED, true, "2202", "", -1, GATEWAYS},
	{"b2b_duplicate_result.json", API_B2B, SAYS_UNCLEAR, true, "15", "", -1, GATEWAYS},
	{"b2b_unlisted_code.json", API_B2B, SAYS_UNCLEAR, true, "7777", "", -1, GATEWAYS},
	{"b2b_more_follow.json", API_B2B, SAYS_UNCLEAR, true, "0", "", -1, GATEWAYS},
	{"b2c_flat.json", API_B2B, SAYS_UNCLEAR, false, "", "", -1, ""},
	{"stk_paid.json", API_B2B, SAYS_UNCLEAR, false, "", "", -1, ""},
	/* a payout's names are not a transfer's: its amount is not told */
	{"b2c_paid.json", API_B2B, SAYS_PAID, true, "0", "UKN4A7QX2M", -1, OURS},

	{"tax_paid.json", API_TAX_REMITTANCE, SAYS_PAID, true, "0", "UKN4A7QX2M", 35000, GATEWAYS},
	{"tax_failed.json", API_TAX_REMITTANCE, SAYS_DECLINED, true, "2028", "", -1, GATEWAYS},
	{"b2b_unlisted_code.json", API_TAX_REMITTANCE, SAYS_UNCLEAR, true, "7777", "", -1, GATEWAYS},

	{"pochi_paid.json", API_B2POCHI, SAYS_PAID, true, "0", "UKN4A7QX2M", 35000, OURS},
	{"pochi_unregistered.json", API_B2POCHI, SAYS_DECLINED, true, "2040", "", -1, OURS},
	{"b2c_v1_paid.json", API_B2C_V1, SAYS_PAID, true, "0", "UKN4A7QX2M", 35000, "16740-34861180-1"},

	{"reversal_paid.json", API_REVERSAL, SAYS_PAID, true, "0", "UKN4A7QX2M", 35000, GATEWAYS},
	{"reversal_paid_bare.json", API_REVERSAL, SAYS_PAID, true, "0", "UKN4A7QX2M", -1, GATEWAYS},
	{"reversal_already.json", API_REVERSAL, SAYS_UNCLEAR, true, "R000001", "", -1, GATEWAYS},
	{"reversal_unknown_receipt.json", API_REVERSAL, SAYS_DECLINED, true, "R000002", "", -1, GATEWAYS},
	{"reversal_no_role.json", API_REVERSAL, SAYS_DECLINED, true, "21", "", -1, GATEWAYS},
	/* a code of another product is none of this one's */
	{"b2b_bill_account.json", API_REVERSAL, SAYS_UNCLEAR, true, "2202", "", -1, GATEWAYS},

	{"status_of_b2b.json", API_TRANSACTION_STATUS, SAYS_PAID, true, "Completed", "UKN4A7QX2M", 35000,
		GATEWAYS},
};

static void test_every_body_says_what_it_says_and_no_more(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(bodies); i++) {
		const char *what =
			arena_print(&arena, "%s for %d", bodies[i].fixture, (int)bodies[i].purpose);
		struct evidence evidence;

		parse(bodies[i].purpose, bodies[i].fixture, 0, &evidence);
		CHECK(evidence.says == bodies[i].want_says, "%s: says %d", what, (int)evidence.says);
		CHECK(evidence.parsed == bodies[i].want_parsed, "%s", what);
		CHECK((evidence.row != NULL) == evidence.parsed, "%s", what);
		CHECK(strcmp(evidence.code, bodies[i].want_code) == 0, "%s: %s", what, evidence.code);
		CHECK(strcmp(evidence.receipt, bodies[i].want_receipt) == 0, "%s: %s", what,
			evidence.receipt);
		CHECK(evidence.has_amount == (bodies[i].want_cents >= 0), "%s", what);
		CHECK(!evidence.has_amount || amount_cents(evidence.amount) == bodies[i].want_cents, "%s",
			what);
		CHECK(strcmp(evidence.ids.originator, bodies[i].want_originator) == 0, "%s: %s", what,
			evidence.ids.originator);
	}
}

static void test_charges_of_a_business_payment_are_told(void **state)
{
	struct evidence evidence;

	(void)state;
	parse(API_B2B, "b2b_paid_charged.json", 0, &evidence);
	assert_int_equal(evidence.details.charge_count, 2);
	assert_string_equal(evidence.details.charges[0].name, "Business Pay Bill Charge");
	assert_string_equal(evidence.details.charges[0].currency, "KES");
	assert_int_equal(evidence.details.charges[0].fee_cents, 7700);
	assert_string_equal(evidence.details.charges[1].name, "Excise");
	assert_int_equal(evidence.details.charges[1].fee_cents, 50);
	parse(API_B2B, "b2b_paid.json", 0, &evidence);
	assert_int_equal(evidence.details.charge_count, 0);
	parse(API_B2B, "b2b_no_funds.json", 0, &evidence);
	assert_true(details_are_none(&evidence.details));
}

static void test_a_reversal_tells_whose_money_went_back(void **state)
{
	struct evidence evidence;

	(void)state;
	parse(API_REVERSAL, "reversal_paid.json", 0, &evidence);
	assert_int_equal(evidence.details.item_count, 1);
	assert_string_equal(evidence.details.items[0].name, "original_receipt");
	assert_string_equal(evidence.details.items[0].value, "UKM1B8RT3Z");
}

static void test_a_time_out_of_the_queue_is_never_an_outcome(void **state)
{
	static const enum api products[] = {
		API_B2B, API_TAX_REMITTANCE, API_B2POCHI, API_B2C_V1, API_REVERSAL};
	static const char *const shapes[] = {"b2b_timeout_echo.json", "b2b_paid.json", "reversal_paid.json",
		"pochi_paid.json", "b2b_no_funds.json", "timeout_flat.json", "incapsula.html"};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(products); i++)
		for (size_t j = 0; j < COUNT_OF(shapes); j++) {
			struct evidence evidence;

			parse(products[i], shapes[j], CALLBACK_FLAG_QUEUE_TIMEOUT, &evidence);
			CHECK(evidence.says == SAYS_UNCLEAR && evidence.parsed && evidence.row != NULL,
				"%s for %d", shapes[j], (int)products[i]);
			CHECK(evidence.receipt[0] == '\0' && !evidence.has_amount, "%s for %d", shapes[j],
				(int)products[i]);
		}
}

static const struct {
	const char *fixture;
	enum api api;
	int http;
	bool want_ids;
	const char *want_code;
	enum code_class want_class;
} answers[] = {
	{"b2b_accepted.json", API_B2B, 200, true, "0", CODE_TAKEN},
	{"b2b_accepted_empty.json", API_B2B, 200, false, "", CODE_NO_WORD},
	{"b2b_accepted_one_id.json", API_B2B, 200, false, "0", CODE_NO_WORD},
	{"b2b_bad_receiver_type.json", API_B2B, 400, false, "400.002.02", CODE_TURNED_DOWN},
	{"b2b_refused_code.json", API_B2B, 200, true, "1", CODE_NO_WORD},
	{"error_token_400.json", API_B2B, 400, false, "400.003.01", CODE_TOKEN},
	{"error_spike.json", API_B2B, 500, false, "500.003.02", CODE_PUT_OFF},
	{"error_quota.json", API_B2B, 500, false, "500.003.03", CODE_PUT_OFF},
	{"error_busy.json", API_B2B, 500, false, "500.003.02", CODE_NO_WORD},
	{"error_no_product.json", API_B2B, 401, false, "401.003.01", CODE_CONFIG},
	{"error_unlisted.json", API_B2B, 500, false, "599.999.01", CODE_NO_WORD},
	{"incapsula.html", API_B2B, 503, false, "", CODE_NO_WORD},
	{"stk_accepted.json", API_B2B, 200, false, "0", CODE_NO_WORD},
	{"tax_accepted.json", API_TAX_REMITTANCE, 200, true, "0", CODE_TAKEN},
	{"b2b_accepted_empty.json", API_TAX_REMITTANCE, 200, false, "", CODE_NO_WORD},
	{"pochi_accepted.json", API_B2POCHI, 200, true, "0", CODE_TAKEN},
	{"b2c_duplicate.json", API_B2POCHI, 500, false, "500.002.1001", CODE_DUPLICATE},
	{"b2c_v1_accepted.json", API_B2C_V1, 200, true, "0", CODE_TAKEN},
	{"reversal_accepted.json", API_REVERSAL, 200, true, "0", CODE_TAKEN},
	{"reversal_internal.json", API_REVERSAL, 500, false, "500.001.1001", CODE_NO_WORD},
	{"error_token_404.json", API_REVERSAL, 404, false, "404.001.03", CODE_TOKEN},
};

static void test_every_answer_is_read_as_its_class(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(answers); i++) {
		struct answer_verdict verdict;
		struct answer answer;

		daraja_answer_parse(answers[i].api, answers[i].http, fixture_read(answers[i].fixture, &arena),
			&arena, &answer);
		CHECK(answer.has_ids == answers[i].want_ids, "%s", answers[i].fixture);
		CHECK(text_is(answer.code, answers[i].want_code), "%s: %.*s", answers[i].fixture,
			TEXT_ARG(answer.code));
		verdict = answer_classify(answers[i].api, &answer, false, &arena);
		CHECK(verdict.class == answers[i].want_class, "%s: %s", answers[i].fixture,
			code_class_name(verdict.class));
	}
}

/* The one that no source lists must be in doubt for each of them: it may have been executed. */
static void test_what_nobody_has_listed_is_no_refusal(void **state)
{
	static const enum api products[] = {
		API_B2B, API_TAX_REMITTANCE, API_B2POCHI, API_B2C_V1, API_REVERSAL};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(products); i++)
		for (int http = 200; http < 600; http += 100) {
			struct answer_verdict verdict;
			struct answer answer;

			daraja_answer_parse(products[i], http,
				TEXT("{\"errorCode\":\"999.999\",\"errorMessage\":\"new\"}"), &arena,
				&answer);
			verdict = answer_classify(products[i], &answer, false, &arena);
			CHECK(verdict.class == CODE_NO_WORD, "%s, %d: %s", api_row(products[i])->name, http,
				code_class_name(verdict.class));
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_body_says_what_it_says_and_no_more),
		cmocka_unit_test(test_charges_of_a_business_payment_are_told),
		cmocka_unit_test(test_a_reversal_tells_whose_money_went_back),
		cmocka_unit_test(test_a_time_out_of_the_queue_is_never_an_outcome),
		cmocka_unit_test(test_every_answer_is_read_as_its_class),
		cmocka_unit_test(test_what_nobody_has_listed_is_no_refusal),
	};

	return cmocka_run_group_tests(tests, start_memory, stop_memory);
}
