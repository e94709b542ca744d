#include "check.h"

#include "wire/command_wire.h"
#include "wire/daraja_request.h"

#include "memory.h"

/* Every word of these requests is spelt as Daraja wants it, which is not always as it should be. */

static const struct account usual = {
	.name = "shop",
	.api_base = "https://sandbox.safaricom.co.ke",
	.app = "shop",
	.consumer_key = "key",
	.consumer_secret = "secret",
	.shortcode = "600000",
	.passkey = "",
	.initiator = "testapi",
	.security_credential = "Y3JlZA==",
};

#define COMMAND(operation)                                                                                   \
	"{\"id\":\"0193e5f2-a7b0-7c3d-8e4f-5a6b7c8d9e0f\",\"tenant\":\"t\",\"amount_cents\":"                \
	"35000," operation "}"
#define INITIATOR "\"Initiator\":\"testapi\",\"SecurityCredential\":\"Y3JlZA==\","
#define NAMED     "\"InitiatorName\":\"testapi\",\"SecurityCredential\":\"Y3JlZA==\","
#define KEY       "\"OriginatorConversationID\":\"0193e5f2a7b07c3d8e4f5a6b7c8d9e0f-1\","
#define URLS      "\"QueueTimeOutURL\":\"https://pay.example/n/t\",\"ResultURL\":\"https://pay.example/n/r\""

struct fixture {
	struct payment payment;
	struct payment_state state;
	struct account account;
	struct daraja_request request;
};

static void set_up(struct fixture *f, enum api api, const char *json)
{
	struct command_fault fault;
	struct command command;
	struct text bytes;
	struct err err;

	memset(f, 0, sizeof(*f));
	CHECK(command_json_to_proto(text_of(json), &arena, &bytes, &err), "%s", err.text);
	CHECK(command_unpack(bytes, TEXT("application/x-protobuf"), &arena, &command, &fault), "%s",
		fault.text);
	f->account = usual;
	command_payment(&command, &f->account, instant_of_ms(1624861448000), 1, &arena, &f->payment);
	f->payment.api = api;
	f->state.gen = 1;
	f->state.ids = (struct provider_ids){"", "", "", ""};
	f->request = (struct daraja_request){
		.api = api,
		.payment = &f->payment,
		.state = &f->state,
		.account = &f->account,
		.now = instant_of_ms(1624861448000),
		.result_url = "https://pay.example/n/r",
		.timeout_url = "https://pay.example/n/t",
		.about = {"", "", ""},
	};
}

static void check_body(const char *what, struct fixture *f, const char *want)
{
	struct err err = {0};
	struct text body;

	CHECK(daraja_request_build(&f->request, &arena, &body, &err), "%s: %s", what, err.text);
	CHECK(text_is(body, want), "%s: %.*s", what, TEXT_ARG(body));
}

static void check_refused(const char *what, struct fixture *f, enum err_class class)
{
	struct err err = {0};
	struct text body;

	CHECK(!daraja_request_build(&f->request, &arena, &body, &err), "%s: %.*s", what, TEXT_ARG(body));
	CHECK(err.class == class, "%s: %s", what, err.text);
}

static void test_a_paybill_is_paid(void **state)
{
	struct fixture f;

	(void)state;
	set_up(&f, API_B2B,
		COMMAND("\"b2b\":{\"kind\":\"PAY_BILL\",\"receiver\":\"600584\",\"account_reference\":\"INV-"
			"77\","
			"\"requester\":\"0700000012\",\"remarks\":\"Flour\",\"occasion\":\"2026-11\"}"));
	check_body("all that can be told", &f,
		"{" INITIATOR "\"CommandID\":\"BusinessPayBill\",\"SenderIdentifierType\":\"4\","
		"\"RecieverIdentifierType\":\"4\",\"Amount\":350,\"PartyA\":\"600000\",\"PartyB\":\"600584\","
		"\"AccountReference\":\"INV-77\",\"Requester\":\"254700000012\",\"Remarks\":\"Flour\"," URLS
		",\"Occassion\":\"2026-11\"}");
	assert_string_equal(daraja_request_path(&f.request, &arena), "/mpesa/b2b/v1/paymentrequest");
}

static void test_a_till_is_paid_without_what_it_has_not(void **state)
{
	struct fixture f;

	(void)state;
	set_up(&f, API_B2B,
		COMMAND("\"b2b\":{\"kind\":\"BUY_GOODS\",\"receiver\":\"300584\",\"remarks\":\"Flour\"}"));
	check_body("a till", &f,
		"{" INITIATOR "\"CommandID\":\"BusinessBuyGoods\",\"SenderIdentifierType\":\"4\","
		"\"RecieverIdentifierType\":\"2\",\"Amount\":350,\"PartyA\":\"600000\",\"PartyB\":\"300584\","
		"\"Remarks\":\"Flour\"," URLS "}");
	f.account.till_as_4 = true;
	check_body("as the portal has it", &f,
		"{" INITIATOR "\"CommandID\":\"BusinessBuyGoods\",\"SenderIdentifierType\":\"4\","
		"\"RecieverIdentifierType\":\"4\",\"Amount\":350,\"PartyA\":\"600000\",\"PartyB\":\"300584\","
		"\"Remarks\":\"Flour\"," URLS "}");
}

