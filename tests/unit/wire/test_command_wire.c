#include "wire/command_wire.h"

#include "../../fuzz/fuzz.h"
#include "mutate.h"
#include "wire/proto_json.h"
#include "memory.h"

#include <mkondo/v1/command.pb-c.h>

#define ROWS(rows)     (sizeof(rows) / sizeof((rows)[0]))
#define BYTES(literal) ((struct text){literal, sizeof(literal) - 1})
#define ID             "018f0304-0506-7008-900a-0b0c0d0e0f10"
#define OTHER_ID       "018f0304-0506-7008-900a-0b0c0d0e0f11"
/* Field 1 with an id, and a push without anything. */
#define ID_FIELD "\x0a\x24" ID
#define PUSH     "\xa2\x01\x00"

static struct command read_as(struct text bytes, const char *content_type)
{
	struct command_fault fault = {0};
	struct command command;

	CHECK(command_unpack(bytes, text_of(content_type), &arena, &command, &fault), "%s: %s: %s",
		fault.code, fault.field, fault.text);
	return command;
}

static struct command from_json(const char *json)
{
	return read_as(text_of(json), "application/json");
}

static bool same_fingerprint(const struct command *a, const struct command *b)
{
	return memcmp(a->fingerprint.b, b->fingerprint.b, DIGEST_SIZE) == 0;
}

