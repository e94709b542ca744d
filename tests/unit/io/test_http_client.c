#include "check.h"

#include "base/fault.h"
#include "io/http_client.h"
#include "io/http_server.h"
#include "io/loopback.h"

/* A server that counts whole requests, and a client, on one loop. */
struct stage {
	uv_loop_t loop;
	struct http_server *server;
	struct http_client *client;
	unsigned requests; /* that the server has read to their last byte */
	struct text raw; /* what "/raw" says */
	char last_body[70000], last_head[2000];
	size_t last_len;
	bool had_expect, had_agent_header;
	struct http_exchange *held;
};

static struct stage stage;

/* What one call was told. */
struct told {
	unsigned times;
	struct http_reply reply;
	char body[70000], content_type[100], trouble[300];
	bool inside_send;
};

static bool sending;

static void on_done(void *cookie, const struct http_reply *reply)
{
	struct told *told = cookie;

	told->times++;
	told->inside_send = sending;
	told->reply = *reply;
	memcpy(told->body, reply->body.len > 0 ? reply->body.at : "", reply->body.len);
	told->body[reply->body.len] = '\0';
	snprintf(told->content_type, sizeof(told->content_type), "%s", reply->content_type);
	snprintf(told->trouble, sizeof(told->trouble), "%s", reply->trouble);
}

static void on_request(void *self, struct http_exchange *exchange)
{
	struct text target = http_target(exchange), body = http_body(exchange);

	(void)self;
	stage.requests++;
	stage.last_len = body.len;
	if (body.len > 0)
		memcpy(stage.last_body, body.at, body.len);
	stage.had_expect = http_header(exchange, "Expect").at != NULL;
	stage.had_agent_header = text_is(http_header(exchange, "X-Ours"), "yes");
	if (text_is(target, "/raw"))
		http_reply_raw(exchange, stage.raw);
	else if (text_is(target, "/swallow"))
		http_reply_raw(exchange, TEXT(""));
	else if (text_is(target, "/hang"))
		stage.held = exchange;
	else if (text_is(target, "/empty"))
		http_reply(exchange, 200, NULL, TEXT(""));
	else if (text_is(target, "/503"))
		http_reply(exchange, 503, "text/html", TEXT("<h1>no</h1>"));
	else if (text_is(target, "/307"))
		http_reply_raw(exchange,
			TEXT("HTTP/1.1 307 T\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n"));
	else
		http_reply(exchange, 200, "application/json", TEXT("{\"a\":1}"));
}

static void raise_curtain(unsigned connections)
{
	const struct http_server_conf conf = {
		.listen = {.host = "127.0.0.1"}, .body_most = 65536, .pending_ms = 60000};
	const struct http_server_hooks hooks = {.on_request = on_request};
	const struct http_client_conf client = {.ca_file = "", .connections_most = connections};
	struct err err = {0};

	memset(&stage, 0, sizeof(stage));
	assert_int_equal(uv_loop_init(&stage.loop), 0);
	CHECK(http_server_new(&stage.server, &stage.loop, &conf, &hooks, &err), "%s", err.text);
	CHECK(http_client_new(&stage.client, &stage.loop, &client, &err), "%s", err.text);
}

static void drop_curtain(void)
{
	http_client_free(&stage.client);
	http_server_free(&stage.server);
	if (stage.held != NULL)
		http_reply(stage.held, 200, NULL, TEXT(""));
	uv_run(&stage.loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&stage.loop), 0);
}

static const char *url_of(uint16_t port, const char *path)
{
	static char url[200];

	snprintf(url, sizeof(url), "http://127.0.0.1:%u%s", port, path);
	return url;
}

static struct http_request post(const char *url, const char *body)
{
	static const char *const headers[] = {"Content-Type: application/json", "X-Ours: yes", NULL};

	return (struct http_request){
		.method = "POST",
		.url = url,
		.headers = headers,
		.body = text_of(body),
		.connect_ms = 2000,
		.total_ms = 5000,
	};
}

static bool send_one(const struct http_request *request, struct told *told, struct err *err)
{
	memset(told, 0, sizeof(*told));
	sending = true;
	bool ok = http_client_send(stage.client, request, on_done, told, err);
	sending = false;
	return ok;
}

