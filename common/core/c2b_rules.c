#include "core/c2b_rules.h"

#include <string.h>

static char upper(char c)
{
	return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

static int compare(const char *a, const char *b)
{
	for (; *a != '\0' && upper(*a) == upper(*b); a++)
		b++;
	return (unsigned char)upper(*a) - (unsigned char)upper(*b);
}

int c2b_reference_cmp(const void *a, const void *b)
{
	const struct c2b_reference *x = a, *y = b;

	return compare(x->reference, y->reference);
}

static const struct c2b_reference *find(const struct c2b_references *references, const char *reference)
{
	size_t low = 0, high = references->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = compare(reference, references->list[middle].reference);

		if (order == 0)
			return &references->list[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

static bool is_served(const struct c2b_rules *rules, const char *shortcode)
{
	if (rules->shortcodes == NULL || rules->shortcodes[0] == NULL)
		return true;
	for (const char *const *at = rules->shortcodes; *at != NULL; at++)
		if (strcmp(*at, shortcode) == 0)
			return true;
	return false;
}

static bool has_bounds(const struct c2b_rules *rules)
{
	return !amount_same(rules->minimum, AMOUNT_NONE) || !amount_same(rules->maximum, AMOUNT_NONE);
}

static bool is_in_bounds(const struct c2b_rules *rules, struct amount amount)
{
	if (!amount_same(rules->minimum, AMOUNT_NONE) && amount_over(rules->minimum, amount))
		return false;
	return amount_same(rules->maximum, AMOUNT_NONE) || !amount_over(amount, rules->maximum);
}

static enum c2b_verdict undecided(const struct c2b_rules *rules, enum c2b_verdict otherwise)
{
	return rules->reject_unknown ? otherwise : C2B_ACCEPTED;
}

static enum c2b_verdict check_reference(const struct c2b_rules *rules,
	const struct c2b_references *references, const struct c2b_notice *notice)
{
	const struct c2b_reference *known;

	if (!c2b_pattern_match(&rules->pattern, text_of(notice->bill_reference)))
		return C2B_BAD_REFERENCE;
	if (!rules->has_references)
		return C2B_ACCEPTED;
	if (references == NULL)
		return undecided(rules, C2B_OTHER);
	known = find(references, notice->bill_reference);
	if (known == NULL)
		return undecided(rules, C2B_BAD_REFERENCE);
	/* Names come cut or not at all: only one that is told and another refuses. */
	if (known->name[0] != '\0' && notice->first_name[0] != '\0' &&
		compare(known->name, notice->first_name) != 0)
		return C2B_BAD_NAME;
	return C2B_ACCEPTED;
}

enum c2b_verdict c2b_rules_decide(const struct c2b_rules *rules, const struct c2b_references *references,
	const struct c2b_notice *notice)
{
	if (!notice->read)
		return undecided(rules, C2B_OTHER);
	if (!is_served(rules, notice->shortcode))
		return C2B_BAD_SHORTCODE;
	if (rules->needs_phone && notice->customer[0] == '\0')
		return C2B_BAD_PHONE;
	if (has_bounds(rules) && !notice->has_amount)
		return undecided(rules, C2B_OTHER);
	if (has_bounds(rules) && !is_in_bounds(rules, notice->amount))
		return C2B_BAD_AMOUNT;
	return check_reference(rules, references, notice);
}

bool c2b_rules_other_shortcode(const struct c2b_rules *rules, const struct c2b_notice *notice)
{
	return notice->read && notice->shortcode[0] != '\0' && !is_served(rules, notice->shortcode);
}

const char *c2b_verdict_code(enum c2b_verdict verdict)
{
	switch (verdict) {
	case C2B_ACCEPTED:
		return "0";
	case C2B_BAD_PHONE:
		return "C2B00011";
	case C2B_BAD_REFERENCE:
		return "C2B00012";
	case C2B_BAD_AMOUNT:
		return "C2B00013";
	case C2B_BAD_NAME:
		return "C2B00014";
	case C2B_BAD_SHORTCODE:
		return "C2B00015";
	case C2B_OTHER:
		return "C2B00016";
	}
	return "C2B00016";
}
