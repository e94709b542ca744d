#ifndef DARAJASIM_SCENARIO_H
#define DARAJASIM_SCENARIO_H

#include "darajasim/plan.h"
#include "darajasim/product.h"

/*
 * The rules of a scenario file. For each request the first rule that applies wins; without one the defaults
 * count. Every rule that could concern a request counts it, whether it wins or not: "nth" is the n-th
 * request of that api (and phone, and amount).
 */
struct scenario;

struct scenario_facts {
	enum product product;
	const char *phone, *remarks; /* "" : none */
	int64_t shillings; /* 0: none */
	uint64_t number; /* of the request, for chance */
	uint64_t seed;
};

/* NULL text gives a scenario without rules. `err` names the rule, counted from 1. */
bool scenario_parse(struct scenario **ret, struct text json, struct err *err);
/* The plan lives as long as the scenario. *ret_rule: the rule's number from 1, 0 for the defaults. */
const struct plan *scenario_pick(
	struct scenario *scenario, const struct scenario_facts *facts, unsigned *ret_rule);
/* The plan of a rule; the defaults for 0 and for numbers that there are not. */
const struct plan *scenario_plan(const struct scenario *scenario, unsigned rule);
unsigned scenario_rules(const struct scenario *scenario);
/* What the payer of payouts owns at the start, in shillings. */
int64_t scenario_utility(const struct scenario *scenario);
void scenario_free(struct scenario **scenario);

#endif
