#include "check.h"

#include "wire/command_wire.h"

#include "memory.h"

#include <inttypes.h>

/* Commands as they are sent, at the limits of their fields. */

static struct account account = {
	.name = "default",
	.app = "default",
	.shortcode = "600000",
	.passkey = "",
	.initiator = "testapi",
	.security_credential = "Y3JlZA==",
};

#define TEN  "abcdefghij"
#define C100 TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN

static void check(
	const char *what, const char *operation, int64_t cents, const char *want_code, const char *want_field)
{
	const char *json = arena_print(&arena,
		"{\"id\":\"0193e5f2-a7b0-7c3d-8e4f-5a6b7c8d9e0f\",\"tenant\":\"t\",\"amount_cents\":%" PRId64
		",%s}",
		cents, operation);
	const struct command_limits limits = {.now = instant_of_ms(1795418160000), .account = &account};
	struct command_fault fault = {.code = ""};
	struct command command;
	struct text bytes;
	struct err err;
	bool good;

	CHECK(command_json_to_proto(text_of(json), &arena, &bytes, &err), "%s: %s", what, err.text);
	CHECK(command_unpack(bytes, TEXT("application/x-protobuf"), &arena, &command, &fault), "%s: %s", what,
		fault.text);
	good = command_check(&command, &limits, &fault);
	CHECK(good == (want_code == NULL), "%s: %s %s", what, fault.code, fault.text);
	if (good)
		return;
	CHECK(strcmp(fault.code, want_code) == 0, "%s: %s", what, fault.code);
	CHECK(strcmp(fault.field, want_field) == 0, "%s: %s", what, fault.field);
	CHECK(fault.text[0] != '\0', "%s", what);
}

