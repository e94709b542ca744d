#include "core/breaker.h"

#include "check.h"

#include "base/attr.h"

#define START ((struct instant){1780000000000000})

static struct instant at_s(int64_t s)
{
	return instant_add_ms(START, s * 1000);
}

static struct breaker closed(void)
{
	struct breaker breaker;

	breaker_start(&breaker, START);
	return breaker;
}

static struct breaker opened(enum breaker_saw saw)
{
	struct breaker breaker = closed();

	breaker_note(&breaker, saw, 5, START, 1.0);
	return breaker;
}

static void test_five_in_doubt_in_a_row_open_it(void **unused)
{
	struct breaker breaker = closed();

	(void)unused;
	assert_true(breaker_allows(&breaker));
	for (int i = 0; i < 4; i++)
		assert_false(breaker_note(&breaker, SAW_DOUBT, 1, at_s(i), 1.0));
	assert_false(breaker_note(&breaker, SAW_ANSWER, 1, at_s(4), 1.0));
	for (int i = 0; i < 4; i++)
		assert_false(breaker_note(&breaker, SAW_DOUBT, 1, at_s(5), 1.0));
	assert_true(breaker_note(&breaker, SAW_DOUBT, 1, at_s(6), 1.0));
	assert_false(breaker_allows(&breaker));
	assert_int_equal(breaker.reason, BREAKER_PROVIDER);
	assert_int_equal(instant_ms_between(at_s(6), breaker.until), 10000);
}

static void test_a_slow_lane_counts_its_row_over_windows(void **unused)
{
	struct breaker breaker = closed();

	(void)unused;
	for (int i = 0; i < 4; i++)
		assert_false(breaker_note(&breaker, SAW_DOUBT, 1, at_s(60 * i), 1.0));
	assert_true(breaker_note(&breaker, SAW_DOUBT, 1, at_s(300), 1.0));
}

static void test_thirty_percent_of_twenty_open_it(void **unused)
{
	struct breaker breaker = closed();

	(void)unused;
	for (int i = 0; i < 5; i++) {
		assert_false(breaker_note(&breaker, SAW_ANSWER, 3, at_s(i), 1.0));
		assert_false(breaker_note(&breaker, SAW_DOUBT, 1, at_s(i), 1.0));
	}
	/* 15 answers, 5 doubts: 25 % of 20; the sixth makes 28 %, the seventh 31 % of 22 */
	assert_false(breaker_note(&breaker, SAW_DOUBT, 1, at_s(6), 1.0));
	assert_true(breaker_note(&breaker, SAW_DOUBT, 1, at_s(7), 1.0));

	breaker = closed();
	for (int i = 0; i < 50; i++) { /* the same share, but never twenty in ten seconds */
		assert_false(breaker_note(&breaker, SAW_ANSWER, 1, at_s(i * 2), 1.0));
		assert_false(breaker_note(&breaker, SAW_DOUBT, 1, at_s(i * 2), 1.0));
	}
}

static void test_the_first_credential_fault_opens_it(void **unused)
{
	struct breaker breaker = closed();

	(void)unused;
	assert_true(breaker_note(&breaker, SAW_CREDENTIAL_FAULT, 1, START, 1.0));
	assert_int_equal(breaker.reason, BREAKER_CREDENTIALS);
}

static void test_what_was_in_flight_tells_nothing_new_but_a_credential_fault(void **unused)
{
	struct breaker breaker = opened(SAW_DOUBT);
	const struct breaker before = breaker;

	(void)unused;
	assert_false(breaker_note(&breaker, SAW_DOUBT, 100, at_s(1), 1.0));
	assert_false(breaker_note(&breaker, SAW_ANSWER, 100, at_s(1), 1.0));
	assert_memory_equal(&breaker, &before, sizeof(breaker));
	assert_false(breaker_note(&breaker, SAW_CREDENTIAL_FAULT, 1, at_s(1), 1.0));
	assert_int_equal(breaker.reason, BREAKER_CREDENTIALS);
	assert_int_equal(breaker.until.us, before.until.us);
}

