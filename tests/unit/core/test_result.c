#include "core/result.h"

#include "check.h"
#include "memory.h"
#include "life.h"

#include "base/arena.h"

static const struct cause cancelled = {.class = "customer",
	.code = "stk.1032",
	.text = "cancelled",
	.advice = "ask",
	.field = "",
	.retryable = true};

static void test_accepted_is_version_zero_and_not_final(void **unused)
{
	struct payment payment = payment_for(API_STK_PUSH);
	struct result result;

	(void)unused;
	payment.fingerprint.b[3] = 9;
	result_accepted(&payment, &arena, &result);
	assert_int_equal(result.version, 0);
	assert_int_equal(result.outcome, OUTCOME_ACCEPTED);
	assert_false(result.final);
	assert_string_equal(result.operation, "stk_push");
	assert_string_equal(result.tenant, "shop");
	assert_string_equal(result.account, "default");
	assert_int_equal(amount_shillings(result.amount), 350);
	assert_int_equal(result.accepted_at.us, payment.created_at.us);
	assert_int_equal(result.decided_at.us, payment.created_at.us);
	assert_int_equal(result.fingerprint.b[3], 9);
	assert_string_equal(result.cause.class, "");
	assert_string_equal(result.receipt, "");
	assert_string_equal(result.details.code, "");
}

static void test_a_phone_is_never_published_whole(void **unused)
{
	struct payment payment = payment_for(API_B2C);
	struct result result;

	(void)unused;
	result_accepted(&payment, &arena, &result);
	assert_null(strstr(result.party, "712345"));
	assert_non_null(strstr(result.party, "678"));
	payment.party = "";
	result_accepted(&payment, &arena, &result);
	assert_string_equal(result.party, "");
}

static void test_the_outcome_is_the_state(void **unused)
{
	static const struct {
		enum state state;
		bool rejected;
		enum outcome want;
		bool final, money;
	} rows[] = {
		/* clang-format off */
		{ STATE_SUCCEEDED, false, OUTCOME_SUCCEEDED, true, true },
		{ STATE_FAILED, false, OUTCOME_FAILED, true, false },
		{ STATE_FAILED, true, OUTCOME_REJECTED, true, false },
		{ STATE_UNRESOLVED, false, OUTCOME_UNRESOLVED, false, false },
		{ STATE_CONFLICT, false, OUTCOME_CONFLICT, false, true },
		{ STATE_CONFLICT, true, OUTCOME_CONFLICT, false, true },
		/* clang-format on */
	};

	(void)unused;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct payment payment = payment_for(API_STK_PUSH);
		struct payment_state state = row_in(&payment, rows[i].state, 2);
		struct result result;

		payment.rejected = rows[i].rejected;
		state.result_ver = 3;
		state.decided_at = NOW;
		state.receipt = "NLJ7RT61SV";
		state.moved = amount_of_shillings(350);
		result_decided(&payment, &state, &cancelled, &arena, &result);
		CHECK(result.outcome == rows[i].want && result.final == rows[i].final, "%s: %s",
			state_name(rows[i].state), outcome_name(result.outcome));
		CHECK((result.receipt[0] != '\0') == rows[i].money &&
				(amount_cents(result.moved) != 0) == rows[i].money,
			"%s: money", outcome_name(result.outcome));
		CHECK((result.cause.code[0] == '\0') == (result.outcome == OUTCOME_SUCCEEDED), "%s: cause",
			outcome_name(result.outcome));
		assert_int_equal(result.version, 3);
		assert_int_equal(result.attempts, 2);
		assert_int_equal(result.decided_at.us, NOW.us);
		assert_string_equal(result.ids.checkout, "ws_CO_1");
	}
}

static void test_a_cause_is_published_whole_and_without_null(void **unused)
{
	const struct payment payment = payment_for(API_STK_PUSH);
	const struct payment_state state = row_in(&payment, STATE_FAILED, 1);
	const struct cause half = {.class = "funds", .code = "stk.1"};
	struct result result;

	(void)unused;
	result_decided(&payment, &state, &cancelled, &arena, &result);
	assert_string_equal(result.cause.code, "stk.1032");
	assert_string_equal(result.cause.advice, "ask");
	assert_true(result.cause.retryable);
	result_decided(&payment, &state, &half, &arena, &result);
	assert_string_equal(result.cause.text, "");
	assert_string_equal(result.cause.field, "");
	result_decided(&payment, &state, NULL, &arena, &result);
	assert_string_equal(result.cause.class, "");
}

static void test_what_an_inquiry_was_told_is_its_answer(void **unused)
{
	const struct payment payment = payment_for(API_STK_QUERY);
	const struct payment_state state = row_in(&payment, STATE_SUCCEEDED, 1);
	const struct details answer = {.code = "1032", .text = "Request cancelled by user"};
	struct result result;

	(void)unused;
	result_decided(&payment, &state, &(struct cause){0}, &arena, &result);
	result_add_details(&result, &answer);
	assert_string_equal(result.operation, "stk_query");
	assert_string_equal(result.details.code, "1032");
	assert_string_equal(result.details.text, "Request cancelled by user");
	assert_string_equal(result.cause.class, "");
}

static void test_a_rejected_command_without_an_operation_has_a_result(void **unused)
{
	struct payment payment = payment_for(API_STK_PUSH);
	struct payment_state state = row_in(&payment, STATE_FAILED, 0);
	struct result result;

	(void)unused;
	payment.api = API_NONE;
	payment.rejected = true;
	result_decided(&payment, &state, &cancelled, &arena, &result);
	assert_string_equal(result.operation, "");
	assert_int_equal(result.outcome, OUTCOME_REJECTED);
	assert_string_equal(outcome_name(result.outcome), "REJECTED");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_accepted_is_version_zero_and_not_final),
		cmocka_unit_test(test_a_phone_is_never_published_whole),
		cmocka_unit_test(test_the_outcome_is_the_state),
		cmocka_unit_test(test_a_cause_is_published_whole_and_without_null),
		cmocka_unit_test(test_what_an_inquiry_was_told_is_its_answer),
		cmocka_unit_test(test_a_rejected_command_without_an_operation_has_a_result),
	};

	return cmocka_run_group_tests(tests, start_memory, stop_memory);
}
