#include "check.h"

#include "core/answer.h"
#include "wire/command_wire.h"
#include "wire/daraja_answer.h"
#include "wire/daraja_request.h"

#include "memory.h"

/* c2b_register and c2b_simulate, from the command to the request and the answer. */

#define SECRET "0123456789abcdef0123456789abcdef"
#define BASE   "https://pay.example/n/c2b/" SECRET

static const struct account sandbox = {.name = "default",
	.app = "default",
	.shortcode = "600000",
	.passkey = "",
	.initiator = "",
	.c2b_secret = SECRET};

struct built {
	struct command command;
	struct payment payment;
	struct payment_state state;
	struct daraja_request request;
};

static void build(struct built *built, const char *operation, int64_t cents, enum api api)
{
	const char *amount =
		cents != 0 ? arena_print(&arena, "\"amount_cents\":%lld,", (long long)cents) : "";
	const char *json = arena_print(&arena,
		"{\"id\":\"0193e5f2-a7b0-7c3d-8e4f-5a6b7c8d9e0f\",\"tenant\":\"t\",%s%s}", amount, operation);
	struct command_fault fault = {.code = ""};
	struct text bytes;
	struct err err;

	memset(built, 0, sizeof(*built));
	CHECK(command_json_to_proto(text_of(json), &arena, &bytes, &err), "%s", err.text);
	CHECK(command_unpack(bytes, TEXT("application/x-protobuf"), &arena, &built->command, &fault), "%s",
		fault.text);
	built->payment = (struct payment){.id = built->command.id,
		.api = api,
		.amount = amount_of_cents(cents),
		.party = "254700000012",
		.command = built->command.canonical};
	built->state = (struct payment_state){.gen = 1, .ids = {"", "", "", ""}};
	built->request = (struct daraja_request){.api = api,
		.payment = &built->payment,
		.state = &built->state,
		.account = &sandbox,
		.now = instant_of_ms(1795418160000),
		.result_url = "",
		.timeout_url = "",
		.confirmation_url = BASE "/confirmation",
		.validation_url = BASE "/validation"};
}

static void check_command(const char *what, const char *operation, int64_t cents,
	const struct account *account, const char *want_code)
{
	const struct command_limits limits = {.now = instant_of_ms(1795418160000), .account = account};
	struct command_fault fault = {.code = ""};
	struct built built;
	bool good;

	build(&built, operation, cents, API_C2B_REGISTER);
	good = command_check(&built.command, &limits, &fault);
	CHECK(good == (want_code == NULL), "%s: %s %s", what, fault.code, fault.text);
	if (!good)
		CHECK(strcmp(fault.code, want_code) == 0, "%s: %s", what, fault.code);
}

#define REGISTER "\"c2b_register\":{}"
#define BILL     "\"c2b_simulate\":{\"phone\":\"0700000012\",\"bill_reference\":\"INV-1\"}"
#define GOODS    "\"c2b_simulate\":{\"phone\":\"0700000012\",\"kind\":\"BUY_GOODS\"}"

static void test_commands_are_held_against_their_account(void **unused)
{
	struct account production = sandbox, without = sandbox, unset = sandbox;

	(void)unused;
	production.production = true;
	without.c2b_secret = "";
	unset.c2b_secret = NULL;
	check_command("a registration", REGISTER, 0, &sandbox, NULL);
	check_command("in production", REGISTER, 0, &production, NULL);
	check_command("without a secret", REGISTER, 0, &without, "command.account.cannot");
	check_command("without the setting", REGISTER, 0, &unset, "command.account.cannot");
	check_command("a simulation", BILL, 35000, &sandbox, NULL);
	check_command("a simulation needs no secret", BILL, 35000, &without, NULL);
	check_command("never in production", BILL, 35000, &production, "command.account.production");
	check_command("goods", GOODS, 35000, &sandbox, NULL);
	check_command("goods never in production", GOODS, 35000, &production, "command.account.production");
}

static void check_request(
	const char *what, const struct built *built, const char *want_path, const char *want)
{
	struct err err = {0};
	struct text body;

	CHECK(strcmp(daraja_request_path(&built->request, &arena), want_path) == 0, "%s", what);
	CHECK(daraja_request_build(&built->request, &arena, &body, &err), "%s: %s", what, err.text);
	CHECK(text_is(body, want), "%s: %.*s", what, TEXT_ARG(body));
}

