#include "fixture.h"

#include "core/answer.h"
#include "core/bucket.h"
#include "wire/daraja_answer.h"

#include "../../fuzz/fuzz.h"
#include "memory.h"

static const struct {
	const char *what, *fixture;
	enum api api;
	int http;
	bool want_json, want_ids;
	const char *want_code, *want_in_message;
	enum code_class want_class;
} answers[] = {
	{"an accepted push", "stk_accepted.json", API_STK_PUSH, 200, true, true, "0", "Success", CODE_TAKEN},
	{"a push accepted without ids", "stk_accepted_without_ids.json", API_STK_PUSH, 200, true, false, "0",
		"Success", CODE_NO_WORD},
	{"a payout's ack has no ids of a push", "b2c_accepted.json", API_STK_PUSH, 200, true, false, "0",
		"Accept", CODE_NO_WORD},
	{"subscriber lock", "stk_locked.json", API_STK_PUSH, 500, true, false, "500.001.1001",
		"lock subscriber", CODE_PUT_OFF},
	{"wrong password", "stk_wrong_credentials.json", API_STK_PUSH, 500, true, false, "500.001.1001",
		"Wrong credentials", CODE_CONFIG},
	{"wrong shortcode", "stk_no_merchant.json", API_STK_PUSH, 500, true, false, "500.001.1001",
		"Merchant", CODE_CONFIG},
	{"refused field", "stk_bad_field.json", API_STK_PUSH, 400, true, false, "400.002.02",
		"Invalid Remarks", CODE_TURNED_DOWN},
	{"refused address", "stk_bad_callback_url.json", API_STK_PUSH, 400, true, false, "400.002.02",
		"CallBackURL", CODE_TURNED_DOWN},
	{"fault with a code", "fault_spike.json", API_STK_PUSH, 500, true, false,
		"policies.ratelimit.SpikeArrestViolation", "Spike arrest", CODE_PUT_OFF},
	{"fault without a code", "fault_without_code.json", API_STK_PUSH, 404, true, false, "",
		"Unable to identify proxy", CODE_TURNED_DOWN},
	{"fault behind the gateway", "fault_gateway_timeout.json", API_B2C, 504, true, false,
		"messaging.adaptors.http.flow.GatewayTimeout", "Gateway Timeout", CODE_NO_WORD},
	{"SOAP that became JSON", "soap_in_json.json", API_B2C, 500, true, false, "", "Envelope",
		CODE_NO_WORD},
	{"the edge's page", "incapsula.html", API_B2C, 503, false, false, "", "Incapsula", CODE_NO_WORD},
	{"an empty body", "token_bad_key.txt", API_B2C, 200, false, false, "", "", CODE_NO_WORD},
	{"a body that is cut off", "cut_off.json", API_STK_PUSH, 200, false, false, "", "", CODE_NO_WORD},
	{"a body that is no object", "not_an_object.json", API_STK_PUSH, 200, false, false, "", "",
		CODE_NO_WORD},
	{"an accepted payout", "b2c_accepted.json", API_B2C, 200, true, true, "0", "Accept", CODE_TAKEN},
	{"ResponseCode as number", "code_as_number.json", API_B2C, 200, true, true, "0", "Accept",
		CODE_TAKEN},
	{"an ack whose fields are all empty", "b2c_accepted_empty.json", API_B2C, 200, true, false, "", "",
		CODE_NO_WORD},
	{"a known originator id", "b2c_duplicate.json", API_B2C, 500, true, false, "500.002.1001",
		"Duplicate", CODE_DUPLICATE},
	{"the same code with another text", "b2c_system_error.json", API_B2C, 500, true, false,
		"500.002.1001", "System internal", CODE_NO_WORD},
	{"a ResponseCode that is not 0", "b2c_refused_code.json", API_B2C, 200, true, true, "1", "Rejected",
		CODE_NO_WORD},
	{"token refused with 404", "error_token_404.json", API_STK_PUSH, 404, true, false, "404.001.03",
		"Token", CODE_TOKEN},
	{"token refused with 400", "error_token_400.json", API_TRANSACTION_STATUS, 400, true, false,
		"400.003.01", "Token", CODE_TOKEN},
	{"product not on the app", "error_no_product.json", API_B2C, 401, true, false, "401.003.01", "",
		CODE_CONFIG},
	{"busy", "error_busy.json", API_B2C, 500, true, false, "500.003.02", "busy", CODE_NO_WORD},
	{"throttled", "error_spike.json", API_B2C, 500, true, false, "500.003.02", "Spike Arrest",
		CODE_PUT_OFF},
	{"quota", "error_quota.json", API_B2C, 500, true, false, "500.003.03", "Quota", CODE_PUT_OFF},
	{"internal error", "error_internal.json", API_B2C, 500, true, false, "500.003.1001", "Internal",
		CODE_NO_WORD},
	{"a code that nobody has listed", "error_unlisted.json", API_B2C, 500, true, false, "599.999.01",
		"nobody", CODE_NO_WORD},
	{"a status question taken", "status_accepted.json", API_TRANSACTION_STATUS, 200, true, true, "0",
		"Accept", CODE_TAKEN},
	{"addresses registered", "c2b_registered.json", API_C2B_REGISTER, 200, true, true, "0", "Success",
		CODE_TAKEN},
	{"the same in v1", "c2b_registered_v1.json", API_C2B_REGISTER, 200, true, true, "0", "success",
		CODE_TAKEN},
	{"with an empty id", "c2b_registered_conversation.json", API_C2B_REGISTER, 200, true, true, "0",
		"Success", CODE_TAKEN},
	{"registered before", "c2b_registered_already.json", API_C2B_REGISTER, 500, true, true,
		"500.003.1001", "already registered", CODE_DUPLICATE},
	{"registered elsewhere", "c2b_registered_elsewhere.json", API_C2B_REGISTER, 500, true, true,
		"500.003.1001", "Duplicate notification", CODE_DUPLICATE},
	{"a word in an address", "c2b_bad_url.json", API_C2B_REGISTER, 400, true, true, "400.003.02", "MPESA",
		CODE_TURNED_DOWN},
	{"a shortcode that cannot register", "soap_in_json.json", API_C2B_REGISTER, 500, true, true, "",
		"AddURLVault", CODE_TURNED_DOWN},
	{"a payment simulated", "c2b_simulated.json", API_C2B_SIMULATE, 200, true, true, "0", "Accept",
		CODE_TAKEN},
	{"a query answered", "query_paid.json", API_STK_QUERY, 200, true, true, "0", "accepted", CODE_TAKEN},
	{"a query without ResultCode", "stk_accepted.json", API_STK_QUERY, 200, true, false, "0", "Success",
		CODE_NO_WORD},
	{"a query that comes too early", "query_processing_500.json", API_STK_QUERY, 500, true, false,
		"500.001.1001", "being processed", CODE_PENDING},
	{"an unknown CheckoutRequestID", "query_unknown_id.json", API_STK_QUERY, 400, true, false,
		"400.002.02", "CheckoutRequestID", CODE_FOUND_NOTHING},
};

