#include "poller/overdue.h"

#include "check.h"

static const struct instant now = {1800000000000000};

static struct payment stk(void)
{
	return (struct payment){.api = API_STK_PUSH,
		.lane = LANE_INTERACTIVE,
		.tenant = "t",
		.account = "default",
		.party = "254700000000",
		.reference = "",
		.traceparent = "",
		.created_at = {now.us - 60000000},
		.valid_until = {now.us + 60000000}};
}

static struct payment_state in_state(enum state state)
{
	return (struct payment_state){.state = state,
		.attempt = state > STATE_RETRY ? 1 : 0,
		.gen = state > STATE_RETRY ? 1 : 0,
		.due_at = {now.us - 1000},
		.updated_at = {now.us - 30000000},
		.horizon_at = {now.us + 3600000000},
		.fence_at = {now.us + 1800000000},
		.query_no = 4,
		.heard_receipt = "",
		.receipt = "",
		.cause_code = "",
		.ids = {"", "", "", ""}};
}

static void test_what_is_not_due_is_left_alone(void **unused)
{
	const struct payment payment = stk();

	(void)unused;
	for (int s = 0; s < STATE_COUNT; s++) {
		struct payment_state row = in_state((enum state)s), before;
		struct overdue_plan plan;

		row.due_at = instant_add_ms(now, 5);
		before = row;
		overdue_decide(&payment, &row, now, 1, &plan);
		CHECK(plan.act == OVERDUE_NOTHING && !instant_is_set(plan.next), "%s: act %d",
			state_name((enum state)s), plan.act);
		CHECK(memcmp(&row, &before, sizeof(row)) == 0, "%s: the row was changed",
			state_name((enum state)s));
	}
}

static void test_a_question_gets_a_new_number_and_knows_the_fence(void **unused)
{
	const struct payment payment = stk();

	(void)unused;
	for (int after = 0; after < 2; after++) {
		struct payment_state row = in_state(STATE_PENDING);
		struct overdue_plan plan;

		row.ids.checkout = "ws_CO_1";
		row.fence_at = instant_add_ms(now, after ? -1 : 1000);
		overdue_decide(&payment, &row, now, 1, &plan);
		assert_int_equal(plan.act, OVERDUE_ASK);
		assert_int_equal(row.query_no, 5);
		assert_int_equal(row.asks, 1);
		assert_int_equal(row.asked_at.us, now.us);
		assert_int_equal(plan.after_fence, after);
		assert_true(instant_before(now, plan.next));
		assert_int_equal(row.due_at.us, plan.next.us);
	}
}

static void test_what_cannot_be_asked_waits_for_its_horizon(void **unused)
{
	const struct payment payment = stk();
	struct payment_state row = in_state(STATE_UNKNOWN);
	struct overdue_plan plan;

	(void)unused;
	overdue_decide(&payment, &row, now, 1, &plan);
	assert_int_equal(plan.act, OVERDUE_LATER);
	assert_int_equal(plan.next.us, row.horizon_at.us);
	overdue_decide(&payment, &row, instant_add_ms(row.horizon_at, 1), 1, &plan);
	assert_int_equal(plan.act, OVERDUE_STEP);
	assert_int_equal(plan.event, EVENT_HORIZON);
}

