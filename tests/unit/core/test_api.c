#include "core/api.h"

#include "check.h"
#include "csv.h"

#include "core/payment.h"

static struct csv *table;

static int read_table(void **state)
{
	(void)state;
	table = csv_read(SOURCE_DIR "/common/core/api.csv");
	return 0;
}

static int drop_table(void **state)
{
	(void)state;
	free(table);
	return 0;
}

/* "45 s", "2 h", "10 min"; "-": 0. */
static int64_t ms_of(const char *text)
{
	char *unit;
	const long n = strtol(text, &unit, 10);

	if (strcmp(text, "-") == 0)
		return 0;
	if (strcmp(unit, " s") == 0)
		return n * 1000;
	if (strcmp(unit, " min") == 0)
		return n * 60000;
	CHECK(strcmp(unit, " h") == 0, "duration '%s'", text);
	return n * 3600000;
}

static bool starts(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

static enum api_key key_of(const char *text)
{
	if (strcmp(text, "none") == 0 || starts(text, "RequestRefID (correlates"))
		return KEY_NONE;
	return starts(text, "repeatable") ? KEY_REPEATABLE : KEY_PROVIDER;
}

static enum api asked_by_of(const struct api_row *row, const char *text)
{
	const bool status = starts(text, "transaction_status") || strcmp(text, "as b2c") == 0 ||
			    strcmp(text, "as b2b") == 0;

	if (starts(text, "stk_query"))
		return API_STK_QUERY;
	if (strcmp(text, "the same once more") == 0)
		return row->api;
	return status ? API_TRANSACTION_STATUS : API_NONE;
}

static void bounds_of(const char *text, int64_t *least, int64_t *most)
{
	char *rest;

	*least = *most = 0;
	if (strcmp(text, "-") == 0)
		return;
	*most = INT64_MAX / 100;
	*least = 1;
	if (starts(text, "full amount"))
		return;
	*least = strtol(text, &rest, 10);
	CHECK(starts(rest, ".."), "bounds '%s'", text);
	if (rest[2] != '\0')
		*most = strtol(rest + 2, NULL, 10);
}

/* The file's own words for a name or path that stands for several. */
static size_t part(const char *text, const char *end)
{
	const char *at = strstr(text, end);

	return at != NULL ? (size_t)(at - text) : strlen(text);
}

static void test_every_row_of_the_file_is_in_the_code(void **unused)
{
	(void)unused;
	for (int i = 1; i < table->rows; i++) {
		const char *name = csv_at(table, i, "api");
		const char *path = csv_at(table, i, "path");
		const struct api_row *row = api_find((struct text){name, part(name, "_*")});
		char path_wanted[128];
		int64_t least, most;

		CHECK(row != NULL, "%s", name);
		snprintf(path_wanted, sizeof(path_wanted), "%.*s", (int)part(path, " "), path);
		path_wanted[part(path_wanted, "/...")] = '\0';
		bounds_of(csv_at(table, i, "amount shillings"), &least, &most);
		CHECK((int)row->api == atoi(csv_at(table, i, "no")), "%s: number", name);
		CHECK(strcmp(lane_name(row->lane), csv_at(table, i, "lane")) == 0, "%s: lane", name);
		CHECK(strcmp(row->path, path_wanted) == 0, "%s: path %s", name, row->path);
		CHECK(row->key == key_of(csv_at(table, i, "key")), "%s: key", name);
		CHECK(row->outcome_is_answer == (strcmp(csv_at(table, i, "outcome is"), "answer") == 0),
			"%s: outcome", name);
		CHECK(row->asked_by == asked_by_of(row, csv_at(table, i, "asked by")), "%s: asked by", name);
		CHECK(row->first_ask_ms == ms_of(csv_at(table, i, "first ask")), "%s: first ask", name);
		CHECK(row->horizon_ms == ms_of(csv_at(table, i, "horizon")) ||
				(strcmp(csv_at(table, i, "horizon"), "-") == 0 && row->outcome_is_answer),
			"%s: horizon", name);
		CHECK(row->send_within_ms == ms_of(csv_at(table, i, "send within")), "%s: send within", name);
		CHECK(row->least_shillings == least && row->most_shillings == most, "%s: amount", name);
	}
}

static void test_the_code_has_no_row_that_the_file_has_not(void **unused)
{
	int count = 0;

	(void)unused;
	for (const struct api_row *row = api_each(NULL); row != NULL; row = api_each(row))
		count++;
	assert_int_equal(count, table->rows - 1);
}

static void test_rows_are_whole(void **unused)
{
	(void)unused;
	for (const struct api_row *row = api_each(NULL); row != NULL; row = api_each(row)) {
		CHECK(row->path[0] == '/' && row->sync_family != NULL && row->result_family != NULL, "%s",
			row->name);
		CHECK(row->answer_within_ms == (row->key == KEY_REPEATABLE ? 15000 : 30000),
			"%s: answer within", row->name);
		CHECK(row->asked_by == API_NONE || row->first_ask_ms > 0, "%s: asked, but when?", row->name);
		CHECK(row->key == KEY_REPEATABLE || row->horizon_ms > 0, "%s: in doubt for ever", row->name);
		/* an answer later than the lease would be thrown away as another attempt's */
		CHECK(row->answer_within_ms < LEASE_MS, "%s: waits beyond its lease", row->name);
		CHECK(api_row(row->api) == row && api_by_number((int)row->api) == row, "%s", row->name);
		for (const struct api_row *other = api_each(NULL); other != row; other = api_each(other))
			CHECK(other->api != row->api && strcmp(other->name, row->name) != 0, "%s twice",
				row->name);
	}
}

/* The sweep of receipts is the poller's own; the others are not carried yet. */
static const enum api unserved[] = {API_B2C_V1, API_PULL_QUERY};

static void test_this_release_serves_all_but_these(void **unused)
{
	(void)unused;
	for (const struct api_row *row = api_each(NULL); row != NULL; row = api_each(row)) {
		bool served = true;

		for (size_t i = 0; i < COUNT_OF(unserved); i++)
			served &= unserved[i] != row->api;
		CHECK(row->served == served, "%s", row->name);
	}
}

static void test_unknown_names_and_numbers_have_no_row(void **unused)
{
	enum lane lane;

	(void)unused;
	assert_null(api_find(TEXT("")));
	assert_null(api_find(TEXT("STK_PUSH")));
	assert_null(api_find(TEXT("stk_push ")));
	assert_null(api_by_number(0));
	assert_null(api_by_number(49));
	assert_null(api_by_number(-1));
	assert_false(lane_find(TEXT("slow"), &lane));
	for (unsigned i = 0; i < LANE_COUNT; i++)
		CHECK(lane_find(text_of(lane_name((enum lane)i)), &lane) && lane == (enum lane)i, "%u", i);
}

static void test_a_generation_is_what_evidence_can_be_told_apart_by(void **unused)
{
	static const struct {
		enum api api;
		unsigned attempt, gen;
	} rows[] = {
		/* clang-format off */
		{ API_STK_PUSH, 0, 0 }, { API_STK_PUSH, 1, 1 }, { API_STK_PUSH, 7, 7 }, { API_B2C, 0, 0 },
			{ API_B2C, 1, 1 },
		{ API_B2C, 9, 1 }, { API_STK_QUERY, 3, 1 }, { API_B2B, 4, 4 },
		/* clang-format on */
	};

	(void)unused;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		CHECK(api_gen(api_row(rows[i].api), rows[i].attempt) == rows[i].gen, "row %zu", i);
}

static void test_the_cadence_of_questions(void **unused)
{
	static const struct {
		const char *what;
		enum api api;
		unsigned asks;
		bool after_fence;
		int64_t seconds;
	} rows[] = {
		/* clang-format off */
		{ "a prompt, first", API_STK_PUSH, 0, false, 45 },
		{ "a prompt, second", API_STK_PUSH, 1, false, 15 },
		{ "a prompt, fifth", API_STK_PUSH, 4, false, 15 },
		{ "a prompt, sixth", API_STK_PUSH, 5, false, 60 },
		{ "a prompt, tenth", API_STK_PUSH, 9, false, 60 },
		{ "a prompt, then", API_STK_PUSH, 10, false, 300 },
		{ "a prompt, after the fence", API_STK_PUSH, 10, true, 300 },
		{ "a payout, first", API_B2C, 0, false, 60 },
		{ "a payout, first, late", API_B2C, 0, true, 60 },
		{ "a payout, second", API_B2C, 1, false, 120 },
		{ "a payout, fourth", API_B2C, 3, false, 480 },
		{ "a payout, fifth", API_B2C, 4, false, 900 },
		{ "a payout, very often", API_B2C, 4000000000u, false, 900 },
		{ "a payout, after the fence", API_B2C, 5, true, 3600 },
		{ "business, after the fence", API_B2B, 5, true, 900 },
		{ "an inquiry", API_TRANSACTION_STATUS, 3, false, 60 },
		{ "what cannot be asked about", API_STANDING_ORDER, 3, false, 60 },
		/* clang-format on */
	};

	(void)unused;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		CHECK(api_next_ask_ms(api_row(rows[i].api), rows[i].asks, rows[i].after_fence) ==
				rows[i].seconds * 1000,
			"%s: %lld ms", rows[i].what,
			(long long)api_next_ask_ms(api_row(rows[i].api), rows[i].asks, rows[i].after_fence));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_row_of_the_file_is_in_the_code),
		cmocka_unit_test(test_the_code_has_no_row_that_the_file_has_not),
		cmocka_unit_test(test_rows_are_whole),
		cmocka_unit_test(test_this_release_serves_all_but_these),
		cmocka_unit_test(test_unknown_names_and_numbers_have_no_row),
		cmocka_unit_test(test_a_generation_is_what_evidence_can_be_told_apart_by),
		cmocka_unit_test(test_the_cadence_of_questions),
	};

	return cmocka_run_group_tests(tests, read_table, drop_table);
}
