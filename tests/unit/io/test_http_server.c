#include "check.h"

#define LOOPBACK_TLS
#include "io/certificates.h"
#include "io/http_server.h"
#include "io/loopback.h"
#include "io/tls_server.h"

#include <sys/resource.h>

static struct tls_server *tls; /* NULL: in the clear */

/* One server and what its handler saw. */
struct house {
	uv_loop_t loop;
	struct http_server *server;
	struct http_exchange *held[64];
	unsigned held_count, requests, asked;
	bool trusting;
	struct buf seen; /* "METHOD target [body]\n" of each request */
	char seen_bytes[1 << 18];
	struct peer peer, other;
};

static int on_headers(void *self, struct http_exchange *exchange)
{
	struct house *house = self;

	house->asked++;
	if (text_is(http_target(exchange), "/nowhere"))
		return 404;
	return text_is(http_method(exchange), "DELETE") ? 405 : 0;
}

static bool trusts(void *self, const char *peer)
{
	return ((struct house *)self)->trusting && strcmp(peer, "127.0.0.1") == 0;
}

static void on_request(void *self, struct http_exchange *exchange)
{
	struct house *house = self;
	struct text target = http_target(exchange);

	house->requests++;
	buf_text(&house->seen, http_method(exchange));
	buf_char(&house->seen, ' ');
	buf_text(&house->seen, target);
	buf_str(&house->seen, " [");
	buf_text(&house->seen, http_body(exchange));
	buf_str(&house->seen, "]\n");
	if (text_starts(target, "/later"))
		house->held[house->held_count++] = exchange;
	else if (text_is(target, "/echo"))
		http_reply(exchange, 200, "text/plain", http_body(exchange));
	else if (text_is(target, "/nothing"))
		http_reply(exchange, 204, NULL, TEXT(""));
	else if (text_is(target, "/raw"))
		http_reply_raw(exchange, TEXT("HTTP/1.1 200 OK\r\nContent-Le"));
	else if (text_is(target, "/slam"))
		http_reply_raw(exchange, TEXT(""));
	else
		http_reply(exchange, 200, "text/plain", TEXT("fine\n"));
}

static void open_house(struct house *house, struct http_server_conf conf)
{
	const struct http_server_hooks hooks = {
		.on_headers = on_headers, .trusts = trusts, .on_request = on_request, .self = house};
	struct err err = {0};

	conf.listen = (struct conf_address){.host = "127.0.0.1"};
	conf.tls = tls;
	if (conf.handshakes_per_s == 0)
		conf.handshakes_per_s = 100000;
	if (conf.body_most == 0)
		conf.body_most = 65536;
	house->held_count = house->requests = house->asked = 0;
	house->seen = BUF(house->seen_bytes);
	house->peer.fd = house->other.fd = -1;
	assert_int_equal(uv_loop_init(&house->loop), 0);
	peer_loop = &house->loop;
	bool ok = http_server_new(&house->server, &house->loop, &conf, &hooks, &err);
	CHECK(ok, "%s", err.text);
}

/* Leaks of handles fail here, of memory under ASan. */
static void close_house(struct house *house)
{
	peer_close(&house->peer);
	peer_close(&house->other);
	http_server_free(&house->server);
	assert_null(house->server);
	uv_run(&house->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&house->loop), 0);
	for (unsigned i = 0; i < house->held_count; i++)
		http_reply(house->held[i], 200, NULL, TEXT("too late"));
}

static void start(struct house *house)
{
	peer_connect(&house->peer, http_server_port(house->server));
}

static void say(struct house *house, const char *bytes)
{
	peer_send(&house->peer, &house->loop, text_of(bytes));
}

static const char *seen(struct house *house)
{
	return buf_end(&house->seen);
}

static struct house house;

#define HOST "Host: x\r\n"
#define POST "POST /echo HTTP/1.1\r\n" HOST