static void wait_for(struct told *told, int ms)
{
	uint64_t until = uv_hrtime() + (uint64_t)ms * 1000000;

	while (told->times == 0 && uv_hrtime() < until)
		pump(&stage.loop, -1, 1);
}

static void call(const struct http_request *request, struct told *told)
{
	struct err err = {0};

	CHECK(send_one(request, told, &err), "%s", err.text);
	wait_for(told, 8000);
	assert_int_equal(told->times, 1);
	assert_false(told->inside_send);
}

static struct told told, told2;

static void test_a_whole_reply_is_answered(void **state)
{
	(void)state;
	raise_curtain(4);
	struct http_request request = post(url_of(http_server_port(stage.server), "/"), "{\"Amount\":1}");
	for (int i = 0; i < 3; i++) {
		call(&request, &told);
		assert_int_equal(told.reply.transport, TRANSPORT_ANSWERED);
		assert_int_equal(told.reply.status, 200);
		assert_string_equal(told.body, "{\"a\":1}");
		assert_string_equal(told.content_type, "application/json");
		assert_int_equal(told.reply.reused, i > 0);
		assert_true(told.reply.took_us > 0);
		assert_true(stage.had_agent_header && !stage.had_expect);
		assert_int_equal(stage.last_len, 12);
		assert_memory_equal(stage.last_body, "{\"Amount\":1}", 12);
	}
	assert_int_equal(stage.requests, 3);
	drop_curtain();
}

static void test_a_large_body_goes_without_expect(void **state)
{
	static char body[60001];

	(void)state;
	memset(body, 'x', sizeof(body) - 1);
	raise_curtain(4);
	struct http_request request = post(url_of(http_server_port(stage.server), "/"), body);
	call(&request, &told);
	assert_int_equal(told.reply.transport, TRANSPORT_ANSWERED);
	assert_int_equal(stage.last_len, 60000);
	assert_false(stage.had_expect);
	drop_curtain();
}

/*
 * The test that guards the money: with POSTFIELDS libcurl 7.88 sends again by itself when a reused connection dies before
 * the first byte of a reply, and reports success.
 */
static void test_a_swallowed_request_is_never_sent_twice(void **state)
{
	unsigned calls = 0, unanswered = 0;

	(void)state;
	raise_curtain(4);
	for (int i = 0; i < 200; i++) {
		struct http_request warm = post(url_of(http_server_port(stage.server), "/"), "{}");
		call(&warm, &told);
		assert_int_equal(told.reply.transport, TRANSPORT_ANSWERED);
		struct http_request request =
			post(url_of(http_server_port(stage.server), "/swallow"), "{\"Amount\":1}");
		call(&request, &told);
		CHECK(told.reply.transport == TRANSPORT_NO_ANSWER, "round %d: %d, curl %d", i,
			told.reply.transport, told.reply.curl_code);
		calls += 2;
		unanswered++;
		CHECK(stage.requests == calls, "round %d: the server read %u requests of %u calls", i,
			stage.requests, calls);
	}
	for (int i = 0; i < 50; i++)
		pump(&stage.loop, -1, 1);
	assert_int_equal(stage.requests, calls);
	assert_int_equal(unanswered, 200);
	drop_curtain();
}

static void test_a_swallowed_request_without_a_body_is_never_sent_twice(void **state)
{
	(void)state;
	raise_curtain(4);
	for (unsigned i = 0; i < 20; i++) {
		struct http_request warm = post(url_of(http_server_port(stage.server), "/"), "{}");
		call(&warm, &told);
		struct http_request request = post(url_of(http_server_port(stage.server), "/swallow"), "");
		call(&request, &told);
		assert_int_equal(told.reply.transport, TRANSPORT_NO_ANSWER);
		assert_int_equal(stage.requests, 2 * i + 2);
	}
	drop_curtain();
}