static void test_only_a_question_half_opens_it_and_only_its_answer_closes_it(void **unused)
{
	struct breaker breaker = opened(SAW_DOUBT);

	(void)unused;
	assert_false(breaker_wants_probe(&breaker, at_s(9)));
	assert_true(breaker_wants_probe(&breaker, at_s(10)));
	breaker_probe(&breaker, at_s(10), 1.0);
	assert_int_equal(breaker.state, BREAKER_HALF_OPEN);
	assert_false(breaker_allows(&breaker));
	assert_false(breaker_wants_probe(&breaker, at_s(69)));
	assert_true(breaker_wants_probe(&breaker, at_s(70))); /* the asker died */
	breaker_probed(&breaker, SAW_ANSWER, at_s(12), 1.0);
	assert_true(breaker_allows(&breaker));
	assert_int_equal(breaker.reason, BREAKER_NO_REASON);
	assert_false(breaker_wants_probe(&breaker, at_s(1000)));
}

static void test_each_failed_question_doubles_the_wait_up_to_five_minutes(void **unused)
{
	static const int64_t waits_s[] = {20, 40, 80, 160, 300, 300, 300};
	struct breaker breaker = opened(SAW_DOUBT);
	struct instant now = START;

	(void)unused;
	for (size_t i = 0; i < COUNT_OF(waits_s); i++) {
		now = breaker.until;
		breaker_probe(&breaker, now, 1.0);
		breaker_probed(&breaker, SAW_DOUBT, now, 1.0);
		assert_int_equal(breaker.state, BREAKER_OPEN);
		assert_int_equal(breaker.reason, BREAKER_PROVIDER);
		CHECK(instant_ms_between(now, breaker.until) == waits_s[i] * 1000, "probe %zu", i);
	}
}

static void test_a_fault_that_comes_back_at_once_waits_longer_each_time(void **unused)
{
	struct breaker breaker = opened(SAW_CREDENTIAL_FAULT);

	(void)unused;
	for (int64_t want = 20; want <= 80; want *= 2) {
		const struct instant now = breaker.until;

		breaker_probe(&breaker, now, 1.0);
		breaker_probed(&breaker, SAW_ANSWER, now, 1.0);
		assert_true(breaker_note(&breaker, SAW_CREDENTIAL_FAULT, 1, now, 1.0));
		assert_int_equal(instant_ms_between(now, breaker.until), want * 1000);
	}
}

static void test_a_good_window_forgets_how_often_it_opened(void **unused)
{
	struct breaker breaker = opened(SAW_DOUBT);

	(void)unused;
	breaker_probe(&breaker, at_s(10), 1.0);
	breaker_probed(&breaker, SAW_ANSWER, at_s(10), 1.0);
	assert_int_equal(breaker.opened, 1);
	breaker_note(&breaker, SAW_ANSWER, 3, at_s(11), 1.0);
	assert_int_equal(breaker.opened, 1);
	breaker_note(&breaker, SAW_ANSWER, 3, at_s(21), 1.0);
	assert_int_equal(breaker.opened, 0);
}

static void test_an_answer_to_no_question_closes_nothing(void **unused)
{
	struct breaker breaker = opened(SAW_DOUBT);

	(void)unused;
	breaker_probed(&breaker, SAW_ANSWER, at_s(1), 1.0);
	assert_int_equal(breaker.state, BREAKER_OPEN);
}

static void test_time_scale_shortens_waits_and_windows(void **unused)
{
	struct breaker breaker = closed();

	(void)unused;
	assert_true(breaker_note(&breaker, SAW_CREDENTIAL_FAULT, 1, START, 0.01));
	assert_int_equal(instant_ms_between(START, breaker.until), 100);
}

