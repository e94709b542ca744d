#include "core/payment.h"

#include "check.h"
#include "life.h"

static struct step_done apply(
	const struct payment *payment, struct payment_state *state, struct step_facts facts)
{
	struct step_done done;

	payment_apply(payment, state, &facts, &done);
	return done;
}

static bool at(struct instant a, struct instant b)
{
	return a.us == b.us;
}

/* The rules of every step */

static void test_every_step_does_what_the_table_says(void **unused)
{
	const struct payment payment = payment_for(API_B2C);

	(void)unused;
	for (enum state s = 0; (int)s < STATE_COUNT; s++)
		for (enum event e = 0; (int)e < EVENT_COUNT; e++) {
			const struct lifecycle_step *step = lifecycle_step(s, e);
			struct payment_state state = row_in(&payment, s, s == STATE_ACCEPTED ? 0 : 1);
			const struct payment_state before = state;
			const struct step_done done = apply(&payment, &state, facts_of(e));

			CHECK(done.from == s && done.to == step->to && state.state == step->to, "%s on %s",
				state_name(s), event_name(e));
			CHECK(done.new_version == step->new_version, "%s on %s", state_name(s),
				event_name(e));
			CHECK(state.result_ver == before.result_ver + (step->new_version ? 1 : 0), "%s on %s",
				state_name(s), event_name(e));
			CHECK(done.effects == step->effects && done.why == step->why, "%s on %s",
				state_name(s), event_name(e));
			CHECK(done.changed ||
					(state.state == before.state && at(state.due_at, before.due_at) &&
						state.heard == before.heard),
				"%s on %s", state_name(s), event_name(e));
		}
}

/* I12 */
static void test_who_is_not_at_rest_has_a_timer(void **unused)
{
	static const enum api apis[] = {API_STK_PUSH, API_B2C};

	(void)unused;
	for (size_t i = 0; i < COUNT_OF(apis); i++)
		for (enum state s = 0; (int)s < STATE_COUNT; s++)
			for (enum event e = 0; (int)e < EVENT_COUNT; e++)
				for (unsigned has_ids = 0; has_ids < 2; has_ids++) {
					const struct payment payment = payment_for(apis[i]);
					struct payment_state state =
						row_in(&payment, s, s == STATE_ACCEPTED ? 0 : 1);

					if (!has_ids)
						state.ids = NO_IDS;

					const struct step_done done = apply(&payment, &state, facts_of(e));
					const bool rests = state_is_published(state.state) &&
							   state.state != STATE_UNRESOLVED;

					CHECK(rests || instant_is_set(state.due_at), "%s on %s",
						state_name(s), event_name(e));
					CHECK(rests || done.from == done.to || instant_is_set(done.timer_at),
						"%s on %s: no timer", state_name(s), event_name(e));
					CHECK(!instant_is_set(done.timer_at) ||
							at(done.timer_at, state.due_at),
						"%s on %s", state_name(s), event_name(e));
					CHECK(done.timer_what ==
							(state.state == STATE_RETRY ||
										state.state == STATE_ACCEPTED
									? TIMER_SEND
									: TIMER_LOOK),
						"%s on %s", state_name(s), event_name(e));
				}
}

static void test_evidence_never_keeps_a_claim_alive(void **unused)
{
	const struct payment payment = payment_for(API_B2C);

	(void)unused;
	for (enum event e = 0; (int)e < EVENT_COUNT; e++) {
		struct payment_state state = row_in(&payment, STATE_SENDING, 1);
		const struct instant lease = state.due_at;

		apply(&payment, &state, facts_of(e));
		if (state.state == STATE_SENDING)
			CHECK(!instant_before(lease, state.due_at), "%s", event_name(e));
	}
}