static const struct {
	const char *what, *operation, *want_code, *want_field;
	int64_t cents;
} rows[] = {
#define BILL(reference, more)                                                                                \
	"\"b2b\":{\"receiver\":\"600584\",\"account_reference\":\"" reference "\"" more "}"
	{"a paybill", BILL("1234567890123", ",\"remarks\":\"ab\""), NULL, NULL, 100},
	{"a long reference", BILL("12345678901234", ",\"remarks\":\"ab\""),
		"command.account_reference.length", "b2b.account_reference", 100},
	{"no reference", "\"b2b\":{\"receiver\":\"600584\",\"remarks\":\"ab\"}",
		"command.account_reference.missing", "b2b.account_reference", 100},
	{"signs in the reference", BILL("INV#7", ",\"remarks\":\"ab\""),
		"command.account_reference.characters", "b2b.account_reference", 100},
	{"no receiver", "\"b2b\":{\"account_reference\":\"I\",\"remarks\":\"ab\"}",
		"command.receiver.missing", "b2b.receiver", 100},
	{"a receiver of 4 digits",
		"\"b2b\":{\"receiver\":\"6005\",\"account_reference\":\"I\",\"remarks\":\"ab\"}",
		"command.receiver.format", "b2b.receiver", 100},
	{"of 5", "\"b2b\":{\"receiver\":\"60058\",\"account_reference\":\"I\",\"remarks\":\"ab\"}", NULL,
		NULL, 100},
	{"of 7", "\"b2b\":{\"receiver\":\"6005841\",\"account_reference\":\"I\",\"remarks\":\"ab\"}", NULL,
		NULL, 100},
	{"of 8", "\"b2b\":{\"receiver\":\"60058412\",\"account_reference\":\"I\",\"remarks\":\"ab\"}",
		"command.receiver.format", "b2b.receiver", 100},
	{"a phone as receiver",
		"\"b2b\":{\"receiver\":\"254700000012\",\"account_reference\":\"I\",\"remarks\":\"ab\"}",
		"command.receiver.format", "b2b.receiver", 100},
	{"remarks of 1", BILL("I", ",\"remarks\":\"a\""), "command.remarks.length", "b2b.remarks", 100},
	{"remarks of 100", BILL("I", ",\"remarks\":\"" C100 "\""), NULL, NULL, 100},
	{"remarks of 101", BILL("I", ",\"remarks\":\"" C100 "k\""), "command.remarks.length", "b2b.remarks",
		100},
	{"no remarks", BILL("I", ""), "command.remarks.missing", "b2b.remarks", 100},
	{"an occasion of 100", BILL("I", ",\"remarks\":\"ab\",\"occasion\":\"" C100 "\""), NULL, NULL, 100},
	{"an occasion of 101", BILL("I", ",\"remarks\":\"ab\",\"occasion\":\"" C100 "k\""),
		"command.occasion.length", "b2b.occasion", 100},
	{"a requester", BILL("I", ",\"remarks\":\"ab\",\"requester\":\"+254700000012\""), NULL, NULL, 100},
	{"a requester without a phone", BILL("I", ",\"remarks\":\"ab\",\"requester\":\"600584\""),
		"command.requester.format", "b2b.requester", 100},
	{"no amount", BILL("I", ",\"remarks\":\"ab\""), "command.amount.missing", "amount_cents", 0},
	{"half a shilling", BILL("I", ",\"remarks\":\"ab\""), "command.amount.fraction", "amount_cents", 150},
	{"a great amount: no bound is known", BILL("I", ",\"remarks\":\"ab\""), NULL, NULL, 100000000000},
	{"goods with a reference",
		"\"b2b\":{\"kind\":\"BUY_GOODS\",\"receiver\":\"300584\",\"account_reference\":\"I\","
		"\"remarks\":\"ab\"}",
		"command.account_reference.not_allowed", "b2b.account_reference", 100},
	{"goods", "\"b2b\":{\"kind\":\"BUY_GOODS\",\"receiver\":\"300584\",\"remarks\":\"ab\"}", NULL, NULL,
		100},
	{"bulk", "\"b2b\":{\"kind\":\"PAY_TO_BULK\",\"receiver\":\"300584\",\"remarks\":\"ab\"}", NULL, NULL,
		100},
	{"bulk with a reference",
		"\"b2b\":{\"kind\":\"PAY_TO_BULK\",\"receiver\":\"300584\",\"account_reference\":\"I\","
		"\"remarks\":\"ab\"}",
		NULL, NULL, 100},

#define TAX(number) "\"tax_remittance\":{\"registration_number\":\"" number "\",\"remarks\":\"ab\"}"
	{"tax", TAX("1234567890123"), NULL, NULL, 100},
	{"a long number", TAX("12345678901234"), "command.registration_number.format",
		"tax_remittance.registration_number", 100},
	{"a number with a space", TAX("PRN 12"), "command.registration_number.format",
		"tax_remittance.registration_number", 100},
	{"no number", TAX(""), "command.registration_number.missing", "tax_remittance.registration_number",
		100},
	{"tax without remarks", "\"tax_remittance\":{\"registration_number\":\"1\"}",
		"command.remarks.missing", "tax_remittance.remarks", 100},

#define POCHI(phone) "\"b2pochi\":{\"phone\":\"" phone "\",\"remarks\":\"ab\"}"
	{"a pochi at the least", POCHI("0700000012"), NULL, NULL, 1000},
	{"under the least", POCHI("0700000012"), "command.amount.range", "amount_cents", 900},
	{"at the most", POCHI("254110000012"), NULL, NULL, 25000000},
	{"over the most", POCHI("0700000012"), "command.amount.range", "amount_cents", 25000100},
	{"a shortcode as pochi", POCHI("600584"), "command.phone.format", "b2pochi.phone", 1000},
	{"nobody's pochi", POCHI(""), "command.phone.missing", "b2pochi.phone", 1000},

#define UUID "0193e5f2-a7b0-7c3d-8e4f-000000000001"
	{"a receipt", "\"reversal\":{\"receipt\":\"UKN4A7QX2M\",\"remarks\":\"ab\"}", NULL, NULL, 100},
	{"a payment", "\"reversal\":{\"payment_id\":\"" UUID "\",\"remarks\":\"ab\"}", NULL, NULL, 100},
	{"both", "\"reversal\":{\"receipt\":\"UKN4A7QX2M\",\"payment_id\":\"" UUID "\",\"remarks\":\"ab\"}",
		"command.reversal.target", "reversal", 100},
	{"neither", "\"reversal\":{\"remarks\":\"ab\"}", "command.reversal.target", "reversal", 100},
	{"a short receipt", "\"reversal\":{\"receipt\":\"UKN4A7QX2\",\"remarks\":\"ab\"}",
		"command.receipt.format", "reversal.receipt", 100},
	{"a receipt in small letters", "\"reversal\":{\"receipt\":\"ukn4a7qx2m\",\"remarks\":\"ab\"}",
		"command.receipt.format", "reversal.receipt", 100},
	{"a placeholder", "\"reversal\":{\"receipt\":\"UKN0000000\",\"remarks\":\"ab\"}",
		"command.receipt.format", "reversal.receipt", 100},
	{"no UUID", "\"reversal\":{\"payment_id\":\"UKN4A7QX2M\",\"remarks\":\"ab\"}",
		"command.payment_id.format", "reversal.payment_id", 100},
	{"remarks of one", "\"reversal\":{\"receipt\":\"UKN4A7QX2M\",\"remarks\":\"a\"}",
		"command.remarks.length", "reversal.remarks", 100},
	{"an amount of nothing", "\"reversal\":{\"receipt\":\"UKN4A7QX2M\",\"remarks\":\"ab\"}",
		"command.amount.missing", "amount_cents", 0},
};

