#include "check.h"

#include "../../fuzz/fuzz.h"
#include "io/http_head.h"

#include <stdlib.h>

static int parse(const char *bytes, struct http_head *ret)
{
	struct text block = text_of(bytes);
	size_t seen = 0, len = 0;

	CHECK(http_head_find(block, &seen, &len) == HTTP_HEAD_WHOLE && len == block.len, "%s", bytes);
	return http_head_parse(block, ret);
}

static void test_a_head_is_read_field_by_field(void **state)
{
	struct http_head head;

	(void)state;
	assert_int_equal(
		parse("POST /n/1?a=b HTTP/1.1\r\nHost: x\r\nContent-Length: 12\r\nX-A:  b c \r\nx-a: d\r\n"
		      "Empty:\r\n\r\n",
			&head),
		0);
	assert_true(text_is(head.method, "POST"));
	assert_true(text_is(head.target, "/n/1?a=b"));
	assert_true(head.length == 12 && head.keep_alive && !head.chunked && !head.wants_continue);
	assert_int_equal(head.field_count, 5);
	assert_true(text_is(http_head_field(&head, "X-a"), "b c"));
	assert_true(text_is(http_head_field(&head, "empty"), ""));
	assert_null(http_head_field(&head, "none").at);
}

static void test_who_stays_and_who_goes(void **state)
{
	static const struct {
		const char *head;
		bool stays;
	} rows[] = {
		{"GET / HTTP/1.1\r\nHost: x\r\n\r\n", true},
		{"GET / HTTP/1.1\r\nHost: x\r\nConnection: keep-alive\r\n\r\n", true},
		{"GET / HTTP/1.1\r\nHost: x\r\nConnection: Close\r\n\r\n", false},
		{"GET / HTTP/1.1\r\nHost: x\r\nConnection: x, close\r\n\r\n", false},
		{"GET / HTTP/1.0\r\n\r\n", false},
		{"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct http_head head;

		CHECK(parse(rows[i].head, &head) == 0, "%s", rows[i].head);
		CHECK(head.keep_alive == rows[i].stays, "%s", rows[i].head);
	}
}

/* The fuzz target's promises, over good requests in which bytes are changed, dropped and doubled. */
static void test_no_bytes_break_the_reader_s_promises(void **state)
{
	static const char *const seeds[] = {
		"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
		"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhelloGET",
		"POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n1a;x=y\r\n"
		"abcdefghijklmnopqrstuvwxyz\r\n0\r\nX: y\r\n\r\nrest",
		"POST /a HTTP/1.0\r\nContent-Length: 0\r\nExpect: 100-continue\r\n\r\n",
	};
	static const char spice[] = "\r\n\t :;0159afAF\x7f\x80\xff,=\"/HTP.";
	uint64_t seed = 88172645463325252u;
	uint8_t bytes[512];

	(void)state;
	for (unsigned round = 0; round < 60000; round++) {
		const char *from = seeds[round % COUNT_OF(seeds)];
		size_t len = strlen(from);

		memcpy(bytes, from, len);
		for (unsigned change = 0; change < 1 + round % 3; change++) {
			seed ^= seed << 13;
			seed ^= seed >> 7;
			seed ^= seed << 17;
			size_t at = (size_t)(seed >> 8) % len, n = 1 + (size_t)(seed >> 40) % 3;

			if ((seed & 3) == 0) {
				bytes[at] = (uint8_t)spice[(seed >> 20) % (sizeof(spice) - 1)];
			} else if ((seed & 3) == 1 && at + n < len) {
				memmove(bytes + at, bytes + at + n, len - at - n);
				len -= n;
			} else if (len + n < sizeof(bytes)) {
				memmove(bytes + at + n, bytes + at, len - at);
				memset(bytes + at, spice[(seed >> 20) % (sizeof(spice) - 1)], n);
				len += n;
			}
		}
		LLVMFuzzerTestOneInput(bytes, len);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_head_is_read_field_by_field),
		cmocka_unit_test(test_who_stays_and_who_goes),
		cmocka_unit_test(test_no_bytes_break_the_reader_s_promises),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