/* A zero in `want` ends the list; an empty list means closed without a word. */
static const struct {
	const char *what;
	struct text bytes;
	int want[4];
	const char *want_seen;
} battery[] = {
	/* what is good */
	{"plain GET", TEXT("GET / HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n"), {200}, "GET / []\n"},
	{"POST with length", TEXT(POST "Connection: close\r\nContent-Length: 5\r\n\r\nhello"), {200},
		"POST /echo [hello]\n"},
	{"chunked",
		TEXT(POST "Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n "
			  "world\r\n0\r\n\r\n"),
		{200}, "POST /echo [hello world]\n"},
	{"chunk size in capitals with zeros",
		TEXT(POST "Connection: close\r\nTransfer-Encoding: "
			  "Chunked\r\n\r\n0000000A\r\n0123456789\r\n0\r\n\r\n"),
		{200}, "POST /echo [0123456789]\n"},
	{"chunk extension",
		TEXT(POST "Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b;c=\"d "
			  "e\"\r\nhello\r\n0\r\n\r\n"),
		{200}, "POST /echo [hello]\n"},
	{"trailer",
		TEXT(POST "Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX: "
			  "y\r\n\r\n"),
		{200}, "POST /echo [hello]\n"},
	{"pipelined pair",
		TEXT(POST "Content-Length: 2\r\n\r\nabGET /b HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n"),
		{200, 200}, "POST /echo [ab]\nGET /b []\n"},
	{"HTTP/1.0 without Host closes", TEXT("GET / HTTP/1.0\r\n\r\n"), {200}, "GET / []\n"},
	{"an empty line ahead", TEXT("\r\nGET / HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n"), {200},
		"GET / []\n"},
	{"white space around a value", TEXT("GET / HTTP/1.1\r\nHost: \t x \t\r\nConnection:close\r\n\r\n"),
		{200}, "GET / []\n"},
	{"empty field value", TEXT("GET / HTTP/1.1\r\n" HOST "X:\r\nConnection: close\r\n\r\n"), {200},
		"GET / []\n"},
	{"query string", TEXT("GET /a?b=%20c HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n"), {200},
		"GET /a?b=%20c []\n"},
	/* how long is the body? */
	{"Content-Length and Transfer-Encoding",
		TEXT(POST "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /evil "
			  "HTTP/1.1\r\n" HOST "\r\n"),
		{400}, ""},
	{"Transfer-Encoding and Content-Length",
		TEXT(POST "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n"), {400}, ""},
	{"two different lengths", TEXT(POST "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!"), {400},
		""},
	{"two equal lengths", TEXT(POST "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello"), {400}, ""},
	{"a list of lengths", TEXT(POST "Content-Length: 5, 5\r\n\r\nhello"), {400}, ""},
	{"length with a plus", TEXT(POST "Content-Length: +5\r\n\r\nhello"), {400}, ""},
	{"negative length", TEXT(POST "Content-Length: -5\r\n\r\nhello"), {400}, ""},
	{"length in hex", TEXT(POST "Content-Length: 0x5\r\n\r\nhello"), {400}, ""},
	{"empty length", TEXT(POST "Content-Length: \r\n\r\nhello"), {400}, ""},
	{"length beyond 64 bits", TEXT(POST "Content-Length: 18446744073709551621\r\n\r\nhello"), {400}, ""},
	{"length beyond the cap", TEXT(POST "Content-Length: 65537\r\n\r\nhello"), {413}, ""},
	{"space before the colon of Content-Length", TEXT(POST "Content-Length : 5\r\n\r\nhello"), {400}, ""},
	{"space before the colon of Transfer-Encoding",
		TEXT(POST "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n"), {400}, ""},
	{"Transfer-Encoding: xchunked", TEXT(POST "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"), {400}, ""},
	{"Transfer-Encoding: gzip, chunked", TEXT(POST "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
		{400}, ""},
	{"Transfer-Encoding: identity", TEXT(POST "Transfer-Encoding: identity\r\n\r\n"), {400}, ""},
	{"chunked twice",
		TEXT(POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), {400},
		""},
	{"chunked in HTTP/1.0",
		TEXT("POST /echo HTTP/1.0\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), {400},
		""},
	/* chunks */
	{"chunk size 0x5", TEXT(POST "Transfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n"), {400},
		""},
	{"chunk size with a plus", TEXT(POST "Transfer-Encoding: chunked\r\n\r\n+5\r\nhello\r\n0\r\n\r\n"),
		{400}, ""},
	{"no chunk size", TEXT(POST "Transfer-Encoding: chunked\r\n\r\n\r\nhello\r\n0\r\n\r\n"), {400}, ""},
	{"space after the chunk size",
		TEXT(POST "Transfer-Encoding: chunked\r\n\r\n5 \r\nhello\r\n0\r\n\r\n"), {400}, ""},
	{"chunk size that wraps",
		TEXT(POST "Transfer-Encoding: chunked\r\n\r\n10000000000000005\r\nhello\r\n0\r\n\r\n"), {400},
		""},
	{"chunk beyond the cap", TEXT(POST "Transfer-Encoding: chunked\r\n\r\n10001\r\nhello"), {413}, ""},
	{"other bytes after a chunk's data",
		TEXT(POST "Transfer-Encoding: chunked\r\n\r\n5\r\nhelloXX0\r\n\r\n"), {400}, ""},
	{"other byte and LF after a chunk's data",
		TEXT(POST "Transfer-Encoding: chunked\r\n\r\n5\r\nhelloX\n0\r\n\r\n"), {400}, ""},
	{"bare LF after the chunk size", TEXT(POST "Transfer-Encoding: chunked\r\n\r\n5\nhello\r\n0\r\n\r\n"),
		{400}, ""},
	{"bare LF after a chunk's data", TEXT(POST "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\n0\r\n\r\n"),
		{400}, ""},
	{"NUL in a chunk extension",
		TEXT(POST "Transfer-Encoding: chunked\r\n\r\n5;a\0b\r\nhello\r\n0\r\n\r\n"), {400}, ""},
	/* header fields */
	{"folded header", TEXT("GET / HTTP/1.1\r\n" HOST "X: a\r\n b\r\n\r\n"), {400}, ""},
	{"folded by a tab", TEXT("GET / HTTP/1.1\r\n" HOST "X: a\r\n\tb\r\n\r\n"), {400}, ""},
	{"field that starts with a space", TEXT("GET / HTTP/1.1\r\n X: a\r\n" HOST "\r\n"), {400}, ""},
	{"NUL in a value", TEXT("GET / HTTP/1.1\r\n" HOST "X: a\0b\r\n\r\n"), {400}, ""},
	{"NUL in a name", TEXT("GET / HTTP/1.1\r\n" HOST "X\0Y: a\r\n\r\n"), {400}, ""},
	{"control character in a value",
		TEXT("GET / HTTP/1.1\r\n" HOST "X: a\x01"
		     "b\r\n\r\n"),
		{400}, ""},
	{"bare CR in a value", TEXT("GET / HTTP/1.1\r\n" HOST "X: a\rb\r\n\r\n"), {400}, ""},
	{"bare LF line ends", TEXT("GET / HTTP/1.1\nHost: x\n\n"), {400}, ""},
	{"one bare LF", TEXT("GET / HTTP/1.1\r\n" HOST "X: a\n\r\n"), {400}, ""},
	{"field without a colon", TEXT("GET / HTTP/1.1\r\n" HOST "hello\r\n\r\n"), {400}, ""},
	{"field without a name", TEXT("GET / HTTP/1.1\r\n" HOST ": a\r\n\r\n"), {400}, ""},
	{"no Host", TEXT("GET / HTTP/1.1\r\n\r\n"), {400}, ""},
	{"two Hosts", TEXT("GET / HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n"), {400}, ""},
	{"Expect of something else", TEXT(POST "Expect: the-unexpected\r\nContent-Length: 1\r\n\r\nx"), {417},
		""},
	/* the first line */
	{"HTTP/9.9", TEXT("GET / HTTP/9.9\r\n" HOST "\r\n"), {505}, ""},
	{"HTTP/2.0", TEXT("GET / HTTP/2.0\r\n" HOST "\r\n"), {505}, ""},
	{"HTTP/1.2", TEXT("GET / HTTP/1.2\r\n" HOST "\r\n"), {505}, ""},
	{"HTTP/2's preface", TEXT("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), {400}, ""},
	{"HTTP/0.9", TEXT("GET /\r\n\r\n"), {505}, ""},
	{"no target", TEXT("GET HTTP/1.1\r\n" HOST "\r\n"), {400}, ""},
	{"two spaces before the target", TEXT("GET  / HTTP/1.1\r\n" HOST "\r\n"), {400}, ""},
	{"a space in the target", TEXT("GET /a b HTTP/1.1\r\n" HOST "\r\n"), {400}, ""},
	{"a high byte in the target", TEXT("GET /\xc3\xa9 HTTP/1.1\r\n" HOST "\r\n"), {400}, ""},
	{"not a method", TEXT("HELLO / HTTP/1.1\r\n" HOST "\r\n"), {400}, ""},
	{"lower-case method", TEXT("get / HTTP/1.1\r\n" HOST "\r\n"), {400}, ""},
	{"CONNECT", TEXT("CONNECT x:443 HTTP/1.1\r\n" HOST "\r\n"), {400}, ""},
	{"absolute target", TEXT("GET http://x/ HTTP/1.1\r\n" HOST "\r\n"), {400}, ""},
	{"two empty lines ahead", TEXT("\r\n\r\nGET / HTTP/1.1\r\n" HOST "\r\n"), {400}, ""},
	{"a TLS hello", TEXT("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"), {400}, ""},
	/* the hook */
	{"refused by the hook, body unread",
		TEXT("POST /nowhere HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\nhello"), {404}, ""},
	{"method refused by the hook", TEXT("DELETE / HTTP/1.1\r\n" HOST "\r\n"), {405}, ""},
};

static void check_statuses(const char *what, const char *cut, const int *want)
{
	int got[8];
	unsigned count = peer_statuses(&house.peer, got, 8), wanted = 0;

	while (want[wanted] != 0)
		wanted++;
	CHECK(count == wanted, "%s (%s): %u answers instead of %u: %s", what, cut, count, wanted,
		house.peer.got);
	for (unsigned i = 0; i < wanted; i++)
		CHECK(got[i] == want[i], "%s (%s): %d instead of %d", what, cut, got[i], want[i]);
}

static void test_what_two_readers_could_read_differently_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(battery); i++) {
		open_house(&house, (struct http_server_conf){.header_ms = 5000});
		start(&house);
		peer_send(&house.peer, &house.loop, battery[i].bytes);
		peer_until_closed(&house.peer, &house.loop, 2000);
		check_statuses(battery[i].what, "whole", battery[i].want);
		CHECK(house.peer.closed, "%s: still open", battery[i].what);
		CHECK(strcmp(seen(&house), battery[i].want_seen) == 0, "%s: %s", battery[i].what,
			seen(&house));
		close_house(&house);
	}
}

static void test_the_verdict_does_not_depend_on_how_bytes_are_cut(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(battery); i++) {
		open_house(&house, (struct http_server_conf){.header_ms = 5000});
		start(&house);
		for (size_t at = 0; at < battery[i].bytes.len && !house.peer.closed; at++) {
			peer_send(&house.peer, &house.loop, (struct text){battery[i].bytes.at + at, 1});
			uv_run(&house.loop, UV_RUN_NOWAIT);
		}
		peer_until_closed(&house.peer, &house.loop, 2000);
		check_statuses(battery[i].what, "byte by byte", battery[i].want);
		CHECK(strcmp(seen(&house), battery[i].want_seen) == 0, "%s: %s", battery[i].what,
			seen(&house));
		close_house(&house);
	}
}

static void test_every_cap_has_its_status(void **state)
{
	static const struct {
		const char *what, *before, *fill, *after;
		size_t times;
		int want[2];
	} rows[] = {
		{"100 kB field", "GET / HTTP/1.1\r\n" HOST "X: ", "a", "\r\n\r\n", 100000, {431}},
		{"100 kB of fields", "GET / HTTP/1.1\r\n" HOST, "X: aaaaaaaa\r\n", "\r\n", 10000, {431}},
		{"65 fields", "GET / HTTP/1.1\r\n" HOST, "X: a\r\n", "\r\n", 64, {431}},
		{"64 fields", "GET / HTTP/1.1\r\n" HOST, "X: a\r\n", "Connection: close\r\n\r\n", 62, {200}},
		{"100 kB target", "GET /", "a", " HTTP/1.1\r\n" HOST "\r\n", 100000, {414}},
		{"100 kB of no line at all", "", "a", "", 100000, {414}},
		{"100 kB chunk extension", POST "Transfer-Encoding: chunked\r\n\r\n5;", "a",
			"\r\nhello\r\n0\r\n\r\n", 100000, {413}},
		{"100 kB trailer", POST "Transfer-Encoding: chunked\r\n\r\n0\r\nX: ", "a", "\r\n\r\n", 100000,
			{413}},
		{"tiny chunks without end", POST "Transfer-Encoding: chunked\r\n\r\n", "1;aaaaaaaa\r\nx\r\n",
			"", 10000, {413}},
	};
	static char bytes[300000];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct buf out = BUF(bytes);

		open_house(&house, (struct http_server_conf){.header_ms = 5000});
		start(&house);
		buf_str(&out, rows[i].before);
		for (size_t n = 0; n < rows[i].times; n++)
			buf_str(&out, rows[i].fill);
		buf_str(&out, rows[i].after);
		assert_false(out.full);
		peer_send(&house.peer, &house.loop, buf_as_text(&out));
		peer_until_closed(&house.peer, &house.loop, 3000);
		check_statuses(rows[i].what, "whole", rows[i].want);
		close_house(&house);
	}
}