static void test_every_answer_is_read_as_its_class(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(answers); i++) {
		const char *what = answers[i].what;
		struct text body = fixture_read(answers[i].fixture, &arena);
		struct answer_verdict verdict;
		struct answer answer;

		daraja_answer_parse(answers[i].api, answers[i].http, body, &arena, &answer);
		CHECK(answer.transport == TRANSPORT_ANSWERED && answer.http == answers[i].http, "%s", what);
		CHECK(answer.json == answers[i].want_json, "%s", what);
		CHECK(answer.has_ids == answers[i].want_ids, "%s", what);
		CHECK(text_is(answer.code, answers[i].want_code), "%s: %.*s", what, TEXT_ARG(answer.code));
		CHECK(text_has_nocase(answer.message, answers[i].want_in_message), "%s: %.*s", what,
			TEXT_ARG(answer.message));
		verdict = answer_classify(answers[i].api, &answer, false, &arena);
		/* A read-only question may be asked again: there NO_WORD and PUT_OFF are the same. */
		CHECK(verdict.class == answers[i].want_class ||
				(api_row(answers[i].api)->key == KEY_REPEATABLE &&
					verdict.class == CODE_PUT_OFF &&
					answers[i].want_class == CODE_NO_WORD),
			"%s: %s", what, code_class_name(verdict.class));
	}
}

static void test_the_ids_are_told_as_they_came(void **state)
{
	struct answer answer;

	(void)state;
	daraja_answer_parse(API_STK_PUSH, 200, fixture_read("stk_accepted.json", &arena), &arena, &answer);
	assert_string_equal(answer.ids.checkout, "ws_CO_231120261015003120700000012");
	assert_string_equal(answer.ids.merchant, "9a1c-4d77-b0e2-5f31c08e77aa118204");
	assert_string_equal(answer.ids.conversation, "");
	daraja_answer_parse(API_B2C, 200, fixture_read("b2c_accepted.json", &arena), &arena, &answer);
	assert_string_equal(answer.ids.conversation, "AG_20261123_2010a1b2c3d4e5f60718");
	assert_string_equal(answer.ids.originator, "0193e5f2a7b07c3d8e4f5a6b7c8d9e0f-1");
}