static void test_every_kind_has_its_command_and_its_receivers_type(void **state)
{
	static const struct {
		const char *kind, *command, *type;
	} kinds[] = {
		{"PAY_BILL", "BusinessPayBill", "4"},
		{"BUY_GOODS", "BusinessBuyGoods", "2"},
		{"PAY_TO_BULK", "BusinessPayToBulk", "4"},
		{"BUSINESS_PAYMENT", "BusinessPayment", "4"},
		{"DISBURSE_FUNDS_TO_BUSINESS", "DisburseFundsToBusiness", "4"},
		{"BUSINESS_TO_BUSINESS_TRANSFER", "BusinessToBusinessTransfer", "4"},
		{"MERCHANT_TO_MERCHANT_TRANSFER", "MerchantToMerchantTransfer", "2"},
		{"TRANSFER_FROM_MMF_TO_UTILITY", "BusinessTransferFromMMFToUtility", "4"},
		{"TRANSFER_FROM_UTILITY_TO_MMF", "BusinessTransferFromUtilityToMMF", "4"},
		{"REVENUE_SETTLEMENT", "OrgRevenueSettlement", "4"},
		{"TRANSFER_FROM_MERCHANT_TO_WORKING", "MerchantTransferFromMerchantToWorking", "4"},
		{"MERCHANT_SERVICES_MMF_TRANSFER", "MerchantServicesMMFAccountTransfer", "4"},
		{"AGENCY_FLOAT_ADVANCE", "AgencyFloatAdvance", "4"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(kinds); i++) {
		struct fixture f;

		set_up(&f, API_B2B,
			arena_print(&arena,
				COMMAND("\"b2b\":{\"kind\":\"%s\",\"receiver\":\"600584\",\"remarks\":"
					"\"Move\"}"),
				kinds[i].kind));
		check_body(kinds[i].kind, &f,
			arena_print(&arena,
				"{" INITIATOR "\"CommandID\":\"%s\",\"SenderIdentifierType\":\"4\","
				"\"RecieverIdentifierType\":\"%s\",\"Amount\":350,\"PartyA\":\"600000\","
				"\"PartyB\":\"600584\",\"Remarks\":\"Move\"," URLS "}",
				kinds[i].command, kinds[i].type));
	}
}

static void test_tax_goes_to_its_only_receiver(void **state)
{
	struct fixture f;

	(void)state;
	set_up(&f, API_TAX_REMITTANCE,
		COMMAND("\"tax_remittance\":{\"registration_number\":\"353353\",\"remarks\":\"VAT\"}"));
	check_body("tax", &f,
		"{" INITIATOR "\"CommandID\":\"PayTaxToKRA\",\"SenderIdentifierType\":\"4\","
		"\"RecieverIdentifierType\":\"4\",\"Amount\":350,\"PartyA\":\"600000\",\"PartyB\":\"572572\","
		"\"AccountReference\":\"353353\",\"Remarks\":\"VAT\"," URLS "}");
	assert_string_equal(daraja_request_path(&f.request, &arena), "/mpesa/b2b/v1/remittax");
}

static void test_a_pochi_gets_our_key(void **state)
{
	struct fixture f;

	(void)state;
	set_up(&f, API_B2POCHI,
		COMMAND("\"b2pochi\":{\"phone\":\"0700000012\",\"remarks\":\"Onions\",\"occasion\":"
			"\"May\"}"));
	check_body("pochi", &f,
		"{" KEY NAMED "\"CommandID\":\"BusinessPayToPochi\",\"Amount\":350,\"PartyA\":\"600000\","
		"\"PartyB\":\"254700000012\",\"Remarks\":\"Onions\"," URLS ",\"Occassion\":\"May\"}");
	assert_string_equal(daraja_request_path(&f.request, &arena), "/mpesa/b2pochi/v1/paymentrequest");
}

static void test_b2c_as_it_was_has_no_key(void **state)
{
	struct fixture f;

	(void)state;
	set_up(&f, API_B2C_V1,
		COMMAND("\"b2c\":{\"phone\":\"0700000012\",\"remarks\":\"Refund\",\"kind\":\"PROMOTION_"
			"PAYMENT\"}"));
	check_body("b2c v1", &f,
		"{" NAMED "\"CommandID\":\"PromotionPayment\",\"Amount\":350,\"PartyA\":\"600000\","
		"\"PartyB\":\"254700000012\",\"Remarks\":\"Refund\"," URLS "}");
	assert_string_equal(daraja_request_path(&f.request, &arena), "/mpesa/b2c/v1/paymentrequest");
	assert_string_equal(api_operation(api_row(API_B2C_V1)), "b2c");
}

/* The optional field has one s here, and the addresses stand the other way round. */
static void test_a_reversal_names_the_receipt(void **state)
{
	struct fixture f;

	(void)state;
	set_up(&f, API_REVERSAL,
		COMMAND("\"reversal\":{\"receipt\":\"UKN4A7QX2M\",\"remarks\":\"Twice\",\"occasion\":"
			"\"May\"}"));
	check_refused("before it is known what it is about", &f, ERR_REFUSED);
	f.request.about.receipt = "UKN4A7QX2M";
	check_body("reversal", &f,
		"{" INITIATOR
		"\"CommandID\":\"TransactionReversal\",\"TransactionID\":\"UKN4A7QX2M\",\"Amount\":350,"
		"\"ReceiverParty\":\"600000\",\"RecieverIdentifierType\":\"11\","
		"\"ResultURL\":\"https://pay.example/n/r\",\"QueueTimeOutURL\":\"https://pay.example/n/t\","
		"\"Remarks\":\"Twice\",\"Occasion\":\"May\"}");
	assert_string_equal(daraja_request_path(&f.request, &arena), "/mpesa/reversal/v1/request");
}

static void test_what_could_be_paid_wrongly_is_not_built(void **state)
{
	struct fixture f;

	(void)state;
	set_up(&f, API_B2B,
		COMMAND("\"b2b\":{\"kind\":\"PAY_BILL\",\"receiver\":\"600584\",\"account_reference\":\"I\","
			"\"remarks\":\"Flour\"}"));
	f.payment.amount = amount_of_cents(35050);
	check_refused("half shillings", &f, ERR_BROKEN);
	f.payment.amount = amount_of_cents(35000);
	f.request.timeout_url = "";
	check_refused("no address for time-outs", &f, ERR_BROKEN);
	f.request.timeout_url = "https://pay.example/n/t";
	f.account.initiator = "";
	check_refused("no initiator", &f, ERR_BROKEN);
	f.account.initiator = "testapi";
	f.account.security_credential = "";
	check_refused("no credential", &f, ERR_BROKEN);
	set_up(&f, API_B2B, COMMAND("\"b2b\":{\"kind\":\"PAY_BILL\",\"remarks\":\"Flour\"}"));
	check_refused("nobody to be paid", &f, ERR_BROKEN);
	set_up(&f, API_TAX_REMITTANCE, COMMAND("\"tax_remittance\":{\"remarks\":\"VAT\"}"));
	check_refused("tax of nobody", &f, ERR_BROKEN);
	set_up(&f, API_B2POCHI, COMMAND("\"b2pochi\":{\"phone\":\"0700000012\",\"remarks\":\"Onions\"}"));
	f.state.gen = 0;
	check_refused("a pochi payout without a claim", &f, ERR_BROKEN);
}

/* A question about one without a key of ours: the gateway's id, or none at all. */
static void test_questions_name_the_gateways_id(void **state)
{
	struct fixture f;

	(void)state;
	set_up(&f, API_B2B,
		COMMAND("\"b2b\":{\"kind\":\"PAY_TO_BULK\",\"receiver\":\"600584\",\"remarks\":\"Top up\"}"));
	f.request.api = API_TRANSACTION_STATUS;
	about_payment(&f.payment, &f.state, &arena, &f.request.about);
	check_refused("the answer was lost", &f, ERR_REFUSED);
	f.state.ids.originator = "9a1c-4d77-b0e2-5f31c08e77aa118204";
	about_payment(&f.payment, &f.state, &arena, &f.request.about);
	check_body("status", &f,
		"{" INITIATOR "\"CommandID\":\"TransactionStatusQuery\","
		"\"OriginalConversationID\":\"9a1c-4d77-b0e2-5f31c08e77aa118204\",\"PartyA\":\"600000\","
		"\"IdentifierType\":\"4\",\"ResultURL\":\"https://pay.example/n/r\","
		"\"QueueTimeOutURL\":\"https://pay.example/n/t\",\"Remarks\":\"Status question\"}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_paybill_is_paid),
		cmocka_unit_test(test_a_till_is_paid_without_what_it_has_not),
		cmocka_unit_test(test_every_kind_has_its_command_and_its_receivers_type),
		cmocka_unit_test(test_tax_goes_to_its_only_receiver),
		cmocka_unit_test(test_a_pochi_gets_our_key),
		cmocka_unit_test(test_b2c_as_it_was_has_no_key),
		cmocka_unit_test(test_a_reversal_names_the_receipt),
		cmocka_unit_test(test_what_could_be_paid_wrongly_is_not_built),
		cmocka_unit_test(test_questions_name_the_gateways_id),
	};

	return cmocka_run_group_tests(tests, start_memory, stop_memory);
}