static void test_fields_at_their_limits(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		check(rows[i].what, rows[i].operation, rows[i].cents, rows[i].want_code, rows[i].want_field);
}

static void test_older_names_need_an_account_that_allows_them(void **state)
{
	static const char *const kinds[] = {"BUSINESS_PAYMENT", "DISBURSE_FUNDS_TO_BUSINESS",
		"BUSINESS_TO_BUSINESS_TRANSFER", "MERCHANT_TO_MERCHANT_TRANSFER",
		"TRANSFER_FROM_MMF_TO_UTILITY", "TRANSFER_FROM_UTILITY_TO_MMF", "REVENUE_SETTLEMENT",
		"TRANSFER_FROM_MERCHANT_TO_WORKING", "MERCHANT_SERVICES_MMF_TRANSFER",
		"AGENCY_FLOAT_ADVANCE"};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(kinds); i++) {
		const char *operation = arena_print(&arena,
			"\"b2b\":{\"kind\":\"%s\",\"receiver\":\"600584\",\"remarks\":\"ab\"}", kinds[i]);

		check(kinds[i], operation, 100, "command.kind.not_allowed", "b2b.kind");
		account.older_b2b = true;
		check(kinds[i], operation, 100, NULL, NULL);
		account.older_b2b = false;
	}
}

static void test_without_an_initiator_nothing_of_this_is_possible(void **state)
{
	static const char *const operations[] = {
		"\"b2b\":{\"receiver\":\"600584\",\"account_reference\":\"I\",\"remarks\":\"ab\"}", TAX("1"),
		POCHI("0700000012"), "\"reversal\":{\"receipt\":\"UKN4A7QX2M\",\"remarks\":\"ab\"}"};
	const struct account whole = account;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(operations); i++) {
		account.initiator = "";
		check("no initiator", operations[i], 1000, "command.account.cannot", "account");
		account = whole;
		account.security_credential = "";
		check("no credential", operations[i], 1000, "command.account.cannot", "account");
		account = whole;
	}
}

static void test_what_the_payment_keeps_of_a_command(void **state)
{
	static const struct {
		const char *operation;
		bool old;
		enum api want;
		const char *want_party, *want_reference;
	} kept[] = {
		{"\"b2b\":{\"receiver\":\"600584\",\"account_reference\":\"INV-7\",\"remarks\":\"ab\"}",
			false, API_B2B, "600584", "INV-7"},
		{TAX("PRN12"), false, API_TAX_REMITTANCE, "", "PRN12"},
		{POCHI("0700000012"), false, API_B2POCHI, "254700000012", ""},
		{POCHI("0700000012"), true, API_B2POCHI, "254700000012", ""},
		{"\"b2c\":{\"phone\":\"0700000012\",\"remarks\":\"ab\"}", false, API_B2C, "254700000012", ""},
		{"\"b2c\":{\"phone\":\"0700000012\",\"remarks\":\"ab\"}", true, API_B2C_V1, "254700000012",
			""},
		{"\"reversal\":{\"receipt\":\"UKN4A7QX2M\",\"remarks\":\"ab\"}", false, API_REVERSAL, "",
			"UKN4A7QX2M"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(kept); i++) {
		struct command_fault fault;
		struct payment payment;
		struct command command;
		struct text bytes;
		struct err err;

		CHECK(command_json_to_proto(
			      text_of(arena_print(&arena, "{\"tenant\":\"t\",\"amount_cents\":1000,%s}",
				      kept[i].operation)),
			      &arena, &bytes, &err),
			"%s", err.text);
		CHECK(command_unpack(bytes, TEXT("application/x-protobuf"), &arena, &command, &fault), "%s",
			fault.text);
		account.b2c_v1 = kept[i].old;
		command_payment(&command, &account, instant_of_ms(1), 1, &arena, &payment);
		account.b2c_v1 = false;
		CHECK(payment.api == kept[i].want, "%s: %d", kept[i].operation, (int)payment.api);
		assert_string_equal(payment.party, kept[i].want_party);
		assert_string_equal(payment.reference, kept[i].want_reference);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fields_at_their_limits),
		cmocka_unit_test(test_older_names_need_an_account_that_allows_them),
		cmocka_unit_test(test_without_an_initiator_nothing_of_this_is_possible),
		cmocka_unit_test(test_what_the_payment_keeps_of_a_command),
	};

	return cmocka_run_group_tests(tests, start_memory, stop_memory);
}
