#include "check.h"

#include "base/attr.h"
#include "io/http_client.h"
#include "io/https_server.h"

#include <dlfcn.h>
#include <netdb.h>

/* A client on its loop; the server is threads of its own, so that it is as deaf to our loop as Daraja is. */
struct desk {
	uv_loop_t loop;
	struct http_client *client;
	struct https_server server;
	char ca_file[64];
};

struct told {
	unsigned times;
	enum transport transport;
	int status, curl_code;
	bool reused;
	char body[200], trouble[300];
	struct http_client **asks; /* what its own owner may ask while it is told */
	unsigned heard_free;
	bool send_failed;
};

static struct desk desk;
static _Atomic bool slow_name_done;

/* A name server that does not answer: libcurl asks on a thread of its own, and gives up at the deadline. */
int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **ret)
{
	int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **);

	if (node != NULL && strcmp(node, "slow.invalid") == 0) {
		usleep(1500000);
		slow_name_done = true;
		return EAI_NONAME;
	}
	*(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
	return real(node, service, hints, ret);
}

static const char *url(const char *path)
{
	static char text[200];

	snprintf(text, sizeof(text), "%s://127.0.0.1:%u%s", desk.server.tls != NULL ? "https" : "http",
		desk.server.port, path);
	return text;
}

static struct http_request request_of(const char *method, const char *where, const char *body)
{
	return (struct http_request){
		.method = method, .url = where, .body = text_of(body), .connect_ms = 3000, .total_ms = 5000};
}

static void on_done(void *cookie, const struct http_reply *reply)
{
	struct told *told = cookie;
	struct http_request more = request_of("POST", "http://127.0.0.1:1/", "{}");
	struct err err;

	told->times++;
	told->transport = reply->transport;
	told->status = reply->status;
	told->curl_code = reply->curl_code;
	told->reused = reply->reused;
	snprintf(told->body, sizeof(told->body), "%.*s", TEXT_ARG(reply->body));
	snprintf(told->trouble, sizeof(told->trouble), "%s", reply->trouble);
	if (told->asks == NULL)
		return;
	told->heard_free = http_client_free_connections(*told->asks);
	told->send_failed = !http_client_send(*told->asks, &more, on_done, told, &err);
}

static void open_desk(bool tls, bool trusted, unsigned connections)
{
	struct err err = {0};

	snprintf(desk.ca_file, sizeof(desk.ca_file), "/tmp/mkondo-test-ca.XXXXXX");
	int fd = mkstemp(desk.ca_file);
	assert_true(fd >= 0);
	https_server_open(&desk.server, tls, fd);
	close(fd);
	const struct http_client_conf conf = {
		.ca_file = trusted ? desk.ca_file : "", .connections_most = connections};
	assert_int_equal(uv_loop_init(&desk.loop), 0);
	assert_true(http_client_new(&desk.client, &desk.loop, &conf, &err));
}

static void close_desk(void)
{
	http_client_free(&desk.client);
	assert_null(desk.client);
	uv_run(&desk.loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&desk.loop), 0);
	https_server_close(&desk.server);
	unlink(desk.ca_file);
}

static void send_it(const struct http_request *request, struct told *told)
{
	struct err err = {0};

	bool sent = http_client_send(desk.client, request, on_done, told, &err);
	CHECK(sent, "%s", err.text);
	assert_int_equal(told->times, 0);
}

static uint64_t now_ms(void)
{
	return uv_hrtime() / 1000000;
}

static void run_until(const struct told *told, unsigned ms)
{
	uint64_t until = now_ms() + ms;

	while (told->times == 0 && now_ms() < until) {
		uv_run(&desk.loop, UV_RUN_NOWAIT);
		usleep(500);
	}
}

static struct told call(const char *method, const char *path, const char *body)
{
	const struct http_request request = request_of(method, url(path), body);
	struct told told = {0};

	send_it(&request, &told);
	run_until(&told, 8000);
	CHECK(told.times == 1, "%s %s: told %u times", method, path, told.times);
	return told;
}

/* Answered once, so that the connection is kept; then swallowed on that very connection. */
static void swallow_rounds(const char *method, const char *body, unsigned rounds)
{
	for (unsigned i = 0; i < rounds; i++) {
		struct told told = call("POST", "/ok", "{}");

		CHECK(told.transport == TRANSPORT_ANSWERED && told.status == 200, "round %u: %s", i,
			told.trouble);
		told = call(method, i % 2 == 0 ? "/swallow" : "/reset", body);
		CHECK(told.transport == TRANSPORT_NO_ANSWER, "round %u: %d, curl %d", i, told.transport,
			told.curl_code);
		CHECK(desk.server.requests == 2 * (i + 1), "round %u: %u requests of %u calls", i,
			desk.server.requests, 2 * (i + 1));
		CHECK(desk.server.nth == (body[0] != '\0' ? 2 : 1), "round %u: the %u. of its connection", i,
			desk.server.nth);
	}
	usleep(50000);
	uv_run(&desk.loop, UV_RUN_NOWAIT);
	assert_int_equal(desk.server.requests, 2 * rounds);
	assert_int_equal(desk.server.begun, 2 * rounds);
}

