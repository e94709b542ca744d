#include "core/codes.h"

#include "check.h"

#define ROWS(rows) (sizeof(rows) / sizeof((rows)[0]))

static bool is(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}

static void test_every_row_can_be_explained(void **state)
{
	size_t count;
	const struct code_row *rows = codes_all(&count);

	(void)state;
	assert_true(count > 300);
	for (size_t i = 0; i < count; i++) {
		CHECK(rows[i].source[0] != '\0', "row %zu, code %s has no source", i + 2, rows[i].code);
		CHECK(rows[i].meaning[0] != '\0', "row %zu, code %s has no meaning", i + 2, rows[i].code);
		CHECK(rows[i].family[0] != '\0' && rows[i].code[0] != '\0' && rows[i].message[0] != '\0',
			"row %zu", i + 2);
		CHECK(rows[i].http_least <= rows[i].http_most, "row %zu", i + 2);
	}
}

static void test_the_last_row_of_each_part_takes_everything_and_moves_no_money(void **state)
{
	static const struct {
		enum code_where where;
		enum code_class want;
	} parts[] = {{WHERE_SYNC, CODE_NO_WORD}, {WHERE_RESULT, CODE_DOUBT}, {WHERE_STATUS, CODE_DOUBT}};
	size_t count;
	const struct code_row *rows = codes_all(&count);

	(void)state;
	for (size_t p = 0; p < ROWS(parts); p++) {
		const struct code_row *last = NULL;

		for (size_t i = 0; i < count; i++)
			if (rows[i].where == parts[p].where)
				last = &rows[i];
		assert_non_null(last);
		CHECK(is(last->family, "any") && is(last->code, "*") && is(last->message, "*"), "part %zu",
			p);
		CHECK(last->http_least == 0 && last->http_most == 999, "part %zu", p);
		CHECK(code_row_is_default(last), "part %zu", p);
		CHECK(last->class == parts[p].want, "part %zu: %s", p, code_class_name(last->class));
	}
}

/* A code that means "paid" or "not paid" for every product does not exist: each product says it for itself. */
static void test_no_result_is_decided_for_every_family_at_once(void **state)
{
	size_t count;
	const struct code_row *rows = codes_all(&count);

	(void)state;
	for (size_t i = 0; i < count; i++)
		if (rows[i].where == WHERE_RESULT && is(rows[i].family, "any"))
			CHECK(rows[i].class != CODE_FINAL && rows[i].class != CODE_PAID, "code %s",
				rows[i].code);
}

static void test_only_final_rows_invite_a_new_command(void **state)
{
	size_t count;
	const struct code_row *rows = codes_all(&count);

	(void)state;
	for (size_t i = 0; i < count; i++) {
		CHECK(!rows[i].retryable || rows[i].class == CODE_FINAL, "code %s", rows[i].code);
		CHECK(!rows[i].counted || rows[i].class == CODE_PUT_OFF, "code %s", rows[i].code);
	}
}

static void test_the_results_of_status_questions_prove_nothing(void **state)
{
	size_t count;
	const struct code_row *rows = codes_all(&count);

	(void)state;
	for (size_t i = 0; i < count; i++)
		if (rows[i].where == WHERE_RESULT && is(rows[i].family, "status"))
			CHECK(rows[i].class == CODE_DOUBT, "code %s", rows[i].code);
}

/* Any row that stands behind one that takes all of its answers can never be found. */
static void test_every_row_is_found_by_its_own_words(void **state)
{
	size_t count;
	const struct code_row *rows = codes_all(&count);

	(void)state;
	for (size_t i = 0; i < count; i++) {
		struct text code = is(rows[i].code, "*") ? TEXT("no.such.code") : text_of(rows[i].code);
		struct text message =
			is(rows[i].message, "*") ? TEXT("no such text") : text_of(rows[i].message);
		bool found = false;

		for (int http = rows[i].http_least; http <= rows[i].http_most && !found; http++)
			found = codes_find(rows[i].where, rows[i].family, http, code, message) == &rows[i];
		CHECK(found, "row %zu: %s, code %s, message %s", i + 2, rows[i].family, rows[i].code,
			rows[i].message);
	}
}