static void test_an_id_that_cannot_be_one_is_none(void **state)
{
	static const char *const bad[] = {"a b", "a\\nb", "\xc3\xa9", "",
		"01234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901"
		"23456789"
		"012345678901234567890123456789"};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		struct answer answer;
		const char *body = arena_print(&arena,
			"{\"ResponseCode\":\"0\",\"MerchantRequestID\":\"m\",\"CheckoutRequestID\":\"%s\"}",
			bad[i]);

		daraja_answer_parse(API_STK_PUSH, 200, text_of(body), &arena, &answer);
		CHECK(answer.json && !answer.has_ids && answer.ids.checkout[0] == '\0', "%s", bad[i]);
	}
}

/* An upstream's own words in an echo must not look like the gateway's refusal: that would send again. */
static void test_an_echo_without_code_lends_no_words(void **state)
{
	struct answer answer;

	(void)state;
	daraja_answer_parse(API_B2C, 200, TEXT("{\"Remarks\":\"Spike Arrest Violation\"}"), &arena, &answer);
	assert_true(answer.json);
	assert_int_equal(answer.message.len, 0);
	assert_int_equal(answer_classify(API_B2C, &answer, true, &arena).class, CODE_NO_WORD);
}

static void test_an_error_outweighs_a_response_code_beside_it(void **state)
{
	struct answer answer;

	(void)state;
	daraja_answer_parse(API_B2C, 200,
		TEXT("{\"ResponseCode\":\"0\",\"ConversationID\":\"a\",\"OriginatorConversationID\":\"b\","
		     "\"errorCode\":\"500.003.1001\",\"errorMessage\":\"Internal Server Error\"}"),
		&arena, &answer);
	assert_true(text_is(answer.code, "500.003.1001"));
	assert_int_equal(answer_classify(API_B2C, &answer, true, &arena).class, CODE_NO_WORD);
}

static void test_a_token_is_read_in_both_spellings_of_its_life(void **state)
{
	static const struct {
		const char *what, *body;
		int64_t want_ms; /* 0: refused */
	} cases[] = {
		{"life as text", "{\"access_token\":\"abc\",\"expires_in\":\"3599\"}", 3599000},
		{"life as number", "{\"access_token\":\"abc\",\"expires_in\":3599}", 3599000},
		{"no life", "{\"access_token\":\"abc\"}", 0},
		{"no token", "{\"expires_in\":\"3599\"}", 0},
		{"empty token", "{\"access_token\":\"\",\"expires_in\":\"3599\"}", 0},
		{"life of nothing", "{\"access_token\":\"abc\",\"expires_in\":\"0\"}", 0},
		{"life below nothing", "{\"access_token\":\"abc\",\"expires_in\":-5}", 0},
		{"life that is absurd", "{\"access_token\":\"abc\",\"expires_in\":86401}", 0},
		{"life that is no number", "{\"access_token\":\"abc\",\"expires_in\":\"1h\"}", 0},
		{"a token that would end the header",
			"{\"access_token\":\"a\\r\\nX: b\",\"expires_in\":3599}", 0},
		{"two tokens", "{\"access_token\":\"abc\",\"access_token\":\"d\",\"expires_in\":3599}", 0},
		{"no JSON", "access_token=abc", 0},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const char *token = NULL;
		int64_t life_ms = 0;
		bool good = daraja_token_parse(text_of(cases[i].body), &arena, &token, &life_ms);

		CHECK(good == (cases[i].want_ms != 0) && life_ms == cases[i].want_ms, "%s", cases[i].what);
		CHECK(!good || strcmp(token, "abc") == 0, "%s", cases[i].what);
	}
}

static void test_token_fixtures(void **state)
{
	static const char *const good[] = {"token_life_text.json", "token_life_number.json"};
	static const char *const bad[] = {
		"token_without_life.json", "token_bad_grant.json", "token_bad_key.txt"};
	const char *token;
	int64_t life_ms;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(good); i++)
		CHECK(daraja_token_parse(fixture_read(good[i], &arena), &arena, &token, &life_ms) &&
				life_ms == 3599000,
			"%s", good[i]);
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		CHECK(!daraja_token_parse(fixture_read(bad[i], &arena), &arena, &token, &life_ms), "%s",
			bad[i]);
}

