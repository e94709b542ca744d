#include "wire/proto_json.h"

#include "../../fuzz/fuzz.h"
#include "mutate.h"
#include "memory.h"

#include <mkondo/v1/command.pb-c.h>
#include <mkondo/v1/internal.pb-c.h>
#include <mkondo/v1/result.pb-c.h>

#define ROWS(rows)     (sizeof(rows) / sizeof((rows)[0]))
#define COMMAND        (&mkondo__v1__command__descriptor)
#define BYTES(literal) ((struct text){literal, sizeof(literal) - 1})

static void test_bytes_that_protobuf_c_would_take_too_easily_are_refused(void **state)
{
	static const struct {
		const char *what;
		struct text bytes;
		enum proto_trouble want;
		const char *want_field;
	} rows[] = {
		{"unknown field", BYTES("\x92\x03\x01x"), PROTO_UNKNOWN, "#50"},
		{"unknown number", BYTES("\x90\x03\x01"), PROTO_UNKNOWN, "#50"},
		{"an operation of a later release", BYTES("\xb2\x03\x00"), PROTO_UNKNOWN, "#54"},
		{"unknown inside", BYTES("\xa2\x01\x03\x3a\x01x"), PROTO_UNKNOWN, "stk_push.#7"},
		{"unknown in a map's entry", BYTES("\x4a\x05\x0a\x01k\x18\x01"), PROTO_UNKNOWN,
			"metadata.#3"},
		{"string with a NUL",
			BYTES("\x0a\x03"
			      "a\0b"),
			PROTO_TEXT, "id"},
		{"string with a NUL at its end",
			BYTES("\x0a\x02"
			      "a\0"),
			PROTO_TEXT, "id"},
		{"bad UTF-8", BYTES("\x12\x02\xc3\x28"), PROTO_TEXT, "tenant"},
		{"overlong UTF-8", BYTES("\x12\x02\xc0\xaf"), PROTO_TEXT, "tenant"},
		{"surrogate", BYTES("\x12\x03\xed\xa0\x80"), PROTO_TEXT, "tenant"},
		{"bad UTF-8 in a map's value", BYTES("\x4a\x06\x0a\x01k\x12\x01\xff"), PROTO_TEXT,
			"metadata.value"},
		{"number for a string", BYTES("\x08\x01"), PROTO_TYPE, "id"},
		{"string for a number", BYTES("\x22\x01x"), PROTO_TYPE, "amount_cents"},
		{"fixed for a varint", BYTES("\x21\1\2\3\4\5\6\7\x08"), PROTO_TYPE, "amount_cents"},
		{"a group", BYTES("\x0b\x0c"), PROTO_TYPE, "id"},
		{"wire type 7", BYTES("\x0f"), PROTO_TYPE, "id"},
		{"id twice",
			BYTES("\x0a\x01"
			      "a\x0a\x01"
			      "a"),
			PROTO_TWICE, "id"},
		{"amount twice", BYTES("\x20\x64\x20\x64"), PROTO_TWICE, "amount_cents"},
		{"operation twice", BYTES("\xa2\x01\x00\xa2\x01\x00"), PROTO_TWICE, "stk_push"},
		{"phone twice",
			BYTES("\xa2\x01\x06\x0a\x01"
			      "1\x0a\x01"
			      "2"),
			PROTO_TWICE, "stk_push.phone"},
		{"key twice in an entry", BYTES("\x4a\x06\x0a\x01k\x0a\x01k"), PROTO_TWICE, "metadata.key"},
		{"a map's key twice", BYTES("\x4a\x03\x0a\x01k\x4a\x06\x0a\x01k\x12\x01v"), PROTO_TWICE,
			"metadata"},
		{"two operations", BYTES("\xa2\x01\x00\xaa\x01\x00"), PROTO_ONEOF, "b2c"},
		{"unknown priority", BYTES("\x40\x03"), PROTO_ENUM, "priority"},
		{"negative priority", BYTES("\x40\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), PROTO_ENUM,
			"priority"},
		{"priority cut to a known one", BYTES("\x40\x81\x80\x80\x80\x10"), PROTO_TYPE, "priority"},
		{"unknown kind", BYTES("\xa2\x01\x02\x20\x02"), PROTO_ENUM, "stk_push.kind"},
		{"cut in a tag", BYTES("\xa2"), PROTO_SYNTAX, ""},
		{"cut in a number", BYTES("\x20\x80"), PROTO_SYNTAX, "amount_cents"},
		{"a number of 11 bytes", BYTES("\x20\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01"),
			PROTO_SYNTAX, "amount_cents"},
		{"a number of 65 bits", BYTES("\x20\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02"), PROTO_SYNTAX,
			"amount_cents"},
		{"cut in a string",
			BYTES("\x0a\x05"
			      "ab"),
			PROTO_SYNTAX, "id"},
		{"a length beyond all", BYTES("\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), PROTO_SYNTAX,
			"id"},
		{"a submessage longer than the message", BYTES("\xa2\x01\x05\x0a\x01x"), PROTO_SYNTAX,
			"stk_push"},
		{"a string longer than its submessage", BYTES("\xa2\x01\x03\x0a\x05x"), PROTO_SYNTAX,
			"stk_push.phone"},
		{"field 0", BYTES("\x00\x01"), PROTO_SYNTAX, ""},
		{"field 2^29", BYTES("\x80\x80\x80\x80\x10\x01"), PROTO_SYNTAX, ""},
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		char field[64];
		struct err err = {0};
		void *message = NULL;

		CHECK(!proto_unpack(COMMAND, rows[i].bytes, &arena, &message, field, &err), "%s",
			rows[i].what);
		CHECK(message == NULL, "%s touched the output", rows[i].what);
		CHECK(err.class == ERR_REFUSED && err.code == (int)rows[i].want, "%s: %d, %s", rows[i].what,
			err.code, err.text);
		CHECK(strcmp(field, rows[i].want_field) == 0, "%s: field \"%s\"", rows[i].what, field);
		assert_true(err.text[0] != '\0');
	}
}

static void test_numbers_wider_than_their_type_are_refused(void **state)
{
	char field[64];
	struct err err = {0};

	(void)state;
	/* Hint: query_no is uint32, after_fence a bool. */
	assert_false(
		proto_check(&mkondo__v1__hint__descriptor, BYTES("\x18\x80\x80\x80\x80\x10"), field, &err));
	assert_string_equal(field, "query_no");
	assert_false(proto_check(&mkondo__v1__hint__descriptor, BYTES("\x20\x02"), field, &err));
	assert_string_equal(field, "after_fence");
	assert_true(proto_check(
		&mkondo__v1__hint__descriptor, BYTES("\x18\xff\xff\xff\xff\x0f\x20\x01"), field, &err));
	/* Callback: http_status is int32. */
	assert_false(proto_check(
		&mkondo__v1__callback__descriptor, BYTES("\x60\x80\x80\x80\x80\x08"), field, &err));
	assert_string_equal(field, "http_status");
	assert_true(proto_check(&mkondo__v1__callback__descriptor,
		BYTES("\x60\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), field, &err));
}

static void test_too_large_a_message_is_refused_before_it_is_read(void **state)
{
	struct text large = {arena_alloc(&arena, 256 * 1024 + 1), 256 * 1024 + 1};
	char field[64];
	struct err err = {0};
	void *message;

	(void)state;
	assert_false(proto_unpack(COMMAND, large, &arena, &message, field, &err));
	assert_non_null(strstr(err.text, "256 KiB"));
	assert_false(proto_from_json(COMMAND, large, &arena, &message, field, &err));
	assert_non_null(strstr(err.text, "256 KiB"));
}

static void test_our_own_topics_may_know_more_fields_than_we_do(void **state)
{
	char field[64];
	struct err err = {0};
	void *message;
	struct text newer =
		BYTES("\x0a\x01x\x92\x03\x01x\x90\x03\x01\x95\x03\1\2\3\4\x91\x03\1\2\3\4\5\6\7\x08");

	(void)state;
	assert_false(proto_unpack(&mkondo__v1__hint__descriptor, newer, &arena, &message, field, &err));
	assert_string_equal(field, "#50");
	assert_true(proto_unpack_own(&mkondo__v1__hint__descriptor, newer, &arena, &message, &err));
	assert_string_equal(((Mkondo__V1__Hint *)message)->id, "x");
	newer.len -= 1;
	assert_false(proto_unpack_own(&mkondo__v1__hint__descriptor, newer, &arena, &message, &err));
	assert_false(proto_unpack_own(
		&mkondo__v1__hint__descriptor, BYTES("\x0a\x01\xff"), &arena, &message, &err));
	assert_non_null(strstr(err.text, "field id"));
}

static void test_json_that_two_readers_could_read_differently_is_refused(void **state)
{
	static const struct {
		const char *what, *json;
		enum proto_trouble want;
		const char *want_field;
	} rows[] = {
		{"nothing", "", PROTO_SYNTAX, ""},
		{"a list", "[]", PROTO_TYPE, ""},
		{"a word", "null", PROTO_SYNTAX, ""},
		{"cut", "{\"id\":\"x\"", PROTO_SYNTAX, ""},
		{"two objects", "{}{}", PROTO_SYNTAX, ""},
		{"words behind", "{} x", PROTO_SYNTAX, ""},
		{"single quotes", "{'id':'x'}", PROTO_SYNTAX, ""},
		{"NUL", "{\"id\":\"a\\u0000b\"}", PROTO_TEXT, ""},
		{"lone surrogate", "{\"id\":\"\\ud800\"}", PROTO_SYNTAX, ""},
		{"bad UTF-8", "{\"id\":\"\xc3\x28\"}", PROTO_TEXT, ""},
		{"key twice", "{\"id\":\"a\",\"id\":\"a\"}", PROTO_TWICE, ""},
		{"both spellings", "{\"amount_cents\":100,\"amountCents\":100}", PROTO_TWICE, "amount_cents"},
		{"both spellings, one null", "{\"amount_cents\":100,\"amountCents\":null}", PROTO_TWICE,
			"amount_cents"},
		{"unknown", "{\"amount\":100}", PROTO_UNKNOWN, "amount"},
		{"unknown, null", "{\"amount\":null}", PROTO_UNKNOWN, "amount"},
		{"unknown inside", "{\"stk_push\":{\"msisdn\":\"07\"}}", PROTO_UNKNOWN, "stk_push.msisdn"},
		{"another case", "{\"Id\":\"x\"}", PROTO_UNKNOWN, "Id"},
		{"half camel", "{\"stkPush\":{\"accountreference\":\"x\"}}", PROTO_UNKNOWN,
			"stk_push.accountreference"},
		{"a mixture", "{\"amount_Cents\":1}", PROTO_UNKNOWN, "amount_Cents"},
		{"odd name", "{\"a b\":1}", PROTO_UNKNOWN, "?"},
		{"no name", "{\"\":1}", PROTO_UNKNOWN, "?"},
		{"number for a string", "{\"id\":1}", PROTO_TYPE, "id"},
		{"object for a string", "{\"id\":{}}", PROTO_TYPE, "id"},
		{"a real", "{\"amount_cents\":100.0}", PROTO_TYPE, "amount_cents"},
		{"an exponent", "{\"amount_cents\":1e3}", PROTO_TYPE, "amount_cents"},
		{"a real in a string", "{\"amount_cents\":\"100.0\"}", PROTO_TYPE, "amount_cents"},
		{"a space in the string", "{\"amount_cents\":\" 100\"}", PROTO_TYPE, "amount_cents"},
		{"an empty string", "{\"amount_cents\":\"\"}", PROTO_TYPE, "amount_cents"},
		{"a bool for a number", "{\"amount_cents\":true}", PROTO_TYPE, "amount_cents"},
		{"beyond int64", "{\"amount_cents\":\"9223372036854775808\"}", PROTO_TYPE, "amount_cents"},
		{"beyond jansson", "{\"amount_cents\":9223372036854775808}", PROTO_SYNTAX, ""},
		{"unknown enum name", "{\"priority\":\"URGENT\"}", PROTO_ENUM, "priority"},
		{"enum of another case", "{\"priority\":\"bulk\"}", PROTO_ENUM, "priority"},
		{"unknown enum number", "{\"priority\":3}", PROTO_ENUM, "priority"},
		{"enum number that wraps", "{\"priority\":4294967297}", PROTO_ENUM, "priority"},
		{"enum number in a string", "{\"priority\":\"1\"}", PROTO_ENUM, "priority"},
		{"enum inside", "{\"b2c\":{\"kind\":\"GIFT\"}}", PROTO_ENUM, "b2c.kind"},
		{"two operations", "{\"stk_push\":{},\"b2c\":{}}", PROTO_ONEOF, "b2c"},
		{"a list for a message", "{\"stk_push\":[]}", PROTO_TYPE, "stk_push"},
		{"a list for a map", "{\"metadata\":[]}", PROTO_TYPE, "metadata"},
		{"a number in a map", "{\"metadata\":{\"k\":1}}", PROTO_TYPE, "metadata.value"},
		{"a map's key twice", "{\"metadata\":{\"k\":\"1\",\"k\":\"2\"}}", PROTO_TWICE, ""},
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		char field[64];
		struct err err = {0};
		void *message = NULL;

		CHECK(!proto_from_json(COMMAND, text_of(rows[i].json), &arena, &message, field, &err), "%s",
			rows[i].what);
		CHECK(message == NULL, "%s touched the output", rows[i].what);
		CHECK(err.class == ERR_REFUSED && err.code == (int)rows[i].want, "%s: %d, %s", rows[i].what,
			err.code, err.text);
		CHECK(strcmp(field, rows[i].want_field) == 0, "%s: field \"%s\"", rows[i].what, field);
	}
}

static void test_every_allowed_spelling_means_the_same(void **state)
{
	static const char *const rows[] = {
		"{\"id\":\"x\",\"amount_cents\":35000,\"priority\":2,\"metadata\":{\"b\":\"2\",\"a\":\"1\"},"
		"\"stk_push\":{\"account_reference\":\"r\"}}",
		"{\"id\":\"x\",\"amountCents\":\"35000\",\"priority\":\"BULK\",\"metadata\":{\"a\":\"1\","
		"\"b\":\"2\"},\"stkPush\":{\"accountReference\":\"r\"}}",
		" \n{\"stkPush\":{\"accountReference\":\"r\",\"till\":null,\"kind\":0},\"metadata\":{\"a\":"
		"\"1\",\"b\":\"2\"},\"b2c\":null,"
		"\"id\":\"\\u0078\",\"tenant\":\"\",\"amount_cents\":\"35000\",\"priority\":2}\n",
	};
	struct text first = {0};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		char field[64];
		struct err err = {0};
		struct text packed;
		void *message;

		CHECK(proto_from_json(COMMAND, text_of(rows[i]), &arena, &message, field, &err),
			"row %zu: %s: %s", i, field, err.text);
		packed = proto_pack(message, &arena);
		if (i == 0)
			first = packed;
		CHECK(text_same(packed, first), "row %zu", i);
	}
	assert_int_equal(first.len, strlen("\x0a\x01x\x20\xb8\x91\x02\x40\x02") + 2 * 8 + 3 + 3);
}

static void test_json_is_written_in_one_way(void **state)
{
	static const char *const want =
		"{\"id\":\"x\",\"version\":3,\"outcome\":\"SUCCEEDED\",\"final\":true,"
		"\"amount_cents\":\"35000\",\"cause\":{\"text\":\"a \\\"b\\\"\"},\"decided_at_ms\":\"-5\","
		"\"metadata\":{\"a\":\"\",\"b\":\"2\"},\"charges\":[{\"cents\":\"7\"},{}],\"fingerprint\":"
		"\"AP8Q\",\"answer\":{}}";
	char field[64];
	struct err err = {0};
	struct text json, again;
	void *message;

	(void)state;
	CHECK(proto_from_json(&mkondo__v1__result__descriptor, text_of(want), &arena, &message, field, &err),
		"%s: %s", field, err.text);
	assert_true(proto_to_json(message, &arena, &json, &err));
	CHECK(text_is(json, want), "%.*s", TEXT_ARG(json));
	assert_true(proto_unpack(
		&mkondo__v1__result__descriptor, proto_pack(message, &arena), &arena, &message, field, &err));
	assert_true(proto_to_json(message, &arena, &again, &err));
	assert_true(text_same(json, again));
}

static void test_a_long_message_is_written_whole(void **state)
{
	size_t len = 100000;
	char *path = arena_alloc(&arena, len + 1);
	Mkondo__V1__Callback message = MKONDO__V1__CALLBACK__INIT;
	char field[64];
	struct err err = {0};
	struct text json;
	void *again;

	(void)state;
	memset(path, '"', len);
	message.path = path;
	assert_true(proto_to_json(&message, &arena, &json, &err));
	assert_true(json.len > 2 * len);
	assert_true(proto_from_json(&mkondo__v1__callback__descriptor, json, &arena, &again, field, &err));
	assert_string_equal(((Mkondo__V1__Callback *)again)->path, path);
}

static void test_packing_sorts_maps_and_leaves_the_message_alone(void **state)
{
	Mkondo__V1__Command__MetadataEntry b = MKONDO__V1__COMMAND__METADATA_ENTRY__INIT;
	Mkondo__V1__Command__MetadataEntry a = MKONDO__V1__COMMAND__METADATA_ENTRY__INIT;
	Mkondo__V1__Command__MetadataEntry *entries[] = {&b, &a};
	Mkondo__V1__Command message = MKONDO__V1__COMMAND__INIT;
	struct text packed;

	(void)state;
	b.key = "b";
	a.key = "a";
	message.metadata = entries;
	message.n_metadata = 2;
	packed = proto_pack(&message, &arena);
	assert_int_equal(packed.len, 10);
	assert_memory_equal(packed.at,
		"\x4a\x03\x0a\x01"
		"a\x4a\x03\x0a\x01"
		"b",
		10);
	assert_ptr_equal(entries[0], &b);
}

static void test_a_newline_alone_does_not_make_json(void **state)
{
	(void)state;
	assert_true(proto_looks_like_json(TEXT("{")));
	assert_true(proto_looks_like_json(TEXT(" {}")));
	assert_true(proto_looks_like_json(TEXT("\n{}")));
	assert_true(proto_looks_like_json(TEXT("\n\n {}")));
	assert_false(proto_looks_like_json(TEXT("\n$018f0304-0506-7008-900a-0b0c0d0e0f10")));
	assert_false(proto_looks_like_json(TEXT("\n")));
	assert_false(proto_looks_like_json(TEXT("")));
	assert_false(proto_looks_like_json(TEXT("\x12\x01")));
}

static void test_strings_that_no_reader_would_take_are_repaired(void **state)
{
	const char *good = "f\xc3\xbcr";

	(void)state;
	assert_ptr_equal(proto_string(good, &arena), good);
	assert_string_equal(proto_string(NULL, &arena), "");
	assert_string_equal(proto_string("f\xc3\xbcr \xc3", &arena), "f??r ?");
}

static void test_no_mutant_breaks_a_promise(void **state)
{
	static const char *const examples[] = {"stk_push", "b2c", "stk_query"};
	struct text seeds[8];
	char field[64];
	struct err err = {0};
	size_t n = 0;
	void *message;

	(void)state;
	for (size_t i = 0; i < ROWS(examples); i++) {
		seeds[n] = example_read(examples[i], &arena);
		CHECK(proto_from_json(COMMAND, seeds[n], &arena, &message, field, &err), "%s: %s: %s",
			examples[i], field, err.text);
		seeds[n + 1] = proto_pack(message, &arena);
		n += 2;
	}
	seeds[n++] = BYTES("\x0a\x01x\x10\x03\x18\x03\x62\x03\x1a\x01t\x8a\x01\x03\x0a\x01k\x92\x01\x02\x18"
			   "\x07\x9a\x01\x01z");
	mutate_all(seeds, n, 20000, LLVMFuzzerTestOneInput);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bytes_that_protobuf_c_would_take_too_easily_are_refused),
		cmocka_unit_test(test_numbers_wider_than_their_type_are_refused),
		cmocka_unit_test(test_too_large_a_message_is_refused_before_it_is_read),
		cmocka_unit_test(test_our_own_topics_may_know_more_fields_than_we_do),
		cmocka_unit_test(test_json_that_two_readers_could_read_differently_is_refused),
		cmocka_unit_test(test_every_allowed_spelling_means_the_same),
		cmocka_unit_test(test_json_is_written_in_one_way),
		cmocka_unit_test(test_a_long_message_is_written_whole),
		cmocka_unit_test(test_packing_sorts_maps_and_leaves_the_message_alone),
		cmocka_unit_test(test_a_newline_alone_does_not_make_json),
		cmocka_unit_test(test_strings_that_no_reader_would_take_are_repaired),
		cmocka_unit_test(test_no_mutant_breaks_a_promise),
	};

	return cmocka_run_group_tests(tests, start_memory, stop_memory);
}
