#include "check.h"

#include "core/about.h"

#include "memory.h"

#define RECEIPT "UKN4A7QX2M"

static struct command_field fields[2];

static struct payment payment_of(enum api api, const char *tenant, const char *account, int64_t cents)
{
	struct payment payment = {
		.api = api, .tenant = tenant, .account = account, .amount = amount_of_cents(cents)};

	CHECK(uuid_parse(TEXT("0193e5f2-a7b0-7c3d-8e4f-5a6b7c8d9e0f"), &payment.id), "the id");
	return payment;
}

/* One that names something by one field. */
static struct command command_of(enum api api, const char *field, const char *value)
{
	fields[0] = (struct command_field){.name = field, .text = value};
	return (struct command){.api = api, .fields = {.at = fields, .count = 1}};
}

static const char payment_id[] = "0193e5f2-a7b0-7c3d-8e4f-5a6b7c8d9e0f";

/* A reversal of KES 350 by tenant "shop" from account "till-1"; what it is about differs. */
static const struct {
	const char *what, *by;
	bool found;
	enum api api;
	const char *tenant, *account;
	int64_t cents;
	enum state state;
	const char *receipt;
	enum about_verdict want;
	const char *want_code;
} reversals[] = {
	{"a prompt that was paid", "payment_id", true, API_STK_PUSH, "shop", "till-1", 35000, STATE_SUCCEEDED,
		RECEIPT, ABOUT_KNOWN, NULL},
	{"one that is disputed", "payment_id", true, API_STK_PUSH, "shop", "till-1", 35000, STATE_CONFLICT,
		RECEIPT, ABOUT_KNOWN, NULL},
	{"one whose receipt is not known", "payment_id", true, API_STK_PUSH, "shop", "till-1", 35000,
		STATE_SUCCEEDED, "", ABOUT_TOO_EARLY, "command.payment_id.no_receipt"},
	{"one that is under way", "payment_id", true, API_STK_PUSH, "shop", "till-1", 35000, STATE_PENDING,
		"", ABOUT_TOO_EARLY, "command.payment_id.no_receipt"},
	{"one that is in doubt", "payment_id", true, API_STK_PUSH, "shop", "till-1", 35000, STATE_UNRESOLVED,
		"", ABOUT_TOO_EARLY, "command.payment_id.no_receipt"},
	{"one that was never sent", "payment_id", true, API_STK_PUSH, "shop", "till-1", 35000, STATE_ACCEPTED,
		"", ABOUT_TOO_EARLY, "command.payment_id.no_receipt"},
	{"one that failed", "payment_id", true, API_STK_PUSH, "shop", "till-1", 35000, STATE_FAILED, "",
		ABOUT_UNKNOWN, "command.payment_id.not_paid"},
	{"none", "payment_id", false, API_NONE, "", "", 0, STATE_ACCEPTED, "", ABOUT_UNKNOWN,
		"command.payment_id.unknown"},
	{"a command that could not be read", "payment_id", true, API_NONE, "shop", "till-1", 35000,
		STATE_FAILED, "", ABOUT_UNKNOWN, "command.payment_id.unknown"},
	{"another tenant's", "payment_id", true, API_STK_PUSH, "other", "till-1", 35000, STATE_SUCCEEDED,
		RECEIPT, ABOUT_UNKNOWN, "command.payment_id.unknown"},
	{"another account's", "payment_id", true, API_STK_PUSH, "shop", "till-2", 35000, STATE_SUCCEEDED,
		RECEIPT, ABOUT_UNKNOWN, "command.payment_id.unknown"},
	{"more than was paid", "payment_id", true, API_STK_PUSH, "shop", "till-1", 34900, STATE_SUCCEEDED,
		RECEIPT, ABOUT_UNKNOWN, "command.payment_id.not_whole"},
	{"less than was paid", "payment_id", true, API_STK_PUSH, "shop", "till-1", 35100, STATE_SUCCEEDED,
		RECEIPT, ABOUT_UNKNOWN, "command.payment_id.not_whole"},
	{"a payout", "payment_id", true, API_B2C, "shop", "till-1", 35000, STATE_SUCCEEDED, RECEIPT,
		ABOUT_UNKNOWN, "command.payment_id.not_reversible"},
	{"a business payment", "payment_id", true, API_B2B, "shop", "till-1", 35000, STATE_SUCCEEDED, RECEIPT,
		ABOUT_UNKNOWN, "command.payment_id.not_reversible"},
	{"a reversal", "payment_id", true, API_REVERSAL, "shop", "till-1", 35000, STATE_SUCCEEDED, RECEIPT,
		ABOUT_UNKNOWN, "command.payment_id.not_reversible"},
	{"a receipt of nobody here", "receipt", false, API_NONE, "", "", 0, STATE_ACCEPTED, "", ABOUT_KNOWN,
		NULL},
	{"a receipt of ours", "receipt", true, API_STK_PUSH, "shop", "till-1", 35000, STATE_SUCCEEDED,
		RECEIPT, ABOUT_KNOWN, NULL},
	{"a receipt of another tenant", "receipt", true, API_STK_PUSH, "other", "till-1", 35000,
		STATE_SUCCEEDED, RECEIPT, ABOUT_UNKNOWN, "command.receipt.unknown"},
	{"a receipt of more", "receipt", true, API_STK_PUSH, "shop", "till-1", 35100, STATE_SUCCEEDED,
		RECEIPT, ABOUT_UNKNOWN, "command.receipt.not_whole"},
	{"a receipt of a payout", "receipt", true, API_B2POCHI, "shop", "till-1", 35000, STATE_SUCCEEDED,
		RECEIPT, ABOUT_UNKNOWN, "command.receipt.not_reversible"},
};

