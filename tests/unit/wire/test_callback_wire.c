#include "wire/callback_wire.h"

#include "check.h"
#include "memory.h"

#define BYTES(literal) ((struct text){literal, sizeof(literal) - 1})
#define ID             "018f0304-0506-7008-900a-0b0c0d0e0f10"

static struct callback some(void)
{
	struct callback callback = {.has_payment = true,
		.ref = {.purpose = API_TRANSACTION_STATUS,
			.flags = CALLBACK_FLAG_AFTER_FENCE,
			.gen = 65535,
			.query_no = 12},
		.strength = STRENGTH_SIGNED_LISTED,
		.peer = "196.201.214.200",
		.received_at = instant_of_ms(1795500000123),
		.path = "",
		.body = BYTES("{\"Result\":\0\xff}"),
		.traceparent = "00-x",
		.http_status = 200};

	assert_true(uuid_parse(TEXT(ID), &callback.ref.payment));
	return callback;
}

static void test_a_callback_that_cannot_be_read_is_refused(void **state)
{
	static const struct {
		const char *what;
		struct text bytes;
	} rows[] = {
		{"bad id", BYTES("\x0a\x01x")},
		{"unknown purpose", BYTES("\x10\x63")},
		{"purpose that wraps", BYTES("\x10\x81\x80\x80\x80\x08")},
		{"unknown strength", BYTES("\x30\x09")},
		{"cut", BYTES("\x52\x05x")},
		{"body twice", BYTES("\x52\x01x\x52\x01y")},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct callback callback = {.http_status = 77};
		struct err err = {0};

		CHECK(!callback_unpack(rows[i].bytes, &arena, &callback, &err), "%s", rows[i].what);
		CHECK(err.class == ERR_REFUSED && err.text[0] != '\0' && callback.http_status == 77, "%s: %s",
			rows[i].what, err.text);
	}
}

static void test_a_callback_comes_back_whole_with_its_body_untouched(void **state)
{
	struct callback callback = some(), again;
	struct err err = {0};

	(void)state;
	CHECK(callback_unpack(callback_pack(&callback, &arena), &arena, &again, &err), "%s", err.text);
	assert_true(again.has_payment);
	assert_memory_equal(&again.ref.payment, &callback.ref.payment, sizeof(again.ref.payment));
	assert_int_equal(again.ref.purpose, API_TRANSACTION_STATUS);
	assert_int_equal(again.ref.flags, CALLBACK_FLAG_AFTER_FENCE);
	assert_int_equal(again.ref.gen, 65535);
	assert_int_equal(again.ref.query_no, 12);
	assert_int_equal(again.strength, STRENGTH_SIGNED_LISTED);
	assert_string_equal(again.peer, "196.201.214.200");
	assert_true(again.received_at.us == callback.received_at.us);
	assert_string_equal(again.path, "");
	assert_true(text_same(again.body, callback.body));
	assert_string_equal(again.traceparent, "00-x");
	assert_int_equal(again.http_status, 200);
}

static void test_every_strength_and_flag_survives(void **state)
{
	(void)state;
	for (int strength = STRENGTH_NONE; strength <= STRENGTH_ASKED; strength++)
		for (unsigned flags = 0; flags < 4; flags++) {
			struct callback callback = some(), again;
			struct err err = {0};

			callback.strength = (enum strength)strength;
			callback.ref.flags = flags;
			assert_true(callback_unpack(callback_pack(&callback, &arena), &arena, &again, &err));
			assert_int_equal(again.strength, strength);
			assert_int_equal(again.ref.flags, flags);
		}
}

static void test_a_plain_path_has_no_payment(void **state)
{
	struct callback callback = {.ref = {.purpose = API_STK_PUSH},
		.strength = STRENGTH_PLAIN,
		.peer = "10.0.0.1",
		.path = "/mpesa/stk-push-callback",
		.body = BYTES("{}")};
	struct callback again;
	struct err err = {0};

	(void)state;
	assert_true(callback_unpack(callback_pack(&callback, &arena), &arena, &again, &err));
	assert_false(again.has_payment);
	assert_false(uuid_is_set(&again.ref.payment));
	assert_string_equal(again.path, "/mpesa/stk-push-callback");
	assert_int_equal(again.strength, STRENGTH_PLAIN);
}

static void test_a_callback_of_a_newer_release_is_not_lost(void **state)
{
	struct callback callback = some(), again;
	struct text packed = callback_pack(&callback, &arena);
	char *longer = arena_alloc(&arena, packed.len + 4);
	struct err err = {0};

	(void)state;
	memcpy(longer, packed.at, packed.len);
	memcpy(longer + packed.len, "\x92\x03\x01x", 4);
	assert_true(callback_unpack((struct text){longer, packed.len + 4}, &arena, &again, &err));
	assert_true(text_same(again.body, callback.body));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_callback_that_cannot_be_read_is_refused),
		cmocka_unit_test(test_a_callback_comes_back_whole_with_its_body_untouched),
		cmocka_unit_test(test_every_strength_and_flag_survives),
		cmocka_unit_test(test_a_plain_path_has_no_payment),
		cmocka_unit_test(test_a_callback_of_a_newer_release_is_not_lost),
	};

	return cmocka_run_group_tests(tests, start_memory, stop_memory);
}
