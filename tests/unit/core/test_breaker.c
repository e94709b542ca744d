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
	breaker_probe(&breaker, at_s(10));
	assert_int_equal(breaker.state, BREAKER_HALF_OPEN);
	assert_false(breaker_allows(&breaker));
	assert_false(breaker_wants_probe(&breaker, at_s(69)));
	assert_true(breaker_wants_probe(&breaker, at_s(70))); /* the asker died */
	breaker_probed(&breaker, true, at_s(12), 1.0);
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
		breaker_probe(&breaker, now);
		breaker_probed(&breaker, false, now, 1.0);
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

		breaker_probe(&breaker, now);
		breaker_probed(&breaker, true, now, 1.0);
		assert_true(breaker_note(&breaker, SAW_CREDENTIAL_FAULT, 1, now, 1.0));
		assert_int_equal(instant_ms_between(now, breaker.until), want * 1000);
	}
}

static void test_a_good_window_forgets_how_often_it_opened(void **unused)
{
	struct breaker breaker = opened(SAW_DOUBT);

	(void)unused;
	breaker_probe(&breaker, at_s(10));
	breaker_probed(&breaker, true, at_s(10), 1.0);
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
	breaker_probed(&breaker, true, at_s(1), 1.0);
	assert_int_equal(breaker.state, BREAKER_OPEN);
}

static void test_time_scale_shortens_waits_and_windows(void **unused)
{
	struct breaker breaker = closed();

	(void)unused;
	assert_true(breaker_note(&breaker, SAW_CREDENTIAL_FAULT, 1, START, 0.01));
	assert_int_equal(instant_ms_between(START, breaker.until), 100);
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
				breaker_probe(&breaker, now);
			else if (breaker.state == BREAKER_HALF_OPEN && seed % 5 != 0)
				breaker_probed(&breaker, seed % 2 != 0, now, 1.0);
			else if (breaker_note(&breaker,
					 seed % 64 == 1 ? SAW_CREDENTIAL_FAULT
					 : seed % 2     ? SAW_DOUBT
							: SAW_ANSWER,
					 (unsigned)(seed % 3), now, 1.0))
				assert_int_equal(breaker.state, BREAKER_OPEN);
			assert_int_equal(breaker_allows(&breaker), breaker.state == BREAKER_CLOSED);
			CHECK((breaker.reason == BREAKER_NO_REASON) == (breaker.state == BREAKER_CLOSED),
				"life %d step %d", life, step);
			CHECK(breaker.state == BREAKER_CLOSED ||
					breaker_wants_probe(&breaker, instant_add_ms(now, 300000)),
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
		cmocka_unit_test(test_random_lives),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
