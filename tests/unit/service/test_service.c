#include "check.h"
#include "base/text.h"

#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* A run of the sample: what it wrote to stdout and stderr, in one stream, and its exit code. */
struct run {
	pid_t pid;
	int output;
	char text[65536];
	size_t len;
	int code;
};

enum { RUN_MOST_MS = 20000 };

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void begin(struct run *run, const char *argument, const char *const *settings)
{
	int ends[2];

	memset(run, 0, sizeof(*run));
	assert_int_equal(pipe(ends), 0);
	run->pid = fork();
	assert_true(run->pid >= 0);
	if (run->pid == 0) {
		dup2(ends[1], STDOUT_FILENO);
		dup2(ends[1], STDERR_FILENO);
		close(ends[0]);
		close(ends[1]);
		for (; settings != NULL && *settings != NULL; settings += 2)
			setenv(settings[0], settings[1], 1);
		execl(SAMPLE, SAMPLE, argument, NULL);
		_exit(127);
	}
	close(ends[1]);
	run->output = ends[0];
}

/* Reads until the text is there (NULL: to the end); false when it never comes. */
static bool read_until(struct run *run, const char *text)
{
	int64_t until = now_ms() + RUN_MOST_MS;

	while (text == NULL || strstr(run->text, text) == NULL) {
		struct pollfd ready = {.fd = run->output, .events = POLLIN};
		ssize_t got;

		if (now_ms() > until || poll(&ready, 1, RUN_MOST_MS) <= 0)
			return false;
		got = read(run->output, run->text + run->len, sizeof(run->text) - 1 - run->len);
		if (got <= 0)
			return text == NULL;
		run->len += (size_t)got;
		run->text[run->len] = '\0';
	}
	return true;
}

static void end(struct run *run)
{
	int status;

	if (!read_until(run, NULL))
		kill(run->pid, SIGKILL);
	close(run->output);
	waitpid(run->pid, &status, 0);
	run->code = WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

static void run_whole(struct run *run, const char *argument, const char *const *settings)
{
	begin(run, argument, settings);
	end(run);
}

#define SETTINGS(...) ((const char *const[]){__VA_ARGS__, NULL})
#define PLAY(play)    SETTINGS("MKONDO_EVENT_SOURCE", play)

static bool has(const struct run *run, const char *part)
{
	return strstr(run->text, part) != NULL;
}

static size_t count(const struct run *run, const char *part)
{
	size_t n = 0;

	for (const char *at = strstr(run->text, part); at != NULL; at = strstr(at + 1, part))
		n++;
	return n;
}

static void test_each_end_has_its_exit_code(void **state)
{
	static const struct {
		const char *what, *argument, *play;
		int want;
		const char *want_text;
	} rows[] = {
		{"help", "--help", "", 0, "Usage: mkondo-sample [option]\n"},
		{"version", "--version", "", 0, "mkondo-sample "},
		{"unknown option", "--frobnicate", "", 2, "\"--frobnicate\" is not an option"},
		{"good settings", "--check-config", "", 0, "The settings are allowed.\n"},
		{"a row that the release does not list", "unlisted", "", 78,
			"MKONDO_NOT_LISTED is not in the release's list"},
		{"start refused", NULL, "start-refused", 78, "\"why\":\"the schema is of another release\""},
		{"start broken", NULL, "start-broken", 78, "\"why\":\"no such folder\""},
		{"a dependency stays away", NULL, "start-away", 75, "\"service.waiting\""},
		{"work broken", NULL, "work-broken", 1, "\"why\":\"it cannot be\""},
		{"work refused", NULL, "work-refused", 1, "\"why\":\"not like this\""},
		{"run failed", "run", "run-failed", 1, "\"why\":\"the loop broke\""},
		{"run ended by itself", "run", "run-ended", 1, "\"service.failed\""},
	};
	struct run run;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		run_whole(&run, rows[i].argument, PLAY(rows[i].play));
		CHECK(run.code == rows[i].want, "%s: %d\n%s", rows[i].what, run.code, run.text);
		CHECK(has(&run, rows[i].want_text), "%s\n%s", rows[i].what, run.text);
	}
}