static void test_a_version_is_dated_and_has_its_cause(void **unused)
{
	const struct payment payment = payment_for(API_STK_PUSH);

	(void)unused;
	for (enum state s = 0; (int)s < STATE_COUNT; s++)
		for (enum event e = 0; (int)e < EVENT_COUNT; e++) {
			struct payment_state state = row_in(&payment, s, s == STATE_ACCEPTED ? 0 : 1);
			const struct step_done done = apply(&payment, &state, facts_of(e));
			const bool dictionary =
				e == EVENT_PUT_OFF || e == EVENT_TURNED_DOWN || e == EVENT_DECLINED;

			if (!done.new_version)
				continue;
			CHECK(at(state.decided_at, NOW), "%s on %s", state_name(s), event_name(e));
			CHECK(strcmp(state.cause_code, done.cause.code) == 0, "%s on %s", state_name(s),
				event_name(e));
			CHECK(state.state == STATE_SUCCEEDED || (dictionary && state.state == STATE_FAILED) ||
					(done.cause.code[0] != '\0' && done.cause.text[0] != '\0' &&
						done.cause.advice[0] != '\0'),
				"%s on %s has no cause", state_name(s), event_name(e));
			CHECK(state.state != STATE_CONFLICT || strcmp(done.cause.class, "conflict") == 0,
				"%s on %s: %s", state_name(s), event_name(e), done.cause.class);
		}
}

static void test_the_facts_cause_goes_before_the_fixed_one(void **unused)
{
	const struct payment payment = payment_for(API_STK_PUSH);
	struct payment_state state = row_in(&payment, STATE_PENDING, 1);
	struct step_facts facts = facts_of(EVENT_DECLINED);

	(void)unused;
	facts.cause = (struct cause){.class = "customer", .code = "stk.1032", .text = "cancelled"};
	const struct step_done done = apply(&payment, &state, facts);

	assert_string_equal(state.cause_code, "stk.1032");
	assert_string_equal(done.cause.text, "cancelled");
	assert_string_equal(done.cause.advice, "");
	assert_false(instant_is_set(state.due_at));
}

/* The claim */

static void test_a_claim_makes_a_new_attempt_and_forgets_the_last_one(void **unused)
{
	const struct payment payment = payment_for(API_STK_PUSH);
	struct payment_state state = row_in(&payment, STATE_RETRY, 2);
	struct step_facts facts = facts_of(EVENT_CLAIMED);

	(void)unused;
	state.heard = true;
	state.heard_receipt = "NLJ7RT61SV";
	state.asks = 3;
	state.asked_at = NOW;
	state.put_offs = 2;
	facts.token_no = 17;
	facts.token_expires = at_s(3000);
	const struct step_done done = apply(&payment, &state, facts);

	assert_int_equal(state.state, STATE_SENDING);
	assert_int_equal(state.attempt, 3);
	assert_int_equal(state.gen, 3);
	assert_int_equal(state.query_no, 3);
	assert_int_equal(state.token_no, 17);
	assert_int_equal(state.asks, 0);
	assert_int_equal(state.put_offs, 2);
	assert_false(state.heard);
	assert_false(instant_is_set(state.asked_at));
	assert_string_equal(state.heard_receipt, "");
	assert_string_equal(state.ids.checkout, "");
	assert_string_equal(state.ids.originator, "");
	assert_true(at(state.due_at, at_s(45)));
	assert_true(at(done.timer_at, at_s(45)));
	assert_int_equal(done.timer_what, TIMER_LOOK);
	assert_true(at(state.fence_at, at_s(3300)));
	assert_true(at(state.horizon_at, at_s(7200)));
}

static void test_the_horizon_is_never_before_the_fence(void **unused)
{
	const struct payment payment = payment_for(API_STK_PUSH);
	struct payment_state state = row_in(&payment, STATE_ACCEPTED, 0);
	struct step_facts facts = facts_of(EVENT_CLAIMED);

	(void)unused;
	facts.token_expires = at_s(2 * 3600);
	apply(&payment, &state, facts);
	assert_true(at(state.horizon_at, state.fence_at));
	assert_true(at(state.fence_at, at_s(7500)));
}