/*
 * The whole table: state x reason x what is seen, by a call and by the question. Of a row that was open once before, so that
 * the second wait of each reason is told from the first of another.
 */
static const struct outcome {
	enum breaker_state state;
	enum breaker_reason reason;
	enum breaker_saw saw;
	enum breaker_state noted, probed;
	enum breaker_reason noted_reason, probed_reason;
	int noted_s, probed_s; /* until the next question; -1: `until` as it was */
} table[] = {
/* clang-format off */
#define SHUT BREAKER_CLOSED
#define OPEN BREAKER_OPEN
#define HALF BREAKER_HALF_OPEN
#define NONE BREAKER_NO_REASON
#define PROV BREAKER_PROVIDER
#define CRED BREAKER_CREDENTIALS
#define QUOT BREAKER_QUOTA
	{ SHUT, NONE, SAW_NOTHING, SHUT, SHUT, NONE, NONE, -1, -1 },
	{ SHUT, NONE, SAW_ANSWER, SHUT, SHUT, NONE, NONE, -1, -1 },
	{ SHUT, NONE, SAW_DOUBT, SHUT, SHUT, NONE, NONE, -1, -1 }, /* one is not enough */
	{ SHUT, NONE, SAW_CREDENTIAL_FAULT, OPEN, SHUT, CRED, NONE, 20, -1 },
	{ SHUT, NONE, SAW_QUOTA, OPEN, SHUT, QUOT, NONE, 120, -1 },

	{ OPEN, PROV, SAW_NOTHING, OPEN, OPEN, PROV, PROV, -1, -1 },
	{ OPEN, PROV, SAW_ANSWER, OPEN, OPEN, PROV, PROV, -1, -1 },
	{ OPEN, PROV, SAW_DOUBT, OPEN, OPEN, PROV, PROV, -1, -1 },
	{ OPEN, PROV, SAW_CREDENTIAL_FAULT, OPEN, OPEN, CRED, PROV, -1, -1 },
	{ OPEN, PROV, SAW_QUOTA, OPEN, OPEN, QUOT, PROV, 60, -1 },
	{ OPEN, CRED, SAW_NOTHING, OPEN, OPEN, CRED, CRED, -1, -1 },
	{ OPEN, CRED, SAW_ANSWER, OPEN, OPEN, CRED, CRED, -1, -1 },
	{ OPEN, CRED, SAW_DOUBT, OPEN, OPEN, CRED, CRED, -1, -1 },
	{ OPEN, CRED, SAW_CREDENTIAL_FAULT, OPEN, OPEN, CRED, CRED, -1, -1 },
	{ OPEN, CRED, SAW_QUOTA, OPEN, OPEN, CRED, CRED, -1, -1 },
	{ OPEN, QUOT, SAW_NOTHING, OPEN, OPEN, QUOT, QUOT, -1, -1 },
	{ OPEN, QUOT, SAW_ANSWER, OPEN, OPEN, QUOT, QUOT, -1, -1 },
	{ OPEN, QUOT, SAW_DOUBT, OPEN, OPEN, QUOT, QUOT, -1, -1 },
	{ OPEN, QUOT, SAW_CREDENTIAL_FAULT, OPEN, OPEN, CRED, QUOT, -1, -1 },
	{ OPEN, QUOT, SAW_QUOTA, OPEN, OPEN, QUOT, QUOT, -1, -1 },

	{ HALF, PROV, SAW_NOTHING, HALF, OPEN, PROV, PROV, -1, 20 },
	{ HALF, PROV, SAW_ANSWER, HALF, SHUT, PROV, NONE, -1, -1 },
	{ HALF, PROV, SAW_DOUBT, HALF, OPEN, PROV, PROV, -1, 20 },
	{ HALF, PROV, SAW_CREDENTIAL_FAULT, HALF, OPEN, CRED, CRED, -1, 10 },
	{ HALF, PROV, SAW_QUOTA, HALF, OPEN, QUOT, QUOT, -1, 60 },
	{ HALF, CRED, SAW_NOTHING, HALF, OPEN, CRED, CRED, -1, 20 },
	{ HALF, CRED, SAW_ANSWER, HALF, SHUT, CRED, NONE, -1, -1 },
	{ HALF, CRED, SAW_DOUBT, HALF, OPEN, CRED, CRED, -1, 20 },
	{ HALF, CRED, SAW_CREDENTIAL_FAULT, HALF, OPEN, CRED, CRED, -1, 20 },
	{ HALF, CRED, SAW_QUOTA, HALF, OPEN, CRED, QUOT, -1, 60 },
	{ HALF, QUOT, SAW_NOTHING, HALF, OPEN, QUOT, QUOT, -1, 120 },
	{ HALF, QUOT, SAW_ANSWER, HALF, SHUT, QUOT, NONE, -1, -1 },
	{ HALF, QUOT, SAW_DOUBT, HALF, OPEN, QUOT, QUOT, -1, 120 },
	{ HALF, QUOT, SAW_CREDENTIAL_FAULT, HALF, OPEN, CRED, CRED, -1, 10 },
	{ HALF, QUOT, SAW_QUOTA, HALF, OPEN, QUOT, QUOT, -1, 120 },
	/* clang-format on */
};