static void test_a_body_of_exactly_the_cap_is_taken_and_one_more_is_not(void **state)
{
	static char bytes[9000];

	(void)state;
	for (size_t extra = 0; extra < 2; extra++) {
		struct buf out = BUF(bytes);

		open_house(&house, (struct http_server_conf){.body_most = 4096});
		start(&house);
		buf_print(&out, POST "Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n");
		for (int chunk = 0; chunk < 4; chunk++)
			buf_print(&out, "400\r\n%01024d\r\n", 0);
		buf_str(&out, extra > 0 ? "1\r\nx\r\n0\r\n\r\n" : "0\r\n\r\n");
		assert_false(out.full);
		peer_send(&house.peer, &house.loop, buf_as_text(&out));
		peer_until_closed(&house.peer, &house.loop, 3000);
		check_statuses("cap", "whole", (int[]){extra > 0 ? 413 : 200, 0});
		close_house(&house);
	}
}

static void test_a_connection_carries_many_requests(void **state)
{
	(void)state;
	open_house(&house, (struct http_server_conf){0});
	start(&house);
	for (unsigned i = 1; i <= 20; i++) {
		say(&house, POST "Content-Length: 3\r\n\r\nabc");
		peer_until(&house.peer, &house.loop, i, 2000);
		assert_int_equal(house.requests, i);
	}
	assert_false(house.peer.closed);
	assert_non_null(strstr(house.peer.got, "\r\nContent-Length: 3\r\n\r\nabcHTTP/1.1 200"));
	close_house(&house);
}