static void test_time_scale_shortens_every_duration_but_not_the_token(void **unused)
{
	const struct payment payment = payment_for(API_STK_PUSH);
	struct payment_state state = row_in(&payment, STATE_ACCEPTED, 0);
	struct step_facts facts = facts_of(EVENT_CLAIMED);

	(void)unused;
	facts.time_scale = 0.01;
	facts.token_expires = at_s(20);
	apply(&payment, &state, facts);
	assert_true(at(state.due_at, instant_add_ms(NOW, 450)));
	assert_true(at(state.fence_at, at_s(23)));
	assert_true(at(state.horizon_at, at_s(72)));
}

static void test_a_payout_keeps_its_generation(void **unused)
{
	const struct payment payment = payment_for(API_B2C);
	struct payment_state state = row_in(&payment, STATE_RETRY, 4);

	(void)unused;
	apply(&payment, &state, facts_of(EVENT_CLAIMED));
	assert_int_equal(state.attempt, 5);
	assert_int_equal(state.gen, 1);
}

static void test_numbers_that_would_wrap_in_the_url_stop_the_claim(void **unused)
{
	const struct payment payment = payment_for(API_STK_PUSH);
	struct payment_state state = row_in(&payment, STATE_RETRY, ATTEMPT_MOST);

	(void)unused;
	assert_false(payment_can_claim(&payment, &state, NOW));
	struct step_done done = apply(&payment, &state, facts_of(EVENT_CLAIMED));
	assert_int_equal(done.to, STATE_RETRY);
	assert_int_equal(done.effects, 0);
	assert_false(done.changed);
	assert_int_equal(state.attempt, ATTEMPT_MOST);

	state = row_in(&payment, STATE_RETRY, 3);
	state.query_no = QUERY_NO_MOST;
	assert_false(payment_can_claim(&payment, &state, NOW));
	done = apply(&payment, &state, facts_of(EVENT_CLAIMED));
	assert_int_equal(done.to, STATE_RETRY);
}

static void test_what_can_be_claimed(void **unused)
{
	const struct payment payment = payment_for(API_STK_PUSH);

	(void)unused;
	for (enum state s = 0; (int)s < STATE_COUNT; s++) {
		const struct payment_state state = row_in(&payment, s, 1);
		const bool unsent = s == STATE_ACCEPTED || s == STATE_RETRY;

		CHECK(payment_can_claim(&payment, &state, NOW) == unsent, "%s", state_name(s));
		CHECK(!payment_can_claim(&payment, &state, payment.valid_until), "%s past valid_until",
			state_name(s));
	}
}

/* What evidence and answers leave behind */

static void test_ids_are_added_and_never_blanked_out(void **unused)
{
	const struct payment payment = payment_for(API_STK_PUSH);
	struct payment_state state = row_in(&payment, STATE_SENDING, 1);
	struct step_facts facts = facts_of(EVENT_TAKEN);

	(void)unused;
	state.ids = (struct provider_ids){"", "29115-1", "", ""};
	facts.ids = (struct provider_ids){.checkout = "ws_CO_2", .merchant = NULL, .conversation = ""};
	apply(&payment, &state, facts);
	assert_string_equal(state.ids.checkout, "ws_CO_2");
	assert_string_equal(state.ids.merchant, "29115-1");
	assert_string_equal(state.ids.conversation, "");
	assert_int_equal(state.state, STATE_PENDING);
	assert_true(at(state.due_at, at_s(45)));

	/* the same acceptance again: nothing to save */
	const struct step_done again = apply(&payment, &state, facts);
	assert_false(again.changed);
	assert_false(instant_is_set(again.timer_at));
}