/* Many at once over many reused connections, every second one swallowed. */
static void test_swallowed_crowds_are_never_sent_twice(void **state)
{
	static struct told crowd[16];
	struct err err = {0};
	unsigned calls = 0;

	(void)state;
	raise_curtain(16);
	for (int round = 0; round < 10; round++) {
		for (int i = 0; i < 16; i++) {
			bool swallow = round % 2 == 1 && i % 2 == 0;
			struct http_request request = post(
				url_of(http_server_port(stage.server), swallow ? "/swallow" : "/"), "{}");

			assert_true(send_one(&request, &crowd[i], &err));
		}
		for (int i = 0; i < 16; i++) {
			wait_for(&crowd[i], 5000);
			assert_int_equal(crowd[i].times, 1);
		}
		calls += 16;
		assert_int_equal(stage.requests, calls);
	}
	drop_curtain();
}

static void test_only_a_whole_reply_is_an_answer(void **state)
{
	static char long_body[70000];
	static const struct {
		const char *what;
		struct text raw;
		enum transport want;
		const char *body;
		int status;
	} rows[] = {
		{"nothing", TEXT(""), TRANSPORT_NO_ANSWER, "", 0},
		{"half a status line", TEXT("HTTP/1.1 2"), TRANSPORT_NO_ANSWER, "", 0},
		{"half headers", TEXT("HTTP/1.1 200 OK\r\nContent-Type: appl"), TRANSPORT_NO_ANSWER, "", 0},
		{"whole headers without their end", TEXT("HTTP/1.1 200 OK\r\nContent-Type: a/b\r\n"),
			TRANSPORT_NO_ANSWER, "", 0},
		{"half a body", TEXT("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{\"a\":"),
			TRANSPORT_NO_ANSWER, "", 0},
		{"no body of ten", TEXT("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n"), TRANSPORT_NO_ANSWER,
			"", 0},
		{"chunks without an end",
			TEXT("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"),
			TRANSPORT_NO_ANSWER, "", 0},
		{"bad chunk", TEXT("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n"),
			TRANSPORT_NO_ANSWER, "", 0},
		{"garbage", TEXT("\x15\x03\x01\x00\x02\x02\x46 what is this?\r\n\r\n"), TRANSPORT_NO_ANSWER,
			"", 0},
		{"only 100 Continue", TEXT("HTTP/1.1 100 Continue\r\n\r\n"), TRANSPORT_NO_ANSWER, "", 0},
		{"100 Continue, then half a head",
			TEXT("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent"), TRANSPORT_NO_ANSWER,
			"", 0},
		{"100 Continue, then all",
			TEXT("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"),
			TRANSPORT_ANSWERED, "{}", 200},
		{"no length, closed", TEXT("HTTP/1.1 200 OK\r\n\r\n{}"), TRANSPORT_ANSWERED, "{}", 200},
		{"HTTP/1.0", TEXT("HTTP/1.0 200 OK\r\n\r\n{}"), TRANSPORT_ANSWERED, "{}", 200},
		{"chunks", TEXT("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"),
			TRANSPORT_ANSWERED, "{}", 200},
		{"too long", {long_body, sizeof(long_body)}, TRANSPORT_NO_ANSWER, "", 0},
	};
	struct buf out = BUF(long_body);

	(void)state;
	buf_str(&out, "HTTP/1.1 200 OK\r\n\r\n");
	while (!out.full)
		buf_str(&out, "x");
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		raise_curtain(4);
		stage.raw = rows[i].raw;
		struct http_request request = post(url_of(http_server_port(stage.server), "/raw"), "{}");
		call(&request, &told);
		CHECK(told.reply.transport == rows[i].want, "%s: %d, curl %d", rows[i].what,
			told.reply.transport, told.reply.curl_code);
		CHECK(strcmp(told.body, rows[i].body) == 0, "%s: body %s", rows[i].what, told.body);
		CHECK(told.reply.status == rows[i].status, "%s: %d", rows[i].what, told.reply.status);
		CHECK(rows[i].want == TRANSPORT_ANSWERED || told.trouble[0] != '\0', "%s: no words",
			rows[i].what);
		CHECK(stage.requests == 1, "%s: %u requests", rows[i].what, stage.requests);
		drop_curtain();
	}
}