static void test_time_alone_raises_only_the_events_of_time(void **unused)
{
	const struct {
		const char *what;
		enum state state;
		int64_t valid_for_ms;
		enum overdue_act want;
		enum event event;
	} rows[] = {
		{"accepted and valid", STATE_ACCEPTED, 60000, OVERDUE_HINT, 0},
		{"accepted and too old", STATE_ACCEPTED, -1, OVERDUE_STEP, EVENT_EXPIRED},
		{"to be retried", STATE_RETRY, 60000, OVERDUE_HINT, 0},
		{"to be retried, too old", STATE_RETRY, -1, OVERDUE_STEP, EVENT_EXPIRED},
		{"on the wire", STATE_SENDING, 60000, OVERDUE_STEP, EVENT_LEASE_OUT},
		{"on the wire, too old to send again", STATE_SENDING, -1, OVERDUE_STEP, EVENT_LEASE_OUT},
		{"settled", STATE_SUCCEEDED, 60000, OVERDUE_LATER, 0},
	};

	(void)unused;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct payment payment = stk();
		struct payment_state row = in_state(rows[i].state);
		struct overdue_plan plan;

		payment.valid_until = instant_add_ms(now, rows[i].valid_for_ms);
		overdue_decide(&payment, &row, now, 1, &plan);
		CHECK(plan.act == rows[i].want, "%s: act %d", rows[i].what, plan.act);
		CHECK(plan.act != OVERDUE_STEP || plan.event == rows[i].event, "%s: %s", rows[i].what,
			event_name(plan.event));
		CHECK(plan.act != OVERDUE_HINT || (instant_before(now, plan.next) &&
							  !instant_before(payment.valid_until, plan.next)),
			"%s: the next look lies %lld ms ahead", rows[i].what,
			(long long)instant_ms_between(now, plan.next));
	}
}

static void test_read_only_payments_are_put_off_and_not_in_doubt(void **unused)
{
	struct payment payment = stk();
	struct payment_state row = in_state(STATE_SENDING);
	struct overdue_plan plan;

	(void)unused;
	payment.api = API_STK_QUERY;
	payment.lane = LANE_QUERY;
	overdue_decide(&payment, &row, now, 1, &plan);
	assert_int_equal(plan.act, OVERDUE_STEP);
	assert_int_equal(plan.event, EVENT_PUT_OFF);
}

/* Its callback was lost, or is late: the same inquiry once more, until its time is over. */
static void test_an_accepted_inquiry_is_repeated_and_then_told_as_unanswered(void **unused)
{
	struct payment payment = stk();
	struct payment_state row = in_state(STATE_PENDING);
	struct overdue_plan plan;

	(void)unused;
	payment.api = API_ACCOUNT_BALANCE;
	payment.lane = LANE_QUERY;
	row.horizon_at = instant_add_ms(now, 600000);
	overdue_decide(&payment, &row, now, 1, &plan);
	assert_int_equal(plan.act, OVERDUE_ASK);
	assert_int_equal(row.query_no, 5);
	assert_int_equal(instant_ms_between(now, plan.next), 60000);
	row.due_at = now;
	row.horizon_at = now;
	overdue_decide(&payment, &row, now, 1, &plan);
	assert_int_equal(plan.act, OVERDUE_STEP);
	assert_int_equal(plan.event, EVENT_HORIZON);
	row = in_state(STATE_UNRESOLVED);
	overdue_decide(&payment, &row, now, 1, &plan);
	assert_int_equal(plan.act, OVERDUE_LATER);
	assert_false(instant_is_set(plan.next));
}

static void test_the_last_question_number_is_never_passed(void **unused)
{
	const struct payment payment = stk();
	struct payment_state row = in_state(STATE_PENDING);
	struct overdue_plan plan;

	(void)unused;
	row.ids.checkout = "ws_CO_1";
	row.query_no = QUERY_NO_MOST;
	overdue_decide(&payment, &row, now, 1, &plan);
	assert_int_equal(plan.act, OVERDUE_LATER);
	assert_int_equal(row.query_no, QUERY_NO_MOST);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_not_due_is_left_alone),
		cmocka_unit_test(test_a_question_gets_a_new_number_and_knows_the_fence),
		cmocka_unit_test(test_what_cannot_be_asked_waits_for_its_horizon),
		cmocka_unit_test(test_time_alone_raises_only_the_events_of_time),
		cmocka_unit_test(test_read_only_payments_are_put_off_and_not_in_doubt),
		cmocka_unit_test(test_an_accepted_inquiry_is_repeated_and_then_told_as_unanswered),
		cmocka_unit_test(test_the_last_question_number_is_never_passed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
