#include "check.h"

#include "darajasim/faults.h"

#include <jansson.h>

static const char *text_at(const json_t *json, const char *name)
{
	const char *text = json_string_value(json_object_get(json, name));

	return text != NULL ? text : "";
}

static void test_every_named_error_is_an_envelope_or_a_fault(void **state)
{
	const char *name;

	(void)state;
	for (unsigned i = 0; (name = faults_error_name(i)) != NULL; i++) {
		char bytes[1024];
		struct buf buf = BUF(bytes);
		struct fault fault = faults_error(faults_error_find(name), "request-1", &buf);
		json_t *json = json_loadb(buf.at, buf.len, 0, NULL), *raw = json_object_get(json, "fault");

		CHECK(fault.http >= 200 && fault.http < 600 && json != NULL, "%s", name);
		if (raw == NULL)
			CHECK(text_at(json, "errorCode")[0] != '\0' &&
					text_at(json, "errorMessage")[0] != '\0' &&
					strcmp(text_at(json, "requestId"), "request-1") == 0,
				"%s", name);
		else
			CHECK(text_at(json_object_get(raw, "detail"), "errorcode")[0] != '\0', "%s", name);
		json_decref(json);
	}
	assert_null(faults_error_find("nobody"));
}

static void test_each_product_refuses_a_token_in_its_own_words(void **state)
{
	const struct {
		enum product product;
		int want_http;
		const char *want_code;
		bool want_echo;
	} rows[] = {
		{PRODUCT_STK_PUSH, 404, "404.001.03", false},
		{PRODUCT_STK_QUERY, 404, "404.001.03", false},
		{PRODUCT_B2C, 401, "401.002.01", true},
		{PRODUCT_B2POCHI, 401, "401.002.01", true},
		{PRODUCT_B2B, 400, "400.003.01", false},
		{PRODUCT_TAX, 400, "400.003.01", false},
		{PRODUCT_REVERSAL, 404, "404.001.03", false},
		{PRODUCT_STATUS, 400, "400.003.01", false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char bytes[1024];
		struct buf buf = BUF(bytes);
		struct fault fault = faults_token(rows[i].product, "the-token", "r", &buf);
		json_t *json = json_loadb(buf.at, buf.len, 0, NULL);

		CHECK(fault.http == rows[i].want_http, "%s: %d", product_name(rows[i].product), fault.http);
		CHECK(strcmp(text_at(json, "errorCode"), rows[i].want_code) == 0, "%s",
			product_name(rows[i].product));
		CHECK((strstr(text_at(json, "errorMessage"), "the-token") != NULL) == rows[i].want_echo, "%s",
			product_name(rows[i].product));
		json_decref(json);
	}
}

static void test_a_plan_has_its_own_answer_or_none(void **state)
{
	const struct {
		enum answer_kind answer;
		int want_http; /* 0: none of its own */
	} rows[] = {
		{ANSWER_OK, 0},
		{ANSWER_ERROR, 418},
		{ANSWER_LOST_BEFORE, 0},
		{ANSWER_LOST_AFTER, 0},
		{ANSWER_CLOSE_AFTER_READ, 0},
		{ANSWER_TRUNCATED, 0},
		{ANSWER_HANG, 0},
		{ANSWER_HTML503, 503},
		{ANSWER_EMPTY200, 200},
		{ANSWER_EMPTY_FIELDS, 200},
		{ANSWER_REFUSED200, 200},
		{ANSWER_SPIKE_ARREST, 500},
		{ANSWER_SPIKE_ARREST_RAW, 429},
		{ANSWER_QUOTA, 500},
		{ANSWER_INVALID_TOKEN, 401},
		{ANSWER_HTTP429, 429},
	};

	(void)state;
	assert_int_equal(COUNT_OF(rows), ANSWER_COUNT);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char bytes[2048];
		struct buf buf = BUF(bytes);
		struct plan plan;
		struct fault fault = {0};
		bool has;

		plan_init(&plan);
		plan.answer = rows[i].answer;
		plan.error = (struct plan_error){418, "1.2.3", "words"};
		has = faults_answer(&plan, PRODUCT_B2C, "t", "r", &buf, &fault);
		CHECK(has == (rows[i].want_http != 0) && fault.http == rows[i].want_http && !buf.full,
			"%s: %d", plan_answer_name(rows[i].answer), fault.http);
	}
}

static void check_documented(const char *manual, const char *word)
{
	char quoted[80];

	(void)snprintf(quoted, sizeof(quoted), "`%s`", word);
	CHECK(strstr(manual, quoted) != NULL, "%s does not stand in the README", word);
}

static void test_every_word_of_a_scenario_stands_in_the_manual(void **state)
{
	static char manual[65536];
	FILE *file = fopen(SOURCE_DIR "/tools/darajasim/README.md", "r");

	(void)state;
	assert_non_null(file);
	manual[fread(manual, 1, sizeof(manual) - 1, file)] = '\0';
	fclose(file);
	for (unsigned i = 0; faults_error_name(i) != NULL; i++)
		check_documented(manual, faults_error_name(i));
	for (int i = 0; i < ANSWER_COUNT; i++)
		check_documented(manual, plan_answer_name((enum answer_kind)i));
	for (int i = 0; i < CALLBACK_COUNT; i++)
		check_documented(manual, plan_callback_name((enum callback_kind)i));
	for (int i = 0; i < PRODUCT_COUNT; i++)
		check_documented(manual, product_name((enum product)i));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_named_error_is_an_envelope_or_a_fault),
		cmocka_unit_test(test_each_product_refuses_a_token_in_its_own_words),
		cmocka_unit_test(test_a_plan_has_its_own_answer_or_none),
		cmocka_unit_test(test_every_word_of_a_scenario_stands_in_the_manual),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
