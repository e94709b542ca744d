#include "check.h"

#include "base/base64.h"
#include "wire/command_wire.h"
#include "wire/daraja_request.h"

#include <jansson.h>

static struct arena arena;

static const struct account shop = {
	.name = "shop",
	.api_base = "https://sandbox.safaricom.co.ke",
	.app = "shop",
	.consumer_key = "key",
	.consumer_secret = "secret",
	.shortcode = "174379",
	.passkey = "passkey",
	.initiator = "testapi",
	.security_credential = "Y3JlZGVudGlhbA==",
};

static const char push[] =
	"{\"id\":\"0193e5f2-a7b0-7c3d-8e4f-5a6b7c8d9e0f\",\"tenant\":\"t\",\"amount_cents\":35000,"
	"\"stk_push\":{\"phone\":\"0700000012\",\"account_reference\":\"INV-1\","
	"\"description\":\"Goods\"}}";
static const char push_to_till[] = "{\"id\":\"0193e5f2-a7b0-7c3d-8e4f-5a6b7c8d9e0f\",\"tenant\":\"t\","
				   "\"amount_cents\":35000,\"stk_push\":{\"phone\":\"0700000012\","
				   "\"account_reference\":\"INV-1\",\"description\":\"Goods\","
				   "\"kind\":\"BUY_GOODS\",\"till\":\"300584\"}}";
static const char push_without_till[] = "{\"id\":\"0193e5f2-a7b0-7c3d-8e4f-5a6b7c8d9e0f\",\"tenant\":\"t\","
					"\"amount_cents\":35000,\"stk_push\":{\"phone\":\"0700000012\","
					"\"account_reference\":\"INV-1\",\"description\":\"Goods\","
					"\"kind\":\"BUY_GOODS\"}}";
static const char salary[] = "{\"id\":\"0193e5f2-a7b0-7c3d-8e4f-5a6b7c8d9e0f\",\"tenant\":\"t\","
			     "\"amount_cents\":35000,\"b2c\":{\"phone\":\"0700000012\",\"remarks\":\"March\","
			     "\"kind\":\"SALARY_PAYMENT\",\"occasion\":\"Pay day\"}}";
static const char payout[] =
	"{\"id\":\"0193e5f2-a7b0-7c3d-8e4f-5a6b7c8d9e0f\",\"tenant\":\"t\","
	"\"amount_cents\":35000,\"b2c\":{\"phone\":\"0700000012\",\"remarks\":\"Refund\"}}";
static const char query[] = "{\"id\":\"0193e5f2-a7b0-7c3d-8e4f-5a6b7c8d9e0f\",\"tenant\":\"t\","
			    "\"stk_query\":{\"checkout_request_id\":\"ws_CO_of_the_command\"}}";

static int begin(void **state)
{
	(void)state;
	arena_init(&arena);
	return 0;
}

static int end(void **state)
{
	(void)state;
	arena_done(&arena);
	return 0;
}

struct fixture {
	struct payment payment;
	struct payment_state state;
	struct account account;
	struct daraja_request request;
};

static void set_up(struct fixture *f, enum api sent, enum api api, const char *json)
{
	struct command_fault fault;
	struct command command;
	struct text bytes;
	struct err err;

	memset(f, 0, sizeof(*f));
	CHECK(command_json_to_proto(text_of(json), &arena, &bytes, &err), "%s", err.text);
	CHECK(command_unpack(bytes, TEXT("application/x-protobuf"), &arena, &command, &fault), "%s",
		fault.text);
	f->payment.id = command.id;
	f->payment.api = api;
	f->payment.amount = amount_of_cents(command.amount_cents);
	f->payment.party = "254700000012";
	f->payment.command = command.canonical;
	f->state.gen = 1;
	f->state.ids = (struct provider_ids){"", "", "", ""};
	f->account = shop;
	f->request = (struct daraja_request){
		.api = sent,
		.payment = &f->payment,
		.state = &f->state,
		.account = &f->account,
		.now = instant_of_ms(1624861448000), /* 28 June 2021, 06:24:08 UTC */
		.result_url = "https://pay.example/n/r",
		.timeout_url = "https://pay.example/n/t",
	};
}

/* What the dispatcher does before it builds. */
static void find_about(struct fixture *f)
{
	struct command command;
	struct cause cause;
	struct err err;

	if (f->request.api != f->payment.api)
		about_payment(&f->payment, &f->state, &arena, &f->request.about);
	else if (command_unpack_canonical(f->payment.command, &arena, &command, &err))
		about_command(&f->payment, &command, NULL, NULL, &arena, &f->request.about, &cause);
}

static void check_body(const char *what, struct fixture *f, const char *want)
{
	struct err err = {0};
	struct text body;

	find_about(f);
	CHECK(daraja_request_build(&f->request, &arena, &body, &err), "%s: %s", what, err.text);
	CHECK(text_is(body, want), "%s: %.*s", what, TEXT_ARG(body));
}

