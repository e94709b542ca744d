#include "core/lifecycle.h"

#include "check.h"
#include "csv.h"

#define EACH_PAIR(s, e)                                                                                      \
	for (enum state s = 0; (int)s < STATE_COUNT; s++)                                                    \
		for (enum event e = 0; (int)e < EVENT_COUNT; e++)

enum { EFFECT_COUNT = 12, NAME_MOST = 20 };

static struct csv *table;

static int read_table(void **state)
{
	(void)state;
	table = csv_read(SOURCE_DIR "/common/core/lifecycle.csv");
	return 0;
}

static int drop_table(void **state)
{
	(void)state;
	free(table);
	return 0;
}

static unsigned effect_of(const char *name)
{
	for (unsigned i = 0; i < EFFECT_COUNT; i++)
		if (strcmp(effect_name((enum effect)(1u << i)), name) == 0)
			return 1u << i;
	CHECK(false, "lifecycle.csv has an effect '%s' that the code does not know", name);
	return 0;
}

/* "UNRESOLVED! ask-rarely" as a step. */
static struct lifecycle_step parse_cell(enum state here, const char *cell)
{
	struct lifecycle_step step = {.to = here};
	char copy[128], *rest = copy, *word;

	snprintf(copy, sizeof(copy), "%s", cell);
	word = strsep(&rest, " ");
	if (strcmp(word, "-") != 0) {
		const size_t len = strlen(word);

		step.new_version = word[len - 1] == '!';
		CHECK(state_find((struct text){word, len - (step.new_version ? 1 : 0)}, &step.to),
			"state '%s'", word);
	}
	while ((word = strsep(&rest, " ")) != NULL)
		step.effects |= effect_of(word);
	return step;
}

static void test_the_table_is_the_file(void **unused)
{
	(void)unused;
	assert_int_equal(table->rows, 1 + EVENT_COUNT);
	for (int row = 1; row < table->rows; row++) {
		const char *name = csv_at(table, row, "event");
		enum event event;

		CHECK(event_find(text_of(name), &event), "event %s", name);
		CHECK((int)event == row - 1, "%s stands elsewhere in the enum", name);
		for (enum state state = 0; (int)state < STATE_COUNT; state++) {
			const char *cell = csv_at(table, row, state_name(state));
			const struct lifecycle_step want = parse_cell(state, cell);
			const struct lifecycle_step *got = lifecycle_step(state, event);

			CHECK(got->to == want.to, "%s on %s goes to %s, the file says '%s'",
				state_name(state), name, state_name(got->to), cell);
			CHECK(got->new_version == want.new_version, "%s on %s: version, '%s'",
				state_name(state), name, cell);
			CHECK(got->effects == want.effects, "%s on %s: effects 0x%x, '%s'", state_name(state),
				name, got->effects, cell);
		}
	}
}

static void test_what_the_file_says_of_events_is_in_the_code(void **unused)
{
	(void)unused;
	for (int row = 1; row < table->rows; row++) {
		const enum event event = (enum event)(row - 1);

		assert_string_equal(event_match_name(event_match(event)), csv_at(table, row, "match"));
		assert_string_equal(event_raised_by(event), csv_at(table, row, "raised by"));
		assert_string_equal(event_about(event), csv_at(table, row, "meaning"));
	}
}

static void test_every_pair_is_decided_and_has_its_reason(void **unused)
{
	(void)unused;
	EACH_PAIR (s, e)
		CHECK(lifecycle_step(s, e)->why != NULL && strlen(lifecycle_step(s, e)->why) > 10, "%s on %s",
			state_name(s), event_name(e));
}

/*
 * The test that guards the money: from where a request may be on the wire, nothing but proof that it was not
 * executed leads to where another can be claimed.
 */
static void test_silence_never_leads_to_a_second_call(void **unused)
{
	bool maybe_sent[STATE_COUNT] = {[STATE_SENDING] = true};

	(void)unused;
	for (int round = 0; round < STATE_COUNT; round++)
		EACH_PAIR (s, e)
			if (maybe_sent[s] && e != EVENT_PUT_OFF)
				maybe_sent[lifecycle_step(s, e)->to] = true;
	EACH_PAIR (s, e)
		if (maybe_sent[s])
			CHECK(!(lifecycle_step(s, e)->effects & DO_CLAIM), "%s on %s", state_name(s),
				event_name(e));
	assert_false(maybe_sent[STATE_ACCEPTED]);
	assert_false(maybe_sent[STATE_RETRY]);
}

