#include "core/payment.h"

#include "base/attr.h"

#include "check.h"
#include "life.h"

static const struct forgotten_claim second = {.attempt = 2, .gen = 2, .fence_at = {1780000009000000}};

static void test_what_was_sent_and_forgotten_is_never_sendable(void **unused)
{
	static const enum state want[STATE_COUNT] = {
		[STATE_ACCEPTED] = STATE_UNKNOWN,
		[STATE_RETRY] = STATE_UNKNOWN,
		[STATE_SENDING] = STATE_UNKNOWN,
		[STATE_PENDING] = STATE_UNKNOWN,
		[STATE_UNKNOWN] = STATE_UNKNOWN,
		[STATE_UNRESOLVED] = STATE_UNRESOLVED,
		[STATE_FAILED] = STATE_UNRESOLVED,
		[STATE_SUCCEEDED] = STATE_SUCCEEDED,
		[STATE_CONFLICT] = STATE_CONFLICT,
	};
	const struct payment payment = payment_for(API_B2C);

	(void)unused;
	for (int from = 0; from < STATE_COUNT; from++) {
		struct payment_state state = row_in(&payment, (enum state)from, 1);
		const unsigned version = state.result_ver;
		struct step_done done;

		CHECK(payment_recover(&payment, &state, &second, NOW, 1, &done), "%s", state_name(from));
		CHECK(state.state == want[from] && done.to == want[from], "%s -> %s", state_name(from),
			state_name(state.state));
		CHECK(state.attempt == 2 && state.gen == 2, "%s", state_name(from));
		CHECK(state.result_ver == (version > 0 ? version + 1000 : 0), "%s: version %u",
			state_name(from), state.result_ver);
		CHECK(done.new_version == (version > 0), "%s", state_name(from));
		CHECK(!payment_can_claim(&payment, &state, NOW), "%s", state_name(from));
	}
}

static void test_an_attempt_that_the_row_knows_changes_nothing(void **unused)
{
	const struct payment payment = payment_for(API_STK_PUSH);

	(void)unused;
	for (unsigned attempt = 2; attempt <= 3; attempt++) {
		struct payment_state state = row_in(&payment, STATE_RETRY, attempt), before = state;
		struct step_done done;

		assert_false(payment_recover(&payment, &state, &second, NOW, 1, &done));
		assert_memory_equal(&state, &before, sizeof(state));
	}
}

static void test_it_is_asked_about_now_or_waits_for_its_horizon(void **unused)
{
	const struct payment payout = payment_for(API_B2C), push = payment_for(API_STK_PUSH);
	struct payment_state state = row_in(&payout, STATE_ACCEPTED, 0);
	struct step_done done;

	(void)unused;
	assert_true(payment_recover(&payout, &state, &second, NOW, 1, &done));
	assert_int_equal(state.due_at.us, NOW.us);
	assert_int_equal(done.timer_at.us, NOW.us);
	assert_int_equal(done.timer_what, TIMER_LOOK);
	state = row_in(&push, STATE_RETRY, 1);
	assert_true(payment_recover(&push, &state, &second, NOW, 1, &done));
	assert_string_equal(state.ids.checkout, ""); /* of the attempt before */
	assert_int_equal(state.due_at.us, state.horizon_at.us);
	assert_int_equal(state.horizon_at.us, instant_add_ms(NOW, api_row(API_STK_PUSH)->horizon_ms).us);
}

static void test_the_fence_is_the_later_one(void **unused)
{
	const struct payment payment = payment_for(API_B2C);
	struct payment_state state = row_in(&payment, STATE_RETRY, 1);
	const struct forgotten_claim late = {.attempt = 2, .gen = 2, .fence_at = at_s(9 * 86400)};
	struct step_done done;

	(void)unused;
	assert_true(payment_recover(&payment, &state, &second, NOW, 1, &done));
	assert_int_equal(state.fence_at.us, at_s(3600).us);
	state = row_in(&payment, STATE_RETRY, 1);
	assert_true(payment_recover(&payment, &state, &late, NOW, 1, &done));
	assert_int_equal(state.fence_at.us, late.fence_at.us);
	assert_int_equal(state.horizon_at.us, late.fence_at.us);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_was_sent_and_forgotten_is_never_sendable),
		cmocka_unit_test(test_an_attempt_that_the_row_knows_changes_nothing),
		cmocka_unit_test(test_it_is_asked_about_now_or_waits_for_its_horizon),
		cmocka_unit_test(test_the_fence_is_the_later_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
