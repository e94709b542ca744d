#include "wire/result_wire.h"

#include "check.h"
#include "memory.h"
#include "wire/command_wire.h"
#include "wire/proto_json.h"

#define ROWS(rows)     (sizeof(rows) / sizeof((rows)[0]))
#define BYTES(literal) ((struct text){literal, sizeof(literal) - 1})
#define NOW_MS         (1795500000 * (int64_t)1000)
#define ID             "019ae0a1-6f00-7c3a-9d41-52c0ffee0001"

static struct payment some_payment(void)
{
	static const struct account account = {.name = "default"};
	struct command_fault fault;
	struct command command;
	struct payment payment;

	assert_true(command_unpack(TEXT("{\"id\":\"" ID "\",\"tenant\":\"shop\",\"amount_cents\":35000,"
					"\"metadata\":{\"order\":\"7\",\"agent\":\"caf\u00e9\"},"
					"\"stk_push\":{\"phone\":\"0711222333\",\"account_reference\":"
					"\"INV\",\"description\":\"d\"}}"),
		TEXT(""), &arena, &command, &fault));
	command_payment(&command, &account, instant_of_ms(NOW_MS), 1, &arena, &payment);
	return payment;
}

static struct payment_state some_state(enum state at)
{
	return (struct payment_state){.state = at,
		.attempt = 2,
		.gen = 2,
		.decided_at = {(NOW_MS + 4321) * 1000 + 999},
		.heard_receipt = "",
		.result_ver = 1,
		.ids = {.checkout = "ws_CO_1", .merchant = "29115-1", .conversation = "", .originator = ""},
		.receipt = "",
		.cause_code = ""};
}

static const struct cause cancelled = {.class = "customer",
	.code = "stk.1032",
	.text = "The customer cancelled.",
	.advice = "Ask the customer.",
	.field = "",
	.retryable = true};
static const struct cause no_cause = {.class = "", .code = "", .text = "", .advice = "", .field = ""};

static void freeze(const struct payment *payment, struct payment_state *state, const struct cause *cause)
{
	struct result result;

	result_decided(payment, state, cause, &arena, &result);
	state->frozen = result_freeze(&result, &arena);
}

static struct result thaw(const struct payment *payment, const struct payment_state *state)
{
	struct err err = {0};
	struct result result;

	CHECK(result_thaw(payment, state, &arena, &result, &err), "%s", err.text);
	return result;
}

static struct text published(
	const struct payment *payment, const struct payment_state *state, enum result_encoding encoding)
{
	struct result result = thaw(payment, state);

	return result_pack(&result, encoding, &arena);
}

static void test_a_broken_row_is_not_published(void **state)
{
	static const struct {
		const char *what;
		struct text frozen;
		unsigned result_ver;
	} rows[] = {
		{"nothing frozen", BYTES(""), 1},
		{"cut", BYTES("\x10\x01\x18"), 1},
		{"no outcome", BYTES("\x10\x01"), 1},
		{"a later version than the row's", BYTES("\x10\x02\x18\x03"), 1},
	};
	struct payment payment = some_payment();

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct payment_state row = some_state(STATE_SUCCEEDED);
		struct result result = {.version = 77};
		struct err err = {0};

		row.frozen = rows[i].frozen;
		row.result_ver = rows[i].result_ver;
		CHECK(!result_thaw(&payment, &row, &arena, &result, &err), "%s", rows[i].what);
		CHECK(err.class == ERR_BROKEN && result.version == 77, "%s", rows[i].what);
	}
}

static void test_a_payment_without_its_command_is_broken_unless_it_was_refused(void **state)
{
	struct payment payment = some_payment();
	struct payment_state row = some_state(STATE_FAILED);
	struct err err = {0};
	struct result result;

	(void)state;
	freeze(&payment, &row, &cancelled);
	payment.command = TEXT("\xff\xff");
	assert_false(result_thaw(&payment, &row, &arena, &result, &err));
	assert_int_equal(err.class, ERR_BROKEN);
	payment.rejected = true;
	result = thaw(&payment, &row);
	assert_int_equal(result.metadata_count, 0);
	payment.command = TEXT("");
	result = thaw(&payment, &row);
	assert_int_equal(result.metadata_count, 0);
}

