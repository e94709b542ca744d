#include "webhook/knock.h"

#include "base/attr.h"
#include "base/log.h"
#include "check.h"
#include "io/http_server.h"

/* Exchanges are places in this array: what was replied to each, and how often. */
enum { EXCHANGES = 8 };
static struct heard {
	unsigned times;
	int status;
	char body[100];
} heard[EXCHANGES];

static struct http_exchange *exchange_of(unsigned n)
{
	return (struct http_exchange *)&heard[n];
}

void http_reply(struct http_exchange *exchange, int status, const char *content_type, struct text body)
{
	struct heard *who = (struct heard *)exchange;

	assert_in_range(who - heard, 0, EXCHANGES - 1);
	assert_string_equal(content_type, "application/json");
	who->times++;
	who->status = status;
	snprintf(who->body, sizeof(who->body), "%.*s", TEXT_ARG(body));
}

static const struct uuid payment = {{1, 2, 3}};

static struct mono at_ms(int64_t ms)
{
	return (struct mono){1000000000 + ms * 1000};
}

static int begin(void **state)
{
	(void)state;
	memset(heard, 0, sizeof(heard));
	return 0;
}

static void check_heard(unsigned n, unsigned times, int status)
{
	CHECK(heard[n].times == times && heard[n].status == status, "exchange %u: %u times, %d", n,
		heard[n].times, heard[n].status);
}

static void test_200_is_said_at_the_report_and_not_before(void **state)
{
	struct knocks knocks = {0};
	struct knock *knock = knock_new(&knocks, exchange_of(0), &payment, knock_accepted, at_ms(0));

	(void)state;
	check_heard(0, 0, 0);
	assert_int_equal(knocks_sweep(&knocks, at_ms(KNOCK_WITHIN_MS - 1)), 0);
	check_heard(0, 0, 0);
	knock_report(&knocks, knock, true, at_ms(KNOCK_WITHIN_MS - 1));
	check_heard(0, 1, 200);
	assert_string_equal(heard[0].body, "{\"ResultCode\":0,\"ResultDesc\":\"Accepted\"}");
	assert_null(knocks.waiting);
	assert_null(knocks.late);
}

static void test_its_200_has_the_words_that_it_was_made_with(void **state)
{
	struct knocks knocks = {0};
	struct knock *knock = knock_new(&knocks, exchange_of(0), &payment, "{\"rescode\":\"200\"}", at_ms(0));

	(void)state;
	knock_report(&knocks, knock, true, at_ms(1));
	check_heard(0, 1, 200);
	assert_string_equal(heard[0].body, "{\"rescode\":\"200\"}");
}

static void test_a_record_that_the_broker_refused_is_a_503(void **state)
{
	struct knocks knocks = {0};
	struct knock *knock = knock_new(&knocks, exchange_of(0), &payment, knock_accepted, at_ms(0));

	(void)state;
	knock_report(&knocks, knock, false, at_ms(5));
	check_heard(0, 1, 503);
	assert_null(strstr(heard[0].body, "\"ResultCode\":0"));
	knocks_done(&knocks);
	check_heard(0, 1, 503);
}

static void test_silence_for_three_seconds_is_a_503_and_a_later_report_says_nothing_more(void **state)
{
	struct knocks knocks = {0};
	struct knock *good = knock_new(&knocks, exchange_of(0), &payment, knock_accepted, at_ms(0));
	struct knock *bad = knock_new(&knocks, exchange_of(1), NULL, knock_accepted, at_ms(0));

	(void)state;
	assert_int_equal(knocks_sweep(&knocks, at_ms(KNOCK_WITHIN_MS)), 2);
	check_heard(0, 1, 503);
	check_heard(1, 1, 503);
	assert_int_equal(knocks_sweep(&knocks, at_ms(KNOCK_WITHIN_MS + 1000)), 0);
	knock_report(&knocks, good, true, at_ms(KNOCK_WITHIN_MS + 2000));
	knock_report(&knocks, bad, false, at_ms(KNOCK_WITHIN_MS + 2000));
	check_heard(0, 1, 503);
	check_heard(1, 1, 503);
	assert_null(knocks.late);
}

/* Reports come in any order: by partition, and a broker that is away holds up some. */
static void test_each_waits_for_its_own_report_and_its_own_deadline(void **state)
{
	struct knocks knocks = {0};
	struct knock *some[6];

	(void)state;
	for (unsigned i = 0; i < 6; i++)
		some[i] = knock_new(&knocks, exchange_of(i), &payment, knock_accepted, at_ms(i * 100));
	knock_report(&knocks, some[3], true, at_ms(600));
	knock_report(&knocks, some[0], true, at_ms(601));
	knock_report(&knocks, some[5], false, at_ms(602));
	check_heard(3, 1, 200);
	check_heard(0, 1, 200);
	check_heard(5, 1, 503);
	assert_int_equal(knocks_sweep(&knocks, at_ms(KNOCK_WITHIN_MS + 100)), 1);
	check_heard(1, 1, 503);
	check_heard(2, 0, 0);
	assert_int_equal(knocks_sweep(&knocks, at_ms(KNOCK_WITHIN_MS + 200)), 1);
	check_heard(2, 1, 503);
	check_heard(4, 0, 0);
	knock_report(&knocks, some[4], true, at_ms(KNOCK_WITHIN_MS + 250));
	check_heard(4, 1, 200);
	knock_report(&knocks, some[2], true, at_ms(KNOCK_WITHIN_MS + 300));
	knock_report(&knocks, some[1], true, at_ms(KNOCK_WITHIN_MS + 300));
	for (unsigned i = 0; i < 6; i++)
		CHECK(heard[i].times == 1, "exchange %u: %u times", i, heard[i].times);
	assert_null(knocks.waiting);
	assert_null(knocks.late);
}

static void test_stopping_answers_who_waits_and_forgets_who_was_answered(void **state)
{
	struct knocks knocks = {0};

	(void)state;
	for (unsigned i = 0; i < 4; i++)
		(void)knock_new(&knocks, exchange_of(i), &payment, knock_accepted, at_ms(i < 2 ? 0 : 1000));
	assert_int_equal(knocks_sweep(&knocks, at_ms(KNOCK_WITHIN_MS)), 2);
	check_heard(2, 0, 0);
	knocks_done(&knocks);
	for (unsigned i = 0; i < 4; i++)
		check_heard(i, 1, 503);
	assert_null(knocks.waiting);
	assert_null(knocks.late);
	knocks_done(&knocks);
}

static struct instant no_clock(void)
{
	return (struct instant){1};
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_200_is_said_at_the_report_and_not_before, begin),
		cmocka_unit_test_setup(test_its_200_has_the_words_that_it_was_made_with, begin),
		cmocka_unit_test_setup(test_a_record_that_the_broker_refused_is_a_503, begin),
		cmocka_unit_test_setup(
			test_silence_for_three_seconds_is_a_503_and_a_later_report_says_nothing_more, begin),
		cmocka_unit_test_setup(test_each_waits_for_its_own_report_and_its_own_deadline, begin),
		cmocka_unit_test_setup(test_stopping_answers_who_waits_and_forgets_who_was_answered, begin),
	};

	log_start("test", LOG_ALARM, no_clock);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
