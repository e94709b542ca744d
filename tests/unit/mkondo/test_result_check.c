#include "mkondo/result_check.h"

#include "check.h"

static const struct uuid payment = {{1, 2, 3}}, another = {{4, 5, 6}};
static struct result_check *check;

static int start(void **state)
{
	(void)state;
	check = result_check_new();
	return 0;
}

static int stop(void **state)
{
	(void)state;
	result_check_free(&check);
	assert_null(check);
	result_check_free(&check);
	return 0;
}

static struct result_verdict add(const struct uuid *id, unsigned version, enum outcome outcome,
	const char *value, const char *event_id)
{
	const struct result_seen seen = {.id = *id,
		.version = version,
		.outcome = outcome,
		.value = text_of(value),
		.event_id = text_of(event_id)};

	return result_check_add(check, &seen);
}

/* One version of the payment, with bytes and ce_id that are right for it. */
static unsigned tell(unsigned version, enum outcome outcome)
{
	static const char *const bytes[] = {"zero", "one", "two", "three"};
	static const char *const events[] = {"e0", "e1", "e2", "e3"};

	return add(&payment, version, outcome, bytes[version], events[version]).faults;
}

static void test_what_the_contract_describes_has_no_fault(void **unused)
{
	(void)unused;
	assert_int_equal(tell(0, OUTCOME_ACCEPTED), 0);
	assert_int_equal(tell(0, OUTCOME_ACCEPTED), 0);
	assert_int_equal(tell(1, OUTCOME_UNRESOLVED), 0);
	assert_int_equal(tell(2, OUTCOME_SUCCEEDED), 0);
	assert_int_equal(tell(2, OUTCOME_SUCCEEDED), 0);
	assert_int_equal(tell(3, OUTCOME_CONFLICT), 0);
	assert_int_equal(add(&another, 1, OUTCOME_REJECTED, "one", "e1").faults, 0);
	assert_int_equal(result_check_payments(check), 2);
}

static void test_versions_may_be_left_out(void **unused)
{
	(void)unused;
	assert_int_equal(tell(1, OUTCOME_UNRESOLVED), 0);
	assert_int_equal(tell(3, OUTCOME_FAILED), 0);
}

static void test_an_older_version_may_come_again_in_the_same_bytes(void **unused)
{
	(void)unused;
	tell(1, OUTCOME_UNRESOLVED);
	tell(2, OUTCOME_SUCCEEDED);
	assert_int_equal(tell(1, OUTCOME_UNRESOLVED), 0);
	assert_int_equal(tell(2, OUTCOME_SUCCEEDED), 0);
}

static void test_a_lower_version_that_is_new_is_a_regress(void **unused)
{
	struct result_verdict verdict;

	(void)unused;
	tell(2, OUTCOME_SUCCEEDED);
	verdict = add(&payment, 1, OUTCOME_UNRESOLVED, "one", "e1");
	assert_int_equal(verdict.faults, RESULT_REGRESSED);
	assert_int_equal(verdict.highest, 2);
	assert_int_equal(verdict.outcome, OUTCOME_SUCCEEDED);
}

static void test_a_lower_version_in_other_bytes_is_both_faults(void **unused)
{
	(void)unused;
	tell(1, OUTCOME_UNRESOLVED);
	tell(2, OUTCOME_SUCCEEDED);
	assert_int_equal(add(&payment, 1, OUTCOME_UNRESOLVED, "uno", "e1").faults,
		RESULT_REGRESSED | RESULT_OTHER_BYTES);
}

static void test_the_newest_version_in_other_bytes_is_a_fault(void **unused)
{
	(void)unused;
	tell(1, OUTCOME_SUCCEEDED);
	assert_int_equal(add(&payment, 1, OUTCOME_SUCCEEDED, "uno", "e1").faults, RESULT_OTHER_BYTES);
	assert_int_equal(add(&payment, 1, OUTCOME_SUCCEEDED, "on", "e1").faults, RESULT_OTHER_BYTES);
}

static void test_the_same_version_under_another_event_id_is_a_fault(void **unused)
{
	(void)unused;
	tell(1, OUTCOME_SUCCEEDED);
	assert_int_equal(add(&payment, 1, OUTCOME_SUCCEEDED, "one", "e9").faults, RESULT_OTHER_EVENT_ID);
	assert_int_equal(add(&payment, 1, OUTCOME_SUCCEEDED, "one", NULL).faults, RESULT_OTHER_EVENT_ID);
}

static struct result_verdict add_encoded(
	unsigned version, const char *encoding, const char *value, const char *meaning)
{
	const struct result_seen seen = {.id = payment,
		.version = version,
		.outcome = OUTCOME_UNRESOLVED,
		.value = text_of(value),
		.event_id = TEXT("e"),
		.encoding = text_of(encoding),
		.meaning = text_of(meaning)};

	return result_check_add(check, &seen);
}