static void test_requests_behind_a_pending_one_wait_and_keep_their_order(void **state)
{
	(void)state;
	open_house(&house, (struct http_server_conf){0});
	start(&house);
	say(&house, "GET /later1 HTTP/1.1\r\n" HOST "\r\nGET /later2 HTTP/1.1\r\n" HOST "\r\nGET /three HT");
	pump(&house.loop, -1, 30);
	assert_int_equal(house.requests, 1);
	assert_int_equal(http_server_pending(house.server), 1);
	say(&house, "TP/1.1\r\n" HOST "\r\n");
	pump(&house.loop, -1, 30);
	assert_int_equal(house.requests, 1);
	http_reply(house.held[0], 200, NULL, TEXT("one"));
	CHECK(house.requests == 1, "the handler was called from within a reply");
	pump(&house.loop, -1, 30);
	assert_int_equal(house.requests, 2);
	http_reply(house.held[1], 200, NULL, TEXT("two"));
	house.held_count = 0;
	peer_until(&house.peer, &house.loop, 3, 2000);
	assert_string_equal(seen(&house), "GET /later1 []\nGET /later2 []\nGET /three []\n");
	const char *one = strstr(house.peer.got, "one"), *two = strstr(house.peer.got, "two"),
		   *three = strstr(house.peer.got, "fine");
	assert_true(one != NULL && two > one && three > two);
	close_house(&house);
}

