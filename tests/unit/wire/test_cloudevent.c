#include "wire/cloudevent.h"

#include "base/hex.h"
#include "check.h"
#include "memory.h"

#define TRACE  "4bf92f3577b34da6a3ce929d0e0e4736"
#define PARENT "00-" TRACE "-00f067aa0ba902b7-01"
#define ID     "019ae0a1-6f00-7c3a-9d41-52c0ffee0001"

static struct result some(unsigned version, enum outcome outcome)
{
	struct result result = {.version = version,
		.outcome = outcome,
		.accepted_at = instant_of_ms(1795500000120),
		.decided_at = instant_of_ms(1795500004321)};

	assert_true(uuid_parse(TEXT(ID), &result.id));
	return result;
}

static struct text header_of(
	const struct result *result, enum result_encoding encoding, const char *parent, const char *name)
{
	struct header headers[CLOUDEVENT_HEADERS];
	size_t count = cloudevent_headers(result, encoding, "mkondo/poller", parent, &arena, headers);

	for (size_t i = 0; i < count; i++)
		if (strcmp(headers[i].name, name) == 0)
			return headers[i].value;
	return (struct text){NULL, 0};
}

static void test_what_is_no_traceparent_is_dropped(void **state)
{
	static const struct text rows[] = {
		TEXT(""),
		TEXT("00"),
		TEXT("01-" TRACE "-00f067aa0ba902b7-01"),
		TEXT("00-" TRACE "-00f067aa0ba902b7-0"),
		TEXT("00-" TRACE "-00f067aa0ba902b7-011"),
		TEXT("00-" TRACE "-00f067aa0ba902b7-01-x"),
		TEXT("00-00000000000000000000000000000000-00f067aa0ba902b7-01"),
		TEXT("00-" TRACE "-0000000000000000-01"),
		TEXT("00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01"),
		TEXT("00_" TRACE "-00f067aa0ba902b7-01"),
		TEXT("00-" TRACE "_00f067aa0ba902b7-01"),
		TEXT("00-" TRACE "-00f067aa0ba902b7_01"),
		TEXT("00-" TRACE "-00f067aa0ba902bg-01"),
		TEXT("00-" TRACE "-00f067aa0ba902b7-0g"),
		TEXT(" " PARENT),
		TEXT("00-"
		     "4bf92f3577b34da6a3ce929d0e0e473\0"
		     "-00f067aa0ba902b7-01"),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		CHECK(traceparent_check(rows[i], &arena)[0] == '\0', "row %zu: %.*s", i, TEXT_ARG(rows[i]));
	assert_string_equal(traceparent_check((struct text){NULL, 0}, &arena), "");
	assert_string_equal(traceparent_check(TEXT(PARENT), &arena), PARENT);
	assert_string_equal(traceparent_check(TEXT("00-" TRACE "-00f067aa0ba902b7-00"), &arena),
		"00-" TRACE "-00f067aa0ba902b7-00");
}

static void test_a_child_keeps_the_trace_and_has_a_span_of_its_own(void **state)
{
	struct result result = some(1, OUTCOME_SUCCEEDED);
	const char *first = traceparent_child(PARENT, "hint", &result.id, 1, &arena);

	(void)state;
	assert_string_equal(traceparent_check(text_of(first), &arena), first);
	assert_memory_equal(first, "00-" TRACE "-", 36);
	assert_string_equal(first + 52, "-01");
	assert_string_equal(traceparent_child(PARENT, "hint", &result.id, 1, &arena), first);
	assert_string_not_equal(traceparent_child(PARENT, "hint", &result.id, 2, &arena), first);
	assert_string_not_equal(traceparent_child(PARENT, "attempt", &result.id, 1, &arena), first);
	result.id.b[15] ^= 1;
	assert_string_not_equal(traceparent_child(PARENT, "hint", &result.id, 1, &arena), first);
	assert_string_equal(traceparent_child("", "hint", &result.id, 1, &arena), "");
}

static void test_the_headers_are_those_of_the_binding(void **state)
{
	static const char *const names[] = {"ce_specversion", "ce_id", "ce_type", "ce_source", "ce_subject",
		"ce_time", "content-type", "traceparent"};
	struct result result = some(1, OUTCOME_SUCCEEDED);
	struct header headers[CLOUDEVENT_HEADERS];
	struct digest digest = sha256(TEXT(ID "1"));
	char want_id[65];

	(void)state;
	assert_int_equal(
		cloudevent_headers(&result, RESULT_PROTOBUF, "mkondo/poller", PARENT, &arena, headers), 8);
	for (size_t i = 0; i < 8; i++)
		assert_string_equal(headers[i].name, names[i]);
	hex_build(digest.b, 16, want_id);
	assert_true(text_is(headers[0].value, "1.0"));
	assert_true(text_is(headers[1].value, want_id));
	assert_true(text_is(headers[2].value, "mkondo.payment.succeeded.v1"));
	assert_true(text_is(headers[3].value, "mkondo/poller"));
	assert_true(text_is(headers[4].value, ID));
	CHECK(text_is(headers[5].value, "2026-11-24T06:00:04.321Z"), "%.*s", TEXT_ARG(headers[5].value));
	assert_true(text_is(headers[6].value, "application/x-protobuf"));
	assert_true(text_starts(headers[7].value, "00-" TRACE "-"));
	assert_false(text_is(headers[7].value, PARENT));
}

static void test_without_a_trace_there_is_no_traceparent(void **state)
{
	struct result result = some(1, OUTCOME_FAILED);
	struct header headers[CLOUDEVENT_HEADERS];

	(void)state;
	assert_int_equal(cloudevent_headers(&result, RESULT_JSON, "mkondo/poller", "", &arena, headers), 7);
	assert_true(text_is(headers[6].value, "application/json"));
}

static void test_every_outcome_has_its_type(void **state)
{
	static const struct {
		enum outcome outcome;
		const char *want;
	} rows[] = {
		{OUTCOME_ACCEPTED, "mkondo.payment.accepted.v1"},
		{OUTCOME_REJECTED, "mkondo.payment.rejected.v1"},
		{OUTCOME_SUCCEEDED, "mkondo.payment.succeeded.v1"},
		{OUTCOME_FAILED, "mkondo.payment.failed.v1"},
		{OUTCOME_UNRESOLVED, "mkondo.payment.unresolved.v1"},
		{OUTCOME_CONFLICT, "mkondo.payment.conflict.v1"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct result result = some(1, rows[i].outcome);

		CHECK(text_is(header_of(&result, RESULT_JSON, "", "ce_type"), rows[i].want), "%s",
			rows[i].want);
	}
}

static void test_an_acceptance_is_dated_by_its_acceptance(void **state)
{
	struct result result = some(0, OUTCOME_ACCEPTED);

	(void)state;
	assert_true(text_is(header_of(&result, RESULT_JSON, "", "ce_time"), "2026-11-24T06:00:00.120Z"));
}

static void test_two_versions_are_two_events_and_a_repeat_is_the_same(void **state)
{
	struct result first = some(1, OUTCOME_UNRESOLVED), second = some(2, OUTCOME_SUCCEEDED);

	(void)state;
	assert_false(text_same(header_of(&first, RESULT_JSON, PARENT, "ce_id"),
		header_of(&second, RESULT_JSON, PARENT, "ce_id")));
	assert_true(text_same(header_of(&first, RESULT_JSON, PARENT, "ce_id"),
		header_of(&first, RESULT_JSON, PARENT, "ce_id")));
	assert_false(text_same(header_of(&first, RESULT_JSON, PARENT, "traceparent"),
		header_of(&second, RESULT_JSON, PARENT, "traceparent")));
	assert_true(text_same(header_of(&first, RESULT_JSON, PARENT, "traceparent"),
		header_of(&first, RESULT_JSON, PARENT, "traceparent")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_no_traceparent_is_dropped),
		cmocka_unit_test(test_a_child_keeps_the_trace_and_has_a_span_of_its_own),
		cmocka_unit_test(test_the_headers_are_those_of_the_binding),
		cmocka_unit_test(test_without_a_trace_there_is_no_traceparent),
		cmocka_unit_test(test_every_outcome_has_its_type),
		cmocka_unit_test(test_an_acceptance_is_dated_by_its_acceptance),
		cmocka_unit_test(test_two_versions_are_two_events_and_a_repeat_is_the_same),
	};

	return cmocka_run_group_tests(tests, start_memory, stop_memory);
}