static void test_a_success_that_was_heard_keeps_a_receipt_that_fits(void **unused)
{
	static const struct {
		const char *what;
		int64_t moved;
		const char *receipt, *want;
	} rows[] = {
		/* clang-format off */
		{ "same amount", 350, "NLJ7RT61SV", "NLJ7RT61SV" },
		{ "no amount told", 0, "NLJ7RT61SV", "NLJ7RT61SV" },
		{ "another amount", 351, "NLJ7RT61SV", "" },
		{ "no receipt", 350, "", "" },
		{ "no receipt at all", 350, NULL, "" },
		/* clang-format on */
	};
	const struct payment payment = payment_for(API_STK_PUSH);

	(void)unused;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct payment_state state = row_in(&payment, STATE_PENDING, 1);
		struct step_facts facts = facts_of(EVENT_HEARSAY_PAID);

		facts.receipt = rows[i].receipt;
		facts.moved = amount_of_shillings(rows[i].moved);
		const struct step_done done = apply(&payment, &state, facts);
		CHECK(state.heard && done.changed, "%s", rows[i].what);
		CHECK(strcmp(state.heard_receipt, rows[i].want) == 0, "%s: %s", rows[i].what,
			state.heard_receipt);
		CHECK(state.receipt[0] == '\0' && state.moved.cents == 0, "%s", rows[i].what);
	}
}

static void test_a_success_keeps_receipt_and_amount_as_far_as_told(void **unused)
{
	const struct payment payment = payment_for(API_STK_PUSH);
	struct payment_state state = row_in(&payment, STATE_PENDING, 1);
	struct step_facts facts = facts_of(EVENT_CONFIRMED);

	(void)unused;
	struct step_done done = apply(&payment, &state, facts);
	assert_int_equal(state.state, STATE_SUCCEEDED);
	assert_string_equal(state.receipt, "");
	assert_int_equal(done.new_version, true);

	facts = facts_of(EVENT_RECEIPT_LEARNED);
	facts.receipt = "NLJ7RT61SV";
	facts.moved = amount_of_shillings(350);
	done = apply(&payment, &state, facts);
	assert_string_equal(state.receipt, "NLJ7RT61SV");
	assert_int_equal(amount_shillings(state.moved), 350);
	assert_int_equal(state.result_ver, 2);
	assert_false(instant_is_set(done.timer_at));
}

/* When it is looked at next */

struct due_case {
	const char *what;
	enum api api;
	enum state state;
	enum event event;
	bool has_ids, ask_now;
	int64_t asked_s; /* the last question, from now; 0: none */
	unsigned asks;
	int64_t horizon_s;
	int64_t want_s; /* due_at from now; INT64_MAX: at rest; INT64_MIN: as it was */
};

enum { WAS_DUE_S = 30 };
#define REST INT64_MAX
#define KEPT INT64_MIN