static void test_no_secret_stays_in_what_is_stored(void **state)
{
	static const struct {
		const char *what, *body, *want;
	} cases[] = {
		{"credential", "{\"SecurityCredential\":\"s3cr3t\",\"a\":1}",
			"{\"SecurityCredential\":\"***\",\"a\":1}"},
		{"spaces about the colon", "{\"Password\" : \"s3cr3t\"}", "{\"Password\" : \"***\"}"},
		{"other case", "{\"securitycredential\":\"s3cr3t\"}", "{\"securitycredential\":\"***\"}"},
		{"an escaped quote inside", "{\"Password\":\"s3\\\"cr3t\",\"a\":1}",
			"{\"Password\":\"***\",\"a\":1}"},
		{"JSON inside a string", "{\"x\":\"{\\\"Password\\\":\\\"s3cr3t\\\"}\"}",
			"{\"x\":\"{\\\"Password\\\":\\\"***\\\"}\"}"},
		{"Java's map notation", "{SecurityCredential=s3cr3t, Amount=1}",
			"{SecurityCredential=***, Amount=1}"},
		{"XML", "<SecurityCredential>s3cr3t</SecurityCredential>",
			"<SecurityCredential>***</SecurityCredential>"},
		{"cut off in the secret", "{\"SecurityCredential\":\"s3cr3t",
			"{\"SecurityCredential\":\"***"},
		{"a longer name", "{\"InitiatorPassword\":\"s3cr3t\"}", "{\"InitiatorPassword\":\"***\"}"},
		{"an echoed token", "{\"errorMessage\":\"Error Occurred - Invalid Access Token - s3cr3t\"}",
			"{\"errorMessage\":\"Error Occurred - Invalid Access Token - ***\"}"},
		{"a token of ours", "{\"access_token\":\"s3cr3t\",\"expires_in\":\"3599\"}",
			"{\"access_token\":\"***\",\"expires_in\":\"3599\"}"},
		{"twice", "{\"Password\":\"s3cr3t\",\"SecurityCredential\":\"s3cr3t\"}",
			"{\"Password\":\"***\",\"SecurityCredential\":\"***\"}"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct text got = daraja_redacted(text_of(cases[i].body), &arena);

		CHECK(text_is(got, cases[i].want), "%s: %.*s", cases[i].what, TEXT_ARG(got));
		CHECK(!text_has_nocase(got, "s3cr3t"), "%s", cases[i].what);
	}
}

static void test_what_hides_nothing_is_not_copied(void **state)
{
	static const char *const bodies[] = {"{\"errorMessage\":\"Invalid Access Token\"}",
		"{\"errorMessage\":\"Bad Request - Invalid Password\",\"a\":\"b\"}", "", "\x00\xff"};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(bodies); i++) {
		struct text body = text_of(bodies[i]);
		struct text got = daraja_redacted(body, &arena);

		CHECK(got.at == body.at && got.len == body.len, "%s", bodies[i]);
	}
}

static void test_a_message_does_not_carry_the_token_on(void **state)
{
	struct answer answer;

	(void)state;
	daraja_answer_parse(API_B2C, 401, fixture_read("error_token_echoed.json", &arena), &arena, &answer);
	assert_true(text_is(answer.message, "Error Occurred - Invalid Access Token - ***"));
	assert_true(text_is(answer.code, "401.002.01"));
}

static void test_the_echo_of_a_time_out_is_stored_without_the_credential(void **state)
{
	struct text body = fixture_read("timeout_echo.json", &arena);

	(void)state;
	assert_true(text_has_nocase(body, "c2FuZGJveC1jcmVk"));
	assert_false(text_has_nocase(daraja_redacted(body, &arena), "c2FuZGJveC1jcmVk"));
}

/* docs/daraja.md says of each body what fact it shows: one that it does not name is there for no reason. */
static void test_every_fixture_stands_in_the_documentation(void **state)
{
	const char *names[FIXTURES_MOST];
	size_t count = fixture_names(names, &arena), len;
	char *page = arena_alloc(&arena, 1 << 17);
	FILE *file = fopen(SOURCE_DIR "/docs/daraja.md", "rb");

	(void)state;
	assert_non_null(file);
	len = fread(page, 1, 1 << 17, file);
	fclose(file);
	for (size_t i = 0; i < count; i++)
		CHECK(text_has_nocase((struct text){page, len}, arena_print(&arena, "`%s`", names[i])), "%s",
			names[i]);
}

