#include "check.h"
#include "base/log.h"
#include "base/metric.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

static struct metric events = {.name = "test_events", .help = "h", .kind = METRIC_COUNTER};

static struct instant fixed_clock(void)
{
	return (struct instant){1795428900120000};
}

static int saved_stderr, from_log;

/* stderr is a pipe between these two; what was written comes back as a string. */
static void catch_begin(void)
{
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	saved_stderr = dup(STDERR_FILENO);
	dup2(ends[1], STDERR_FILENO);
	close(ends[1]);
	from_log = ends[0];
}

static const char *catch_end(void)
{
	static char got[1 << 16];
	ssize_t len = read(from_log, got, sizeof(got) - 1);

	got[len > 0 ? len : 0] = '\0';
	dup2(saved_stderr, STDERR_FILENO);
	close(saved_stderr);
	close(from_log);
	return got;
}

static int start(void **state)
{
	(void)state;
	log_start("ingest", LOG_INFO, fixed_clock);
	return 0;
}

static void test_an_event_is_one_json_line(void **state)
{
	struct uuid id;
	struct err err = {0};

	(void)state;
	assert_true(uuid_parse(TEXT("0190f5b2-7c3d-7e11-8a2b-0123456789ab"), &id));
	err_set(&err, ERR_UNKNOWN, 28, "timed out");
	catch_begin();
	LOG(WARN, "payment.lost_sight", LOG_PAYMENT(&id), LOG_NUM("attempt", 2), LOG_YES("heard", true),
		LOG_TRACE("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"), LOG_ERR(&err));
	assert_string_equal(catch_end(),
		"{\"at\":\"2026-11-23T10:15:00.120Z\",\"level\":\"warn\",\"service\":\"ingest\","
		"\"event\":\"payment.lost_sight\",\"payment\":\"0190f5b2-7c3d-7e11-8a2b-0123456789ab\","
		"\"attempt\":2,"
		"\"heard\":true,\"trace\":\"4bf92f3577b34da6a3ce929d0e0e4736\",\"why\":\"timed out\","
		"\"why_class\":\"unknown\",\"why_code\":28}\n");
}

/* What a line has after its event's name. */
static const char *after_event(const char *line)
{
	const char *at = strstr(line, "\"event\":\"e.e\"");

	assert_non_null(at);
	return at + strlen("\"event\":\"e.e\"");
}

#define CHECK_FIELD(field, want)                                                                             \
	do {                                                                                                 \
		catch_begin();                                                                               \
		LOG(INFO, "e.e", field);                                                                     \
		assert_string_equal(after_event(catch_end()), want "}\n");                                   \
	} while (0)

static void test_foreign_text_cannot_break_the_line(void **state)
{
	(void)state;
	CHECK_FIELD(LOG_STR("t", "a\"}\n{\"level\":\"alarm"), ",\"t\":\"a\\\"}\\n{\\\"level\\\":\\\"alarm\"");
	CHECK_FIELD(LOG_TXT("t", TEXT("a\0\x1b[31m\\")), ",\"t\":\"a\\u0000\\u001b[31m\\\\\"");
	CHECK_FIELD(LOG_TXT("t", TEXT("caf\xe9")), ",\"t\":\"caf\xef\xbf\xbd\"");
}

static void test_phones_are_masked(void **state)
{
	(void)state;
	CHECK_FIELD(LOG_PHONE("to", "254708374149"), ",\"to\":\"2547*****149\"");
	CHECK_FIELD(LOG_PHONE("to", "0708374149"), ",\"to\":\"0708***149\"");
	CHECK_FIELD(LOG_PHONE("to", "25470837"), ",\"to\":\"2547*837\"");
	CHECK_FIELD(LOG_PHONE("to", "2547083"), ",\"to\":\"***\"");
	CHECK_FIELD(LOG_PHONE("to", "254708374149254708374149"), ",\"to\":\"***\"");
	CHECK_FIELD(LOG_PHONE("to", ""), "");
}

static void test_what_is_not_there_is_left_out(void **state)
{
	(void)state;
	CHECK_FIELD(LOG_TRACE(""), "");
	CHECK_FIELD(LOG_TRACE(NULL), "");
	CHECK_FIELD(LOG_TRACE("00-4bf92f3577b34da6a3ce929d0e0e473X-00f067aa0ba902b7-01"), "");
	CHECK_FIELD(LOG_TRACE("00-4bf92f3577b34da6a3ce929d0e0e4736"), "");
	CHECK_FIELD(LOG_STR("s", NULL), "");
	CHECK_FIELD(LOG_TXT("s", text_of(NULL)), "");
	CHECK_FIELD(LOG_STR("s", ""), ",\"s\":\"\"");
	CHECK_FIELD(LOG_PAYMENT(NULL), "");
	CHECK_FIELD(LOG_ERR(NULL), "");
	CHECK_FIELD(LOG_NUM("n", INT64_MIN), ",\"n\":-9223372036854775808");
}

