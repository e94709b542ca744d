#include "dispatcher/runs.h"

#include "base/attr.h"
#include "base/time.h"
#include "core/breaker.h"

#include "check.h"

static const struct instant now = {1800000000000000};

/* What the dispatcher's lanes do with them. */
static bool told_to(struct breaker *breaker, const struct runs *runs)
{
	bool opened = false;

	for (unsigned i = 0; i < runs->count; i++)
		opened |= breaker_note(
			breaker, runs->run[i].doubt ? SAW_DOUBT : SAW_ANSWER, runs->run[i].n, now, 1);
	return opened;
}

static void test_scattered_doubts_are_not_doubts_in_a_row(void **state)
{
	const struct {
		const char *what, *answers;
		bool want_open;
	} rows[] = {
		{"five in a row", "ddddd", true},
		{"four, an answer, four", "ddddadddd", false},
		{"one in six, ten times", "aaaaadaaaaadaaaaadaaaaadaaaaadaaaaadaaaaadaaaaadaaaaadaaaaad",
			false},
		{"answers only", "aaaaaaaaaaaaaaaaaaaaaaaa", false},
		{"five in a row behind many answers", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaddddd", true},
		{"every other one: a third of twenty and more", "adadadadadadadadadadadadad", true},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct runs runs = {.count = 0};
		struct breaker breaker;

		breaker_start(&breaker, now);
		for (const char *c = rows[i].answers; *c != '\0'; c++)
			runs_add(&runs, *c == 'd');
		CHECK(told_to(&breaker, &runs) == rows[i].want_open, "%s", rows[i].what);
		CHECK(runs_have_doubts(&runs) == (strchr(rows[i].answers, 'd') != NULL), "%s", rows[i].what);
	}
}

static void test_nothing_is_lost_when_the_turns_are_too_many(void **state)
{
	struct runs runs = {.count = 0};
	unsigned doubts = 0, answers = 0;

	(void)state;
	for (unsigned i = 0; i < 1001; i++)
		runs_add(&runs, i % 2 == 0);
	assert_true(runs.count <= RUNS_MOST);
	for (unsigned i = 0; i < runs.count; i++)
		*(runs.run[i].doubt ? &doubts : &answers) += runs.run[i].n;
	assert_int_equal(doubts, 501);
	assert_int_equal(answers, 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scattered_doubts_are_not_doubts_in_a_row),
		cmocka_unit_test(test_nothing_is_lost_when_the_turns_are_too_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