static void test_look_ups(void **state)
{
	static const struct {
		const char *what;
		enum code_where where;
		const char *family;
		int http;
		const char *code, *message;
		enum code_class want;
		bool want_counted, want_default;
	} rows[] = {
		{"push taken", WHERE_SYNC, "stk", 200, "0", "Success. Request accepted for processing",
			CODE_TAKEN, false, false},
		{"the code is trimmed", WHERE_SYNC, "stk", 200, " 0\n", "", CODE_TAKEN, false, false},
		{"a zero elsewhere than in a 200", WHERE_SYNC, "stk", 500, "0", "", CODE_NO_WORD, false,
			true},
		{"locked phone, own family before any", WHERE_SYNC, "stk", 500, "500.001.1001",
			"Unable to lock subscriber, a transaction is already in process", CODE_PUT_OFF, true,
			false},
		{"case does not matter", WHERE_SYNC, "stk", 500, "500.001.1001", "UNABLE TO LOCK SUBSCRIBER",
			CODE_PUT_OFF, true, false},
		{"the same words of another product", WHERE_SYNC, "b2c", 500, "500.001.1001",
			"Unable to lock subscriber", CODE_NO_WORD, false, false},
		{"wrong passkey", WHERE_SYNC, "stk", 500, "500.001.1001", "Wrong credentials", CODE_CONFIG,
			false, false},
		{"a known code with unknown words", WHERE_SYNC, "b2c", 500, "500.002.1001", "something new",
			CODE_NO_WORD, false, false},
		{"duplicate originator", WHERE_SYNC, "b2c", 500, "500.002.1001",
			"Duplicate OriginatorConversationID", CODE_DUPLICATE, false, false},
		{"spike arrest", WHERE_SYNC, "b2c", 500, "500.003.02",
			"Error Occurred: Spike Arrest Violation", CODE_PUT_OFF, false, false},
		{"busy is no proof", WHERE_SYNC, "b2c", 500, "500.003.02", "System is busy. Please try again",
			CODE_NO_WORD, false, false},
		{"raw spike arrest", WHERE_SYNC, "stk", 500, "policies.ratelimit.SpikeArrestViolation", "",
			CODE_PUT_OFF, false, false},
		{"token", WHERE_SYNC, "stk", 404, "404.001.03", "Invalid Access Token", CODE_TOKEN, false,
			false},
		{"product not allowed", WHERE_SYNC, "stk", 401, "401.003.01", "Invalid Access Token",
			CODE_CONFIG, false, false},
		{"bare 401", WHERE_SYNC, "stk", 401, "", "", CODE_TOKEN, false, false},
		{"bare 429", WHERE_SYNC, "stk", 429, "", "", CODE_PUT_OFF, false, false},
		{"bare 504", WHERE_SYNC, "stk", 504, "", "", CODE_NO_WORD, false, false},
		{"a 200 of an unknown code", WHERE_SYNC, "stk", 200, "77", "odd", CODE_NO_WORD, false, true},
		{"a 4xx of an unknown code", WHERE_SYNC, "stk", 418, "77", "odd", CODE_NO_WORD, false, true},
		{"a 5xx of an unknown code", WHERE_SYNC, "stk", 599, "77", "odd", CODE_NO_WORD, false, true},
		{"a 3xx", WHERE_SYNC, "stk", 302, "", "", CODE_NO_WORD, false, true},
		{"nothing left us", WHERE_SYNC, "b2c", 0, "NOT_SENT", "", CODE_PUT_OFF, false, false},
		{"no answer", WHERE_SYNC, "b2c", 0, "NO_ANSWER", "", CODE_NO_WORD, false, false},
		{"NOT_SENT is never Daraja's word", WHERE_SYNC, "b2c", 500, "NOT_SENT", "", CODE_NO_WORD,
			false, true},
		{"query pending", WHERE_SYNC, "stk_query", 500, "500.001.1001",
			"The transaction is being processed", CODE_PENDING, false, false},
		{"a push that is being processed is in doubt", WHERE_SYNC, "stk", 500, "500.001.1001",
			"The transaction is being processed", CODE_NO_WORD, false, false},
		{"bad key, empty 400", WHERE_SYNC, "oauth", 400, "", "", CODE_CONFIG, false, false},
		{"push paid", WHERE_RESULT, "stk", 0, "0", "", CODE_PAID, false, false},
		{"cancelled", WHERE_RESULT, "stk", 0, "1032", "Request cancelled by user", CODE_FINAL, false,
			false},
		{"still under processing", WHERE_RESULT, "stk", 0, "4999", "", CODE_OPEN, false, false},
		{"an unknown result", WHERE_RESULT, "stk", 0, "424242", "", CODE_DOUBT, false, true},
		{"an unknown family", WHERE_RESULT, "nobody", 0, "0", "", CODE_DOUBT, false, true},
		{"part of a code is no code", WHERE_RESULT, "stk", 0, "103", "", CODE_DOUBT, false, true},
		{"no code", WHERE_RESULT, "stk", 0, "", "", CODE_DOUBT, false, true},
		{"completed", WHERE_STATUS, "any", 0, "Completed", "", CODE_PAID, false, false},
		{"completed, of a payout", WHERE_STATUS, "b2c", 0, "completed", "", CODE_PAID, false, false},
		{"completed says nothing about a reversal", WHERE_STATUS, "reversal", 0, "Completed", "",
			CODE_DOUBT, false, false},
		{"expired", WHERE_STATUS, "any", 0, "Expired", "", CODE_FINAL, false, false},
		{"pending", WHERE_STATUS, "any", 0, "Pending Authorized", "", CODE_OPEN, false, false},
		{"a new word", WHERE_STATUS, "any", 0, "Reticulated", "", CODE_DOUBT, false, true},
		{"reply: accept", WHERE_REPLY, "c2b", 0, "0", "", CODE_ACCEPT, false, false},
		{"reply: bad account", WHERE_REPLY, "c2b", 0, "C2B00012", "", CODE_REJECT, false, false},
		{"reply: anything else", WHERE_REPLY, "c2b", 0, "77", "", CODE_REJECT, false, false},
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		const struct code_row *row = codes_find(rows[i].where, rows[i].family, rows[i].http,
			text_of(rows[i].code), text_of(rows[i].message));

		CHECK(row->class == rows[i].want, "%s: %s (%s)", rows[i].what, code_class_name(row->class),
			row->meaning);
		CHECK(row->counted == rows[i].want_counted, "%s", rows[i].what);
		CHECK(code_row_is_default(row) == rows[i].want_default, "%s (%s)", rows[i].what,
			row->meaning);
	}
}

static void test_every_class_has_its_name(void **state)
{
	(void)state;
	for (int class = CODE_TAKEN; class <= CODE_REJECT; class ++)
		assert_true(code_class_name((enum code_class) class)[0] != '\0');
	assert_string_equal(code_class_name(CODE_TURNED_DOWN), "TURNED_DOWN");
	assert_string_equal(code_class_name(CODE_FOUND_NOTHING), "FOUND_NOTHING");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_row_can_be_explained),
		cmocka_unit_test(test_the_last_row_of_each_part_takes_everything_and_moves_no_money),
		cmocka_unit_test(test_no_result_is_decided_for_every_family_at_once),
		cmocka_unit_test(test_only_final_rows_invite_a_new_command),
		cmocka_unit_test(test_the_results_of_status_questions_prove_nothing),
		cmocka_unit_test(test_every_row_is_found_by_its_own_words),
		cmocka_unit_test(test_look_ups),
		cmocka_unit_test(test_every_class_has_its_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
