#include "check.h"
#include "memory.h"

#include "io/seal.h"

static const char two_keys[] = "# newest first\n"
			       "2 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n"
			       "\n"
			       "  1   ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff\r\n";
static const char old_key[] = "1 ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff";
static const char other_key[] = "2 ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff";

static struct seal_keys keys_of(const char *file)
{
	struct seal_keys keys;
	struct err err = {0};

	CHECK(seal_keys_parse(text_of(file), &keys, &err), "%s", err.text);
	return keys;
}

static struct text sealed(const struct seal_keys *keys, struct text plain, struct text context)
{
	struct err err = {0};
	struct text out;

	CHECK(seal(keys, plain, context, &arena, &out, &err), "%s", err.text);
	return out;
}

static void test_what_was_sealed_can_be_opened(void **state)
{
	struct seal_keys keys = keys_of(two_keys);
	static const struct text texts[] = {{"{\"a\":1}", 7}, {"", 0}, {NULL, 0}, {"a\0b", 3}};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		struct text bytes = sealed(&keys, texts[i], TEXT("evidence|1")), plain;
		struct err err = {0};

		CHECK(bytes.len == texts[i].len + 29 && bytes.at[0] == 2, "%zu", i);
		CHECK(seal_open(&keys, bytes, TEXT("evidence|1"), &arena, &plain, &err), "%zu: %s", i,
			err.text);
		CHECK(text_same(plain, texts[i]), "%zu", i);
	}
}

static void test_every_changed_byte_is_noticed(void **state)
{
	struct seal_keys keys = keys_of(two_keys);
	struct text bytes = sealed(&keys, TEXT("a body"), TEXT("evidence|1"));

	(void)state;
	for (size_t i = 0; i < bytes.len; i++) {
		char *changed = arena_string(&arena, bytes);
		struct text plain = TEXT("untouched");
		struct err err = {0};

		changed[i] ^= 1;
		CHECK(!seal_open(&keys, (struct text){changed, bytes.len}, TEXT("evidence|1"), &arena, &plain,
			      &err),
			"byte %zu", i);
		CHECK(err.class == ERR_BROKEN && text_is(plain, "untouched"), "byte %zu", i);
	}
	for (size_t len = 0; len < bytes.len; len++) {
		struct text plain;
		struct err err;

		CHECK(!seal_open(
			      &keys, (struct text){bytes.at, len}, TEXT("evidence|1"), &arena, &plain, &err),
			"%zu bytes", len);
	}
}

static void test_a_sealed_text_belongs_to_its_row(void **state)
{
	struct seal_keys keys = keys_of(two_keys);
	struct text bytes = sealed(&keys, TEXT("a body"), TEXT("evidence|1")), plain;
	struct err err = {0};

	(void)state;
	assert_false(seal_open(&keys, bytes, TEXT("evidence|2"), &arena, &plain, &err));
	assert_false(seal_open(&keys, bytes, TEXT(""), &arena, &plain, &err));
}

static void test_an_old_key_still_opens_and_a_missing_one_is_named(void **state)
{
	struct seal_keys old = keys_of(old_key), both = keys_of(two_keys), other = keys_of(other_key);
	struct text plain, by_old = sealed(&old, TEXT("a body"), TEXT("t"));
	struct text by_new = sealed(&both, TEXT("a body"), TEXT("t"));
	struct err err = {0};

	(void)state;
	assert_true(seal_open(&both, by_old, TEXT("t"), &arena, &plain, &err));
	assert_false(seal_open(&old, by_new, TEXT("t"), &arena, &plain, &err));
	CHECK(err.code == 2, "%s", err.text);
	assert_false(seal_open(&other, by_new, TEXT("t"), &arena, &plain, &err));
}

static void test_no_two_seals_are_alike(void **state)
{
	struct seal_keys keys = keys_of(two_keys);

	(void)state;
	assert_false(text_same(sealed(&keys, TEXT("a"), TEXT("t")), sealed(&keys, TEXT("a"), TEXT("t"))));
}

static void test_a_bad_file_of_keys_is_refused_with_its_line(void **state)
{
	static const struct {
		const char *what, *file;
		int want_line;
	} cases[] = {
		{"nothing", "", 0},
		{"only a remark", "# none\n", 0},
		{"no id", "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", 1},
		{"an id too high", "256 ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", 1},
		{"an id below nothing", "-1 ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
			1},
		{"a digit short", "#\n1 fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", 2},
		{"a digit long", "1 fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", 1},
		{"no hex", "1 gfffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", 1},
		{"the same id twice",
			"1 ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff\n"
			"1 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
			2},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct seal_keys keys = {.count = 77};
		struct err err = {0};

		CHECK(!seal_keys_parse(text_of(cases[i].file), &keys, &err), "%s", cases[i].what);
		CHECK(err.class == ERR_BROKEN && err.code == cases[i].want_line, "%s: %s", cases[i].what,
			err.text);
		CHECK(keys.count == 77, "%s", cases[i].what);
		CHECK(!text_has_nocase(text_of(err.text), "fff"), "%s: the key is told", cases[i].what);
	}
}

static void test_eight_keys_fit_and_nine_do_not(void **state)
{
	char memory[1024];
	struct buf file = BUF(memory);
	struct seal_keys keys;
	struct err err;

	(void)state;
	for (int id = 0; id < 8; id++)
		buf_print(&file, "%d ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff\n", id);
	assert_true(seal_keys_parse(buf_as_text(&file), &keys, &err));
	assert_int_equal(keys.count, 8);
	buf_str(&file, "8 ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff\n");
	assert_false(seal_keys_parse(buf_as_text(&file), &keys, &err));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_was_sealed_can_be_opened),
		cmocka_unit_test(test_every_changed_byte_is_noticed),
		cmocka_unit_test(test_a_sealed_text_belongs_to_its_row),
		cmocka_unit_test(test_an_old_key_still_opens_and_a_missing_one_is_named),
		cmocka_unit_test(test_no_two_seals_are_alike),
		cmocka_unit_test(test_a_bad_file_of_keys_is_refused_with_its_line),
		cmocka_unit_test(test_eight_keys_fit_and_nine_do_not),
	};

	return cmocka_run_group_tests(tests, start_memory, stop_memory);
}