static void check_outcome(size_t i, const struct breaker *breaker, enum breaker_state state,
	enum breaker_reason reason, int wait_s)
{
	const int64_t until_s = instant_ms_between(START, breaker->until) / 1000;

	CHECK(breaker->state == state, "row %zu: %s", i, breaker_state_name(breaker->state));
	CHECK(breaker->reason == reason, "row %zu: %s", i, breaker_reason_name(breaker->reason));
	if (breaker->state == BREAKER_CLOSED)
		return;
	CHECK(until_s == (wait_s < 0 ? 7 : wait_s), "row %zu: again in %lld s", i, (long long)until_s);
}

static void test_every_state_reason_and_sight(void **unused)
{
	unsigned seen[3][4][5] = {{{0}}};

	(void)unused;
	for (size_t i = 0; i < COUNT_OF(table); i++) {
		const struct outcome *row = &table[i];
		const struct breaker before = {.state = row->state,
			.reason = row->reason,
			.until = at_s(7),
			.opened = 1,
			.window_at = START};
		struct breaker breaker = before;

		seen[row->state][row->reason][row->saw]++;
		const bool opened = breaker_note(&breaker, row->saw, 1, START, 1.0);
		CHECK(opened == (row->state == BREAKER_CLOSED && row->noted == BREAKER_OPEN), "row %zu", i);
		check_outcome(i, &breaker, row->noted, row->noted_reason, row->noted_s);
		breaker = before;
		breaker_probed(&breaker, row->saw, START, 1.0);
		check_outcome(i, &breaker, row->probed, row->probed_reason, row->probed_s);
		breaker = before;
		CHECK(!breaker_note(&breaker, row->saw, 0, START, 1.0), "row %zu", i);
		assert_memory_equal(&breaker, &before, sizeof(before));
	}
	for (int state = 0; state < 3; state++)
		for (int reason = 0; reason < 4; reason++)
			for (int saw = 0; saw < 5; saw++)
				CHECK(seen[state][reason][saw] ==
						((state == BREAKER_CLOSED) == (reason == BREAKER_NO_REASON)),
					"%d %d %d", state, reason, saw);
}

static void test_a_quota_is_asked_about_after_a_minute_then_later_up_to_fifteen(void **unused)
{
	static const int64_t waits_s[] = {60, 120, 240, 480, 900, 900};
	struct breaker breaker = closed();
	struct instant now = START;

	(void)unused;
	assert_true(breaker_note(&breaker, SAW_QUOTA, 1, now, 1.0));
	assert_int_equal(breaker.reason, BREAKER_QUOTA);
	for (size_t i = 0; i < COUNT_OF(waits_s); i++) {
		CHECK(instant_ms_between(now, breaker.until) == waits_s[i] * 1000, "%zu", i);
		now = breaker.until;
		breaker_probe(&breaker, now, 1.0);
		breaker_probed(&breaker, SAW_QUOTA, now, 1.0);
		assert_int_equal(breaker.reason, BREAKER_QUOTA);
	}
}

