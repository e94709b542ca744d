#include "fixture.h"

#include "core/answer.h"
#include "wire/command_wire.h"
#include "wire/daraja_answer.h"
#include "wire/daraja_request.h"

#include "memory.h"

/* Bill Manager: what it is told, word by word, and what its answers mean. */

static const struct account shop = {.name = "shop",
	.api_base = "https://sandbox.safaricom.co.ke",
	.app = "shop",
	.consumer_key = "key",
	.consumer_secret = "secret",
	.shortcode = "600000",
	.passkey = "",
	.initiator = "",
	.security_credential = ""};

#define COMMAND(cents, operation)                                                                            \
	"{\"id\":\"0193e5f2-a7b0-7c3d-8e4f-5a6b7c8d9e0f\",\"tenant\":\"t\",\"amount_cents\":" cents          \
	"," operation "}"
#define INVOICE                                                                                              \
	"\"billed_full_name\":\"Jane Doe\",\"billed_phone_number\":\"254700000012\",\"billed_period\":"      \
	"\"August "                                                                                          \
	"2026\",\"invoice_name\":\"Rent\",\"due_date\":\"2026-12-01\",\"account_reference\":\"A-12\""
#define BILLED                                                                                               \
	"\"billedFullName\":\"Jane Doe\",\"billedPhoneNumber\":\"0700000012\",\"billedPeriod\":"             \
	"\"August 2026\",\"invoiceName\":\"Rent\",\"dueDate\":\"2026-12-01\",\"accountReference\":\"A-12\""

static const struct {
	enum api api;
	const char *command, *path, *body;
} requests[] = {
	{API_BILL_OPT_IN,
		COMMAND("0",
			"\"bill_opt_in\":{\"email\":\"a@b.example\",\"official_contact\":\"+254700000012\","
			"\"send_reminders\":true,\"logo\":\"https://b.example/l\"}"),
		"/v1/billmanager-invoice/optin",
		"{\"shortcode\":\"600000\",\"email\":\"a@b.example\",\"officialContact\":\"0700000012\","
		"\"sendReminders\":\"1\",\"logo\":\"https://b.example/l\",\"callbackurl\":\"https://"
		"pay.example/n/r\"}"},
	{API_BILL_OPT_IN,
		COMMAND("0", "\"bill_opt_in\":{\"email\":\"a@b.example\",\"official_contact\":\"0700000012\","
			     "\"change\":true}"),
		"/v1/billmanager-invoice/change-optin-details",
		"{\"shortcode\":\"600000\",\"email\":\"a@b.example\",\"officialContact\":\"0700000012\","
		"\"sendReminders\":\"0\",\"callbackurl\":\"https://pay.example/n/r\"}"},
	{API_BILL_INVOICE,
		COMMAND("35000", "\"bill_invoice\":{\"external_reference\":\"INV-1\"," INVOICE
				 ",\"invoice_items\":[{\"item_name\":\"Food\",\"amount_cents\":35000}]}"),
		"/v1/billmanager-invoice/single-invoicing",
		"{\"externalReference\":\"INV-1\"," BILLED
		",\"amount\":\"350\",\"invoiceItems\":[{\"itemName\":\"Food\",\"amount\":\"350\"}]}"},
	{API_BILL_INVOICES,
		COMMAND("30000", "\"bill_invoices\":{\"invoices\":[{\"external_reference\":\"INV-1\"," INVOICE
				 ",\"amount_cents\":10000},{\"external_reference\":\"INV-2\"," INVOICE
				 ",\"amount_cents\":20000}]}"),
		"/v1/billmanager-invoice/bulk-invoicing",
		"[{\"externalReference\":\"INV-1\"," BILLED
		",\"amount\":\"100\"},{\"externalReference\":\"INV-2\"," BILLED ",\"amount\":\"200\"}]"},
	{API_BILL_CANCEL, COMMAND("0", "\"bill_cancel\":{\"external_references\":[\"INV-1\",\"INV-2\"]}"),
		"/v1/billmanager-invoice/cancel-bulk-invoices",
		"[{\"externalReference\":\"INV-1\"},{\"externalReference\":\"INV-2\"}]"},
	{API_BILL_RECONCILE,
		COMMAND("35000",
			"\"bill_reconcile\":{\"receipt\":\"UKN4A7QX2M\",\"payment_date\":\"2026-08-31\","
			"\"account_reference\":\"A-12\",\"phone\":\"254700000012\",\"full_name\":\"Jane "
			"Doe\","
			"\"invoice_name\":\"Rent\",\"external_reference\":\"INV-1\"}"),
		"/v1/billmanager-invoice/reconciliation",
		"{\"paymentDate\":\"2026-08-31\",\"paidAmount\":\"350\",\"accountReference\":\"A-12\","
		"\"transactionId\":\"UKN4A7QX2M\",\"phoneNumber\":\"0700000012\",\"fullName\":\"Jane Doe\","
		"\"invoiceName\":\"Rent\",\"externalReference\":\"INV-1\"}"},
};