static void test_ten_thousand_pipelined_requests_do_not_recurse(void **state)
{
	static char bytes[10000 * 32];
	struct buf out = BUF(bytes);

	(void)state;
	open_house(&house, (struct http_server_conf){0});
	start(&house);
	for (int i = 0; i < 10000; i++)
		buf_str(&out, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
	peer_send(&house.peer, &house.loop, buf_as_text(&out));
	for (int i = 0; i < 500 && house.requests < 10000; i++) {
		pump(&house.loop, house.peer.fd, 10);
		peer_read(&house.peer);
	}
	assert_int_equal(house.requests, 10000);
	close_house(&house);
}

static void test_expect_is_answered_before_the_body(void **state)
{
	(void)state;
	open_house(&house, (struct http_server_conf){0});
	start(&house);
	say(&house, POST "Expect: 100-continue\r\nContent-Length: 2\r\n\r\n");
	peer_until(&house.peer, &house.loop, 1, 2000);
	assert_string_equal(house.peer.got, "HTTP/1.1 100 Continue\r\n\r\n");
	assert_int_equal(house.requests, 0);
	say(&house, "ok");
	peer_until(&house.peer, &house.loop, 2, 2000);
	check_statuses("expect", "", (int[]){100, 200, 0});
	close_house(&house);
}

static void test_a_refusal_by_the_hook_comes_instead_of_100(void **state)
{
	(void)state;
	open_house(&house, (struct http_server_conf){0});
	start(&house);
	say(&house, "POST /nowhere HTTP/1.1\r\n" HOST "Expect: 100-continue\r\nContent-Length: 2\r\n\r\n");
	peer_until_closed(&house.peer, &house.loop, 2000);
	check_statuses("refusal", "", (int[]){404, 0});
	assert_int_equal(house.asked, 1);
	close_house(&house);
}

/* A client that sends one byte at a time, each well within any inactivity timeout. */
static void dribble(const char *before, const char *drip, int ms)
{
	uint64_t until;

	say(&house, before);
	until = uv_hrtime() + (uint64_t)ms * 1000000;
	while (!house.peer.closed && uv_hrtime() < until) {
		say(&house, drip);
		pump(&house.loop, -1, 10);
		peer_read(&house.peer);
	}
}

static void test_deadlines_are_not_moved_by_bytes(void **state)
{
	static const struct {
		const char *what, *before, *drip;
		int want[2];
	} rows[] = {
		{"no bytes", "", "", {0}},
		{"first line dribbled", "G", "a", {408}},
		{"fields dribbled", "GET / HTTP/1.1\r\nX: ", "a", {408}},
		{"body dribbled", POST "Content-Length: 5000\r\n\r\n", "a", {408}},
		{"chunk size never comes", POST "Transfer-Encoding: chunked\r\n\r\n", "", {408}},
		{"chunk extension dribbled", POST "Transfer-Encoding: chunked\r\n\r\n5;", "a", {408}},
		{"idle after a reply", "GET / HTTP/1.1\r\n" HOST "\r\n", "", {200}},
		{"the handler sleeps", "GET /later HTTP/1.1\r\n" HOST "\r\n", "", {503}},
		{"the handler sleeps and the client goes on", "GET /later HTTP/1.1\r\n" HOST "\r\n",
			"GET / HTTP/1.1\r\n" HOST "\r\n", {503}},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		open_house(
			&house, (struct http_server_conf){
					.header_ms = 100, .body_ms = 150, .idle_ms = 100, .pending_ms = 100});
		start(&house);
		uint64_t from = uv_hrtime();
		dribble(rows[i].before, rows[i].drip, 1000);
		int64_t took = (int64_t)(uv_hrtime() - from) / 1000000;
		CHECK(house.peer.closed, "%s: still open", rows[i].what);
		CHECK(took >= 95 && took < 700, "%s: closed after %d ms", rows[i].what, (int)took);
		check_statuses(rows[i].what, "", rows[i].want);
		assert_int_equal(http_server_pending(house.server), 0);
		close_house(&house);
	}
}

/* A second head gets its own time, and no more, whatever the idle time before it was. */
static void test_every_request_has_its_own_deadline(void **state)
{
	(void)state;
	open_house(&house, (struct http_server_conf){.header_ms = 100, .body_ms = 200, .idle_ms = 5000});
	start(&house);
	for (unsigned i = 1; i <= 3; i++) {
		say(&house, "GET / HTTP/1.1\r\n" HOST "\r\n");
		peer_until(&house.peer, &house.loop, i, 1000);
		pump(&house.loop, -1, 150);
		peer_read(&house.peer);
		assert_false(house.peer.closed);
	}
	say(&house, "GET / HT");
	peer_until_closed(&house.peer, &house.loop, 1000);
	check_statuses("fourth", "", (int[]){200, 200, 200, 408, 0});
	close_house(&house);
}

static void test_a_reply_after_the_client_left_goes_nowhere(void **state)
{
	static const struct {
		const char *what;
		bool reset, raw;
	} rows[] = {
		{"closed", false, false},
		{"reset", true, false},
		{"closed, raw reply", false, true},
		{"reset, raw reply", true, true},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		open_house(&house, (struct http_server_conf){0});
		start(&house);
		say(&house, "GET /later HTTP/1.1\r\n" HOST "\r\n");
		pump(&house.loop, -1, 20);
		CHECK(house.held_count == 1, "%s", rows[i].what);
		if (rows[i].reset)
			peer_reset(&house.peer);
		else
			peer_close(&house.peer);
		pump(&house.loop, -1, 20);
		CHECK(http_exchange_alive(house.held[0]) == !rows[i].reset, "%s", rows[i].what);
		if (rows[i].raw)
			http_reply_raw(house.held[0], TEXT("HTTP/1.1 200 OK\r\n\r\n"));
		else
			http_reply(house.held[0], 200, "text/plain", TEXT("anybody?"));
		house.held_count = 0;
		pump(&house.loop, -1, 20);
		CHECK(http_server_pending(house.server) == 0, "%s", rows[i].what);
		close_house(&house);
	}
}

static void test_a_reply_after_the_server_was_freed_only_frees(void **state)
{
	(void)state;
	open_house(&house, (struct http_server_conf){0});
	start(&house);
	say(&house, "GET /later HTTP/1.1\r\n" HOST "\r\n");
	pump(&house.loop, -1, 20);
	assert_int_equal(house.held_count, 1);
	close_house(&house);
}

static void test_a_client_may_close_its_half_and_get_its_reply(void **state)
{
	(void)state;
	open_house(&house, (struct http_server_conf){0});
	start(&house);
	say(&house, "GET /later HTTP/1.1\r\n" HOST "\r\nGET /two HTTP/1.1\r\n" HOST "\r\n");
	shutdown(house.peer.fd, SHUT_WR);
	pump(&house.loop, -1, 20);
	http_reply(house.held[0], 200, NULL, TEXT("one"));
	house.held_count = 0;
	peer_until_closed(&house.peer, &house.loop, 2000);
	check_statuses("half closed", "", (int[]){200, 200, 0});
	close_house(&house);
}

static void test_a_long_reply_to_a_slow_reader_comes_whole(void **state)
{
	static char body[900000];

	(void)state;
	memset(body, 'b', sizeof(body));
	open_house(&house, (struct http_server_conf){0});
	start(&house);
	say(&house, "GET /later HTTP/1.1\r\n" HOST "\r\nGET /behind HTTP/1.1\r\n" HOST "\r\n");
	pump(&house.loop, -1, 20);
	http_reply(house.held[0], 200, NULL, (struct text){body, sizeof(body)});
	house.held_count = 0;
	peer_until(&house.peer, &house.loop, 2, 5000);
	check_statuses("slow reader", "", (int[]){200, 200, 0});
	assert_true(house.peer.len > sizeof(body));
	close_house(&house);
}

static void test_a_reader_that_never_reads_is_dropped(void **state)
{
	static char body[8 << 20];

	(void)state;
	open_house(&house, (struct http_server_conf){.body_ms = 100});
	start(&house);
	say(&house, "GET /later HTTP/1.1\r\n" HOST "\r\n");
	pump(&house.loop, -1, 20);
	http_reply(house.held[0], 200, NULL, (struct text){body, sizeof(body)});
	house.held_count = 0;
	pump(&house.loop, -1, 300);
	peer_until_closed(&house.peer, &house.loop, 500);
	assert_true(house.peer.len < sizeof(body));
	close_house(&house);
}

static void test_raw_replies_are_sent_as_they_are_and_closed(void **state)
{
	(void)state;
	open_house(&house, (struct http_server_conf){0});
	start(&house);
	say(&house, "GET /raw HTTP/1.1\r\n" HOST "\r\nGET /behind HTTP/1.1\r\n" HOST "\r\n");
	peer_until_closed(&house.peer, &house.loop, 2000);
	assert_string_equal(house.peer.got, "HTTP/1.1 200 OK\r\nContent-Le");
	assert_int_equal(house.requests, 1);
	close_house(&house);
	open_house(&house, (struct http_server_conf){0});
	start(&house);
	say(&house, "GET /slam HTTP/1.1\r\n" HOST "\r\n");
	peer_until_closed(&house.peer, &house.loop, 2000);
	assert_true(house.peer.closed && house.peer.len == 0);
	close_house(&house);
}

static void test_what_has_no_body_sends_none(void **state)
{
	(void)state;
	open_house(&house, (struct http_server_conf){0});
	start(&house);
	say(&house, "GET /nothing HTTP/1.1\r\n" HOST "\r\n");
	peer_until(&house.peer, &house.loop, 1, 2000);
	assert_string_equal(house.peer.got, "HTTP/1.1 204 No Content\r\n\r\n");
	say(&house, "HEAD / HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n");
	peer_until_closed(&house.peer, &house.loop, 2000);
	assert_non_null(strstr(house.peer.got, "Content-Length: 5\r\nConnection: close\r\n\r\n"));
	assert_null(strstr(house.peer.got, "fine"));
	close_house(&house);
}

static void test_an_address_has_its_share_of_connections(void **state)
{
	(void)state;
	open_house(&house, (struct http_server_conf){.per_address_most = 1});
	start(&house);
	say(&house, "GET / HTTP/1.1\r\n" HOST "\r\n");
	peer_until(&house.peer, &house.loop, 1, 1000);
	peer_connect(&house.other, http_server_port(house.server));
	peer_until_closed(&house.other, &house.loop, 1000);
	assert_true(house.other.closed && house.other.len == 0);
	assert_false(house.peer.closed);
	peer_close(&house.peer);
	pump(&house.loop, -1, 20);
	peer_close(&house.other);
	peer_connect(&house.other, http_server_port(house.server));
	peer_send(&house.other, &house.loop, TEXT("GET / HTTP/1.1\r\n" HOST "\r\n"));
	peer_until(&house.other, &house.loop, 1, 1000);
	assert_true(house.other.len > 0);
	close_house(&house);
}

static void test_a_full_house_sheds_the_oldest_idle_and_never_a_busy_one(void **state)
{
	(void)state;
	open_house(&house, (struct http_server_conf){.connections_most = 1});
	start(&house);
	say(&house, "GET / HTTP/1.1\r\n" HOST "\r\n");
	peer_until(&house.peer, &house.loop, 1, 1000);
	peer_connect(&house.other, http_server_port(house.server));
	peer_send(&house.other, &house.loop, TEXT("GET /later HTTP/1.1\r\n" HOST "\r\n"));
	peer_until_closed(&house.peer, &house.loop, 1000);
	assert_true(house.peer.closed);
	assert_int_equal(house.held_count, 1);
	peer_close(&house.peer);
	start(&house);
	peer_until_closed(&house.peer, &house.loop, 1000);
	assert_true(house.peer.closed && house.peer.len == 0);
	http_reply(house.held[0], 200, NULL, TEXT("kept"));
	house.held_count = 0;
	peer_until(&house.other, &house.loop, 1, 1000);
	assert_non_null(strstr(house.other.got, "kept"));
	close_house(&house);
}

/* Out of descriptors libuv would accept and drop the newest client: the house must be full before that. */
static void test_the_house_is_full_before_descriptors_run_out(void **state)
{
	struct rlimit limit, tight;
	int fds[24];

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	tight = limit;
	tight.rlim_cur = 32;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &tight), 0);
	open_house(&house, (struct http_server_conf){0});
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	start(&house);
	for (int i = 0; i < 24; i++) {
		pump(&house.loop, -1, 2);
		peer_read(&house.peer);
		CHECK(!house.peer.closed, "closed by number %d of 24", i);
		peer_connect(&house.other, http_server_port(house.server));
		fds[i] = house.other.fd;
	}
	peer_until_closed(&house.peer, &house.loop, 1000);
	assert_true(house.peer.closed);
	peer_send(&house.other, &house.loop, TEXT("GET / HTTP/1.1\r\n" HOST "\r\n"));
	peer_until(&house.other, &house.loop, 1, 1000);
	assert_true(house.other.len > 0);
	for (int i = 0; i < 23; i++)
		close(fds[i]);
	close_house(&house);
}