static const struct due_case dues[] = {
	/* clang-format off */
	{ "lease ran out", API_STK_PUSH, STATE_SENDING, EVENT_LEASE_OUT, true, false, 0, 0, 7200, 0 },
	{ "lease ran out, no ids", API_STK_PUSH, STATE_SENDING, EVENT_LEASE_OUT, false, false, 0, 0, 7200,
		7200 },
	{ "lease ran out, payout", API_B2C, STATE_SENDING, EVENT_LEASE_OUT, false, false, 0, 0, 7200, 0 },
	{ "no word, payout", API_B2C, STATE_SENDING, EVENT_NO_WORD, false, false, 0, 0, 7200, 15 },
	{ "duplicate, payout", API_B2C, STATE_SENDING, EVENT_NO_WORD, false, true, 0, 0, 7200, 0 },
	{ "no word, no way to ask", API_STK_PUSH, STATE_SENDING, EVENT_NO_WORD, false, true, 0, 0, 7200,
		7200 },
	{ "taken", API_STK_PUSH, STATE_SENDING, EVENT_TAKEN, true, false, 0, 0, 7200, 45 },
	{ "taken, horizon near", API_STK_PUSH, STATE_SENDING, EVENT_TAKEN, true, false, 0, 0, 20, 20 },
	{ "still open", API_STK_PUSH, STATE_PENDING, EVENT_STILL_OPEN, true, false, -1, 2, 7200, 15 },
	{ "not found, payout", API_B2C, STATE_UNKNOWN, EVENT_NOT_FOUND, false, false, -1, 3, 7200, 480 },
	{ "not found, horizon near", API_B2C, STATE_UNKNOWN, EVENT_NOT_FOUND, false, false, -1, 3, 100,
		100 },
	{ "heard of, never asked", API_STK_PUSH, STATE_PENDING, EVENT_HEARSAY_PAID, true, false, 0, 0,
		7200, 0 },
	{ "heard of, just asked", API_STK_PUSH, STATE_PENDING, EVENT_HEARSAY_PAID, true, false, -5, 1,
		7200, 10 },
	{ "heard of, asked long ago", API_STK_PUSH, STATE_PENDING, EVENT_HEARSAY_PAID, true, false, -50, 1,
		7200, 0 },
	{ "heard of, no way to ask", API_STK_PUSH, STATE_PENDING, EVENT_HEARSAY_PAID, false, false, 0, 0,
		7200, 7200 },
	{ "hearsay while sending", API_STK_PUSH, STATE_SENDING, EVENT_HEARSAY, true, false, 0, 0, 7200,
		KEPT },
	{ "hearsay while pending", API_STK_PUSH, STATE_PENDING, EVENT_HEARSAY, true, false, 0, 0, 7200, 0 },
	{ "horizon", API_STK_PUSH, STATE_PENDING, EVENT_HORIZON, true, false, -300, 20, 0, 6 * 3600 },
	{ "rarely, still", API_B2C, STATE_UNRESOLVED, EVENT_NOT_FOUND, true, false, -1, 20, -3600,
		6 * 3600 },
	{ "rarely, over", API_B2C, STATE_UNRESOLVED, EVENT_NOT_FOUND, true, false, -1, 20, -7 * 86400,
		REST },
	{ "rarely, last", API_B2C, STATE_UNRESOLVED, EVENT_NOT_FOUND, true, false, -1, 20,
		-7 * 86400 + 21600, 21600 },
	{ "a very late answer", API_STK_PUSH, STATE_UNRESOLVED, EVENT_TAKEN, true, false, 0, 0, -3600, 0 },
	{ "hearsay, unresolved", API_STK_PUSH, STATE_UNRESOLVED, EVENT_HEARSAY, true, false, 0, 0, -3600,
		0 },
	{ "hearsay, unresolved, no ids", API_STK_PUSH, STATE_UNRESOLVED, EVENT_HEARSAY, false, false, 0, 0,
		-3600, KEPT },
	{ "failed, heard of", API_B2C, STATE_FAILED, EVENT_HEARSAY_PAID, false, false, 0, 0, 7200, 0 },
	{ "failed, heard of again", API_B2C, STATE_FAILED, EVENT_HEARSAY_PAID, false, false, -2, 1, 7200,
		13 },
	{ "failed, no way to ask", API_STK_PUSH, STATE_FAILED, EVENT_HEARSAY_PAID, false, false, 0, 0,
		7200, KEPT },
	{ "proven, then heard of", API_B2C, STATE_RETRY, EVENT_HEARSAY_PAID, false, false, 0, 0, 7200, 0 },
	{ "paid", API_B2C, STATE_PENDING, EVENT_CONFIRMED, true, false, 0, 0, 7200, REST },
	{ "declined", API_B2C, STATE_UNRESOLVED, EVENT_DECLINED, true, false, 0, 0, -10, REST },
	{ "contradiction", API_B2C, STATE_SUCCEEDED, EVENT_DECLINED, true, false, 0, 0, 7200, REST },
	/* clang-format on */
};

