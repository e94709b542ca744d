#include "fixture.h"

#include "core/answer.h"
#include "wire/daraja_answer.h"
#include "wire/daraja_callback.h"

#include "memory.h"

/* B2B express and standing orders: what Daraja says of them, and what it means. */

#define OURS "0193e5f2a7b07c3d8e4f5a6b7c8d9e0f-1"

static void parse(enum api purpose, const char *fixture, struct evidence *ret)
{
	struct callback callback = {
		.has_payment = true,
		.ref = {.purpose = purpose, .gen = 1},
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
} bodies[] = {
	{"express_paid.json", API_B2B_EXPRESS, SAYS_PAID, true, "0", "UKN4A7QX2M", 35000},
	{"express_paid_number.json", API_B2B_EXPRESS, SAYS_PAID, true, "0", "UKN4A7QX2M", 35000},
	{"express_paid_without_amount.json", API_B2B_EXPRESS, SAYS_PAID, true, "0", "UKN4A7QX2M", -1},
	{"express_paid_amount_unreadable.json", API_B2B_EXPRESS, SAYS_UNCLEAR, false, "0", "", -1},
	{"express_cancelled.json", API_B2B_EXPRESS, SAYS_DECLINED, true, "4001", "", -1},
	{"express_network.json", API_B2B_EXPRESS, SAYS_UNCLEAR, true, "4201", "", -1},
	{"express_unlisted_code.json", API_B2B_EXPRESS, SAYS_UNCLEAR, true, "4999", "", -1},
	{"b2c_paid.json", API_B2B_EXPRESS, SAYS_UNCLEAR, false, "", "", -1},
	{"cut_off.json", API_B2B_EXPRESS, SAYS_UNCLEAR, false, "", "", -1},

	{"order_made.json", API_STANDING_ORDER, SAYS_PAID, true, "0", "", -1},
	{"order_made_capitals.json", API_STANDING_ORDER, SAYS_PAID, true, "0", "", -1},
	{"order_without_items.json", API_STANDING_ORDER, SAYS_PAID, true, "0", "", -1},
	{"order_declined.json", API_STANDING_ORDER, SAYS_DECLINED, true, "1032", "", -1},
	{"order_name_taken.json", API_STANDING_ORDER, SAYS_UNCLEAR, true, "1050", "", -1},
	{"order_disagrees.json", API_STANDING_ORDER, SAYS_UNCLEAR, false, "0", "", -1},
	{"order_okay_error.json", API_STANDING_ORDER, SAYS_UNCLEAR, false, "0", "", -1},
	{"order_without_head.json", API_STANDING_ORDER, SAYS_UNCLEAR, false, "", "", -1},
	{"express_paid.json", API_STANDING_ORDER, SAYS_UNCLEAR, false, "", "", -1},
	{"not_an_object.json", API_STANDING_ORDER, SAYS_UNCLEAR, false, "", "", -1},
};

static void test_every_body_says_what_it_says_and_no_more(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(bodies); i++) {
		const char *what =
			arena_print(&arena, "%s for %d", bodies[i].fixture, (int)bodies[i].purpose);
		struct evidence evidence;

		parse(bodies[i].purpose, bodies[i].fixture, &evidence);
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

static void test_ids_and_numbers_are_told(void **state)
{
	struct evidence evidence;

	(void)state;
	parse(API_B2B_EXPRESS, "express_paid.json", &evidence);
	assert_string_equal(evidence.ids.originator, OURS);
	assert_string_equal(evidence.ids.conversation, "AG_20261123_2010a1b2c3d4e5f60718");
	parse(API_STANDING_ORDER, "order_made.json", &evidence);
	assert_string_equal(evidence.ids.conversation, "16738-27456357-1");
	assert_int_equal(evidence.details.item_count, 1);
	assert_string_equal(evidence.details.items[0].name, "order_transaction_id");
	assert_string_equal(evidence.details.items[0].value, "SC8F2IQMH5");
	parse(API_STANDING_ORDER, "order_declined.json", &evidence);
	assert_true(details_are_none(&evidence.details));
}

static void test_acknowledgements_are_taken(void **state)
{
	static const struct {
		const char *fixture;
		enum api api;
		enum code_class want;
	} rows[] = {
		{"express_accepted.json", API_B2B_EXPRESS, CODE_TAKEN},
		{"order_accepted.json", API_STANDING_ORDER, CODE_TAKEN},
		{"order_accepted.json", API_B2B_EXPRESS, CODE_NO_WORD},
		{"express_accepted.json", API_STANDING_ORDER, CODE_NO_WORD},
		{"b2c_accepted_empty.json", API_STANDING_ORDER, CODE_NO_WORD},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct answer_verdict verdict;
		struct answer answer;

		daraja_answer_parse(rows[i].api, 200, fixture_read(rows[i].fixture, &arena), &arena, &answer);
		verdict = answer_classify(rows[i].api, &answer, false, &arena);
		CHECK(verdict.class == rows[i].want, "%s for %d: %s", rows[i].fixture, (int)rows[i].api,
			code_class_name(verdict.class));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_body_says_what_it_says_and_no_more),
		cmocka_unit_test(test_ids_and_numbers_are_told),
		cmocka_unit_test(test_acknowledgements_are_taken),
	};

	return cmocka_run_group_tests(tests, start_memory, stop_memory);
}