static void test_after_stop_listening_what_is_pending_is_answered_and_nothing_else(void **state)
{
	(void)state;
	open_house(&house, (struct http_server_conf){0});
	start(&house);
	peer_connect(&house.other, http_server_port(house.server));
	say(&house, "GET /later HTTP/1.1\r\n" HOST "\r\nGET /behind HTTP/1.1\r\n" HOST "\r\n");
	pump(&house.loop, -1, 20);
	http_server_stop_listening(house.server);
	peer_until_closed(&house.other, &house.loop, 4000);
	assert_true(house.other.closed);
	assert_int_equal(house.other.len, 0);
	assert_int_equal(http_server_pending(house.server), 1);
	http_reply(house.held[0], 200, NULL, TEXT("last"));
	house.held_count = 0;
	peer_until_closed(&house.peer, &house.loop, 2000);
	check_statuses("draining", "", (int[]){200, 0});
	assert_non_null(strstr(house.peer.got, "Connection: close"));
	assert_int_equal(house.requests, 1);
	close_house(&house);
}

/* A request may be on its way to a connection that looks idle, or that nobody has accepted yet. */
static void test_after_stop_listening_who_is_there_is_served_and_let_go(void **state)
{
	(void)state;
	open_house(&house, (struct http_server_conf){0});
	start(&house);
	say(&house, "GET /first HTTP/1.1\r\n" HOST "\r\n");
	pump(&house.loop, -1, 20);
	peer_connect(&house.other, http_server_port(house.server)); /* waits in the listener's queue */
	http_server_stop_listening(house.server);
	assert_int_equal(http_server_connections(house.server), 2);
	pump(&house.loop, -1, 50);
	say(&house, "GET /second HTTP/1.1\r\n" HOST "\r\n");
	peer_send(&house.other, &house.loop, TEXT("GET /queued HTTP/1.1\r\n" HOST "\r\n"));
	peer_until_closed(&house.peer, &house.loop, 1500);
	peer_until_closed(&house.other, &house.loop, 1500);
	check_statuses("who was there", "", (int[]){200, 200, 0});
	assert_non_null(strstr(house.other.got, "HTTP/1.1 200"));
	assert_non_null(strstr(house.other.got, "Connection: close"));
	assert_int_equal(house.requests, 3);
	peer_close(&house.peer);
	peer_close(&house.other);
	pump(&house.loop, -1, 50);
	assert_int_equal(http_server_connections(house.server), 0);
	close_house(&house);
}