static void test_when_a_payment_is_looked_at_next(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < COUNT_OF(dues); i++) {
		const struct due_case *row = &dues[i];
		const struct payment payment = payment_for(row->api);
		struct payment_state state = row_in(&payment, row->state, 1);
		struct step_facts facts = facts_of(row->event);

		state.due_at = at_s(WAS_DUE_S);
		state.horizon_at = at_s(row->horizon_s);
		state.asks = row->asks;
		state.asked_at = row->asked_s != 0 ? at_s(row->asked_s) : (struct instant){0};
		facts.ask_now = row->ask_now;
		facts.ids = row->has_ids ? state.ids : NO_IDS;
		if (!row->has_ids)
			state.ids = NO_IDS;
		apply(&payment, &state, facts);

		const struct instant want = row->want_s == REST   ? (struct instant){0}
					    : row->want_s == KEPT ? at_s(WAS_DUE_S)
								  : at_s(row->want_s);
		CHECK(at(state.due_at, want), "%s: due in %lld s", row->what,
			(long long)(state.due_at.us - NOW.us) / 1000000);
	}
}

static void test_a_payment_put_off_waits_with_jitter_and_as_long_as_it_must(void **unused)
{
	const struct payment payment = payment_for(API_STK_PUSH);

	(void)unused;
	for (unsigned attempt = 1; attempt < 40; attempt++)
		for (uint32_t random = 0; random < 10; random++) {
			struct payment_state state = row_in(&payment, STATE_SENDING, attempt);
			struct step_facts facts = facts_of(EVENT_PUT_OFF);

			facts.random = random * 429496729u;
			facts.wait_ms = random % 2 ? 60000 : 0;
			facts.counted = random % 3 == 0;
			const struct step_done done = apply(&payment, &state, facts);
			const int64_t wait = instant_ms_between(NOW, state.due_at);

			CHECK(wait >= 100 && wait >= facts.wait_ms && wait <= 120000, "attempt %u: %lld ms",
				attempt, (long long)wait);
			CHECK(done.timer_what == TIMER_SEND && at(done.timer_at, state.due_at), "attempt %u",
				attempt);
			CHECK(state.put_offs == (facts.counted ? 1 : 0), "attempt %u", attempt);
		}
}

static void test_a_put_off_payment_is_looked_at_when_its_time_is_over(void **unused)
{
	struct payment payment = payment_for(API_STK_PUSH);
	struct payment_state state = row_in(&payment, STATE_SENDING, 1);
	struct step_facts facts = facts_of(EVENT_PUT_OFF);

	(void)unused;
	payment.valid_until = at_s(7);
	facts.wait_ms = 60000;
	apply(&payment, &state, facts);
	assert_true(at(state.due_at, at_s(7)));
}

/* The beginning, the questions, the key */

static void test_it_begins_unsent_and_with_a_first_look(void **unused)
{
	const struct payment payment = payment_for(API_B2C);
	struct payment_state state;

	(void)unused;
	payment_begin(&payment, NOW, 0.5, &state);
	assert_int_equal(state.state, STATE_ACCEPTED);
	assert_int_equal(state.attempt, 0);
	assert_int_equal(state.gen, 0);
	assert_int_equal(state.result_ver, 0);
	assert_true(at(state.due_at, at_s(1)));
	assert_true(at(state.updated_at, NOW));
	assert_memory_equal(&state.id, &payment.id, sizeof(payment.id));
	assert_string_equal(state.ids.merchant, "");
	assert_string_equal(state.heard_receipt, "");
	assert_string_equal(state.receipt, "");
	assert_string_equal(state.cause_code, "");
}

