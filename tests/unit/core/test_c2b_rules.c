#include "core/c2b_rules.h"

#include "check.h"

static const struct c2b_reference known[] = {{"A1", ""}, {"B2", "Asha"}, {"INV-1", ""}};
static const struct c2b_references references = {known, COUNT_OF(known)};
static const char *const shortcodes[] = {"600000", "600001", NULL};

static struct c2b_notice notice_of(const char *reference, int64_t cents)
{
	return (struct c2b_notice){.read = true,
		.receipt = "UKN4A7QX2M",
		.has_amount = cents >= 0,
		.amount = amount_of_cents(cents >= 0 ? cents : 0),
		.kind = "",
		.shortcode = "600000",
		.bill_reference = reference,
		.customer = "2547 ***** 149",
		.first_name = "ASHA"};
}

static void want(const char *what, const struct c2b_rules *rules, const struct c2b_references *list,
	const struct c2b_notice *notice, const char *code)
{
	const char *got = c2b_verdict_code(c2b_rules_decide(rules, list, notice));

	CHECK(strcmp(got, code) == 0, "%s: %s, not %s", what, got, code);
}

static void test_without_rules_nobody_is_refused(void **unused)
{
	const struct c2b_rules none = {.has_references = false};
	struct c2b_notice notice = notice_of("anything", -1);

	(void)unused;
	want("a notice", &none, NULL, &notice, "0");
	notice.customer = notice.shortcode = "";
	want("without anybody", &none, NULL, &notice, "0");
	notice.read = false;
	want("what cannot be read", &none, NULL, &notice, "0");
}

static void test_bounds_are_inside(void **unused)
{
	const struct c2b_rules rules = {.minimum = amount_of_cents(1000), .maximum = amount_of_cents(50050)};
	const struct c2b_rules at_least = {.minimum = amount_of_cents(1000)};
	const struct c2b_rules at_most = {.maximum = amount_of_cents(50050)};
	const int64_t cents[] = {999, 1000, 50050, 50051};
	const char *const codes[] = {"C2B00013", "0", "0", "C2B00013"};
	const char *const least[] = {"C2B00013", "0", "0", "0"}, *const most[] = {"0", "0", "0", "C2B00013"};

	(void)unused;
	for (size_t i = 0; i < COUNT_OF(cents); i++) {
		const struct c2b_notice notice = notice_of("", cents[i]);

		want("both", &rules, NULL, &notice, codes[i]);
		want("at least", &at_least, NULL, &notice, least[i]);
		want("at most", &at_most, NULL, &notice, most[i]);
	}
}

static void test_what_cannot_be_decided_goes_by_the_default(void **unused)
{
	struct c2b_rules rules = {.minimum = amount_of_cents(1000), .has_references = true};
	struct c2b_notice unreadable = notice_of("A1", -1), unlisted = notice_of("A1", 1000);

	(void)unused;
	want("no amount", &rules, &references, &unreadable, "0");
	want("no list", &rules, NULL, &unlisted, "0");
	rules.reject_unknown = true;
	want("no amount", &rules, &references, &unreadable, "C2B00016");
	want("no list", &rules, NULL, &unlisted, "C2B00016");
	unlisted.read = false;
	want("what cannot be read", &rules, &references, &unlisted, "C2B00016");
}

static void test_references_are_known_in_any_case(void **unused)
{
	struct c2b_rules rules = {.has_references = true, .reject_unknown = true};
	const struct {
		const char *reference, *name, *code;
	} rows[] = {{"a1", "X", "0"}, {"A1", "", "0"}, {"inv-1", "X", "0"}, {"INV-11", "X", "C2B00012"},
		{"INV", "X", "C2B00012"}, {"", "X", "C2B00012"}, {"b2", "asha", "0"}, {"b2", "", "0"},
		{"b2", "JUMA", "C2B00014"}, {"zzz", "X", "C2B00012"}};

	(void)unused;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct c2b_notice notice = notice_of(rows[i].reference, 100);

		notice.first_name = rows[i].name;
		want(rows[i].reference, &rules, &references, &notice, rows[i].code);
	}
	rules.reject_unknown = false;
	const struct c2b_notice unknown = notice_of("zzz", 100);
	want("the unknown are let in", &rules, &references, &unknown, "0");
}

static void test_the_first_broken_rule_is_told(void **unused)
{
	struct c2b_rules rules = {.maximum = amount_of_cents(100),
		.shortcodes = shortcodes,
		.needs_phone = true,
		.has_references = true,
		.reject_unknown = true};
	struct c2b_notice notice = notice_of("zzz", 200);

	(void)unused;
	assert_true(c2b_pattern_parse(TEXT("@#"), &rules.pattern));
	notice.shortcode = "600009";
	notice.customer = "";
	want("shortcode", &rules, &references, &notice, "C2B00015");
	notice.shortcode = "600001";
	want("phone", &rules, &references, &notice, "C2B00011");
	notice.customer = "x";
	want("amount", &rules, &references, &notice, "C2B00013");
	notice.amount = amount_of_cents(100);
	want("pattern", &rules, &references, &notice, "C2B00012");
	notice.bill_reference = "A1";
	want("nothing", &rules, &references, &notice, "0");
	assert_string_equal(c2b_verdict_code(C2B_OTHER), "C2B00016");
}

static void test_a_shortcode_of_others_is_known_as_such(void **unused)
{
	const struct c2b_rules rules = {.shortcodes = shortcodes}, none = {.shortcodes = NULL};
	struct c2b_notice notice = notice_of("A1", 100);

	(void)unused;
	assert_false(c2b_rules_other_shortcode(&rules, &notice));
	notice.shortcode = "600001";
	assert_false(c2b_rules_other_shortcode(&rules, &notice));
	notice.shortcode = "600009";
	assert_true(c2b_rules_other_shortcode(&rules, &notice));
	assert_false(c2b_rules_other_shortcode(
		&none, &notice)); /* nobody said which are served: tills come with others */
	notice.shortcode = "";
	assert_false(c2b_rules_other_shortcode(&rules, &notice));
	notice.shortcode = "600009";
	notice.read = false;
	assert_false(c2b_rules_other_shortcode(&rules, &notice));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_without_rules_nobody_is_refused),
		cmocka_unit_test(test_bounds_are_inside),
		cmocka_unit_test(test_what_cannot_be_decided_goes_by_the_default),
		cmocka_unit_test(test_references_are_known_in_any_case),
		cmocka_unit_test(test_the_first_broken_rule_is_told),
		cmocka_unit_test(test_a_shortcode_of_others_is_known_as_such),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