static void test_two_servers_share_a_port_only_when_both_say_so(void **state)
{
	const struct http_server_hooks hooks = {.on_request = on_request, .self = &house};
	struct http_server *second = NULL;
	struct err err = {0};

	(void)state;
	open_house(&house, (struct http_server_conf){.share_port = true});
	struct http_server_conf conf = {
		.listen = {"127.0.0.1", http_server_port(house.server)}, .body_most = 10};
	assert_false(http_server_new(&second, &house.loop, &conf, &hooks, &err));
	assert_null(second);
	assert_int_equal(err.class, ERR_RETRY);
	conf.share_port = true;
	assert_true(http_server_new(&second, &house.loop, &conf, &hooks, &err));
	http_server_free(&second);
	close_house(&house);
}

static void test_headers_and_peer_are_there_for_the_handler(void **state)
{
	(void)state;
	open_house(&house, (struct http_server_conf){0});
	start(&house);
	say(&house,
		"POST /later HTTP/1.1\r\nhost: me\r\nX-Thing:  two words \r\nContent-Length: 2\r\n\r\nhi");
	pump(&house.loop, -1, 20);
	assert_int_equal(house.held_count, 1);
	struct http_exchange *exchange = house.held[0];
	assert_true(text_is(http_header(exchange, "x-thing"), "two words"));
	assert_true(text_is(http_header(exchange, "HOST"), "me"));
	assert_null(http_header(exchange, "x-other").at);
	assert_string_equal(http_peer(exchange), "127.0.0.1");
	http_exchange_set(exchange, &house);
	assert_ptr_equal(http_exchange_get(exchange), &house);
	close_house(&house);
}

static void test_clients_killed_in_crowds_leave_nothing_behind(void **state)
{
	int fds[100];

	(void)state;
	for (int round = 0; round < 2; round++) {
		open_house(&house, (struct http_server_conf){0});
		for (int i = 0; i < 60; i++) {
			start(&house);
			say(&house, i % 3 == 0 ? "GET / HT"
					       : "GET /later HTTP/1.1\r\n" HOST "\r\nGET /b HTTP/1.1\r\n" HOST
						 "\r\n");
			fds[i] = house.peer.fd;
		}
		pump(&house.loop, -1, 20);
		assert_int_equal(http_server_pending(house.server), 40);
		for (int i = 0; i < 60; i++) {
			house.peer.fd = fds[i];
			peer_reset(&house.peer);
		}
		if (round == 0)
			pump(&house.loop, -1, 20);
		for (unsigned i = 0; i < 40; i++)
			http_reply(house.held[i], 200, NULL, TEXT("gone?"));
		house.held_count = 0;
		pump(&house.loop, -1, 20);
		assert_int_equal(http_server_pending(house.server), 0);
		close_house(&house);
	}
}

/* How many of so many connections in a row came to be. */
static unsigned shaken(unsigned count)
{
	unsigned good = 0;

	for (unsigned i = 0; i < count; i++) {
		start(&house);
		good += !house.peer.closed;
		peer_close(&house.peer);
	}
	return good;
}

static void test_an_address_has_its_share_of_handshakes(void **state)
{
	uint64_t since = uv_hrtime();
	unsigned good;

	(void)state;
	house.trusting = false;
	open_house(&house, (struct http_server_conf){.handshakes_per_s = 1});
	assert_int_equal(shaken(4), 4);
	good = shaken(6);
	assert_true(good <= (uv_hrtime() - since) / 1000000000);
	assert_int_equal(http_server_counted(house.server).handshakes_refused, 6 - good);
	pump(&house.loop, -1, 1100);
	assert_true(shaken(2) >= 1);
	house.trusting = true;
	assert_int_equal(shaken(10), 10);
	house.trusting = false;
	close_house(&house);
}

static void test_who_does_not_speak_tls_is_let_go_and_counted(void **state)
{
	SSL_CTX *context = peer_context;

	(void)state;
	open_house(&house, (struct http_server_conf){0});
	peer_context = NULL;
	start(&house);
	say(&house, "GET / HTTP/1.1\r\n" HOST "\r\n");
	peer_until_closed(&house.peer, &house.loop, 2000);
	assert_true(house.peer.closed);
	assert_int_equal(house.requests, 0);
	assert_int_equal(http_server_counted(house.server).tls_failed, 1);
	peer_context = context;
	close_house(&house);
}

