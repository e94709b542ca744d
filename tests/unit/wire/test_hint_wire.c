#include "wire/hint_wire.h"

#include "check.h"
#include "memory.h"

#define BYTES(literal) ((struct text){literal, sizeof(literal) - 1})
#define ID             "018f0304-0506-7008-900a-0b0c0d0e0f10"

static struct uuid some_id(void)
{
	struct uuid id;

	assert_true(uuid_parse(TEXT(ID), &id));
	return id;
}

static void test_a_hint_that_cannot_be_read_is_refused(void **state)
{
	static const struct {
		const char *what;
		struct text bytes;
	} rows[] = {
		{"nothing", BYTES("")},
		{"no id", BYTES("\x10\x01")},
		{"half an id", BYTES("\x0a\x04"
				     "018f")},
		{"cut", BYTES("\x0a\x24"
			      "018f")},
		{"unknown what", BYTES("\x0a\x24" ID "\x10\x02")},
		{"twice", BYTES("\x0a\x24" ID "\x10\x01\x10\x01")},
		{"json", BYTES("{}")},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct hint hint = {.query_no = 77};
		struct err err = {0};

		CHECK(!hint_unpack(rows[i].bytes, &arena, &hint, &err), "%s", rows[i].what);
		CHECK(err.class == ERR_REFUSED && err.text[0] != '\0' && hint.query_no == 77, "%s: %s",
			rows[i].what, err.text);
	}
}

static void test_a_hint_comes_back_whole(void **state)
{
	const struct hint rows[] = {
		{.id = some_id()},
		{.id = some_id(), .ask = true, .query_no = 65535},
		{.id = some_id(), .ask = true, .query_no = 1, .after_fence = true},
		{.id = some_id(), .priority = PRIORITY_INTERACTIVE, .account = "shop-2"},
		{.id = some_id(), .priority = PRIORITY_BULK, .account = ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct err err = {0};
		struct hint hint;

		CHECK(hint_unpack(hint_pack(&rows[i], &arena), &arena, &hint, &err), "row %zu: %s", i,
			err.text);
		assert_int_equal(uuid_cmp(&hint.id, &rows[i].id), 0);
		assert_int_equal(hint.ask, rows[i].ask);
		assert_int_equal(hint.query_no, rows[i].query_no);
		assert_int_equal(hint.after_fence, rows[i].after_fence);
		assert_int_equal(hint.priority, rows[i].priority);
		assert_string_equal(hint.account, rows[i].account != NULL ? rows[i].account : "");
	}
}

static void test_a_hint_of_an_older_release_is_a_normal_one_of_nobody(void **state)
{
	struct err err = {0};
	struct hint hint;

	(void)state;
	assert_true(hint_unpack(BYTES("\x0a\x24" ID "\x10\x01\x18\x07"), &arena, &hint, &err));
	assert_int_equal(hint.query_no, 7);
	assert_int_equal(hint.priority, PRIORITY_NORMAL);
	assert_string_equal(hint.account, "");
}

static void test_a_priority_of_a_newer_release_is_normal(void **state)
{
	struct err err = {0};
	struct hint hint;

	(void)state;
	assert_true(hint_unpack(BYTES("\x0a\x24" ID "\x28\x03\x32\x01"
				      "x"),
		&arena, &hint, &err));
	assert_int_equal(hint.priority, PRIORITY_NORMAL);
	assert_string_equal(hint.account, "x");
}

static void test_a_hint_of_a_newer_release_is_still_a_hint(void **state)
{
	struct err err = {0};
	struct hint hint;

	(void)state;
	assert_true(hint_unpack(BYTES("\x0a\x24" ID "\x10\x01\x92\x03\x01x"), &arena, &hint, &err));
	assert_true(hint.ask);
}

static void test_the_note_of_an_attempt_comes_back_whole(void **state)
{
	struct attempt_note note = {.id = some_id(),
		.attempt = 3,
		.gen = 2,
		.at = instant_of_ms(1795500000123),
		.fence_at = instant_of_ms(1795504000000),
		.key = "k-2",
		.dispatcher = "d1"};
	struct attempt_note again;
	struct err err = {0};

	(void)state;
	assert_true(attempt_note_unpack(attempt_note_pack(&note, &arena), &arena, &again, &err));
	assert_int_equal(uuid_cmp(&again.id, &note.id), 0);
	assert_int_equal(again.attempt, 3);
	assert_int_equal(again.gen, 2);
	assert_true(again.at.us == note.at.us && again.fence_at.us == note.fence_at.us);
	assert_string_equal(again.key, "k-2");
	assert_string_equal(again.dispatcher, "d1");
	assert_false(attempt_note_unpack(BYTES("\x10\x01"), &arena, &again, &err));
	assert_false(attempt_note_unpack(BYTES("\x0a\x24"
					       "0"),
		&arena, &again, &err));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_hint_that_cannot_be_read_is_refused),
		cmocka_unit_test(test_a_hint_comes_back_whole),
		cmocka_unit_test(test_a_hint_of_an_older_release_is_a_normal_one_of_nobody),
		cmocka_unit_test(test_a_priority_of_a_newer_release_is_normal),
		cmocka_unit_test(test_a_hint_of_a_newer_release_is_still_a_hint),
		cmocka_unit_test(test_the_note_of_an_attempt_comes_back_whole),
	};

	return cmocka_run_group_tests(tests, start_memory, stop_memory);
}