static void test_what_is_swallowed_under_tls_is_never_sent_twice(void **state)
{
	(void)state;
	open_desk(true, true, 4);
	swallow_rounds("POST", "{\"Amount\":1}", 100);
	close_desk();
}

static void test_what_is_swallowed_in_the_clear_is_never_sent_twice(void **state)
{
	(void)state;
	open_desk(false, false, 4);
	swallow_rounds("POST", "{\"Amount\":1}", 200);
	close_desk();
}

/* A token that was made twice is one that was killed once. */
static void test_what_has_no_body_is_never_sent_twice_either(void **state)
{
	static const char *const methods[] = {"GET", "POST"};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(methods); i++) {
		open_desk(false, false, 4);
		swallow_rounds(methods[i], "", 20);
		close_desk();
	}
}

static void test_tls_carries_replies_of_both_framings(void **state)
{
	struct told told;

	(void)state;
	open_desk(true, true, 4);
	told = call("POST", "/ok", "{}");
	assert_string_equal(told.body, "{\"fine\":1}");
	told = call("POST", "/chunked", "{}");
	CHECK(told.transport == TRANSPORT_ANSWERED && strcmp(told.body, "{\"fine\":2}") == 0, "%s",
		told.trouble);
	assert_true(told.reused);
	assert_int_equal(desk.server.connections, 1);
	close_desk();
}

static void test_a_certificate_that_nobody_vouches_for_gets_no_byte(void **state)
{
	struct told told;

	(void)state;
	open_desk(true, false, 4);
	told = call("POST", "/ok", "{}");
	CHECK(told.transport == TRANSPORT_NOT_SENT, "%d: %s", told.transport, told.trouble);
	assert_int_equal(desk.server.requests, 0);
	close_desk();
}

static void test_a_name_that_nobody_knows_about_holds_up_nothing(void **state)
{
	struct http_request request = request_of("POST", "http://slow.invalid/", "{}");
	struct told lost = {0}, fine = {0};
	uint64_t begun = now_ms();

	(void)state;
	open_desk(false, false, 4);
	request.connect_ms = request.total_ms = 150;
	send_it(&request, &lost);
	run_until(&lost, 5000);
	CHECK(lost.times == 1 && now_ms() - begun < 1000, "told %u times after %llu ms", lost.times,
		(unsigned long long)(now_ms() - begun));
	assert_int_equal(lost.transport, TRANSPORT_NOT_SENT);
	request = request_of("POST", url("/ok"), "{}");
	send_it(&request, &fine);
	run_until(&fine, 1000);
	CHECK(fine.transport == TRANSPORT_ANSWERED && now_ms() - begun < 1400, "after %llu ms",
		(unsigned long long)(now_ms() - begun));
	close_desk();
	while (!slow_name_done)
		usleep(10000);
	usleep(50000);
}

static void test_who_is_told_while_all_is_given_up_may_ask_and_gets_nothing(void **state)
{
	struct told told[2] = {{.asks = &desk.client}, {.asks = &desk.client}};
	struct http_request request;

	(void)state;
	open_desk(false, false, 2);
	request = request_of("POST", url("/hang"), "{}");
	send_it(&request, &told[0]);
	send_it(&request, &told[1]);
	for (int i = 0; i < 400 && desk.server.requests < 2; i++) {
		uv_run(&desk.loop, UV_RUN_NOWAIT);
		usleep(1000);
	}
	assert_int_equal(desk.server.requests, 2);
	close_desk();
	for (int i = 0; i < 2; i++) {
		assert_int_equal(told[i].times, 1);
		assert_int_equal(told[i].transport, TRANSPORT_NO_ANSWER);
		assert_int_equal(told[i].heard_free, 0);
		assert_true(told[i].send_failed);
	}
	assert_int_equal(desk.server.requests, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_swallowed_under_tls_is_never_sent_twice),
		cmocka_unit_test(test_what_is_swallowed_in_the_clear_is_never_sent_twice),
		cmocka_unit_test(test_what_has_no_body_is_never_sent_twice_either),
		cmocka_unit_test(test_tls_carries_replies_of_both_framings),
		cmocka_unit_test(test_a_certificate_that_nobody_vouches_for_gets_no_byte),
		cmocka_unit_test(test_a_name_that_nobody_knows_about_holds_up_nothing),
		cmocka_unit_test(test_who_is_told_while_all_is_given_up_may_ask_and_gets_nothing),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