static void test_what_cannot_be_read_says_why_and_whose_it_is(void **state)
{
	static const struct {
		const char *what, *type;
		struct text bytes;
		const char *want_code, *want_field;
		bool want_id;
	} rows[] = {
		{"nothing", "", BYTES(""), "command.encoding.empty", "", false},
		{"another type", "text/plain", BYTES("{\"id\":\"" ID "\"}"), "command.encoding.content_type",
			"", true},
		{"another type, protobuf", "application/octet-stream", BYTES(ID_FIELD PUSH),
			"command.encoding.content_type", "", true},
		{"json under protobuf's name", "application/x-protobuf", BYTES("{\"id\":\"" ID "\"}"),
			"command.field.unknown", "#15", false},
		{"protobuf under json's name", "application/json", BYTES(ID_FIELD PUSH),
			"command.encoding.json", "", false},
		{"raw under the framed name", "application/vnd.confluent.protobuf", BYTES(ID_FIELD PUSH),
			"command.encoding.framing", "", false},
		{"framed under the raw name", "application/x-protobuf", BYTES("\0\0\0\0\1\0" ID_FIELD PUSH),
			"command.encoding.protobuf", "", false},
		{"unknown field", "", BYTES(ID_FIELD PUSH "\x90\x03\x01"), "command.field.unknown", "#50",
			true},
		{"unknown field before the id", "", BYTES("\x90\x03\x01" ID_FIELD PUSH),
			"command.field.unknown", "#50", true},
		{"cut behind the id", "", BYTES(ID_FIELD "\xa2\x01\x05x"), "command.encoding.protobuf",
			"stk_push", true},
		{"cut in the id", "",
			BYTES("\x0a\x24"
			      "018f0304-0506-7008"),
			"command.encoding.protobuf", "id", false},
		{"same id twice", "", BYTES(ID_FIELD ID_FIELD PUSH), "command.field.twice", "id", true},
		{"two ids", "", BYTES(ID_FIELD "\x0a\x24" OTHER_ID PUSH), "command.field.twice", "id", false},
		{"an id and an empty one", "", BYTES(ID_FIELD "\x0a\x00" PUSH), "command.field.twice", "id",
			false},
		{"two operations", "", BYTES(ID_FIELD PUSH "\xaa\x01\x00"), "command.operation.several",
			"b2c", true},
		{"bad text", "", BYTES(ID_FIELD "\x12\x01\xff"), "command.field.text", "tenant", true},
		{"unknown enum", "", BYTES(ID_FIELD "\x40\x09"), "command.field.enum", "priority", true},
		{"amount as text", "", BYTES(ID_FIELD "\x22\x01x"), "command.field.type", "amount_cents",
			true},
		{"id of another form", "", BYTES("\x0a\x01x\x90\x03\x01"), "command.field.unknown", "#50",
			false},
		{"frame of another index", "", BYTES("\0\0\0\0\1\2\2" ID_FIELD), "command.encoding.framing",
			"", false},
		{"frame of index [0, 0]", "", BYTES("\0\0\0\0\1\4\0\0" ID_FIELD), "command.encoding.framing",
			"", false},
		{"frame without index", "", BYTES("\0\0\0\0\1"), "command.encoding.framing", "", false},
		{"a zero", "", BYTES("\0"), "command.encoding.framing", "", false},
		{"frame cut in its index", "", BYTES("\0\0\0\0\1\2"), "command.encoding.framing", "", false},
		{"framed, unknown field", "", BYTES("\0\0\0\0\1\0" ID_FIELD "\x90\x03\x01"),
			"command.field.unknown", "#50", true},
		{"framed, long index, unknown field", "", BYTES("\0\0\0\0\1\2\0" ID_FIELD "\x90\x03\x01"),
			"command.field.unknown", "#50", true},
		{"json, unknown field", "", BYTES("{\"id\":\"" ID "\",\"amount\":1}"),
			"command.field.unknown", "amount", true},
		{"json, words behind", "", BYTES("{\"id\":\"" ID "\"} x"), "command.encoding.json", "", true},
		{"json, a number beyond 64 bits", "",
			BYTES("{\"id\":\"" ID "\",\"amount_cents\":99999999999999999999}"),
			"command.encoding.json", "", true},
		{"json, cut", "", BYTES("{\"id\":\"" ID "\""), "command.encoding.json", "", false},
		{"json, name twice", "", BYTES("{\"id\":\"" ID "\",\"tenant\":\"a\",\"tenant\":\"b\"}"),
			"command.field.twice", "", true},
		{"json, two ids", "", BYTES("{\"id\":\"" ID "\",\"id\":\"" OTHER_ID "\"}"),
			"command.field.twice", "", false},
		{"json, a number for an id", "", BYTES("{\"id\":7,\"x\":1}"), "command.field.type", "id",
			false},
		{"json, NUL", "", BYTES("{\"id\":\"" ID "\",\"tenant\":\"a\\u0000\"}"), "command.field.text",
			"", true},
		{"json, capital id", "", BYTES("{\"id\":\"018F0304-0506-7008-900A-0B0C0D0E0F10\",\"x\":1}"),
			"command.field.unknown", "x", false},
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct command_fault fault = {0};
		char id[UUID_TEXT];
		struct command command;

		CHECK(!command_unpack(rows[i].bytes, text_of(rows[i].type), &arena, &command, &fault), "%s",
			rows[i].what);
		CHECK(strcmp(fault.code, rows[i].want_code) == 0, "%s: %s: %s", rows[i].what, fault.code,
			fault.text);
		CHECK(strcmp(fault.field, rows[i].want_field) == 0, "%s: field \"%s\"", rows[i].what,
			fault.field);
		CHECK(command.has_id == rows[i].want_id, "%s: id %d", rows[i].what, command.has_id);
		CHECK(!command.has_id || strcmp(uuid_text(&command.id, id), ID) == 0, "%s", rows[i].what);
		CHECK(command.canonical.len == 0 && command.api == API_NONE, "%s", rows[i].what);
		assert_true(command.tenant != NULL && command.traceparent != NULL);
	}
}

static void test_the_repeat_of_an_unreadable_record_is_the_same_one(void **state)
{
	struct command_fault fault;
	struct command first, again, other;

	(void)state;
	assert_false(command_unpack(BYTES(ID_FIELD "\x90\x03\x01"), text_of(""), &arena, &first, &fault));
	assert_false(command_unpack(BYTES(ID_FIELD "\x90\x03\x01"), text_of(""), &arena, &again, &fault));
	assert_false(command_unpack(BYTES(ID_FIELD "\x90\x03\x02"), text_of(""), &arena, &other, &fault));
	assert_true(same_fingerprint(&first, &again));
	assert_false(same_fingerprint(&first, &other));
}

