#include "check.h"

#include "darajasim/scenario.h"

static struct scenario *parse(const char *json)
{
	struct scenario *scenario = NULL;
	struct err err = {0};

	CHECK(scenario_parse(&scenario, text_of(json), &err), "%s: %s", json, err.text);
	return scenario;
}

static const struct plan *pick(struct scenario *scenario, enum product product, const char *phone,
	int64_t shillings, uint64_t number, unsigned *ret_rule)
{
	struct scenario_facts facts = {product, phone, "", shillings, number, 11};

	return scenario_pick(scenario, &facts, ret_rule);
}

static void test_what_cannot_be_meant_is_refused_and_named(void **state)
{
	const struct {
		const char *json, *want;
	} rows[] = {
		{"", "line"},
		{"[]", "object"},
		{"{\"rule\":[]}", "rule"},
		{"{\"rules\":{}}", "rules"},
		{"{\"rules\":[1]}", "rule 1"},
		{"{\"rules\":[{\"api\":\"b2d\"}]}", "api"},
		{"{\"rules\":[{},{\"phone\":7}]}", "rule 2"},
		{"{\"rules\":[{\"phone\":\"\"}]}", "phone"},
		{"{\"rules\":[{\"amount\":0}]}", "amount"},
		{"{\"rules\":[{\"nth\":0}]}", "nth"},
		{"{\"rules\":[{\"nth\":{\"every\":0}}]}", "nth"},
		{"{\"rules\":[{\"nth\":{\"every\":2,\"x\":1}}]}", "nth"},
		{"{\"rules\":[{\"percent\":101}]}", "percent"},
		{"{\"rules\":[{\"times\":1.5}]}", "times"},
		{"{\"rules\":[{\"what\":1}]}", "what"},
		{"{\"rules\":[{\"do\":[]}]}", "do"},
		{"{\"rules\":[{\"do\":{\"answer\":\"perhaps\"}}]}", "perhaps"},
		{"{\"rules\":[{\"do\":{\"answer\":7}}]}", "answer"},
		{"{\"rules\":[{\"do\":{\"callback\":\"twice\"}}]}", "twice"},
		{"{\"rules\":[{\"do\":{\"shape\":\"round\"}}]}", "round"},
		{"{\"rules\":[{\"do\":{\"executed\":\"yes\"}}]}", "executed"},
		{"{\"rules\":[{\"do\":{\"result\":1.5}}]}", "result"},
		{"{\"rules\":[{\"do\":{\"result\":\"123456789012345678901234\"}}]}", "shorter"},
		{"{\"rules\":[{\"do\":{\"callback_after_ms\":-1}}]}", "callback_after_ms"},
		{"{\"rules\":[{\"do\":{\"answer\":\"error\"}}]}", "error"},
		{"{\"rules\":[{\"do\":{\"answer\":\"refused200\"}}]}", "error"},
		{"{\"rules\":[{\"do\":{\"error\":\"nobody\"}}]}", "nobody"},
		{"{\"rules\":[{\"do\":{\"error\":{\"http\":99}}}]}", "http"},
		{"{\"rules\":[{\"do\":{\"error\":{\"htpp\":400}}}]}", "htpp"},
		{"{\"defaults\":[]}", "defaults"},
		{"{\"defaults\":{\"utility_balance\":-1}}", "utility_balance"},
		{"{\"defaults\":{\"balance\":1}}", "balance"},
		{"{\"rules\":[],\"rules\":[]}", "duplicate"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct scenario *scenario = NULL;
		struct err err = {0};

		CHECK(!scenario_parse(&scenario, text_of(rows[i].json), &err), "%s", rows[i].json);
		CHECK(scenario == NULL && err.class == ERR_REFUSED, "%s", rows[i].json);
		CHECK(strstr(err.text, rows[i].want) != NULL, "%s says %s", rows[i].json, err.text);
	}
}

static void test_without_rules_everything_is_paid(void **state)
{
	struct scenario *scenario = NULL;
	struct err err;
	unsigned rule = 9;
	const struct plan *plan;

	(void)state;
	assert_true(scenario_parse(&scenario, (struct text){NULL, 0}, &err));
	plan = pick(scenario, PRODUCT_STK_PUSH, "254700000149", 10, 1, &rule);
	assert_int_equal(rule, 0);
	assert_true(plan_accepts(plan) && plan_executes(plan) && plan_tells_success(plan));
	assert_int_equal(scenario_utility(scenario), 1000000000);
	scenario_free(&scenario);
	scenario_free(&scenario);
}

static void test_the_first_rule_that_applies_wins(void **state)
{
	struct scenario *scenario =
		parse("{\"defaults\":{\"shape\":\"strings\"},\"rules\":["
		      "{\"api\":\"b2c\",\"phone\":\"1\",\"do\":{\"result\":1}},"
		      "{\"api\":\"b2c\",\"amount\":50,\"do\":{\"result\":2}},"
		      "{\"api\":\"*\",\"do\":{\"result\":\"R3\",\"shape\":\"minimal\"}}]}");
	const struct {
		const char *what;
		enum product product;
		const char *phone;
		int64_t shillings;
		const char *want_result;
		unsigned want_rule;
		enum shape want_shape;
	} rows[] = {
		{"by phone", PRODUCT_B2C, "1", 50, "1", 1, SHAPE_STRINGS},
		{"by amount", PRODUCT_B2C, "2", 50, "2", 2, SHAPE_STRINGS},
		{"by nothing", PRODUCT_B2C, "2", 51, "R3", 3, SHAPE_MINIMAL},
		{"another api", PRODUCT_OAUTH, "", 0, "R3", 3, SHAPE_MINIMAL},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		unsigned rule;
		const struct plan *plan =
			pick(scenario, rows[i].product, rows[i].phone, rows[i].shillings, i, &rule);

		CHECK(strcmp(plan->result, rows[i].want_result) == 0, "%s: %s", rows[i].what, plan->result);
		CHECK(rule == rows[i].want_rule && plan->shape == rows[i].want_shape, "%s: %u", rows[i].what,
			rule);
		CHECK(scenario_plan(scenario, rule) == plan, "%s", rows[i].what);
	}
	scenario_free(&scenario);
}

static void test_rules_count_what_concerns_them(void **state)
{
	const struct {
		const char *what, *rule, *want; /* of eight requests, which it takes */
	} rows[] = {
		{"once", "\"nth\":3", "..x....."},
		{"again and again", "\"nth\":{\"every\":3}", "..x..x.."},
		{"the first ones", "\"times\":2", "xx......"},
		{"every second, twice", "\"nth\":{\"every\":2},\"times\":2", ".x.x...."},
		{"never", "\"percent\":0", "........"},
		{"always", "\"percent\":100", "xxxxxxxx"},
		{"null is any", "\"nth\":null,\"phone\":null,\"amount\":null,\"times\":null", "xxxxxxxx"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char json[200], got[9] = "";
		struct scenario *scenario;

		(void)snprintf(
			json, sizeof(json), "{\"rules\":[{\"api\":\"b2c\",%s,\"do\":{}}]}", rows[i].rule);
		scenario = parse(json);
		for (unsigned n = 0; n < 8; n++) {
			unsigned rule, other;

			pick(scenario, PRODUCT_STK_PUSH, "", 0, n, &other);
			pick(scenario, PRODUCT_B2C, "", 0, n, &rule);
			CHECK(other == 0, "%s", rows[i].what);
			got[n] = rule == 1 ? 'x' : '.';
		}
		CHECK(strcmp(got, rows[i].want) == 0, "%s: %s", rows[i].what, got);
		scenario_free(&scenario);
	}
}

static void test_a_rule_that_lost_counts_too(void **state)
{
	struct scenario *scenario = parse("{\"rules\":[{\"times\":1,\"do\":{}},{\"nth\":2,\"do\":{}}]}");
	unsigned rule;

	(void)state;
	pick(scenario, PRODUCT_B2C, "", 0, 1, &rule);
	assert_int_equal(rule, 1);
	pick(scenario, PRODUCT_B2C, "", 0, 2, &rule);
	assert_int_equal(rule, 2);
	scenario_free(&scenario);
}

static void test_percent_is_a_share_that_the_seed_decides(void **state)
{
	struct scenario *scenario = parse("{\"rules\":[{\"percent\":25,\"do\":{}}]}");
	unsigned hits = 0;

	(void)state;
	for (unsigned n = 0; n < 4000; n++) {
		unsigned rule, again;

		pick(scenario, PRODUCT_B2C, "", 0, n, &rule);
		pick(scenario, PRODUCT_B2C, "", 0, n, &again);
		CHECK(rule == again, "request %u", n);
		hits += rule == 1;
	}
	CHECK(hits > 900 && hits < 1100, "%u of 4000", hits);
	scenario_free(&scenario);
}

static void test_what_went_in_and_what_moved_follow_from_the_plan(void **state)
{
	const struct {
		const char *what, *json;
		bool want_accepts, want_executes;
	} rows[] = {
		{"plain", "{}", true, true},
		{"a failure", "{\"result\":1032}", true, false},
		{"a failure that paid", "{\"result\":1032,\"executed\":true}", true, true},
		{"a success that did not", "{\"executed\":false}", true, false},
		{"lost before", "{\"answer\":\"lost_before\"}", false, true},
		{"lost after", "{\"answer\":\"lost_after\"}", true, true},
		{"half an answer", "{\"answer\":\"truncated\"}", true, true},
		{"silence", "{\"answer\":\"hang\"}", false, true},
		{"silence and money", "{\"answer\":\"hang\",\"executed\":true}", true, true},
		{"a page of the edge", "{\"answer\":\"html503\"}", false, true},
		{"in behind the page", "{\"answer\":\"html503\",\"accepted\":true,\"result\":1}", true,
			false},
		{"fine, but not in", "{\"accepted\":false}", false, true},
		{"ran out in the queue", "{\"callback\":\"queue_timeout\"}", true, false},
		{"an error by name", "{\"answer\":\"error\",\"error\":\"busy\"}", false, true},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		json_t *json = json_loads(rows[i].json, 0, NULL);
		struct plan plan;
		struct err err;

		plan_init(&plan);
		CHECK(plan_parse(&plan, json, &err), "%s: %s", rows[i].what, err.text);
		CHECK(plan_accepts(&plan) == rows[i].want_accepts, "%s", rows[i].what);
		if (rows[i].want_accepts)
			CHECK(plan_executes(&plan) == rows[i].want_executes, "%s", rows[i].what);
		json_decref(json);
	}
}

static void test_the_demo_is_a_scenario(void **state)
{
	static char bytes[65536];
	FILE *file = fopen(SOURCE_DIR "/examples/demo.scenario.json", "r");
	struct scenario *scenario = NULL;
	struct err err = {0};
	size_t len;

	(void)state;
	assert_non_null(file);
	len = fread(bytes, 1, sizeof(bytes), file);
	fclose(file);
	CHECK(scenario_parse(&scenario, (struct text){bytes, len}, &err), "%s", err.text);
	CHECK(scenario_rules(scenario) >= 10, "%u rules", scenario_rules(scenario));
	scenario_free(&scenario);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_cannot_be_meant_is_refused_and_named),
		cmocka_unit_test(test_without_rules_everything_is_paid),
		cmocka_unit_test(test_the_first_rule_that_applies_wins),
		cmocka_unit_test(test_rules_count_what_concerns_them),
		cmocka_unit_test(test_a_rule_that_lost_counts_too),
		cmocka_unit_test(test_percent_is_a_share_that_the_seed_decides),
		cmocka_unit_test(test_what_went_in_and_what_moved_follow_from_the_plan),
		cmocka_unit_test(test_the_demo_is_a_scenario),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