static void test_an_empty_200_and_errors_and_redirects_are_answers_as_they_are(void **state)
{
	static const struct {
		const char *path, *body;
		int status;
	} rows[] = {{"/empty", "", 200}, {"/503", "<h1>no</h1>", 503}, {"/307", "", 307}};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		raise_curtain(4);
		struct http_request request =
			post(url_of(http_server_port(stage.server), rows[i].path), "{}");
		call(&request, &told);
		CHECK(told.reply.transport == TRANSPORT_ANSWERED, "%s", rows[i].path);
		CHECK(told.reply.status == rows[i].status && strcmp(told.body, rows[i].body) == 0, "%s",
			rows[i].path);
		CHECK(stage.requests == 1, "%s: followed", rows[i].path);
		drop_curtain();
	}
}

static void test_a_reply_of_exactly_the_cap_is_taken(void **state)
{
	static char bytes[65536 + 200];

	(void)state;
	for (int extra = 0; extra < 2; extra++) {
		struct buf out = BUF(bytes);

		raise_curtain(4);
		buf_print(&out, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n", 65536 + extra);
		for (int i = 0; i < 65536 + extra; i++)
			buf_char(&out, 'y');
		assert_false(out.full);
		stage.raw = buf_as_text(&out);
		struct http_request request = post(url_of(http_server_port(stage.server), "/raw"), "{}");
		call(&request, &told);
		assert_int_equal(told.reply.transport, extra > 0 ? TRANSPORT_NO_ANSWER : TRANSPORT_ANSWERED);
		drop_curtain();
	}
}

static int listener(uint16_t *ret_port, int backlog)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&at, len), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &len), 0);
	if (backlog >= 0)
		assert_int_equal(listen(fd, backlog), 0);
	*ret_port = ntohs(at.sin_port);
	return fd;
}

static void test_what_cannot_have_left_is_not_sent(void **state)
{
	uint16_t port;
	int fd = listener(&port, -1); /* bound, not listening: refused */

	(void)state;
	raise_curtain(4);
	char refused[100], tls[100];
	snprintf(refused, sizeof(refused), "http://127.0.0.1:%u/", port);
	snprintf(tls, sizeof(tls), "https://127.0.0.1:%u/", http_server_port(stage.server));
	const struct {
		const char *what, *url;
	} rows[] = {
		{"refused", refused},
		{"not a URL", "http://[::1/"},
		{"another scheme", "ftp://127.0.0.1/"},
		{"a file", "file:///etc/hostname"},
		{"no such host", "http://no-such-host.invalid/"},
		{"TLS with a server that speaks none", tls},
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct http_request request = post(rows[i].url, "{}");
		call(&request, &told);
		CHECK(told.reply.transport == TRANSPORT_NOT_SENT, "%s: %d, curl %d", rows[i].what,
			told.reply.transport, told.reply.curl_code);
		CHECK(told.trouble[0] != '\0', "%s: no words", rows[i].what);
	}
	assert_int_equal(stage.requests, 0);
	drop_curtain();
	close(fd);
}

