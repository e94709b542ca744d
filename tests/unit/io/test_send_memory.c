#include "io/send_memory.h"

#include "base/attr.h"

#include "check.h"

static struct send_record sent(unsigned id, unsigned attempt, int64_t fence)
{
	return (struct send_record){
		.kind = JOURNAL_SEND, .id = {{(uint8_t)id}}, .attempt = attempt, .fence_at = {fence}};
}

static void test_of_each_payment_the_highest_attempt_counts(void **state)
{
	struct send_record sends[] = {sent(2, 1, 10), sent(1, 2, 30), sent(2, 3, 20), sent(1, 1, 40),
		sent(2, 3, 25), sent(2, 2, 99)};

	(void)state;
	assert_int_equal(send_memory_fold(sends, COUNT_OF(sends)), 2);
	CHECK(sends[0].id.b[0] == 1 && sends[0].attempt == 2, "attempt %u", sends[0].attempt);
	CHECK(sends[1].id.b[0] == 2 && sends[1].attempt == 3, "attempt %u", sends[1].attempt);
	assert_int_equal(sends[1].fence_at.us, 25);
	assert_int_equal(send_memory_fold(sends, 0), 0);
}

static void test_what_the_rows_do_not_know_is_forgotten(void **state)
{
	const struct {
		const char *what;
		unsigned sent, row; /* row 9: there is none */
		bool want_forgotten, want_rowless;
	} rows[] = {
		{"the same attempt", 1, 1, false, false},
		{"a later one", 1, 2, false, false},
		{"an earlier one", 2, 1, true, false},
		{"never claimed", 1, 0, true, false},
		{"not there at all", 1, 9, true, true},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const struct send_record send = sent(5, rows[i].sent, 0);
		const struct known_attempt known[] = {
			{{{4}}, 9}, {{{rows[i].row == 9 ? 6 : 5}}, rows[i].row}, {{{7}}, 0}};
		struct forgotten ret[1];
		size_t count = send_memory_forgotten(&send, 1, known, COUNT_OF(known), ret);

		CHECK((count == 1) == rows[i].want_forgotten, "%s", rows[i].what);
		CHECK(count == 0 || ret[0].rowless == rows[i].want_rowless, "%s", rows[i].what);
	}
}

static void test_each_send_is_compared_with_its_own_row(void **state)
{
	const struct send_record sends[] = {sent(1, 1, 0), sent(2, 2, 0), sent(3, 1, 0), sent(9, 1, 0)};
	const struct known_attempt known[] = {{{{2}}, 1}, {{{3}}, 1}};
	struct forgotten ret[COUNT_OF(sends)];

	(void)state;
	assert_int_equal(send_memory_forgotten(sends, COUNT_OF(sends), known, COUNT_OF(known), ret), 3);
	assert_true(ret[0].send.id.b[0] == 1 && ret[0].rowless);
	assert_true(ret[1].send.id.b[0] == 2 && !ret[1].rowless);
	assert_true(ret[2].send.id.b[0] == 9 && ret[2].rowless);
	assert_int_equal(send_memory_forgotten(sends, 0, known, COUNT_OF(known), ret), 0);
}

static void test_a_journal_vouches_alone_for_an_hour_and_an_empty_one_never(void **state)
{
	const struct instant now = {1900000000000000}, hour_ago = instant_add_ms(now, -3600000);

	(void)state;
	assert_true(send_memory_vouches(now, now));
	assert_true(send_memory_vouches(hour_ago, now));
	assert_false(send_memory_vouches(instant_add_ms(hour_ago, -1), now));
	assert_false(send_memory_vouches((struct instant){0}, now));
	/* The database's clock was ahead of ours. */
	assert_true(send_memory_vouches(instant_add_ms(now, 4000), now));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_of_each_payment_the_highest_attempt_counts),
		cmocka_unit_test(test_what_the_rows_do_not_know_is_forgotten),
		cmocka_unit_test(test_each_send_is_compared_with_its_own_row),
		cmocka_unit_test(test_a_journal_vouches_alone_for_an_hour_and_an_empty_one_never),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