static void test_requests_go_to_the_version_of_the_app(void **unused)
{
	static const char addresses[] =
		"{\"ShortCode\":\"600000\",\"ResponseType\":\"Completed\",\"ConfirmationURL\":\"" BASE
		"/confirmation\",\"ValidationURL\":\"" BASE "/validation\"}";
	static const char bill[] =
		"{\"ShortCode\":\"600000\",\"CommandID\":\"CustomerPayBillOnline\",\"Amount\":350,\"Msisdn\":"
		"\"254700000012\",\"BillRefNumber\":\"INV-1\"}";
	struct account older = sandbox;
	struct built built;

	(void)unused;
	older.c2b_v1 = true;
	build(&built, REGISTER, 0, API_C2B_REGISTER);
	check_request("v2", &built, "/mpesa/c2b/v2/registerurl", addresses);
	built.request.account = &older;
	check_request("v1", &built, "/mpesa/c2b/v1/registerurl", addresses);
	build(&built, BILL, 35000, API_C2B_SIMULATE);
	check_request("v2", &built, "/mpesa/c2b/v2/simulate", bill);
	built.request.account = &older;
	check_request("v1", &built, "/mpesa/c2b/v1/simulate", bill);
	build(&built, GOODS, 35000, API_C2B_SIMULATE);
	check_request("goods", &built, "/mpesa/c2b/v2/simulate",
		"{\"ShortCode\":\"600000\",\"CommandID\":\"CustomerBuyGoodsOnline\",\"Amount\":350,"
		"\"Msisdn\":"
		"\"254700000012\"}");
	build(&built, "\"c2b_register\":{\"when_unreachable\":\"CANCELLED\"}", 0, API_C2B_REGISTER);
	check_request("cancelled", &built, "/mpesa/c2b/v2/registerurl",
		"{\"ShortCode\":\"600000\",\"ResponseType\":\"Cancelled\",\"ConfirmationURL\":\"" BASE
		"/confirmation\",\"ValidationURL\":\"" BASE "/validation\"}");
}

static void test_without_addresses_nothing_is_built(void **unused)
{
	struct built built;
	struct text body;
	struct err err;

	(void)unused;
	build(&built, REGISTER, 0, API_C2B_REGISTER);
	built.request.confirmation_url = NULL;
	assert_false(daraja_request_build(&built.request, &arena, &body, &err));
	built.request.confirmation_url = BASE "/confirmation";
	built.request.validation_url = "";
	assert_false(daraja_request_build(&built.request, &arena, &body, &err));
	assert_int_equal(err.class, ERR_BROKEN);
}

static enum event event_of(unsigned attempt, int http, const char *body)
{
	struct built built;
	struct answer_verdict verdict;
	struct step_facts facts = {.time_scale = 1};
	enum answer_note note;
	struct answer answer;

	build(&built, REGISTER, 0, API_C2B_REGISTER);
	built.state.attempt = attempt;
	built.state.state = STATE_SENDING;
	daraja_answer_parse(API_C2B_REGISTER, http, text_of(body), &arena, &answer);
	verdict = answer_classify(API_C2B_REGISTER, &answer, false, &arena);
	assert_true(answer_judge(&built.payment, &built.state, attempt, &answer, &verdict, &facts, &note));
	return facts.event;
}

/* That addresses stand is a certain no for the first attempt; a later one may have met what an earlier one did. */
static void test_registered_addresses_are_told_apart(void **unused)
{
	static const char already[] =
		"{\"errorCode\":\"500.003.1001\",\"errorMessage\":\"Urls are already registered.\"}";
	static const char other[] =
		"{\"errorCode\":\"500.003.1001\",\"errorMessage\":\"Internal Server Error\"}";
	static const char taken[] = "{\"OriginatorCoversationID\":\"7619-1\",\"ResponseCode\":\"0\","
				    "\"ResponseDescription\":\"Success\"}";

	(void)unused;
	assert_int_equal(event_of(1, 500, already), EVENT_TURNED_DOWN);
	assert_int_equal(event_of(2, 500, already), EVENT_NO_WORD);
	assert_int_equal(event_of(1, 500, other), EVENT_NO_WORD);
	assert_int_equal(event_of(1, 200, taken), EVENT_CONFIRMED);
	assert_int_equal(event_of(2, 200, taken), EVENT_CONFIRMED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_commands_are_held_against_their_account),
		cmocka_unit_test(test_requests_go_to_the_version_of_the_app),
		cmocka_unit_test(test_without_addresses_nothing_is_built),
		cmocka_unit_test(test_registered_addresses_are_told_apart),
	};

	return cmocka_run_group_tests(tests, start_memory, stop_memory);
}