static void test_all_settings_errors_are_told_at_once(void **state)
{
	struct run run;

	(void)state;
	run_whole(&run, "--check-config",
		SETTINGS("MKONDO_CONNECTIONS", "10", "MKONDO_DRAIN", "9", "MKONDO_DRIAN", "9s",
			"MPESA_PASKEY", "hush"));
	assert_int_equal(run.code, 78);
	assert_true(has(&run, "MKONDO_CONNECTIONS: \"10\" is not allowed; it must be a whole number from 1 "
			      "to 9. How many.\n"));
	assert_true(has(&run, "MKONDO_DRAIN: \"9\" is not allowed; it must be a duration"));
	assert_true(has(&run, "MKONDO_DRIAN is not a setting of this release; did you mean MKONDO_DRAIN?\n"));
	assert_true(
		has(&run, "MPESA_PASKEY is not a setting of this release; did you mean MPESA_PASSKEY?\n"));
	assert_false(has(&run, "hush"));
	assert_int_equal(count(&run, "\n"), 4);
}

static void test_a_start_with_bad_settings_starts_nothing(void **state)
{
	struct run run;

	(void)state;
	run_whole(&run, NULL, SETTINGS("MKONDO_CONNECTIONS", "10"));
	assert_int_equal(run.code, 78);
	assert_false(has(&run, "start"));
}

static void test_short_waits_and_production_do_not_mix(void **state)
{
	struct run run;

	(void)state;
	run_whole(&run, "--check-config",
		SETTINGS("MKONDO_TIME_SCALE", "0.5", "MPESA_ENVIRONMENT", "production"));
	assert_int_equal(run.code, 78);
	assert_true(has(&run, "MKONDO_TIME_SCALE: \"0.5\" is not allowed with MPESA_ENVIRONMENT=production; "
			      "it must be 1."));
	run_whole(&run, "--check-config",
		SETTINGS("MKONDO_TIME_SCALE", "1", "MPESA_ENVIRONMENT", "production"));
	assert_int_equal(run.code, 0);
	run_whole(&run, "--check-config",
		SETTINGS("MKONDO_TIME_SCALE", "0.005", "MPESA_ENVIRONMENT", "sandbox"));
	assert_int_equal(run.code, 0);
}

static void test_settings_are_printed_without_secrets(void **state)
{
	struct run run;

	(void)state;
	run_whole(&run, "--print-config", SETTINGS("MPESA_PASSKEY", "hush", "MKONDO_LOG_LEVEL", "debug"));
	assert_int_equal(run.code, 0);
	assert_true(has(&run, "MPESA_PASSKEY=***\n"));
	assert_true(has(&run, "MKONDO_CONNECTIONS=4  (default)\n"));
	assert_true(has(&run, "MKONDO_LOG_LEVEL=debug  (default info)\n"));
	assert_true(has(&run, "MKONDO_ADMIN_LISTEN=127.0.0.1:0  (default)\n"));
	assert_false(has(&run, "hush"));
	run_whole(&run, "--document-config", NULL);
	assert_int_equal(run.code, 0);
	assert_true(has(
		&run, "| `MKONDO_DRAIN` | a duration (250ms, 30s, 5m, 2h, 1d) from 100ms to 10m | `40s` |"));
	run_whole(&run, "--document-metrics", NULL);
	assert_int_equal(run.code, 0);
	assert_true(has(&run, "| `mkondo_uptime_seconds` | gauge |  | "));
}

static void check_stops_on(int number, const char *argument, const char *working)
{
	struct run run;

	begin(&run, argument, SETTINGS("MKONDO_INSTANCE", "left-hand"));
	CHECK(read_until(&run, working) && read_until(&run, "service.started"), "%s", run.text);
	kill(run.pid, number);
	end(&run);
	CHECK(run.code == 0, "signal %d: %d\n%s", number, run.code, run.text);
	assert_int_equal(count(&run, "start\n"), 1);
	assert_int_equal(count(&run, "stop\n"), 1);
	assert_true(has(&run, "\"instance\":\"left-hand\""));
	assert_true(has(&run, "\"event\":\"service.stopping\""));
	assert_true(has(&run, "\"event\":\"service.stopped\",\"code\":0}\n"));
}