static void check_refused(const char *what, struct fixture *f, enum err_class class)
{
	struct text body = TEXT("untouched");
	struct err err = {0};

	find_about(f);
	CHECK(!daraja_request_build(&f->request, &arena, &body, &err), "%s: %.*s", what, TEXT_ARG(body));
	CHECK(err.class == class, "%s: %s", what, err.text);
	CHECK(text_is(body, "untouched"), "%s", what);
}

/* The portal's sample password is these three, one behind the other. */
static void test_the_password_is_shortcode_passkey_and_time(void **state)
{
	const char *password = daraja_password(&shop, "20210628092408", &arena);
	char plain[64];
	size_t len;

	(void)state;
	assert_true(base64_parse(text_of(password), plain, sizeof(plain), &len));
	CHECK(text_is((struct text){plain, len}, "174379passkey20210628092408"), "%s", password);
}

static void test_a_push_to_a_paybill(void **state)
{
	struct fixture f;

	(void)state;
	set_up(&f, API_STK_PUSH, API_STK_PUSH, push);
	check_body("paybill", &f,
		"{\"BusinessShortCode\":\"174379\",\"Password\":\"MTc0Mzc5cGFzc2tleTIwMjEwNjI4MDkyNDA4\","
		"\"Timestamp\":\"20210628092408\",\"TransactionType\":\"CustomerPayBillOnline\",\"Amount\":"
		"350,"
		"\"PartyA\":\"254700000012\",\"PartyB\":\"174379\",\"PhoneNumber\":\"254700000012\","
		"\"CallBackURL\":\"https://pay.example/n/r\",\"AccountReference\":\"INV-1\","
		"\"TransactionDesc\":\"Goods\"}");
}

static void test_a_push_to_a_till_keeps_the_stores_shortcode(void **state)
{
	struct fixture f;

	(void)state;
	set_up(&f, API_STK_PUSH, API_STK_PUSH, push_to_till);
	check_body("till", &f,
		"{\"BusinessShortCode\":\"174379\",\"Password\":\"MTc0Mzc5cGFzc2tleTIwMjEwNjI4MDkyNDA4\","
		"\"Timestamp\":\"20210628092408\",\"TransactionType\":\"CustomerBuyGoodsOnline\",\"Amount\":"
		"350,"
		"\"PartyA\":\"254700000012\",\"PartyB\":\"300584\",\"PhoneNumber\":\"254700000012\","
		"\"CallBackURL\":\"https://pay.example/n/r\",\"AccountReference\":\"INV-1\","
		"\"TransactionDesc\":\"Goods\"}");
}

static void test_a_payout_carries_the_key_of_its_generation(void **state)
{
	struct fixture f;

	(void)state;
	set_up(&f, API_B2C, API_B2C, salary);
	check_body("salary", &f,
		"{\"OriginatorConversationID\":\"0193e5f2a7b07c3d8e4f5a6b7c8d9e0f-1\",\"InitiatorName\":"
		"\"testapi\","
		"\"SecurityCredential\":\"Y3JlZGVudGlhbA==\",\"CommandID\":\"SalaryPayment\",\"Amount\":350,"
		"\"PartyA\":\"174379\",\"PartyB\":\"254700000012\",\"Remarks\":\"March\","
		"\"QueueTimeOutURL\":\"https://pay.example/n/t\",\"ResultURL\":\"https://pay.example/n/r\","
		"\"Occassion\":\"Pay day\"}");
}

static void test_an_empty_occasion_is_left_out(void **state)
{
	struct fixture f;

	(void)state;
	set_up(&f, API_B2C, API_B2C, payout);
	check_body("payout", &f,
		"{\"OriginatorConversationID\":\"0193e5f2a7b07c3d8e4f5a6b7c8d9e0f-1\",\"InitiatorName\":"
		"\"testapi\","
		"\"SecurityCredential\":\"Y3JlZGVudGlhbA==\",\"CommandID\":\"BusinessPayment\",\"Amount\":"
		"350,"
		"\"PartyA\":\"174379\",\"PartyB\":\"254700000012\",\"Remarks\":\"Refund\","
		"\"QueueTimeOutURL\":\"https://pay.example/n/t\",\"ResultURL\":\"https://pay.example/n/r\"}");
}

static void test_a_status_question_names_the_original_by_our_key_alone(void **state)
{
	struct fixture f;

	(void)state;
	set_up(&f, API_TRANSACTION_STATUS, API_B2C, payout);
	check_body("status", &f,
		"{\"Initiator\":\"testapi\",\"SecurityCredential\":\"Y3JlZGVudGlhbA==\","
		"\"CommandID\":\"TransactionStatusQuery\","
		"\"OriginalConversationID\":\"0193e5f2a7b07c3d8e4f5a6b7c8d9e0f-1\",\"PartyA\":\"174379\","
		"\"IdentifierType\":\"4\",\"ResultURL\":\"https://pay.example/n/r\","
		"\"QueueTimeOutURL\":\"https://pay.example/n/t\",\"Remarks\":\"Status question\"}");
}

