#include "fixture.h"

#include "wire/daraja_c2b.h"

#include "memory.h"

#define HASH "4f2d0123456789abcdef0123456789abcdef0123456789abcdef9c01ab77d4e2"
enum { NOT_TOLD = -1 };

/* 2026-11-23 10:15:00 in Nairobi */
static const int64_t paid_at_ms = 1795418100000;

static const struct {
	const char *fixture, *receipt;
	int cents;
	const char *kind, *shortcode, *reference, *customer, *first_name;
	bool has_time;
} rows[] = {
	{"c2b_confirmation.json", "UKN4A7QX2M", 35000, "Pay Bill", "600000", "INV-1001", "2547 ***** 149",
		"ASHA", true},
	{"c2b_validation.json", "UKN4A7QX2M", 35000, "Pay Bill", "600000", "INV-1001", "2547 ***** 149",
		"ASHA", true},
	{"c2b_confirmation_hash.json", "UKN4A7QX2M", 35000, "Pay Bill", "600000", "INV-1001", HASH, "ASHA",
		true},
	{"c2b_confirmation_masked_close.json", "UKN4A7QX2M", 35000, "Pay Bill", "600000", "INV-1001",
		"25470****149", "ASHA", true},
	{"c2b_confirmation_hash_masked.json", "UKN4A7QX2M", 35000, "Pay Bill", "600000", "INV-1001",
		"4f2d0123456789abcdef0123456789abcd ***** 3456789abcdef9c01ab77d4e2", "ASHA", true},
	{"c2b_confirmation_till.json", "UKN4A7QX2M", 1000, "Customer Merchant Payment", "7654321", "",
		"2547 ***** 149", "ASHA", true},
	{"c2b_confirmation_goods.json", "UKN4A7QX2M", 35000, "Buy Goods", "60000", "", "2547 ***** 149",
		"ASHA", true},
	{"c2b_confirmation_no_type.json", "UKN4A7QX2M", 35000, "", "600000", "INV-1001", "2547 ***** 149",
		"ASHA", true},
	{"c2b_confirmation_settlement.json", "UKN4A7QX2M", 35000, "Organization To Organization Transfer",
		"600000", "INV-1001", "", "", true},
	{"c2b_confirmation_one_name.json", "UKN4A7QX2M", 35000, "Pay Bill", "600000", "INV-1001",
		"2547 ***** 149", "ASHA", true},
	{"c2b_confirmation_no_names.json", "UKN4A7QX2M", 35000, "Pay Bill", "600000", "INV-1001",
		"2547 ***** 149", "", true},
	{"c2b_confirmation_padded.json", "UKN4A7QX2M", 35000, "Pay Bill", "600000", "inv-1001",
		"2547 ***** 149", "ASHA", true},
	{"c2b_confirmation_numbers.json", "UKN4A7QX2M", 23380, "Pay Bill", "600000", "1001", "2547 ***** 149",
		"ASHA", true},
	{"c2b_confirmation_cents.json", "UKN4A7QX2M", 16850, "Pay Bill", "600000", "INV-1001",
		"2547 ***** 149", "ASHA", true},
	{"c2b_confirmation_bad_amount.json", "UKN4A7QX2M", NOT_TOLD, "Pay Bill", "600000", "INV-1001",
		"2547 ***** 149", "ASHA", true},
	{"c2b_confirmation_no_amount.json", "UKN4A7QX2M", NOT_TOLD, "Pay Bill", "600000", "INV-1001",
		"2547 ***** 149", "ASHA", true},
	{"c2b_confirmation_bad_time.json", "UKN4A7QX2M", 35000, "Pay Bill", "600000", "INV-1001",
		"2547 ***** 149", "ASHA", false},
	{"c2b_confirmation_placeholder.json", "", 35000, "Pay Bill", "600000", "INV-1001", "2547 ***** 149",
		"ASHA", true},
};

static void want(const char *fixture, const char *field, const char *got, const char *want)
{
	CHECK(strcmp(got, want) == 0, "%s, %s: \"%s\", not \"%s\"", fixture, field, got, want);
}

static struct c2b_notice parse(const char *fixture)
{
	struct c2b_notice notice;

	daraja_c2b_parse(fixture_read(fixture, &arena), &arena, &notice);
	return notice;
}