static void test_whose_an_unreadable_record_is_comes_with_it(void **state)
{
	struct command_fault fault;
	struct command command;

	(void)state;
	assert_false(command_unpack(BYTES(ID_FIELD "\x12\x04shop\x1a\x04"
						   "till\x90\x03\x01"),
		text_of(""), &arena, &command, &fault));
	assert_string_equal(command.tenant, "shop");
	assert_string_equal(command.account, "till");
	assert_false(command_unpack(BYTES("{\"tenant\":\"shop\",\"account\":\"till\",\"x\":1}"), text_of(""),
		&arena, &command, &fault));
	assert_string_equal(command.tenant, "shop");
	assert_string_equal(command.account, "till");
	assert_false(command_unpack(BYTES(ID_FIELD "\x12\x01\xff"), text_of(""), &arena, &command, &fault));
	assert_string_equal(command.tenant, "");
}

static void test_all_encodings_of_a_command_are_the_same_command(void **state)
{
	struct text json = example_read("stk_push", &arena), packed;
	struct command first, others[6];
	struct err err = {0};
	char *framed;

	(void)state;
	assert_true(command_json_to_proto(json, &arena, &packed, &err));
	framed = arena_alloc(&arena, packed.len + 7);
	first = read_as(json, "");
	others[0] = read_as(json, "application/json; charset=utf-8");
	others[1] = read_as(packed, "");
	others[2] = read_as(packed, " Application/X-Protobuf ");
	memcpy(framed, "\0\0\0\1\xff\0", 6);
	memcpy(framed + 6, packed.at, packed.len);
	others[3] = read_as((struct text){framed, packed.len + 6}, "");
	others[4] = read_as((struct text){framed, packed.len + 6}, "application/vnd.confluent.protobuf");
	memcpy(framed, "\0\1\2\3\4\2\0", 7);
	memcpy(framed + 7, packed.at, packed.len);
	others[5] = read_as((struct text){framed, packed.len + 7}, "");
	for (size_t i = 0; i < ROWS(others); i++) {
		CHECK(text_same(others[i].canonical, packed), "encoding %zu", i);
		CHECK(same_fingerprint(&first, &others[i]), "encoding %zu", i);
		CHECK(others[i].has_id && uuid_cmp(&others[i].id, &first.id) == 0, "encoding %zu", i);
	}
	assert_true(text_same(first.canonical, packed));
}

static void test_every_field_arrives(void **state)
{
	struct command push = from_json(
		"{\"id\":\"" ID
		"\",\"tenant\":\"shop\",\"account\":\"a\",\"amount_cents\":\"35000\",\"currency\":\"KES\","
		"\"valid_until_ms\":\"5\",\"created_at_ms\":6,\"priority\":\"INTERACTIVE\",\"metadata\":{"
		"\"b\":\"2\",\"a\":\"1\"},"
		"\"stk_push\":{\"phone\":\"07\",\"account_reference\":\"r\",\"description\":\"d\",\"kind\":"
		"\"BUY_GOODS\",\"till\":\"12345\"}}");
	struct command payout = from_json("{\"b2c\":{\"phone\":\"07\",\"kind\":\"PROMOTION_PAYMENT\","
					  "\"remarks\":\"re\",\"occasion\":\"o\"}}");
	struct command question =
		from_json("{\"stk_query\":{\"payment_id\":\"p\",\"checkout_request_id\":\"c\"}}");
	struct command status = from_json("{\"transaction_status\":{\"receipt\":\"UKN4A7QX2M\"}}");
	struct command nothing = from_json("{}");

	(void)state;
	assert_true(push.has_id && text_is(push.id_text, ID));
	assert_string_equal(push.tenant, "shop");
	assert_string_equal(push.account, "a");
	assert_string_equal(push.currency, "KES");
	assert_int_equal(push.amount_cents, 35000);
	assert_int_equal(push.valid_until_ms, 5);
	assert_int_equal(push.created_at_ms, 6);
	assert_int_equal(push.priority, PRIORITY_INTERACTIVE);
	assert_int_equal(push.metadata_count, 2);
	assert_string_equal(push.metadata[0].key, "a");
	assert_string_equal(push.metadata[1].value, "2");
	assert_int_equal(push.api, API_STK_PUSH);
	assert_string_equal(command_field(&push.fields, "phone"), "07");
	assert_string_equal(command_field(&push.fields, "account_reference"), "r");
	assert_string_equal(command_field(&push.fields, "description"), "d");
	assert_string_equal(command_field(&push.fields, "kind"), "BUY_GOODS");
	assert_string_equal(command_field(&push.fields, "till"), "12345");
	assert_string_equal(command_field(&push.fields, "remarks"), "");
	assert_string_equal(push.traceparent, "");
	assert_int_equal(payout.api, API_B2C);
	assert_string_equal(command_field(&payout.fields, "kind"), "PROMOTION_PAYMENT");
	assert_string_equal(command_field(&payout.fields, "remarks"), "re");
	assert_string_equal(command_field(&payout.fields, "occasion"), "o");
	assert_false(payout.has_id);
	assert_int_equal(question.api, API_STK_QUERY);
	assert_string_equal(command_field(&question.fields, "payment_id"), "p");
	assert_string_equal(command_field(&question.fields, "checkout_request_id"), "c");
	assert_int_equal(status.api, API_TRANSACTION_STATUS);
	assert_int_equal(nothing.api, API_NONE);
	assert_int_equal(nothing.id_text.len, 0);
}