static void test_an_error_tells_its_sqlstate(void **state)
{
	struct err err = {.class = ERR_RETRY, .state = "40001", .text = "try again"};

	(void)state;
	CHECK_FIELD(LOG_ERR(&err), ",\"why\":\"try again\",\"why_class\":\"retry\",\"why_state\":\"40001\"");
}

static bool ends_with(const char *line, const char *end)
{
	return strlen(line) >= strlen(end) && strcmp(line + strlen(line) - strlen(end), end) == 0;
}

static void test_a_long_line_is_cut_and_stays_json(void **state)
{
	char wide[5000], quotes[5000], euros[3001];
	const char *line;

	(void)state;
	memset(wide, 'w', sizeof(wide) - 1);
	memset(quotes, '\x01', sizeof(quotes) - 1);
	wide[sizeof(wide) - 1] = quotes[sizeof(quotes) - 1] = '\0';
	for (int i = 0; i < 3000; i += 3)
		memcpy(euros + i, "\xe2\x82\xac", 3);
	euros[3000] = '\0';

	catch_begin();
	LOG(INFO, "e.e", LOG_STR("a", wide), LOG_STR("b", euros), LOG_STR("c", quotes), LOG_STR("d", quotes),
		LOG_STR("e", wide), LOG_NUM("n", 1), LOG_STR("f", quotes));
	line = catch_end();
	CHECK(strlen(line) <= 4096, "%zu bytes", strlen(line));
	CHECK(ends_with(line, ",\"cut\":true}\n"), "%s", line);
	CHECK(strchr(line, '\n') == line + strlen(line) - 1, "one line");
	CHECK(text_is_utf8(text_of(line)), "no character is cut in two");
	CHECK(strstr(line, "\xef\xbf\xbd") == NULL, "no replacement where the text was sound");
	CHECK(strstr(line, "\"n\":1") != NULL, "a small field still fits: %s", line);
}

static void test_below_the_level_nothing_is_printed_but_it_is_counted(void **state)
{
	static char space[1 << 16];
	struct buf page = BUF(space);

	(void)state;
	log_start("ingest", LOG_ALARM, fixed_clock);
	catch_begin();
	LOG(DEBUG, "quiet.counted");
	LOG(WARN, "quiet.counted");
	assert_string_equal(catch_end(), "");
	catch_begin();
	LOG(ALARM, "loud.counted");
	assert_non_null(strstr(catch_end(), "\"level\":\"alarm\""));
	metric_add(&events, NULL, 1);
	metric_print(&page);
	assert_non_null(strstr(buf_end(&page), "\nmkondo_events_total{event=\"quiet.counted\"} 2\n"));
	assert_non_null(strstr(space, "\nmkondo_events_total{event=\"loud.counted\"} 1\n"));
}

static void test_a_reader_that_left_does_not_stop_us(void **state)
{
	int ends[2], kept = dup(STDERR_FILENO);
	static char space[1 << 16];
	struct buf page = BUF(space);

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(pipe(ends), 0);
	close(ends[0]);
	dup2(ends[1], STDERR_FILENO);
	close(ends[1]);
	LOG(ALARM, "e.e");
	dup2(kept, STDERR_FILENO);
	close(kept);
	metric_print(&page);
	assert_non_null(strstr(buf_end(&page), "\nmkondo_log_lines_lost_total 1\n"));
}

static void test_every_level_has_a_name(void **state)
{
	const char *const *names = log_level_names();

	(void)state;
	assert_string_equal(names[LOG_DEBUG], "debug");
	assert_string_equal(names[LOG_INFO], "info");
	assert_string_equal(names[LOG_WARN], "warn");
	assert_string_equal(names[LOG_ALARM], "alarm");
	assert_null(names[LOG_ALARM + 1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_an_event_is_one_json_line, start),
		cmocka_unit_test_setup(test_foreign_text_cannot_break_the_line, start),
		cmocka_unit_test_setup(test_phones_are_masked, start),
		cmocka_unit_test_setup(test_what_is_not_there_is_left_out, start),
		cmocka_unit_test_setup(test_an_error_tells_its_sqlstate, start),
		cmocka_unit_test_setup(test_a_long_line_is_cut_and_stays_json, start),
		cmocka_unit_test_setup(test_below_the_level_nothing_is_printed_but_it_is_counted, start),
		cmocka_unit_test_setup(test_a_reader_that_left_does_not_stop_us, start),
		cmocka_unit_test(test_every_level_has_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
