#include "wire/receipt_wire.h"

#include "check.h"
#include "memory.h"

static struct receipt some(void)
{
	struct receipt receipt = {.notice = {.read = true,
					  .receipt = "UKN4A7QX2M",
					  .has_amount = true,
					  .amount = amount_of_cents(35050),
					  .kind = "Pay Bill",
					  .shortcode = "600000",
					  .bill_reference = "INV-1001",
					  .invoice = "7",
					  .third_party = "12",
					  .customer = "2547 ***** 149",
					  .first_name = "ASHA",
					  .paid_at = instant_of_ms(1795418100000)},
		.account = "harbour",
		.is_new = true,
		.received_at = instant_of_ms(1795418101234),
		.source_listed = true};

	assert_true(uuid_parse(TEXT("019ae0a1-6f00-7c3a-9d41-52c0ffee0001"), &receipt.payment));
	return receipt;
}

static void same(const struct receipt *a, const struct receipt *b)
{
	assert_string_equal(a->notice.receipt, b->notice.receipt);
	assert_true(a->notice.has_amount == b->notice.has_amount &&
		    amount_same(a->notice.amount, b->notice.amount));
	assert_string_equal(a->notice.kind, b->notice.kind);
	assert_string_equal(a->notice.shortcode, b->notice.shortcode);
	assert_string_equal(a->notice.bill_reference, b->notice.bill_reference);
	assert_string_equal(a->notice.invoice, b->notice.invoice);
	assert_string_equal(a->notice.third_party, b->notice.third_party);
	assert_string_equal(a->notice.customer, b->notice.customer);
	assert_string_equal(a->notice.first_name, b->notice.first_name);
	assert_int_equal(a->notice.paid_at.us, b->notice.paid_at.us);
	assert_int_equal(a->received_at.us, b->received_at.us);
	assert_string_equal(a->account, b->account);
	assert_true(a->is_new == b->is_new && a->source_listed == b->source_listed);
	assert_int_equal(uuid_cmp(&a->payment, &b->payment), 0);
}

static void test_both_encodings_come_back(void **unused)
{
	static const enum result_encoding encodings[] = {RESULT_PROTOBUF, RESULT_JSON};
	const struct receipt full = some();
	struct receipt bare = some(), back;
	struct err err;

	(void)unused;
	bare.notice = (struct c2b_notice){.receipt = "R",
		.kind = "",
		.shortcode = "",
		.bill_reference = "",
		.invoice = "",
		.third_party = "",
		.customer = "",
		.first_name = ""};
	bare.payment = (struct uuid){{0}};
	bare.is_new = bare.source_listed = false;
	for (size_t i = 0; i < COUNT_OF(encodings); i++) {
		CHECK(receipt_unpack(receipt_pack(&full, encodings[i], &arena), &arena, &back, &err), "%s",
			err.text);
		same(&full, &back);
		CHECK(receipt_unpack(receipt_pack(&bare, encodings[i], &arena), &arena, &back, &err), "%s",
			err.text);
		same(&bare, &back);
	}
	assert_true(receipt_json(receipt_pack(&full, RESULT_PROTOBUF, &arena), &arena).len > 100);
	assert_int_equal(receipt_json(TEXT("\xff"), &arena).len, 0);
}

static struct text header_of(const struct receipt *receipt, const char *name)
{
	struct header headers[CLOUDEVENT_HEADERS];
	size_t count = receipt_headers(receipt, RESULT_JSON, "mkondo", &arena, headers);

	for (size_t i = 0; i < count; i++)
		if (strcmp(headers[i].name, name) == 0)
			return headers[i].value;
	return (struct text){NULL, 0};
}

static void test_headers_are_those_of_cloudevents(void **unused)
{
	struct receipt receipt = some(), later = some();

	(void)unused;
	assert_true(text_is(header_of(&receipt, "ce_type"), "mkondo.receipt.v1"));
	assert_true(text_is(header_of(&receipt, "ce_subject"), "UKN4A7QX2M"));
	assert_true(text_is(header_of(&receipt, "ce_source"), "mkondo"));
	assert_true(text_is(header_of(&receipt, "content-type"), "application/json"));
	assert_true(text_is(header_of(&receipt, "ce_time"), "2026-11-23T07:15:00.000Z"));
	assert_int_equal(header_of(&receipt, "ce_id").len, 32);
	/* The same first notice has one id, a repetition another, and each its own. */
	later.received_at = instant_of_ms(1795418109999);
	assert_true(text_same(header_of(&receipt, "ce_id"), header_of(&later, "ce_id")));
	later.is_new = false;
	assert_false(text_same(header_of(&receipt, "ce_id"), header_of(&later, "ce_id")));
	receipt.is_new = false;
	assert_false(text_same(header_of(&receipt, "ce_id"), header_of(&later, "ce_id")));
	receipt.notice.paid_at = (struct instant){0};
	assert_true(text_is(header_of(&receipt, "ce_time"), "2026-11-23T07:15:01.234Z"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_both_encodings_come_back),
		cmocka_unit_test(test_headers_are_those_of_cloudevents),
	};

	return cmocka_run_group_tests(tests, start_memory, stop_memory);
}