static void test_the_fingerprint_covers_who_asks_for_what_and_nothing_else(void **state)
{
	static const char *const base =
		"{\"id\":\"" ID
		"\",\"tenant\":\"shop\",\"amount_cents\":100,\"stk_push\":{\"phone\":\"07\"}}";
	static const struct {
		const char *what, *json;
		bool same;
	} rows[] = {
		{"other id",
			"{\"id\":\"" OTHER_ID
			"\",\"tenant\":\"shop\",\"amount_cents\":100,\"stk_push\":{\"phone\":\"07\"}}",
			true},
		{"defaults told",
			"{\"tenant\":\"shop\",\"account\":\"default\",\"currency\":\"KES\",\"amount_cents\":"
			"100,\"stk_push\":{\"phone\":\"07\",\"kind\":0,\"till\":\"\"}}",
			true},
		{"created_at",
			"{\"tenant\":\"shop\",\"created_at_ms\":7,\"amount_cents\":100,\"stk_push\":{"
			"\"phone\":\"07\"}}",
			true},
		{"valid_until",
			"{\"tenant\":\"shop\",\"valid_until_ms\":7,\"amount_cents\":100,\"stk_push\":{"
			"\"phone\":\"07\"}}",
			true},
		{"priority",
			"{\"tenant\":\"shop\",\"priority\":2,\"amount_cents\":100,\"stk_push\":{\"phone\":"
			"\"07\"}}",
			true},
		{"metadata",
			"{\"tenant\":\"shop\",\"metadata\":{\"a\":\"b\"},\"amount_cents\":100,\"stk_push\":{"
			"\"phone\":\"07\"}}",
			true},
		{"tenant", "{\"tenant\":\"shop2\",\"amount_cents\":100,\"stk_push\":{\"phone\":\"07\"}}",
			false},
		{"account",
			"{\"tenant\":\"shop\",\"account\":\"other\",\"amount_cents\":100,\"stk_push\":{"
			"\"phone\":\"07\"}}",
			false},
		{"amount", "{\"tenant\":\"shop\",\"amount_cents\":101,\"stk_push\":{\"phone\":\"07\"}}",
			false},
		{"currency",
			"{\"tenant\":\"shop\",\"currency\":\"USD\",\"amount_cents\":100,\"stk_push\":{"
			"\"phone\":\"07\"}}",
			false},
		{"phone", "{\"tenant\":\"shop\",\"amount_cents\":100,\"stk_push\":{\"phone\":\"08\"}}",
			false},
		{"kind",
			"{\"tenant\":\"shop\",\"amount_cents\":100,\"stk_push\":{\"phone\":\"07\",\"kind\":1}"
			"}",
			false},
		{"operation", "{\"tenant\":\"shop\",\"amount_cents\":100,\"b2c\":{\"phone\":\"07\"}}", false},
	};
	struct command first = from_json(base);

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct command other = from_json(rows[i].json);

		CHECK(same_fingerprint(&first, &other) == rows[i].same, "%s", rows[i].what);
	}
}

/* What is stored for years, and what other systems may compute for themselves: written out byte by byte. */
static void test_the_fingerprint_is_as_it_is_documented(void **state)
{
	struct text bytes = BYTES("\x12\x04shop\x1a\x07"
				  "default\x20\x64\x2a\x03KES\xa2\x01\x04\x0a\x02"
				  "07");
	struct command command =
		from_json("{\"tenant\":\"shop\",\"amount_cents\":100,\"stk_push\":{\"phone\":\"07\"}}");
	struct digest want = sha256(bytes);

	(void)state;
	assert_memory_equal(command.fingerprint.b, want.b, DIGEST_SIZE);
}