/* The bytes are a promise to consumers: a change here is a change of the contract. */
static void test_a_result_is_published_as_it_is_documented(void **state)
{
	struct payment payment = some_payment();
	struct payment_state row = some_state(STATE_FAILED);
	struct text json;

	(void)state;
	memset(&payment.fingerprint, 0xab, sizeof(payment.fingerprint));
	freeze(&payment, &row, &cancelled);
	json = published(&payment, &row, RESULT_JSON);
	CHECK(text_is(json, "{\"id\":\"" ID "\",\"version\":1,\"outcome\":\"FAILED\",\"final\":true,"
			    "\"tenant\":\"shop\",\"account\":\"default\","
			    "\"operation\":\"stk_push\",\"amount_cents\":\"35000\",\"party\":"
			    "\"2547\u2022\u2022\u2022\u2022\u2022333\","
			    "\"cause\":{\"class\":\"customer\",\"code\":\"stk.1032\",\"text\":\"The customer "
			    "cancelled.\","
			    "\"advice\":\"Ask the customer.\",\"retryable\":true},"
			    "\"provider\":{\"checkout_request_id\":\"ws_CO_1\",\"merchant_request_id\":"
			    "\"29115-1\"},\"attempts\":2,"
			    "\"accepted_at_ms\":\"1795500000000\",\"decided_at_ms\":\"1795500004321\","
			    "\"metadata\":{\"agent\":\"caf\u00e9\",\"order\":\"7\"},"
			    "\"fingerprint\":\"q6urq6urq6urq6urq6urq6urq6urq6urq6urq6urq6s=\"}"),
		"%.*s", TEXT_ARG(json));
	assert_true(text_same(result_json(published(&payment, &row, RESULT_PROTOBUF), &arena), json));
}

static void test_a_republication_is_the_same_bytes(void **state)
{
	static const enum result_encoding encodings[] = {RESULT_PROTOBUF, RESULT_JSON};
	struct payment payment = some_payment();
	struct payment_state row = some_state(STATE_FAILED);
	struct result at_once;

	(void)state;
	freeze(&payment, &row, &cancelled);
	result_decided(&payment, &row, &cancelled, &arena, &at_once);
	for (size_t i = 0; i < ROWS(encodings); i++) {
		struct payment_state later = row;
		struct text first = published(&payment, &row, encodings[i]);

		assert_true(text_same(published(&payment, &row, encodings[i]), first));
		/* What steps without a new version change must not be seen. */
		later.state = STATE_UNKNOWN;
		later.attempt = 9;
		later.asks = 4;
		later.ids = (struct provider_ids){"other", "other", "other", "other"};
		later.receipt = "UKN4A7QX2M";
		later.moved = amount_of_cents(100);
		later.cause_code = "other";
		later.decided_at = instant_of_ms(NOW_MS + 999999);
		later.updated_at = instant_of_ms(NOW_MS + 999999);
		assert_true(text_same(published(&payment, &later, encodings[i]), first));
	}
}

static void test_freezing_what_was_thawed_changes_nothing(void **state)
{
	struct payment payment = some_payment();
	struct payment_state row = some_state(STATE_SUCCEEDED);
	struct result result;

	(void)state;
	row.receipt = "UKN4A7QX2M";
	row.moved = amount_of_cents(35000);
	freeze(&payment, &row, &no_cause);
	result = thaw(&payment, &row);
	assert_string_equal(result.receipt, "UKN4A7QX2M");
	assert_int_equal(amount_cents(result.moved), 35000);
	assert_int_equal(result.outcome, OUTCOME_SUCCEEDED);
	assert_string_equal(result.cause.class, "");
	assert_true(text_same(result_freeze(&result, &arena), row.frozen));
}

static void test_only_what_a_version_made_is_frozen(void **state)
{
	struct payment payment = some_payment();
	struct payment_state row = some_state(STATE_FAILED);
	struct text json;

	(void)state;
	freeze(&payment, &row, &cancelled);
	json = result_json(row.frozen, &arena);
	assert_false(text_has_nocase(json, "tenant"));
	assert_false(text_has_nocase(json, "metadata"));
	assert_false(text_has_nocase(json, "party"));
	assert_false(text_has_nocase(json, "fingerprint"));
	assert_false(text_has_nocase(json, ID));
	assert_true(text_has_nocase(json, "stk.1032"));
}

static void test_before_the_first_version_there_is_an_acceptance(void **state)
{
	struct payment payment = some_payment();
	struct payment_state row = some_state(STATE_PENDING);
	struct result result;

	(void)state;
	row.result_ver = 0;
	result = thaw(&payment, &row);
	assert_int_equal(result.version, 0);
	assert_int_equal(result.outcome, OUTCOME_ACCEPTED);
	assert_false(result.final);
	assert_int_equal(result.attempts, 0);
	assert_int_equal(result.metadata_count, 2);
	assert_true(text_same(
		published(&payment, &row, RESULT_PROTOBUF), published(&payment, &row, RESULT_PROTOBUF)));
}