static void test_a_signal_stops_it_in_order(void **state)
{
	(void)state;
	check_stops_on(SIGTERM, NULL, "work\n");
	check_stops_on(SIGINT, NULL, "work\n");
	check_stops_on(SIGTERM, "run", "run\n");
}

static void test_half_a_start_is_stopped_before_the_next(void **state)
{
	struct run run;

	(void)state;
	begin(&run, NULL, PLAY("start-late"));
	CHECK(read_until(&run, "work\n"), "%s", run.text);
	kill(run.pid, SIGTERM);
	end(&run);
	assert_int_equal(run.code, 0);
	assert_int_equal(count(&run, "start\n"), 3);
	assert_int_equal(count(&run, "stop\n"), 3);
	assert_int_equal(count(&run, "\"service.waiting\""), 2);
}

static void test_it_can_be_stopped_while_it_waits_to_start(void **state)
{
	struct run run;

	(void)state;
	begin(&run, NULL, PLAY("start-away"));
	CHECK(read_until(&run, "service.waiting"), "%s", run.text);
	kill(run.pid, SIGTERM);
	end(&run);
	CHECK(run.code == 0, "%d\n%s", run.code, run.text);
	assert_false(has(&run, "service.started"));
}

static void test_work_that_may_be_repeated_is(void **state)
{
	struct run run;

	(void)state;
	begin(&run, NULL, PLAY("work-retried"));
	CHECK(read_until(&run, "recovered\n"), "%s", run.text);
	kill(run.pid, SIGTERM);
	end(&run);
	assert_int_equal(run.code, 0);
	assert_int_equal(count(&run, "\"work.failed\""), 2);
}

static void check_drain_bound(const char *play)
{
	struct run run;
	int64_t began;

	begin(&run, NULL, SETTINGS("MKONDO_EVENT_SOURCE", play, "MKONDO_DRAIN", "300ms"));
	CHECK(read_until(&run, "work\n"), "%s", run.text);
	began = now_ms();
	kill(run.pid, SIGTERM);
	end(&run);
	CHECK(run.code == 1, "%s: %d\n%s", play, run.code, run.text);
	CHECK(has(&run, "service.drain_exceeded"), "%s\n%s", play, run.text);
	CHECK(now_ms() - began >= 290, "%s: the bound was not waited for", play);
}

static void test_draining_has_a_bound(void **state)
{
	(void)state;
	check_drain_bound("work-hangs");
	check_drain_bound("stop-hangs");
}

/* One request to the admin port; the whole answer. */
static const char *ask(int port, const char *request)
{
	static char answer[1 << 18];
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	struct timeval patience = {.tv_sec = 10};
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	size_t len = 0;
	ssize_t got;

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	assert_int_equal(write(fd, request, strlen(request)), (ssize_t)strlen(request));
	while ((got = read(fd, answer + len, sizeof(answer) - 1 - len)) > 0)
		len += (size_t)got;
	close(fd);
	answer[len] = '\0';
	return answer;
}

#define GET(path) "GET " path " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"

static int admin_port_of(struct run *run)
{
	const char *at;

	CHECK(read_until(run, "\"admin_port\":"), "%s", run->text);
	CHECK(read_until(run, "work\n"), "%s", run->text);
	at = strstr(run->text, "\"admin_port\":");
	return (int)strtol(at + strlen("\"admin_port\":"), NULL, 10);
}