static void test_a_handshake_has_a_deadline(void **state)
{
	SSL_CTX *context = peer_context;

	(void)state;
	open_house(&house, (struct http_server_conf){.header_ms = 100, .idle_ms = 60000});
	peer_context = NULL;
	start(&house);
	for (int i = 0; i < 60 && !house.peer.closed; i++) {
		peer_send(&house.peer, &house.loop, (struct text){&"\x16\x03\x01\x02\x00\x01"[i % 6], i < 6});
		pump(&house.loop, -1, 10);
		peer_read(&house.peer);
	}
	assert_true(house.peer.closed);
	peer_context = context;
	close_house(&house);
}

static int begin_tls(void **state)
{
	const struct tls_server_conf conf = {
		.pairs = {{certificate_write("curve.pem", "curve.key", EVP_EC_gen("P-256")),
			certificate_path("curve.key")}}};
	struct err err = {0};

	(void)state;
	CHECK(tls_server_new(&tls, &conf, (struct mono){1}, &err), "%s", err.text);
	peer_context = SSL_CTX_new(TLS_client_method());
	return 0;
}

static int end_tls(void **state)
{
	(void)state;
	SSL_CTX_free(peer_context);
	tls_server_free(&tls);
	certificates_remove();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_two_readers_could_read_differently_is_refused),
		cmocka_unit_test(test_the_verdict_does_not_depend_on_how_bytes_are_cut),
		cmocka_unit_test(test_every_cap_has_its_status),
		cmocka_unit_test(test_a_body_of_exactly_the_cap_is_taken_and_one_more_is_not),
		cmocka_unit_test(test_a_connection_carries_many_requests),
		cmocka_unit_test(test_requests_behind_a_pending_one_wait_and_keep_their_order),
		cmocka_unit_test(test_ten_thousand_pipelined_requests_do_not_recurse),
		cmocka_unit_test(test_expect_is_answered_before_the_body),
		cmocka_unit_test(test_a_refusal_by_the_hook_comes_instead_of_100),
		cmocka_unit_test(test_deadlines_are_not_moved_by_bytes),
		cmocka_unit_test(test_every_request_has_its_own_deadline),
		cmocka_unit_test(test_a_reply_after_the_client_left_goes_nowhere),
		cmocka_unit_test(test_a_reply_after_the_server_was_freed_only_frees),
		cmocka_unit_test(test_a_client_may_close_its_half_and_get_its_reply),
		cmocka_unit_test(test_a_long_reply_to_a_slow_reader_comes_whole),
		cmocka_unit_test(test_a_reader_that_never_reads_is_dropped),
		cmocka_unit_test(test_raw_replies_are_sent_as_they_are_and_closed),
		cmocka_unit_test(test_what_has_no_body_sends_none),
		cmocka_unit_test(test_an_address_has_its_share_of_connections),
		cmocka_unit_test(test_a_full_house_sheds_the_oldest_idle_and_never_a_busy_one),
		cmocka_unit_test(test_the_house_is_full_before_descriptors_run_out),
		cmocka_unit_test(test_after_stop_listening_what_is_pending_is_answered_and_nothing_else),
		cmocka_unit_test(test_after_stop_listening_who_is_there_is_served_and_let_go),
		cmocka_unit_test(test_two_servers_share_a_port_only_when_both_say_so),
		cmocka_unit_test(test_headers_and_peer_are_there_for_the_handler),
		cmocka_unit_test(test_clients_killed_in_crowds_leave_nothing_behind),
	};

	/* The same requests, sealed: what TLS does to the bytes is not seen above it. */
	const struct CMUnitTest sealed[] = {
		cmocka_unit_test(test_what_two_readers_could_read_differently_is_refused),
		cmocka_unit_test(test_the_verdict_does_not_depend_on_how_bytes_are_cut),
		cmocka_unit_test(test_every_cap_has_its_status),
		cmocka_unit_test(test_a_body_of_exactly_the_cap_is_taken_and_one_more_is_not),
		cmocka_unit_test(test_a_connection_carries_many_requests),
		cmocka_unit_test(test_requests_behind_a_pending_one_wait_and_keep_their_order),
		cmocka_unit_test(test_ten_thousand_pipelined_requests_do_not_recurse),
		cmocka_unit_test(test_expect_is_answered_before_the_body),
		cmocka_unit_test(test_a_refusal_by_the_hook_comes_instead_of_100),
		cmocka_unit_test(test_deadlines_are_not_moved_by_bytes),
		cmocka_unit_test(test_every_request_has_its_own_deadline),
		cmocka_unit_test(test_a_reply_after_the_client_left_goes_nowhere),
		cmocka_unit_test(test_a_reply_after_the_server_was_freed_only_frees),
		cmocka_unit_test(test_a_client_may_close_its_half_and_get_its_reply),
		cmocka_unit_test(test_a_long_reply_to_a_slow_reader_comes_whole),
		cmocka_unit_test(test_a_reader_that_never_reads_is_dropped),
		cmocka_unit_test(test_raw_replies_are_sent_as_they_are_and_closed),
		cmocka_unit_test(test_what_has_no_body_sends_none),
		cmocka_unit_test(test_an_address_has_its_share_of_connections),
		cmocka_unit_test(test_headers_and_peer_are_there_for_the_handler),
		cmocka_unit_test(test_an_address_has_its_share_of_handshakes),
		cmocka_unit_test(test_who_does_not_speak_tls_is_let_go_and_counted),
		cmocka_unit_test(test_a_handshake_has_a_deadline),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) + cmocka_run_group_tests(sealed, begin_tls, end_tls);
}
