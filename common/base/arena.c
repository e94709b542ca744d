#include "base/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Under ASan what was given back is poisoned, and pieces have a gap between them. */
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
enum { GAP = 16 };
#else
#define ASAN_POISON_MEMORY_REGION(at, size)   ((void)(at), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(at, size) ((void)(at), (void)(size))
enum { GAP = 0 };
#endif

enum { ALIGN = 16, BLOCK_LEAST = 4 << 10, BLOCK_MOST = 1 << 20 };

struct arena_block {
	struct arena_block *next;
	size_t size, used;
	_Alignas(ALIGN) char bytes[];
};

void arena_init(struct arena *arena)
{
	arena->blocks = NULL;
}

/* Blocks double, so that a batch of any size costs few of them. */
static struct arena_block *block_add(struct arena *arena, size_t need)
{
	size_t size = arena->blocks != NULL ? arena->blocks->size * 2 : BLOCK_LEAST;
	struct arena_block *block;

	if (size > BLOCK_MOST)
		size = BLOCK_MOST;
	if (size < need)
		size = need;
	block = malloc(sizeof(*block) + size);
	must(block != NULL);
	block->size = size;
	block->used = 0;
	ASAN_POISON_MEMORY_REGION(block->bytes, size);
	block->next = arena->blocks;
	arena->blocks = block;
	return block;
}

void *arena_alloc(struct arena *arena, size_t size)
{
	struct arena_block *block = arena->blocks;
	size_t need;
	char *at;

	must(size < SIZE_MAX / 2);
	need = (size + GAP + ALIGN - 1) & ~(size_t)(ALIGN - 1);
	if (need == 0)
		need = ALIGN;
	if (block == NULL || block->size - block->used < need)
		block = block_add(arena, need);
	at = block->bytes + block->used;
	block->used += need;
	ASAN_UNPOISON_MEMORY_REGION(at, size);
	memset(at, 0, size);
	return at;
}

void *arena_array(struct arena *arena, size_t count, size_t size)
{
	size_t total;

	must(!__builtin_mul_overflow(count, size, &total));
	return arena_alloc(arena, total);
}

char *arena_string(struct arena *arena, struct text text)
{
	char *string = arena_alloc(arena, text.len + 1);

	if (text.len > 0)
		memcpy(string, text.at, text.len);
	return string;
}

struct text arena_text(struct arena *arena, struct text text)
{
	return (struct text){arena_string(arena, text), text.len};
}

char *arena_print(struct arena *arena, const char *fmt, ...)
{
	va_list args;
	char *string;
	int len;

	must(fmt != NULL);
	va_start(args, fmt);
	len = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	must(len >= 0);
	string = arena_alloc(arena, (size_t)len + 1);
	va_start(args, fmt);
	vsnprintf(string, (size_t)len + 1, fmt, args);
	va_end(args);
	return string;
}

static struct arena_block *block_free(struct arena_block *block)
{
	struct arena_block *next = block->next;

	ASAN_UNPOISON_MEMORY_REGION(block->bytes, block->size);
	free(block);
	return next;
}

/* What is kept is the largest usual block: the next batch is about as large as this one. */
void arena_reset(struct arena *arena)
{
	struct arena_block *kept = NULL, *block = arena->blocks;

	while (block != NULL) {
		if (block->size > BLOCK_MOST || (kept != NULL && kept->size >= block->size)) {
			block = block_free(block);
			continue;
		}
		if (kept != NULL)
			block_free(kept);
		kept = block;
		block = block->next;
	}
	arena->blocks = kept;
	if (kept == NULL)
		return;
	kept->next = NULL;
	kept->used = 0;
	ASAN_POISON_MEMORY_REGION(kept->bytes, kept->size);
}

void arena_done(struct arena *arena)
{
	while (arena->blocks != NULL)
		arena->blocks = block_free(arena->blocks);
}