static void test_the_admin_port_tells_life_readiness_and_metrics(void **state)
{
	struct run run;
	int port;

	(void)state;
	begin(&run, NULL, NULL);
	port = admin_port_of(&run);
	assert_non_null(strstr(ask(port, GET("/livez")), "\r\n\r\nalive\n"));
	assert_non_null(strstr(ask(port, GET("/readyz?verbose")), "\r\n\r\nready\n"));
	assert_non_null(
		strstr(ask(port, GET("/metrics")), "\nmkondo_events_total{event=\"service.started\"} 1\n"));
	assert_non_null(strstr(ask(port, GET("/metrics")), "\nmkondo_uptime_seconds "));
	assert_true(strncmp(ask(port, GET("/")), "HTTP/1.1 404 ", 13) == 0);
	assert_true(strncmp(ask(port, "POST /livez HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nConnection: "
				      "close\r\n\r\n"),
			    "HTTP/1.1 405 ", 13) == 0);
	kill(run.pid, SIGTERM);
	end(&run);
	CHECK(run.code == 0, "%d\n%s", run.code, run.text);
}

static void test_not_ready_says_what_is_missing(void **state)
{
	const char *answer;
	struct run run;
	int port;

	(void)state;
	begin(&run, NULL, PLAY("unready"));
	port = admin_port_of(&run);
	answer = ask(port, GET("/readyz"));
	CHECK(strncmp(answer, "HTTP/1.1 503 ", 13) == 0, "%s", answer);
	assert_non_null(strstr(answer, "\r\n\r\nno partition of commands.v1 is assigned\n"));
	assert_non_null(strstr(ask(port, GET("/livez")), "alive"));
	kill(run.pid, SIGTERM);
	end(&run);
	assert_int_equal(run.code, 0);
}

static void test_while_it_drains_it_lives_and_is_not_ready(void **state)
{
	struct run run;
	int port;

	(void)state;
	begin(&run, NULL, SETTINGS("MKONDO_EVENT_SOURCE", "stop-hangs", "MKONDO_DRAIN", "2s"));
	port = admin_port_of(&run);
	kill(run.pid, SIGTERM);
	CHECK(read_until(&run, "stop\n"), "%s", run.text);
	assert_non_null(strstr(ask(port, GET("/readyz")), "\r\n\r\nstopping\n"));
	assert_non_null(strstr(ask(port, GET("/livez")), "\r\n\r\nalive\n"));
	end(&run);
	assert_int_equal(run.code, 1);
}

static void test_an_admin_port_that_is_taken_is_told(void **state)
{
	struct run first, second;
	char address[32];

	(void)state;
	begin(&first, NULL, NULL);
	snprintf(address, sizeof(address), "127.0.0.1:%d", admin_port_of(&first));
	run_whole(&second, NULL, SETTINGS("MKONDO_ADMIN_LISTEN", address));
	CHECK(second.code == 75, "%d\n%s", second.code, second.text);
	CHECK(has(&second, "MKONDO_ADMIN_LISTEN") && has(&second, strchr(address, ':') + 1), "%s",
		second.text);
	assert_false(has(&second, "start\n"));
	kill(first.pid, SIGTERM);
	end(&first);
	assert_int_equal(first.code, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_end_has_its_exit_code),
		cmocka_unit_test(test_all_settings_errors_are_told_at_once),
		cmocka_unit_test(test_a_start_with_bad_settings_starts_nothing),
		cmocka_unit_test(test_short_waits_and_production_do_not_mix),
		cmocka_unit_test(test_settings_are_printed_without_secrets),
		cmocka_unit_test(test_a_signal_stops_it_in_order),
		cmocka_unit_test(test_half_a_start_is_stopped_before_the_next),
		cmocka_unit_test(test_it_can_be_stopped_while_it_waits_to_start),
		cmocka_unit_test(test_work_that_may_be_repeated_is),
		cmocka_unit_test(test_draining_has_a_bound),
		cmocka_unit_test(test_the_admin_port_tells_life_readiness_and_metrics),
		cmocka_unit_test(test_not_ready_says_what_is_missing),
		cmocka_unit_test(test_while_it_drains_it_lives_and_is_not_ready),
		cmocka_unit_test(test_an_admin_port_that_is_taken_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