static void test_the_canonical_bytes_give_the_command_back(void **state)
{
	static const char *const names[] = {"stk_push", "b2c", "stk_query"};

	(void)state;
	for (size_t i = 0; i < ROWS(names); i++) {
		struct command command = read_as(example_read(names[i], &arena), "");
		struct err err = {0};
		struct command again;

		CHECK(command_unpack_canonical(command.canonical, &arena, &again, &err), "%s: %s", names[i],
			err.text);
		assert_true(text_same(again.canonical, command.canonical));
		assert_true(same_fingerprint(&again, &command));
		assert_string_equal(
			command_field(&again.fields, "phone"), command_field(&command.fields, "phone"));
	}
}

static void test_a_broken_row_is_known_as_one(void **state)
{
	static const struct text rows[] = {BYTES(""), BYTES("\x0a\x05x"), BYTES("\x90\x03\x01")};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct err err = {0};
		struct command command;

		assert_false(command_unpack_canonical(rows[i], &arena, &command, &err));
		assert_int_equal(err.class, ERR_BROKEN);
	}
}

static void test_a_tools_json_is_refused_with_its_field(void **state)
{
	struct err err = {0};
	struct text packed;

	(void)state;
	assert_false(command_json_to_proto(TEXT("{\"stk_push\":{\"msisdn\":1}}"), &arena, &packed, &err));
	assert_non_null(strstr(err.text, "stk_push.msisdn"));
	assert_false(command_json_to_proto(TEXT("nonsense"), &arena, &packed, &err));
}

/* Whoever copies an example into a topic must see it paid, not refused. */
static void test_the_examples_are_good_commands(void **state)
{
	static const struct account account = {
		.name = "default", .passkey = "x", .initiator = "x", .security_credential = "x"};
	static const struct {
		const char *name;
		enum api want;
	} rows[] = {{"stk_push", API_STK_PUSH}, {"b2c", API_B2C}, {"stk_query", API_STK_QUERY}};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct command command = read_as(example_read(rows[i].name, &arena), "");
		struct command_limits limits = {.now = uuid_v7_time(&command.id),
			.retention_ms = 90 * 86400000LL,
			.account = &account};
		struct command_fault fault = {.code = ""};

		CHECK(command_check(&command, &limits, &fault), "%s: %s: %s", rows[i].name, fault.code,
			fault.text);
		assert_int_equal(command.api, rows[i].want);
	}
}

static void test_no_mutant_breaks_a_promise(void **state)
{
	static const char *const names[] = {"stk_push", "b2c", "stk_query"};
	struct text seeds[16];
	size_t n = 0;

	(void)state;
	for (size_t i = 0; i < ROWS(names); i++) {
		struct text json = example_read(names[i], &arena), packed = read_as(json, "").canonical;
		char *framed = arena_alloc(&arena, packed.len + 6);

		memcpy(framed + 6, packed.at, packed.len);
		seeds[n++] = json;
		seeds[n++] = packed;
		seeds[n++] = (struct text){framed, packed.len + 6};
	}
	mutate_all(seeds, n, 20000, LLVMFuzzerTestOneInput);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_cannot_be_read_says_why_and_whose_it_is),
		cmocka_unit_test(test_the_repeat_of_an_unreadable_record_is_the_same_one),
		cmocka_unit_test(test_whose_an_unreadable_record_is_comes_with_it),
		cmocka_unit_test(test_all_encodings_of_a_command_are_the_same_command),
		cmocka_unit_test(test_every_field_arrives),
		cmocka_unit_test(test_the_fingerprint_covers_who_asks_for_what_and_nothing_else),
		cmocka_unit_test(test_the_fingerprint_is_as_it_is_documented),
		cmocka_unit_test(test_the_canonical_bytes_give_the_command_back),
		cmocka_unit_test(test_a_broken_row_is_known_as_one),
		cmocka_unit_test(test_a_tools_json_is_refused_with_its_field),
		cmocka_unit_test(test_the_examples_are_good_commands),
		cmocka_unit_test(test_no_mutant_breaks_a_promise),
	};

	return cmocka_run_group_tests(tests, start_memory, stop_memory);
}