static void test_no_body_breaks_the_parser(void **state)
{
	(void)state;
	fixture_fuzz(LLVMFuzzerTestOneInput, 20000);
}

/* From the bytes to the lane's row: what slows the bucket, and what opens the breaker. */
static void test_throttles_slow_the_bucket_and_quotas_open_the_breaker(void **unused)
{
	static const struct {
		const char *what, *body;
		int http;
		bool slows, opens;
	} rows[] = {
		{"Spike Arrest",
			"{\"requestId\":\"1\",\"errorCode\":\"500.003.02\",\"errorMessage\":\"Error "
			"Occurred: "
			"Spike Arrest Violation\"}",
			500, true, false},
		{"Spike Arrest, raw, 429",
			"{\"fault\":{\"faultstring\":\"Spike arrest violation. Allowed rate : "
			"5ps\",\"detail\":{\"errorcode\":\"policies.ratelimit.SpikeArrestViolation\"}}}",
			429, true, false},
		{"Spike Arrest, raw, 500",
			"{\"fault\":{\"faultstring\":\"x\",\"detail\":{\"errorcode\":\"policies.ratelimit."
			"SpikeArrestViolation\"}}}",
			500, true, false},
		{"a plain 429", "", 429, true, false},
		{"a 429 with a page", "<html>Too Many Requests</html>", 429, true, false},
		{"Quota Violation",
			"{\"requestId\":\"1\",\"errorCode\":\"500.003.03\",\"errorMessage\":\"Error "
			"Occurred: "
			"Quota Violation\"}",
			500, false, true},
		{"Quota Violation, raw",
			"{\"fault\":{\"faultstring\":\"Rate limit quota "
			"violation\",\"detail\":{\"errorcode\":\"policies.ratelimit.QuotaViolation\"}}}",
			429, false, true},
		{"subscriber lock",
			"{\"requestId\":\"1\",\"errorCode\":\"500.001.1001\",\"errorMessage\":\"Unable to "
			"lock "
			"subscriber\"}",
			500, false, false},
	};
	const struct instant start = {1780000000000000};
	const struct bucket_limits limits = bucket_limits(100);

	(void)unused;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct answer answer = {.trouble = ""};
		struct breaker breaker;
		struct bucket bucket;

		bucket_start(&bucket, &limits, start);
		breaker_start(&breaker, start);
		daraja_answer_parse(API_STK_PUSH, rows[i].http, text_of(rows[i].body), &arena, &answer);
		answer.transport = TRANSPORT_ANSWERED;
		answer.http = rows[i].http;
		const struct answer_verdict verdict = answer_classify(API_STK_PUSH, &answer, false, &arena);

		if (verdict.pace == PACE_SLOW)
			bucket_slow(&bucket, &limits, start);
		breaker_note(&breaker, answer_saw(TRANSPORT_ANSWERED, &verdict), 1, start, 1);
		CHECK(bucket.rate == (rows[i].slows ? limits.fill / 2 : limits.fill), "%s: %g/s",
			rows[i].what, bucket.rate);
		CHECK((breaker.state == BREAKER_OPEN && breaker.reason == BREAKER_QUOTA) == rows[i].opens,
			"%s: %s", rows[i].what, breaker_state_name(breaker.state));
		CHECK(verdict.class == CODE_PUT_OFF, "%s: %s", rows[i].what, code_class_name(verdict.class));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_answer_is_read_as_its_class),
		cmocka_unit_test(test_the_ids_are_told_as_they_came),
		cmocka_unit_test(test_an_id_that_cannot_be_one_is_none),
		cmocka_unit_test(test_an_echo_without_code_lends_no_words),
		cmocka_unit_test(test_an_error_outweighs_a_response_code_beside_it),
		cmocka_unit_test(test_throttles_slow_the_bucket_and_quotas_open_the_breaker),
		cmocka_unit_test(test_a_token_is_read_in_both_spellings_of_its_life),
		cmocka_unit_test(test_token_fixtures),
		cmocka_unit_test(test_no_secret_stays_in_what_is_stored),
		cmocka_unit_test(test_what_hides_nothing_is_not_copied),
		cmocka_unit_test(test_a_message_does_not_carry_the_token_on),
		cmocka_unit_test(test_the_echo_of_a_time_out_is_stored_without_the_credential),
		cmocka_unit_test(test_every_fixture_stands_in_the_documentation),
		cmocka_unit_test(test_no_body_breaks_the_parser),
	};

	return cmocka_run_group_tests(tests, start_memory, stop_memory);
}