static void test_a_push_is_asked_about_by_its_checkout_id(void **state)
{
	struct fixture f;

	(void)state;
	set_up(&f, API_STK_QUERY, API_STK_PUSH, push);
	check_refused("no id yet", &f, ERR_REFUSED);
	f.state.ids.checkout = "ws_CO_of_the_row";
	check_body("push", &f,
		"{\"BusinessShortCode\":\"174379\",\"Password\":\"MTc0Mzc5cGFzc2tleTIwMjEwNjI4MDkyNDA4\","
		"\"Timestamp\":\"20210628092408\",\"CheckoutRequestID\":\"ws_CO_of_the_row\"}");
}

static void test_a_commanded_query_takes_the_id_it_was_given(void **state)
{
	struct fixture f;

	(void)state;
	set_up(&f, API_STK_QUERY, API_STK_QUERY, query);
	check_body("by the command", &f,
		"{\"BusinessShortCode\":\"174379\",\"Password\":\"MTc0Mzc5cGFzc2tleTIwMjEwNjI4MDkyNDA4\","
		"\"Timestamp\":\"20210628092408\",\"CheckoutRequestID\":\"ws_CO_of_the_command\"}");
}

static void test_text_is_escaped_and_not_pasted(void **state)
{
	struct fixture f;
	struct text body;
	struct err err;
	json_t *json;

	(void)state;
	set_up(&f, API_STK_QUERY, API_STK_PUSH, push);
	f.state.ids.checkout = "a\",\"Amount\":\"1";
	find_about(&f);
	assert_true(daraja_request_build(&f.request, &arena, &body, &err));
	json = json_loadb(body.at, body.len, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(json);
	assert_string_equal(
		json_string_value(json_object_get(json, "CheckoutRequestID")), "a\",\"Amount\":\"1");
	assert_null(json_object_get(json, "Amount"));
	json_decref(json);
}

static void test_what_could_be_paid_wrongly_is_not_built(void **state)
{
	struct fixture f;

	(void)state;
	set_up(&f, API_STK_PUSH, API_STK_PUSH, push);
	f.payment.amount = amount_of_cents(35050);
	check_refused("half shillings", &f, ERR_BROKEN);
	f.payment.amount = AMOUNT_NONE;
	check_refused("nothing", &f, ERR_BROKEN);
	f.payment.amount = amount_of_cents(-100);
	check_refused("less than nothing", &f, ERR_BROKEN);
	f.payment.amount = amount_of_cents(35000);
	f.payment.party = "0700000012";
	check_refused("a phone as it was typed", &f, ERR_BROKEN);
	f.payment.party = "";
	check_refused("no phone", &f, ERR_BROKEN);
	f.payment.party = "254700000012";
	f.request.result_url = "";
	check_refused("no callback", &f, ERR_BROKEN);
	f.request.result_url = "https://pay.example/n/r";
	f.account.passkey = "";
	check_refused("no passkey", &f, ERR_BROKEN);
	f.account.passkey = shop.passkey;
	f.payment.command = TEXT("\xff\xff");
	check_refused("a broken row", &f, ERR_BROKEN);
	set_up(&f, API_STK_PUSH, API_STK_PUSH, push_without_till);
	check_refused("goods without a till", &f, ERR_BROKEN);
}

static void test_what_needs_a_claim_or_an_initiator_is_not_built_without(void **state)
{
	struct fixture f;

	(void)state;
	set_up(&f, API_B2C, API_B2C, payout);
	f.state.gen = 0;
	check_refused("payout without a claim", &f, ERR_BROKEN);
	f.request.api = API_TRANSACTION_STATUS;
	check_refused("question without a claim", &f, ERR_REFUSED);
	f.state.gen = 1;
	f.request.timeout_url = "";
	check_refused("question without time-out address", &f, ERR_BROKEN);
	f.request.timeout_url = "https://pay.example/n/t";
	f.account.initiator = "";
	check_refused("question without initiator", &f, ERR_BROKEN);
	f.request.api = API_B2C;
	check_refused("payout without initiator", &f, ERR_BROKEN);
	set_up(&f, API_TRANSACTION_STATUS, API_STK_PUSH, push);
	check_refused("a push has no key of ours", &f, ERR_REFUSED);
	set_up(&f, API_PULL_QUERY, API_B2C, payout);
	check_refused("an api that this release does not send", &f, ERR_BROKEN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_password_is_shortcode_passkey_and_time),
		cmocka_unit_test(test_a_push_to_a_paybill),
		cmocka_unit_test(test_a_push_to_a_till_keeps_the_stores_shortcode),
		cmocka_unit_test(test_a_payout_carries_the_key_of_its_generation),
		cmocka_unit_test(test_an_empty_occasion_is_left_out),
		cmocka_unit_test(test_a_status_question_names_the_original_by_our_key_alone),
		cmocka_unit_test(test_a_push_is_asked_about_by_its_checkout_id),
		cmocka_unit_test(test_a_commanded_query_takes_the_id_it_was_given),
		cmocka_unit_test(test_text_is_escaped_and_not_pasted),
		cmocka_unit_test(test_what_could_be_paid_wrongly_is_not_built),
		cmocka_unit_test(test_what_needs_a_claim_or_an_initiator_is_not_built_without),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