/* A recovery jumps the row's version and keeps what was frozen: the higher number must be what is published. */
static void test_a_raised_version_is_published_as_that_version(void **state)
{
	struct payment payment = some_payment();
	struct payment_state row = some_state(STATE_SUCCEEDED);

	(void)state;
	freeze(&payment, &row, &no_cause);
	row.result_ver = 1001;
	assert_int_equal(thaw(&payment, &row).version, 1001);
}

static void test_a_text_cut_inside_a_character_does_not_block_its_result(void **state)
{
	struct payment payment = some_payment();
	struct payment_state row = some_state(STATE_FAILED);
	struct cause cause = cancelled;

	(void)state;
	cause.text = "caf\xc3";
	freeze(&payment, &row, &cause);
	assert_string_equal(thaw(&payment, &row).cause.text, "caf?");
}

static void test_an_inquirys_answer_is_in_its_result(void **state)
{
	struct payment payment = some_payment();
	struct payment_state row = some_state(STATE_SUCCEEDED);
	struct result result;

	(void)state;
	result_decided(&payment, &row, &no_cause, &arena, &result);
	result.details = (struct details){.code = "1032",
		.text = "Request cancelled by user",
		.balances = (const struct balance[]){{"Utility Account", "KES", 100050, 90000, 10050, -3}},
		.balance_count = 1,
		.charges = (const struct charge[]){{"Charge", "KES", 7700}},
		.charge_count = 1,
		.items = (const struct detail[]){{"receipt", "UKN4A7QX2M"}, {"status", "Completed"}},
		.item_count = 2,
		.png = TEXT("\x89PNG")};
	row.frozen = result_freeze(&result, &arena);
	result = thaw(&payment, &row);
	assert_string_equal(result.details.code, "1032");
	assert_string_equal(result.details.text, "Request cancelled by user");
	assert_int_equal(result.details.balance_count, 1);
	assert_string_equal(result.details.balances[0].account, "Utility Account");
	assert_int_equal(result.details.balances[0].available, 90000);
	assert_int_equal(result.details.balances[0].uncleared, -3);
	assert_int_equal(result.details.charges[0].fee_cents, 7700);
	assert_string_equal(result.details.items[1].value, "Completed");
	assert_true(text_is(result.details.png, "\x89PNG"));
	/* Frozen whole: what is published again is the same to the byte. */
	assert_true(text_same(result_freeze(&result, &arena), row.frozen));
}

static void test_tools_read_both_encodings(void **state)
{
	static const enum result_encoding encodings[] = {RESULT_PROTOBUF, RESULT_JSON};
	struct payment payment = some_payment();
	struct payment_state row = some_state(STATE_FAILED);

	(void)state;
	freeze(&payment, &row, &cancelled);
	for (size_t i = 0; i < ROWS(encodings); i++) {
		struct text bytes = published(&payment, &row, encodings[i]);
		struct err err = {0};
		struct result result;

		CHECK(result_unpack(bytes, &arena, &result, &err), "%s", err.text);
		assert_int_equal(uuid_cmp(&result.id, &payment.id), 0);
		assert_string_equal(result.cause.code, "stk.1032");
		assert_true(result.cause.retryable);
		assert_memory_equal(result.fingerprint.b, payment.fingerprint.b, DIGEST_SIZE);
		assert_true(text_same(result_pack(&result, encodings[i], &arena), bytes));
	}
}

static void test_what_is_no_result_is_refused_by_tools(void **state)
{
	static const struct text rows[] = {
		BYTES(""), BYTES("{}"), BYTES("{\"id\":7}"), BYTES("\x0a\x01x"), BYTES("\xff")};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct err err = {0};
		struct result result;

		CHECK(!result_unpack(rows[i], &arena, &result, &err), "row %zu", i);
	}
	assert_int_equal(result_json(BYTES("\xff"), &arena).len, 0);
	assert_int_equal(result_json(BYTES("{\"x\":1}"), &arena).len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_broken_row_is_not_published),
		cmocka_unit_test(test_a_payment_without_its_command_is_broken_unless_it_was_refused),
		cmocka_unit_test(test_a_result_is_published_as_it_is_documented),
		cmocka_unit_test(test_a_republication_is_the_same_bytes),
		cmocka_unit_test(test_freezing_what_was_thawed_changes_nothing),
		cmocka_unit_test(test_only_what_a_version_made_is_frozen),
		cmocka_unit_test(test_before_the_first_version_there_is_an_acceptance),
		cmocka_unit_test(test_a_raised_version_is_published_as_that_version),
		cmocka_unit_test(test_a_text_cut_inside_a_character_does_not_block_its_result),
		cmocka_unit_test(test_an_inquirys_answer_is_in_its_result),
		cmocka_unit_test(test_tools_read_both_encodings),
		cmocka_unit_test(test_what_is_no_result_is_refused_by_tools),
	};

	return cmocka_run_group_tests(tests, start_memory, stop_memory);
}
