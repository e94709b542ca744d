#include "darajasim/scenario.h"

#include "darajasim/draw.h"

#include <stdlib.h>
#include <string.h>

struct rule {
	bool any_product;
	enum product product;
	char phone[16]; /* "" : any */
	char remarks[101]; /* "" : any */
	int64_t shillings; /* 0: any */
	uint64_t nth; /* 0: any */
	uint64_t every; /* 0: any */
	double percent; /* 100: always */
	uint64_t times; /* 0: without end */
	struct plan plan;
	uint64_t seen, used;
};

struct scenario {
	struct plan defaults;
	int64_t utility;
	struct rule *rules;
	unsigned count;
};

#define UTILITY_USUAL INT64_C(1000000000)

static bool refuse(struct err *err, const char *name, const char *wanted)
{
	return err_set(err, ERR_REFUSED, 0, "\"%s\" must be %s", name, wanted);
}

static bool parse_nth(struct rule *rule, const json_t *value, struct err *err)
{
	json_int_t every = json_integer_value(json_object_get(value, "every"));

	if (json_is_null(value))
		return true;
	if (json_is_integer(value) && json_integer_value(value) >= 1)
		rule->nth = (uint64_t)json_integer_value(value);
	else if (every >= 1 && json_object_size(value) == 1)
		rule->every = (uint64_t)every;
	else
		return refuse(err, "nth", "a number from 1, or {\"every\": number}");
	return true;
}

static bool parse_api(struct rule *rule, const json_t *value, struct err *err)
{
	struct text name = text_of(json_string_value(value));

	rule->any_product = text_is(name, "*");
	if (!rule->any_product && !product_from_name(name, &rule->product))
		return refuse(err, "api", "the name of a product, such as stk_push, or *");
	return true;
}

static bool parse_phone(struct rule *rule, const json_t *value, struct err *err)
{
	size_t len = json_string_length(value);

	if (json_is_null(value))
		return true;
	if (!json_is_string(value) || len == 0 || len >= sizeof(rule->phone))
		return refuse(err, "phone", "a text such as \"254700000149\", or null");
	memcpy(rule->phone, json_string_value(value), len + 1);
	return true;
}

static bool parse_remarks(struct rule *rule, const json_t *value, struct err *err)
{
	size_t len = json_string_length(value);

	if (!json_is_string(value) || len == 0 || len >= sizeof(rule->remarks))
		return refuse(err, "remarks", "a text of 1 to 100 bytes");
	memcpy(rule->remarks, json_string_value(value), len + 1);
	return true;
}

static bool parse_count(const char *name, const json_t *value, int64_t *ret, struct err *err)
{
	if (json_is_null(value))
		return true;
	if (!json_is_integer(value) || json_integer_value(value) < 1)
		return refuse(err, name, "a whole number from 1");
	*ret = json_integer_value(value);
	return true;
}

static bool parse_key(struct rule *rule, const char *key, const json_t *value, struct err *err)
{
	int64_t times = 0;

	if (strcmp(key, "api") == 0)
		return parse_api(rule, value, err);
	if (strcmp(key, "phone") == 0)
		return parse_phone(rule, value, err);
	if (strcmp(key, "remarks") == 0)
		return parse_remarks(rule, value, err);
	if (strcmp(key, "amount") == 0)
		return parse_count(key, value, &rule->shillings, err);
	if (strcmp(key, "nth") == 0)
		return parse_nth(rule, value, err);
	if (strcmp(key, "times") == 0) {
		if (!parse_count(key, value, &times, err))
			return false;
		rule->times = (uint64_t)times;
		return true;
	}
	if (strcmp(key, "percent") == 0) {
		rule->percent = json_number_value(value);
		return (json_is_number(value) && rule->percent >= 0 && rule->percent <= 100) ||
		       refuse(err, key, "a number from 0 to 100");
	}
	if (strcmp(key, "do") == 0)
		return (json_is_object(value) || refuse(err, key, "an object")) &&
		       plan_parse(&rule->plan, value, err);
	return strcmp(key, "comment") == 0 ||
	       err_set(err, ERR_REFUSED, 0, "\"%s\" is not part of a rule", key);
}

static bool parse_rule(struct rule *rule, const struct plan *defaults, const json_t *json, struct err *err)
{
	const char *key;
	json_t *value;

	*rule = (struct rule){.any_product = true, .percent = 100, .plan = *defaults};
	if (!json_is_object(json))
		return err_set(err, ERR_REFUSED, 0, "a rule must be an object");
	json_object_foreach((json_t *)json, key, value) if (!parse_key(rule, key, value, err)) return false;
	return true;
}