static void test_only_claimed_claims_and_only_what_was_never_executed(void **unused)
{
	(void)unused;
	EACH_PAIR (s, e) {
		const bool claims = (lifecycle_step(s, e)->effects & DO_CLAIM) != 0;
		const bool may = e == EVENT_CLAIMED && (s == STATE_ACCEPTED || s == STATE_RETRY);

		CHECK(claims == may, "%s on %s", state_name(s), event_name(e));
		CHECK(!claims || lifecycle_step(s, e)->to == STATE_SENDING, "%s on %s", state_name(s),
			event_name(e));
		CHECK(s == STATE_SENDING || lifecycle_step(s, e)->to != STATE_SENDING || claims, "%s on %s",
			state_name(s), event_name(e));
	}
}

static void test_failed_only_by_proof(void **unused)
{
	(void)unused;
	EACH_PAIR (s, e) {
		const bool proof = e == EVENT_PUT_OFF || e == EVENT_TURNED_DOWN || e == EVENT_DECLINED ||
				   e == EVENT_OPERATOR_NOT_PAID ||
				   (e == EVENT_EXPIRED && (s == STATE_ACCEPTED || s == STATE_RETRY));

		if (s != STATE_FAILED && lifecycle_step(s, e)->to == STATE_FAILED)
			CHECK(proof, "%s on %s", state_name(s), event_name(e));
	}
}

static void test_retry_only_by_proof_about_this_attempt(void **unused)
{
	(void)unused;
	EACH_PAIR (s, e)
		if (s != STATE_RETRY && lifecycle_step(s, e)->to == STATE_RETRY)
			CHECK(e == EVENT_PUT_OFF && event_match(e) == MATCH_ATTEMPT, "%s on %s",
				state_name(s), event_name(e));
}

static void test_succeeded_only_by_strong_success(void **unused)
{
	(void)unused;
	EACH_PAIR (s, e)
		if (s != STATE_SUCCEEDED && lifecycle_step(s, e)->to == STATE_SUCCEEDED)
			CHECK(e == EVENT_CONFIRMED || e == EVENT_OPERATOR_PAID, "%s on %s", state_name(s),
				event_name(e));
}

static void test_a_published_state_always_makes_a_version(void **unused)
{
	(void)unused;
	EACH_PAIR (s, e) {
		const struct lifecycle_step *step = lifecycle_step(s, e);

		CHECK(step->to == s || step->new_version == state_is_published(step->to), "%s on %s",
			state_name(s), event_name(e));
		CHECK(!step->new_version || state_is_published(step->to), "%s on %s", state_name(s),
			event_name(e));
	}
}

static void test_a_result_is_never_taken_back_silently(void **unused)
{
	(void)unused;
	EACH_PAIR (s, e)
		if (state_is_published(s))
			CHECK(state_is_published(lifecycle_step(s, e)->to), "%s on %s", state_name(s),
				event_name(e));
}

static void test_weak_words_never_make_a_conflict(void **unused)
{
	(void)unused;
	for (enum state s = 0; (int)s < STATE_COUNT; s++) {
		CHECK(lifecycle_step(s, EVENT_HEARSAY)->to == s, "%s", state_name(s));
		CHECK(s == STATE_CONFLICT || lifecycle_step(s, EVENT_HEARSAY_PAID)->to != STATE_CONFLICT,
			"%s", state_name(s));
		CHECK(!state_is_published(lifecycle_step(s, EVENT_NOT_FOUND)->to) || state_is_published(s),
			"%s", state_name(s));
	}
}

static void test_a_conflict_is_ended_by_people_only_and_calls_them(void **unused)
{
	(void)unused;
	EACH_PAIR (s, e) {
		const struct lifecycle_step *step = lifecycle_step(s, e);

		if (s == STATE_CONFLICT && step->to != STATE_CONFLICT)
			CHECK(e == EVENT_OPERATOR_PAID || e == EVENT_OPERATOR_NOT_PAID, "%s", event_name(e));
		if (s != STATE_CONFLICT && step->to == STATE_CONFLICT)
			CHECK(step->effects & DO_ALARM, "%s on %s", state_name(s), event_name(e));
	}
}