static void test_who_asks_has_a_minute_by_the_scale_but_as_long_as_an_answer_takes(void **unused)
{
	struct breaker breaker = opened(SAW_DOUBT);

	(void)unused;
	breaker_probe(&breaker, START, 0.5);
	assert_int_equal(instant_ms_between(START, breaker.until), 30000);
	breaker_probe(&breaker, START, 0.005);
	assert_int_equal(instant_ms_between(START, breaker.until), 6000);
}

/* Whatever happens to it: payments only when closed, and it always comes to want a question. */
static void test_random_lives(void **unused)
{
	uint64_t seed = 2463534242;

	(void)unused;
	for (int life = 0; life < 50; life++) {
		struct breaker breaker = closed();
		struct instant now = START;

		for (int step = 0; step < 2000; step++) {
			seed ^= seed << 13;
			seed ^= seed >> 7;
			seed ^= seed << 17;
			now = instant_add_ms(now, (int64_t)(seed % 7000));
			if (breaker_wants_probe(&breaker, now) && seed % 3 != 0)
				breaker_probe(&breaker, now, 1.0);
			else if (breaker.state == BREAKER_HALF_OPEN && seed % 5 != 0)
				breaker_probed(&breaker, (enum breaker_saw)(seed % 5), now, 1.0);
			else if (breaker_note(&breaker,
					 seed % 64 == 1   ? SAW_CREDENTIAL_FAULT
					 : seed % 64 == 3 ? SAW_QUOTA
					 : seed % 2       ? SAW_DOUBT
							  : SAW_ANSWER,
					 (unsigned)(seed % 3), now, 1.0))
				assert_int_equal(breaker.state, BREAKER_OPEN);
			assert_int_equal(breaker_allows(&breaker), breaker.state == BREAKER_CLOSED);
			CHECK((breaker.reason == BREAKER_NO_REASON) == (breaker.state == BREAKER_CLOSED),
				"life %d step %d", life, step);
			CHECK(breaker.state == BREAKER_CLOSED ||
					breaker_wants_probe(&breaker, instant_add_ms(now, 900000)),
				"life %d step %d: open for ever", life, step);
			CHECK(breaker.in_a_row < 5, "life %d step %d: %u in a row and closed", life, step,
				breaker.in_a_row);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_five_in_doubt_in_a_row_open_it),
		cmocka_unit_test(test_a_slow_lane_counts_its_row_over_windows),
		cmocka_unit_test(test_thirty_percent_of_twenty_open_it),
		cmocka_unit_test(test_the_first_credential_fault_opens_it),
		cmocka_unit_test(test_what_was_in_flight_tells_nothing_new_but_a_credential_fault),
		cmocka_unit_test(test_only_a_question_half_opens_it_and_only_its_answer_closes_it),
		cmocka_unit_test(test_each_failed_question_doubles_the_wait_up_to_five_minutes),
		cmocka_unit_test(test_a_fault_that_comes_back_at_once_waits_longer_each_time),
		cmocka_unit_test(test_a_good_window_forgets_how_often_it_opened),
		cmocka_unit_test(test_an_answer_to_no_question_closes_nothing),
		cmocka_unit_test(test_time_scale_shortens_waits_and_windows),
		cmocka_unit_test(test_every_state_reason_and_sight),
		cmocka_unit_test(test_a_quota_is_asked_about_after_a_minute_then_later_up_to_fifteen),
		cmocka_unit_test(test_who_asks_has_a_minute_by_the_scale_but_as_long_as_an_answer_takes),
		cmocka_unit_test(test_random_lives),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
