#include "dispatcher/probe_choice.h"

#include "check.h"

static struct payment_row row_of(enum api api, enum state state, unsigned char id)
{
	return (struct payment_row){.found = true,
		.payment = {.id = {.b = {[15] = id}}, .api = api},
		.state = {.state = state,
			.attempt = 1,
			.ids = {.checkout = "ws_CO_1",
				.merchant = "",
				.conversation = "",
				.originator = ""}}};
}

static void test_worth_by_state(void **unused)
{
	static const enum probe_worth want[STATE_COUNT] = {
		[STATE_ACCEPTED] = PROBE_WORTHLESS,
		[STATE_RETRY] = PROBE_WORTHLESS,
		[STATE_SENDING] = PROBE_WORTHLESS,
		[STATE_PENDING] = PROBE_IN_DOUBT,
		[STATE_UNKNOWN] = PROBE_IN_DOUBT,
		[STATE_UNRESOLVED] = PROBE_IN_DOUBT,
		[STATE_SUCCEEDED] = PROBE_SETTLED,
		[STATE_FAILED] = PROBE_SETTLED,
		[STATE_CONFLICT] = PROBE_WORTHLESS,
	};

	(void)unused;
	for (int state = 0; state < STATE_COUNT; state++) {
		struct payment_row row = row_of(API_STK_PUSH, (enum state)state, 1);

		CHECK(probe_worth(&row) == want[state], "%s", state_name((enum state)state));
		row.state.attempt = 0; /* failed unsent, for example: M-PESA knows nothing of it */
		CHECK(probe_worth(&row) == PROBE_WORTHLESS, "%s, never sent", state_name((enum state)state));
		row = row_of(API_STK_PUSH, (enum state)state, 1);
		row.state.ids.checkout = "";
		CHECK(probe_worth(&row) == PROBE_WORTHLESS, "%s, no id", state_name((enum state)state));
		row = row_of(API_STK_QUERY, (enum state)state, 1); /* cannot be asked about */
		CHECK(probe_worth(&row) == PROBE_WORTHLESS, "%s, an inquiry", state_name((enum state)state));
		row = row_of(API_B2C, (enum state)state, 1);
		row.found = false;
		CHECK(probe_worth(&row) == PROBE_WORTHLESS, "%s, not found", state_name((enum state)state));
		row = row_of(API_B2C, (enum state)state, 1);
		row.payment.rejected = true;
		CHECK(probe_worth(&row) == PROBE_WORTHLESS, "%s, rejected", state_name((enum state)state));
	}
}

static void test_doubt_goes_before_what_is_settled_and_the_newest_before_older_ones(void **unused)
{
	const struct payment_row never = row_of(API_B2C, STATE_ACCEPTED, 9),
				 settled = row_of(API_B2C, STATE_SUCCEEDED, 3),
				 newer = row_of(API_B2C, STATE_FAILED, 4),
				 doubt = row_of(API_B2C, STATE_UNKNOWN, 1),
				 doubt_2 = row_of(API_B2C, STATE_PENDING, 2);
	const struct payment_row *better[] = {NULL, &settled, &newer, &doubt, &doubt_2};

	(void)unused;
	for (size_t i = 0; i < COUNT_OF(better); i++)
		for (size_t k = 1; k < COUNT_OF(better); k++)
			CHECK(probe_is_better(better[k], better[i]) == (k > i), "%zu over %zu", k, i);
	for (size_t i = 0; i < COUNT_OF(better); i++)
		assert_false(probe_is_better(&never, better[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_worth_by_state),
		cmocka_unit_test(test_doubt_goes_before_what_is_settled_and_the_newest_before_older_ones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