/* A server by hand: accepts, and closes, resets or says nothing at its first or at a later byte. */
static void test_a_connection_that_dies_may_have_carried_it(void **state)
{
	static const struct {
		const char *what;
		bool read_first, reset;
	} rows[] = {
		{"accepted and closed", false, false},
		{"accepted and reset", false, true},
		{"read and closed", true, false},
		{"read and reset", true, true},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct linger hard = {.l_onoff = 1};
		struct err err = {0};
		uint16_t port;
		char bytes[4096];

		raise_curtain(4);
		int fd = listener(&port, 10), peer = -1, accepted = 0;
		struct http_request request = post(url_of(port, "/"), "{}");
		assert_true(send_one(&request, &told, &err));
		for (int n = 0; n < 300 && told.times == 0; n++) {
			pump(&stage.loop, -1, 2);
			if (peer < 0 && (peer = accept4(fd, NULL, NULL, SOCK_NONBLOCK)) >= 0)
				accepted++;
			if (peer < 0 || (rows[i].read_first && recv(peer, bytes, sizeof(bytes), 0) <= 0))
				continue;
			if (rows[i].reset)
				setsockopt(peer, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
			close(peer);
			peer = -1;
		}
		CHECK(told.times == 1, "%s", rows[i].what);
		CHECK(told.reply.transport == TRANSPORT_NO_ANSWER, "%s: %d, curl %d", rows[i].what,
			told.reply.transport, told.reply.curl_code);
		CHECK(accepted == 1, "%s: %d connections", rows[i].what, accepted);
		drop_curtain();
		close(fd);
	}
}

static void test_silence_ends_at_the_deadline(void **state)
{
	uint16_t port;
	int fd = listener(&port, 10);

	(void)state;
	raise_curtain(4);
	char mute[100];
	snprintf(mute, sizeof(mute), "https://127.0.0.1:%u/", port);
	/* Accepted by the kernel, and the TLS hello is never answered: no byte of the request has left. */
	struct http_request request = post(mute, "{}");
	request.connect_ms = 150;
	call(&request, &told);
	assert_int_equal(told.reply.transport, TRANSPORT_NOT_SENT);
	assert_true(told.reply.took_us >= 100000 && told.reply.took_us < 1500000);
	/* Sent, and no word. */
	request = post(url_of(http_server_port(stage.server), "/hang"), "{}");
	request.total_ms = 200;
	call(&request, &told);
	assert_int_equal(told.reply.transport, TRANSPORT_NO_ANSWER);
	assert_true(told.reply.took_us >= 150000 && told.reply.took_us < 1500000);
	assert_int_equal(stage.requests, 1);
	drop_curtain();
	close(fd);
}

#ifdef MKONDO_FAULTS
static void test_a_socket_that_cannot_be_watched_costs_its_own_call_at_most(void **state)
{
	(void)state;
	raise_curtain(4);
	struct http_request request = post(url_of(http_server_port(stage.server), "/"), "{}");
	request.connect_ms = 200;
	request.total_ms = 400;
	assert_true(fault_arm(TEXT("http.watch failed 1 1")));
	call(&request, &told);
	for (int i = 0; i < 3; i++) {
		call(&request, &told);
		assert_int_equal(told.reply.transport, TRANSPORT_ANSWERED);
	}
	drop_curtain();
}
#endif

static void test_more_than_the_cap_is_refused_and_nothing_is_sent(void **state)
{
	struct err err = {0};

	(void)state;
	raise_curtain(1);
	assert_int_equal(http_client_free_connections(stage.client), 1);
	struct http_request request = post(url_of(http_server_port(stage.server), "/"), "{}");
	assert_true(send_one(&request, &told, &err));
	assert_int_equal(http_client_in_flight(stage.client), 1);
	assert_int_equal(http_client_free_connections(stage.client), 0);
	assert_false(send_one(&request, &told2, &err));
	assert_int_equal(err.class, ERR_RETRY);
	wait_for(&told, 2000);
	assert_int_equal(told.times, 1);
	assert_int_equal(told2.times, 0);
	assert_int_equal(stage.requests, 1);
	assert_int_equal(http_client_free_connections(stage.client), 1);
	drop_curtain();
}

static void test_no_time_left_is_refused_and_nothing_is_sent(void **state)
{
	struct err err = {0};

	(void)state;
	raise_curtain(1);
	struct http_request request = post(url_of(http_server_port(stage.server), "/"), "{}");
	request.connect_ms = 0;
	assert_false(send_one(&request, &told, &err));
	assert_int_equal(err.class, ERR_RETRY);
	request.connect_ms = 100;
	request.total_ms = -1;
	assert_false(send_one(&request, &told, &err));
	for (int i = 0; i < 20; i++)
		pump(&stage.loop, -1, 1);
	assert_int_equal(stage.requests + told.times, 0);
	drop_curtain();
}

static void test_giving_up_tells_each_call_what_its_bytes_say(void **state)
{
	struct err err = {0};

	(void)state;
	raise_curtain(4);
	struct http_request request = post(url_of(http_server_port(stage.server), "/hang"), "{}");
	assert_true(send_one(&request, &told, &err));
	for (int i = 0; i < 100 && stage.requests == 0; i++)
		pump(&stage.loop, -1, 1);
	assert_int_equal(stage.requests, 1);
	assert_true(send_one(&request, &told2, &err));
	http_client_free(&stage.client);
	assert_int_equal(told.times, 1);
	assert_int_equal(told.reply.transport, TRANSPORT_NO_ANSWER);
	assert_int_equal(told2.times, 1);
	assert_int_equal(told2.reply.transport, TRANSPORT_NOT_SENT);
	for (int i = 0; i < 20; i++)
		pump(&stage.loop, -1, 1);
	assert_int_equal(stage.requests, 1);
	drop_curtain();
}

static void test_a_fresh_connection_is_fresh(void **state)
{
	(void)state;
	raise_curtain(4);
	struct http_request request = post(url_of(http_server_port(stage.server), "/"), "{}");
	call(&request, &told);
	request.fresh_connection = true;
	call(&request, &told);
	assert_false(told.reply.reused);
	assert_int_equal(told.reply.transport, TRANSPORT_ANSWERED);
	drop_curtain();
}

/* An idle connection that the peer has closed carried nothing: the request goes on a new one, once. */
static void test_a_connection_closed_while_idle_costs_nothing(void **state)
{
	(void)state;
	raise_curtain(4);
	for (unsigned i = 1; i <= 10; i++) {
		stage.raw = TEXT("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
		struct http_request request = post(url_of(http_server_port(stage.server), "/raw"), "{}");
		call(&request, &told);
		assert_int_equal(told.reply.transport, TRANSPORT_ANSWERED);
		for (int n = 0; n < 5; n++)
			pump(&stage.loop, -1, 1);
		assert_int_equal(stage.requests, i);
	}
	drop_curtain();
}

static void test_the_environment_s_proxy_is_not_obeyed(void **state)
{
	(void)state;
	setenv("http_proxy", "http://127.0.0.1:1", 1);
	setenv("ALL_PROXY", "http://127.0.0.1:1", 1);
	raise_curtain(4);
	struct http_request request = post(url_of(http_server_port(stage.server), "/"), "{}");
	call(&request, &told);
	assert_int_equal(told.reply.transport, TRANSPORT_ANSWERED);
	drop_curtain();
	unsetenv("http_proxy");
	unsetenv("ALL_PROXY");
}

static void test_get_has_no_body(void **state)
{
	(void)state;
	raise_curtain(4);
	struct http_request request =
		post(url_of(http_server_port(stage.server), "/oauth?grant_type=x"), NULL);
	request.method = "GET";
	call(&request, &told);
	assert_int_equal(told.reply.transport, TRANSPORT_ANSWERED);
	assert_int_equal(stage.last_len, 0);
	drop_curtain();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_whole_reply_is_answered),
		cmocka_unit_test(test_a_large_body_goes_without_expect),
		cmocka_unit_test(test_a_swallowed_request_is_never_sent_twice),
		cmocka_unit_test(test_a_swallowed_request_without_a_body_is_never_sent_twice),
		cmocka_unit_test(test_swallowed_crowds_are_never_sent_twice),
		cmocka_unit_test(test_only_a_whole_reply_is_an_answer),
		cmocka_unit_test(test_an_empty_200_and_errors_and_redirects_are_answers_as_they_are),
		cmocka_unit_test(test_a_reply_of_exactly_the_cap_is_taken),
		cmocka_unit_test(test_what_cannot_have_left_is_not_sent),
		cmocka_unit_test(test_a_connection_that_dies_may_have_carried_it),
		cmocka_unit_test(test_silence_ends_at_the_deadline),
#ifdef MKONDO_FAULTS
		cmocka_unit_test(test_a_socket_that_cannot_be_watched_costs_its_own_call_at_most),
#endif
		cmocka_unit_test(test_more_than_the_cap_is_refused_and_nothing_is_sent),
		cmocka_unit_test(test_no_time_left_is_refused_and_nothing_is_sent),
		cmocka_unit_test(test_giving_up_tells_each_call_what_its_bytes_say),
		cmocka_unit_test(test_a_fresh_connection_is_fresh),
		cmocka_unit_test(test_a_connection_closed_while_idle_costs_nothing),
		cmocka_unit_test(test_the_environment_s_proxy_is_not_obeyed),
		cmocka_unit_test(test_get_has_no_body),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