static void test_each_fixture_says_what_it_says(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const struct c2b_notice notice = parse(rows[i].fixture);

		CHECK(notice.read, "%s", rows[i].fixture);
		want(rows[i].fixture, "receipt", notice.receipt, rows[i].receipt);
		want(rows[i].fixture, "kind", notice.kind, rows[i].kind);
		want(rows[i].fixture, "shortcode", notice.shortcode, rows[i].shortcode);
		want(rows[i].fixture, "reference", notice.bill_reference, rows[i].reference);
		want(rows[i].fixture, "customer", notice.customer, rows[i].customer);
		want(rows[i].fixture, "first name", notice.first_name, rows[i].first_name);
		CHECK(notice.has_amount == (rows[i].cents != NOT_TOLD), "%s: amount", rows[i].fixture);
		if (notice.has_amount)
			assert_int_equal(amount_cents(notice.amount), rows[i].cents);
		CHECK(instant_is_set(notice.paid_at) == rows[i].has_time, "%s: time", rows[i].fixture);
		if (rows[i].has_time)
			assert_int_equal(instant_ms(notice.paid_at), paid_at_ms);
	}
}

static void test_what_is_seldom_told_is_read(void **unused)
{
	(void)unused;
	want("third party", "third_party", parse("c2b_confirmation_third_party.json").third_party,
		"1234567890");
	want("invoice", "invoice", parse("c2b_confirmation_invoice.json").invoice, "7");
	assert_int_equal(strlen(parse("c2b_confirmation_hash_62.json").customer), 62);
}

static void test_what_is_no_object_says_nothing(void **unused)
{
	static const char *const bad[] = {
		"c2b_doubled_receipt.json", "not_an_object.json", "cut_off.json", "incapsula.html"};

	(void)unused;
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		const struct c2b_notice notice = parse(bad[i]);

		CHECK(!notice.read && !notice.has_amount && !instant_is_set(notice.paid_at), "%s", bad[i]);
		want(bad[i], "receipt", notice.receipt, "");
		want(bad[i], "customer", notice.customer, "");
	}
}

static void test_answers_are_what_daraja_reads(void **unused)
{
	(void)unused;
	assert_true(text_is(
		daraja_c2b_answer("0", &arena), "{\"ResultCode\":\"0\",\"ResultDesc\":\"Accepted\"}"));
	assert_true(text_is(daraja_c2b_answer("C2B00012", &arena),
		"{\"ResultCode\":\"C2B00012\",\"ResultDesc\":\"Rejected\"}"));
}

static int run(const uint8_t *data, size_t size)
{
	struct c2b_notice notice;

	daraja_c2b_parse((struct text){(const char *)data, size}, &arena, &notice);
	assert_true(strlen(notice.customer) <= 160 && strlen(notice.receipt) <= 32);
	arena_reset(&arena);
	return 0;
}

static void test_chance_breaks_nothing(void **unused)
{
	(void)unused;
	fixture_fuzz(run, 20000);
}

static void test_a_push_of_bill_manager_is_read_to_the_same(void **state)
{
	static const struct {
		const char *fixture, *receipt;
		int cents;
		const char *reference, *customer;
		bool has_time;
	} pushes[] = {
		{"bill_paid.json", "UKN4A7QX2M", 80000, "A-12", "2547\u2022\u2022\u2022\u2022\u2022012",
			false},
		{"bill_paid_numbers.json", "UKN4A7QX2M", 80050, "1001",
			"2547\u2022\u2022\u2022\u2022\u2022012", true},
		{"bill_paid_without_id.json", "", 80000, "A-12", "2547\u2022\u2022\u2022\u2022\u2022012",
			false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(pushes); i++) {
		const char *fixture = pushes[i].fixture;
		struct c2b_notice notice;

		daraja_bill_push_parse(fixture_read(fixture, &arena), &arena, &notice);
		want(fixture, "receipt", notice.receipt, pushes[i].receipt);
		want(fixture, "reference", notice.bill_reference, pushes[i].reference);
		want(fixture, "customer", notice.customer, pushes[i].customer);
		want(fixture, "shortcode", notice.shortcode, "600000");
		want(fixture, "kind", notice.kind, "Bill Manager");
		CHECK(notice.has_amount && amount_cents(notice.amount) == pushes[i].cents, "%s", fixture);
		CHECK((notice.paid_at.us != 0) == pushes[i].has_time &&
				(!pushes[i].has_time || notice.paid_at.us == paid_at_ms * 1000),
			"%s: %lld", fixture, (long long)notice.paid_at.us);
	}
	struct c2b_notice notice;

	daraja_bill_push_parse(TEXT("[1]"), &arena, &notice);
	CHECK(!notice.read && notice.receipt[0] == '\0' && !notice.has_amount, "no object");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_fixture_says_what_it_says),
		cmocka_unit_test(test_what_is_seldom_told_is_read),
		cmocka_unit_test(test_what_is_no_object_says_nothing),
		cmocka_unit_test(test_answers_are_what_daraja_reads),
		cmocka_unit_test(test_chance_breaks_nothing),
		cmocka_unit_test(test_a_push_of_bill_manager_is_read_to_the_same),
	};

	return cmocka_run_group_tests(tests, start_memory, stop_memory);
}