static void test_what_may_be_reversed(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < COUNT_OF(reversals); i++) {
		const char *what = reversals[i].what, *by = reversals[i].by;
		const struct payment payment = payment_of(API_REVERSAL, "shop", "till-1", 35000);
		const struct payment target = payment_of(
			reversals[i].api, reversals[i].tenant, reversals[i].account, reversals[i].cents);
		const struct payment_state state = {
			.state = reversals[i].state, .receipt = reversals[i].receipt};
		const struct command command =
			command_of(API_REVERSAL, by, strcmp(by, "receipt") == 0 ? RECEIPT : payment_id);
		struct cause cause = {.code = ""};
		struct about about;
		const enum about_verdict verdict = about_command(&payment, &command,
			reversals[i].found ? &target : NULL, &state, &arena, &about, &cause);

		CHECK(verdict == reversals[i].want, "%s: %d %s", what, (int)verdict, cause.code);
		if (verdict == ABOUT_KNOWN) {
			CHECK(strcmp(about.receipt, RECEIPT) == 0, "%s: %s", what, about.receipt);
			continue;
		}
		CHECK(strcmp(cause.code, reversals[i].want_code) == 0, "%s: %s", what, cause.code);
		CHECK(cause.text[0] != '\0' && cause.advice[0] != '\0' && cause.field[0] != '\0', "%s", what);
	}
}

static void test_a_payment_of_ours_is_found_by_the_right_id(void **unused)
{
	static const struct {
		enum api api;
		unsigned gen;
		const char *originator, *want;
	} rows[] = {
		/* our own key, whatever the gateway called it */
		{API_B2C, 1, "the-gateways", "0193e5f2a7b07c3d8e4f5a6b7c8d9e0f-1"},
		{API_B2POCHI, 1, "", "0193e5f2a7b07c3d8e4f5a6b7c8d9e0f-1"},
		{API_B2POCHI, 0, "", ""},
		/* without a key: the id of the answer, and none when that was lost */
		{API_B2B, 1, "the-gateways", "the-gateways"},
		{API_B2B, 1, "", ""},
		{API_TAX_REMITTANCE, 1, "the-gateways", "the-gateways"},
		{API_B2C_V1, 2, "the-gateways", "the-gateways"},
		{API_B2C_V1, 2, "", ""},
		{API_REVERSAL, 1, "the-gateways", "the-gateways"},
	};

	(void)unused;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const struct payment payment = payment_of(rows[i].api, "shop", "till-1", 35000);
		const struct payment_state state = {
			.gen = rows[i].gen, .ids = {.originator = rows[i].originator}, .receipt = RECEIPT};
		struct about about;

		about_payment(&payment, &state, &arena, &about);
		CHECK(strcmp(about.conversation, rows[i].want) == 0, "%s: %s", api_row(rows[i].api)->name,
			about.conversation);
		assert_string_equal(about.receipt, RECEIPT);
	}
}

static void test_a_question_names_what_it_was_told(void **unused)
{
	const struct payment payment = payment_of(API_TRANSACTION_STATUS, "shop", "till-1", 0);
	const struct command command =
		command_of(API_TRANSACTION_STATUS, "originator_conversation_id", "theirs");
	struct cause cause;
	struct about about;

	(void)unused;
	assert_int_equal(about_command(&payment, &command, NULL, NULL, &arena, &about, &cause), ABOUT_KNOWN);
	assert_string_equal(about.conversation, "theirs");
	assert_string_equal(about.receipt, "");
	assert_string_equal(about.checkout, "");
}

/* Commands that name what they are about are those that may name a payment of ours. */
static void test_it_matters_where_the_fields_say_so(void **state)
{
	(void)state;
	for (const struct api_row *row = api_each(NULL); row != NULL; row = api_each(row)) {
		bool names = false;

		for (const struct field_rule *rule = row->fields; rule != NULL && rule->name != NULL; rule++)
			names = names || strcmp(rule->name, "payment_id") == 0;
		CHECK(about_matters(row->api) == names, "%s", row->name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_may_be_reversed),
		cmocka_unit_test(test_a_payment_of_ours_is_found_by_the_right_id),
		cmocka_unit_test(test_a_question_names_what_it_was_told),
		cmocka_unit_test(test_it_matters_where_the_fields_say_so),
	};

	return cmocka_run_group_tests(tests, start_memory, stop_memory);
}