static void test_another_encoding_may_have_other_bytes_that_say_the_same(void **unused)
{
	(void)unused;
	add_encoded(1, "protobuf", "bytes", "paid");
	assert_int_equal(add_encoded(1, "json", "{paid}", "paid").faults, 0);
	assert_int_equal(add_encoded(1, "json", "{not}", "not paid").faults, RESULT_OTHER_MEANING);
	add_encoded(2, "protobuf", "more bytes", "paid back");
	assert_int_equal(add_encoded(1, "json", "{paid}", "paid").faults, 0);
	assert_int_equal(
		add_encoded(1, "json", "{not}", "not paid").faults, RESULT_OTHER_MEANING | RESULT_REGRESSED);
}

static void test_accepted_behind_a_higher_version_is_told_and_no_fault(void **unused)
{
	unsigned late;

	(void)unused;
	tell(1, OUTCOME_SUCCEEDED);
	late = tell(0, OUTCOME_ACCEPTED);
	assert_int_equal(late, RESULT_LATE_ACCEPTED);
	assert_int_equal(late & RESULT_FAULTS, 0);
	assert_int_equal(add(&payment, 0, OUTCOME_ACCEPTED, "nil", "e0").faults,
		RESULT_LATE_ACCEPTED | RESULT_OTHER_BYTES);
}

static void test_a_final_outcome_changes_into_conflict_only(void **unused)
{
	static const struct {
		enum outcome from, to;
		unsigned faults;
	} rows[] = {
		{OUTCOME_SUCCEEDED, OUTCOME_SUCCEEDED, 0},
		{OUTCOME_SUCCEEDED, OUTCOME_CONFLICT, 0},
		{OUTCOME_SUCCEEDED, OUTCOME_FAILED, RESULT_NOT_FINAL},
		{OUTCOME_SUCCEEDED, OUTCOME_UNRESOLVED, RESULT_NOT_FINAL},
		{OUTCOME_FAILED, OUTCOME_FAILED, 0},
		{OUTCOME_FAILED, OUTCOME_CONFLICT, 0},
		{OUTCOME_FAILED, OUTCOME_SUCCEEDED, RESULT_NOT_FINAL},
		{OUTCOME_REJECTED, OUTCOME_REJECTED, 0},
		{OUTCOME_REJECTED, OUTCOME_SUCCEEDED, RESULT_NOT_FINAL},
		{OUTCOME_REJECTED, OUTCOME_ACCEPTED, RESULT_NOT_FINAL},
		{OUTCOME_UNRESOLVED, OUTCOME_SUCCEEDED, 0},
		{OUTCOME_UNRESOLVED, OUTCOME_FAILED, 0},
		{OUTCOME_CONFLICT, OUTCOME_SUCCEEDED, 0},
		{OUTCOME_CONFLICT, OUTCOME_FAILED, 0},
		{OUTCOME_ACCEPTED, OUTCOME_FAILED, 0},
	};

	(void)unused;
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct uuid id = {{9, (uint8_t)i}};

		add(&id, 1, rows[i].from, "one", "e1");
		unsigned faults = add(&id, 2, rows[i].to, "two", "e2").faults;
		CHECK(faults == rows[i].faults, "%s to %s: %x", outcome_name(rows[i].from),
			outcome_name(rows[i].to), faults);
	}
}

static void test_payments_are_judged_apart(void **unused)
{
	(void)unused;
	add(&payment, 2, OUTCOME_SUCCEEDED, "two", "e2");
	assert_int_equal(add(&another, 1, OUTCOME_FAILED, "one", "e1").faults, 0);
	assert_int_equal(add(&another, 2, OUTCOME_FAILED, "other two", "other e2").faults, 0);
}

static void test_every_fault_has_words(void **unused)
{
	(void)unused;
	for (unsigned bit = RESULT_REGRESSED; bit <= RESULT_LATE_ACCEPTED; bit <<= 1)
		CHECK(result_fault_text((enum result_fault)bit)[0] != '\0', "%x", bit);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_what_the_contract_describes_has_no_fault),
		TEST(test_versions_may_be_left_out),
		TEST(test_an_older_version_may_come_again_in_the_same_bytes),
		TEST(test_a_lower_version_that_is_new_is_a_regress),
		TEST(test_a_lower_version_in_other_bytes_is_both_faults),
		TEST(test_the_newest_version_in_other_bytes_is_a_fault),
		TEST(test_the_same_version_under_another_event_id_is_a_fault),
		TEST(test_another_encoding_may_have_other_bytes_that_say_the_same),
		TEST(test_accepted_behind_a_higher_version_is_told_and_no_fault),
		TEST(test_a_final_outcome_changes_into_conflict_only),
		TEST(test_payments_are_judged_apart),
		TEST(test_every_fault_has_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