/* The balance stands among the defaults, the rest of which is a plan. */
static bool parse_defaults(struct scenario *scenario, const json_t *json, struct err *err)
{
	json_t *rest, *utility;
	bool good;

	if (json == NULL)
		return true;
	if (!json_is_object(json))
		return refuse(err, "defaults", "an object");
	rest = json_copy((json_t *)json);
	utility = json_object_get(rest, "utility_balance");
	good = utility == NULL || (json_is_integer(utility) && json_integer_value(utility) >= 0);
	if (!good)
		(void)refuse(err, "utility_balance", "a whole number of shillings");
	else if (utility != NULL)
		scenario->utility = json_integer_value(utility);
	(void)json_object_del(rest, "utility_balance");
	good = good && plan_parse(&scenario->defaults, rest, err);
	json_decref(rest);
	return good;
}

static bool parse_rules(struct scenario *scenario, const json_t *rules, struct err *err)
{
	if (rules == NULL)
		return true;
	if (!json_is_array(rules) || json_array_size(rules) > DRAW_IDS)
		return refuse(err, "rules", "an array of at most 1024 rules");
	scenario->rules = calloc(json_array_size(rules) + 1, sizeof(*scenario->rules));
	must(scenario->rules != NULL);
	for (; scenario->count < json_array_size(rules); scenario->count++)
		if (!parse_rule(&scenario->rules[scenario->count], &scenario->defaults,
			    json_array_get(rules, scenario->count), err))
			return err_while(err, "rule %u", scenario->count + 1);
	return true;
}

static bool parse_whole(struct scenario *scenario, const json_t *json, struct err *err)
{
	const char *key;
	json_t *value;

	if (!json_is_object(json))
		return err_set(err, ERR_REFUSED, 0, "a scenario must be an object");
	json_object_foreach((json_t *)json, key, value) if (strcmp(key, "defaults") != 0 &&
							    strcmp(key, "rules") != 0 &&
							    strcmp(key, "comment") != 0) return err_set(err,
		ERR_REFUSED, 0, "\"%s\" is not part of a scenario", key);
	return parse_defaults(scenario, json_object_get(json, "defaults"), err) &&
	       parse_rules(scenario, json_object_get(json, "rules"), err);
}

bool scenario_parse(struct scenario **ret, struct text text, struct err *err)
{
	struct scenario *scenario = calloc(1, sizeof(*scenario));
	json_error_t where;
	json_t *json;
	bool good;

	must(scenario != NULL);
	plan_init(&scenario->defaults);
	scenario->utility = UTILITY_USUAL;
	if (text.at == NULL) {
		*ret = scenario;
		return true;
	}
	json = json_loadb(text.at, text.len, JSON_REJECT_DUPLICATES, &where);
	good = json != NULL ? parse_whole(scenario, json, err)
			    : err_set(err, ERR_REFUSED, 0, "line %d: %s", where.line, where.text);
	json_decref(json);
	if (good)
		*ret = scenario;
	else
		scenario_free(&scenario);
	return good;
}

static bool concerns(const struct rule *rule, const struct scenario_facts *facts)
{
	return (rule->any_product || rule->product == facts->product) &&
	       (rule->phone[0] == '\0' || strcmp(rule->phone, facts->phone) == 0) &&
	       (rule->remarks[0] == '\0' || strcmp(rule->remarks, facts->remarks) == 0) &&
	       (rule->shillings == 0 || rule->shillings == facts->shillings);
}

static bool applies(const struct rule *rule, unsigned at, const struct scenario_facts *facts)
{
	/* Hundredths of a percent are as fine as a file is likely to ask for. */
	unsigned luck = draw_below(facts->seed, facts->number, DRAW_PERCENT + at, 10000);

	return (rule->nth == 0 || rule->seen == rule->nth) &&
	       (rule->every == 0 || rule->seen % rule->every == 0) &&
	       (rule->times == 0 || rule->used < rule->times) && luck < rule->percent * 100;
}

const struct plan *scenario_pick(
	struct scenario *scenario, const struct scenario_facts *facts, unsigned *ret_rule)
{
	const struct plan *plan = &scenario->defaults;

	*ret_rule = 0;
	for (unsigned i = 0; i < scenario->count; i++) {
		struct rule *rule = &scenario->rules[i];

		if (!concerns(rule, facts))
			continue;
		rule->seen++;
		if (*ret_rule == 0 && applies(rule, i, facts)) {
			rule->used++;
			*ret_rule = i + 1;
			plan = &rule->plan;
		}
	}
	return plan;
}

const struct plan *scenario_plan(const struct scenario *scenario, unsigned rule)
{
	return rule >= 1 && rule <= scenario->count ? &scenario->rules[rule - 1].plan : &scenario->defaults;
}

unsigned scenario_rules(const struct scenario *scenario)
{
	return scenario->count;
}

int64_t scenario_utility(const struct scenario *scenario)
{
	return scenario->utility;
}

void scenario_free(struct scenario **scenario)
{
	if (*scenario != NULL)
		free((*scenario)->rules);
	free(*scenario);
	*scenario = NULL;
}
