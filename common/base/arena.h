#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "base/attr.h"
#include "base/text.h"

#include <stddef.h>

/*
 * Memory that lives as long as one message or one batch: taken piece by piece, given back all at
 * once. Pieces are zeroed, aligned for any type, and never NULL (out of memory is must()).
 * One thread at a time.
 */
struct arena_block;
struct arena {
	struct arena_block *blocks;
};

void arena_init(struct arena *arena);
void *arena_alloc(struct arena *arena, size_t size);
void *arena_array(struct arena *arena, size_t count, size_t size); /* overflow-checked */
#define ARENA_NEW(arena, type)          ((type *)arena_alloc((arena), sizeof(type)))
#define ARENA_ARRAY(arena, type, count) ((type *)arena_array((arena), (count), sizeof(type)))
/* Copies, NUL-terminated (the NUL is not counted). */
char *arena_string(struct arena *arena, struct text text);
struct text arena_text(struct arena *arena, struct text text);
char *arena_print(struct arena *arena, const char *fmt, ...) PRINTF_LIKE(2, 3);
void arena_reset(struct arena *arena); /* keeps its largest block up to 1 MiB */
void arena_done(struct arena *arena);

#endif