static void test_who_waits_in_doubt_is_looked_at_again(void **unused)
{
	const unsigned looks =
		DO_CLAIM | DO_ASK | DO_ASK_SOON | DO_ASK_LATER | DO_ASK_AGAIN | DO_ASK_RARELY | DO_BACK_OFF;

	(void)unused;
	EACH_PAIR (s, e) {
		const struct lifecycle_step *step = lifecycle_step(s, e);
		const bool waits = !state_is_published(step->to) || step->to == STATE_UNRESOLVED;

		if (step->to != s && waits)
			CHECK(step->effects & looks, "%s on %s", state_name(s), event_name(e));
	}
}

static void test_a_lost_claim_always_freezes(void **unused)
{
	(void)unused;
	for (enum state s = 0; (int)s < STATE_COUNT; s++)
		CHECK((lifecycle_step(s, EVENT_LOST_CLAIM)->effects & (DO_FREEZE | DO_ALARM)) ==
				(DO_FREEZE | DO_ALARM),
			"%s", state_name(s));
}

static void test_every_effect_of_the_code_is_used_and_has_one_name(void **unused)
{
	unsigned used = 0;

	(void)unused;
	EACH_PAIR (s, e)
		used |= lifecycle_step(s, e)->effects;
	assert_int_equal(used, (1u << EFFECT_COUNT) - 1);
	for (unsigned i = 0; i < EFFECT_COUNT; i++)
		for (unsigned j = 0; j < i; j++)
			CHECK(strcmp(effect_name((enum effect)(1u << i)),
				      effect_name((enum effect)(1u << j))) != 0,
				"%u %u", i, j);
}

static void test_names_are_found_again_and_fit_their_column(void **unused)
{
	enum state state;
	enum event event;

	(void)unused;
	for (enum state s = 0; (int)s < STATE_COUNT; s++) {
		CHECK(strlen(state_name(s)) <= NAME_MOST && strlen(state_about(s)) > 0, "%s", state_name(s));
		CHECK(state_find(text_of(state_name(s)), &state) && state == s, "%s", state_name(s));
	}
	for (enum event e = 0; (int)e < EVENT_COUNT; e++) {
		CHECK(strlen(event_name(e)) <= NAME_MOST, "%s", event_name(e));
		CHECK(event_find(text_of(event_name(e)), &event) && event == e, "%s", event_name(e));
	}
	assert_false(state_find(TEXT("PAID"), &state));
	assert_false(state_find(TEXT(""), &state));
	assert_false(event_find(TEXT("claimed"), &event));
}

static void test_open_and_published_leave_out_only_what_is_unsent(void **unused)
{
	(void)unused;
	for (enum state s = 0; (int)s < STATE_COUNT; s++)
		CHECK(state_is_open(s) + state_is_published(s) + (s == STATE_ACCEPTED || s == STATE_RETRY) ==
				1,
			"%s", state_name(s));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_table_is_the_file),
		cmocka_unit_test(test_what_the_file_says_of_events_is_in_the_code),
		cmocka_unit_test(test_every_pair_is_decided_and_has_its_reason),
		cmocka_unit_test(test_silence_never_leads_to_a_second_call),
		cmocka_unit_test(test_only_claimed_claims_and_only_what_was_never_executed),
		cmocka_unit_test(test_failed_only_by_proof),
		cmocka_unit_test(test_retry_only_by_proof_about_this_attempt),
		cmocka_unit_test(test_succeeded_only_by_strong_success),
		cmocka_unit_test(test_a_published_state_always_makes_a_version),
		cmocka_unit_test(test_a_result_is_never_taken_back_silently),
		cmocka_unit_test(test_weak_words_never_make_a_conflict),
		cmocka_unit_test(test_a_conflict_is_ended_by_people_only_and_calls_them),
		cmocka_unit_test(test_who_waits_in_doubt_is_looked_at_again),
		cmocka_unit_test(test_a_lost_claim_always_freezes),
		cmocka_unit_test(test_every_effect_of_the_code_is_used_and_has_one_name),
		cmocka_unit_test(test_names_are_found_again_and_fit_their_column),
		cmocka_unit_test(test_open_and_published_leave_out_only_what_is_unsent),
	};

	return cmocka_run_group_tests(tests, read_table, drop_table);
}