static bool build(size_t i, const char *url, struct text *ret_body, const char **ret_path)
{
	struct payment_state state = {.gen = 1, .ids = {"", "", "", ""}};
	struct command_fault fault;
	struct command command;
	struct payment payment;
	struct text bytes;
	struct err err;

	CHECK(command_json_to_proto(text_of(requests[i].command), &arena, &bytes, &err), "%s", err.text);
	CHECK(command_unpack(bytes, TEXT("application/x-protobuf"), &arena, &command, &fault), "%s",
		fault.text);
	command_payment(&command, &shop, instant_of_ms(1624861448000), 1, &arena, &payment);
	const struct daraja_request request = {.api = requests[i].api,
		.payment = &payment,
		.state = &state,
		.account = &shop,
		.now = instant_of_ms(1624861448000),
		.result_url = url,
		.timeout_url = ""};

	*ret_path = daraja_request_path(&request, &arena);
	return daraja_request_build(&request, &arena, ret_body, &err);
}

static void test_every_word_is_as_bill_manager_wants_it(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(requests); i++) {
		struct text body = {0};
		const char *path;

		CHECK(build(i, "https://pay.example/n/r", &body, &path), "row %zu", i);
		CHECK(strcmp(path, requests[i].path) == 0, "row %zu: %s", i, path);
		CHECK(text_is(body, requests[i].body), "row %zu: %.*s", i, TEXT_ARG(body));
	}
}

static void test_without_an_address_nobody_opts_in(void **state)
{
	struct text body;
	const char *path;

	(void)state;
	assert_false(build(0, "", &body, &path));
}

static const struct {
	const char *fixture;
	enum api api;
	int http;
	const char *code;
	enum code_class want;
} answers[] = {
	{"bill_opted_in.json", API_BILL_OPT_IN, 200, "200", CODE_TAKEN},
	{"bill_changed.json", API_BILL_OPT_IN, 200, "200", CODE_TAKEN},
	{"bill_invoiced.json", API_BILL_INVOICE, 200, "200", CODE_TAKEN},
	{"bill_code_number.json", API_BILL_INVOICES, 200, "200", CODE_TAKEN},
	{"bill_invoiced.json", API_BILL_INVOICE, 500, "200", CODE_NO_WORD},
	{"bill_conflict.json", API_BILL_CANCEL, 200, "409", CODE_TURNED_DOWN},
	{"bill_conflict.json", API_BILL_CANCEL, 409, "409", CODE_TURNED_DOWN},
	{"bill_unauthorized.json", API_BILL_INVOICE, 401, "401", CODE_TOKEN},
	{"bill_without_code.json", API_BILL_INVOICE, 200, "", CODE_NO_WORD},
	{"pull_registered.json", API_PULL_REGISTER, 200, "1000", CODE_TAKEN},
	{"pull_registered_spaced.json", API_PULL_REGISTER, 200, "1000", CODE_TAKEN},
	{"pull_registered_already.json", API_PULL_REGISTER, 200, "1001", CODE_DUPLICATE},
	{"pull_without_status.json", API_PULL_REGISTER, 200, "", CODE_NO_WORD},
	{"bill_unlisted.json", API_BILL_RECONCILE, 200, "503", CODE_NO_WORD},
};

static void test_every_answer_has_its_class(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(answers); i++) {
		struct answer_verdict verdict;
		struct answer answer;

		daraja_answer_parse(answers[i].api, answers[i].http, fixture_read(answers[i].fixture, &arena),
			&arena, &answer);
		verdict = answer_classify(answers[i].api, &answer, false, &arena);
		CHECK(text_is(answer.code, answers[i].code), "%s: %.*s", answers[i].fixture,
			TEXT_ARG(answer.code));
		CHECK(verdict.class == answers[i].want, "%s: %s", answers[i].fixture,
			code_class_name(verdict.class));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_word_is_as_bill_manager_wants_it),
		cmocka_unit_test(test_without_an_address_nobody_opts_in),
		cmocka_unit_test(test_every_answer_has_its_class),
	};

	return cmocka_run_group_tests(tests, start_memory, stop_memory);
}
