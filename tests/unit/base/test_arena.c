#include "check.h"
#include "base/arena.h"

static void test_pieces_are_zeroed_aligned_and_apart(void **state)
{
	struct arena arena;
	char *before = NULL;

	(void)state;
	arena_init(&arena);
	for (int round = 0; round < 3; round++) {
		for (size_t size = 0; size < 3000; size += 37) {
			char *piece = arena_alloc(&arena, size);

			assert_true((uintptr_t)piece % _Alignof(max_align_t) == 0);
			for (size_t i = 0; i < size; i++)
				CHECK(piece[i] == 0, "size %zu, byte %zu", size, i);
			memset(piece, 0x5a, size);
			assert_ptr_not_equal(piece, before);
			before = piece;
		}
		arena_reset(&arena);
		before = NULL; /* its place may be given again */
	}
	arena_done(&arena);
	assert_null(arena.blocks);
}

static void test_a_piece_larger_than_any_block_is_had(void **state)
{
	struct arena arena = {0};
	char *big;

	(void)state;
	arena_alloc(&arena, 10);
	big = arena_alloc(&arena, 5 << 20);
	big[(5 << 20) - 1] = 1;
	arena_reset(&arena);
	assert_non_null(arena_alloc(&arena, 10));
	arena_reset(&arena);
	arena_done(&arena);
	arena_done(&arena);
	arena_reset(&arena);
}

static void test_texts_are_copied_and_ended(void **state)
{
	struct arena arena = {0};
	char from[] = "abc";
	struct text copy = arena_text(&arena, (struct text){from, 2});

	(void)state;
	from[0] = 'X';
	assert_int_equal(copy.len, 2);
	assert_string_equal(copy.at, "ab");
	assert_string_equal(arena_string(&arena, text_of(NULL)), "");
	assert_string_equal(arena_print(&arena, "%s-%d", copy.at, 7), "ab-7");
	arena_done(&arena);
}

struct pair {
	int64_t a, b;
};

static void test_arrays_hold_their_items(void **state)
{
	struct arena arena = {0};
	struct pair *pairs = ARENA_ARRAY(&arena, struct pair, 1000);

	(void)state;
	for (int i = 0; i < 1000; i++)
		pairs[i] = (struct pair){i, -i};
	assert_int_equal(ARENA_NEW(&arena, struct pair)->a, 0);
	assert_int_equal(pairs[999].b, -999);
	arena_done(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pieces_are_zeroed_aligned_and_apart),
		cmocka_unit_test(test_a_piece_larger_than_any_block_is_had),
		cmocka_unit_test(test_texts_are_copied_and_ended),
		cmocka_unit_test(test_arrays_hold_their_items),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