static void test_our_own_key_tells_whose_it_is(void **unused)
{
	static const char *const others[] = {"", "16740-34861180-1", "0193e5f2a7b07c3d8e4f5a6b7c8d9e0f",
		"0193e5f2a7b07c3d8e4f5a6b7c8d9e0f-", "0193e5f2a7b07c3d8e4f5a6b7c8d9e0f-0",
		"0193e5f2a7b07c3d8e4f5a6b7c8d9e0f-x", "0193e5f2a7b07c3d8e4f5a6b7c8d9e0-11",
		"0193E5F2A7B07C3D8E4F5A6B7C8D9E0F-1"};
	const struct payment payment = payment_for(API_B2C);
	struct uuid id;
	char key[48];

	(void)unused;
	assert_true(payment_of_key(text_of(payment_provider_key(&payment.id, 65535, key)), &id));
	assert_int_equal(uuid_cmp(&id, &payment.id), 0);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		CHECK(!payment_of_key(text_of(others[i]), &id), "%s", others[i]);
}

static void test_what_can_be_asked_about(void **unused)
{
	(void)unused;
	for (const struct api_row *api = api_each(NULL); api != NULL; api = api_each(api)) {
		const struct payment payment = payment_for(api->api);
		struct payment_state with = row_in(&payment, STATE_PENDING, 1), without = with, unsent = with,
				     used_up = with;

		without.ids = NO_IDS;
		unsent.attempt = 0;
		used_up.query_no = QUERY_NO_MOST;
		CHECK(payment_can_ask(&payment, &with) == (api->asked_by != API_NONE), "%s", api->name);
		CHECK(payment_can_ask(&payment, &without) ==
				((api->key == KEY_PROVIDER && api->asked_by != API_NONE) ||
					api->asked_by == api->api),
			"%s", api->name);
		CHECK(!payment_can_ask(&payment, &unsent), "%s: never on the wire", api->name);
		CHECK(!payment_can_ask(&payment, &used_up), "%s: no question number left", api->name);
	}
}

static void test_the_provider_key_names_payment_and_generation(void **unused)
{
	const struct uuid id = {{0x01, 0x9b, 0x2c, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x0a}};
	char out[48];

	(void)unused;
	assert_string_equal(payment_provider_key(&id, 1, out), "019b2cff00000000000000000000000a-1");
	assert_string_equal(payment_provider_key(&id, 65535, out), "019b2cff00000000000000000000000a-65535");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_step_does_what_the_table_says),
		cmocka_unit_test(test_who_is_not_at_rest_has_a_timer),
		cmocka_unit_test(test_evidence_never_keeps_a_claim_alive),
		cmocka_unit_test(test_a_version_is_dated_and_has_its_cause),
		cmocka_unit_test(test_the_facts_cause_goes_before_the_fixed_one),
		cmocka_unit_test(test_a_claim_makes_a_new_attempt_and_forgets_the_last_one),
		cmocka_unit_test(test_the_horizon_is_never_before_the_fence),
		cmocka_unit_test(test_time_scale_shortens_every_duration_but_not_the_token),
		cmocka_unit_test(test_a_payout_keeps_its_generation),
		cmocka_unit_test(test_numbers_that_would_wrap_in_the_url_stop_the_claim),
		cmocka_unit_test(test_what_can_be_claimed),
		cmocka_unit_test(test_ids_are_added_and_never_blanked_out),
		cmocka_unit_test(test_a_success_that_was_heard_keeps_a_receipt_that_fits),
		cmocka_unit_test(test_a_success_keeps_receipt_and_amount_as_far_as_told),
		cmocka_unit_test(test_when_a_payment_is_looked_at_next),
		cmocka_unit_test(test_a_payment_put_off_waits_with_jitter_and_as_long_as_it_must),
		cmocka_unit_test(test_a_put_off_payment_is_looked_at_when_its_time_is_over),
		cmocka_unit_test(test_it_begins_unsent_and_with_a_first_look),
		cmocka_unit_test(test_our_own_key_tells_whose_it_is),
		cmocka_unit_test(test_what_can_be_asked_about),
		cmocka_unit_test(test_the_provider_key_names_payment_and_generation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
