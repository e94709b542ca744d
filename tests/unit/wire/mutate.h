#ifndef TESTS_UNIT_WIRE_MUTATE_H
#define TESTS_UNIT_WIRE_MUTATE_H

/* What chance makes of good bytes, the same in every run, and the commands of examples/ to begin with. */
#include "base/arena.h"
#include "check.h"

#include <stdlib.h>

enum { MUTATE_MOST = 8192 };

static inline uint32_t mutate_random(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return (uint32_t)(*seed >> 16);
}

static inline size_t mutate_insert(char *bytes, size_t len, size_t at, const char *piece, size_t size)
{
	char copy[MUTATE_MOST];

	if (len + size > MUTATE_MOST)
		return len;
	memcpy(copy, piece, size);
	memmove(bytes + at + size, bytes + at, len - at);
	memcpy(bytes + at, copy, size);
	return len + size;
}

/* One change: a bit, a byte, a cut, a piece taken out, a piece doubled elsewhere, a byte put in. */
static inline size_t mutate_once(char *bytes, size_t len, uint64_t *seed)
{
	size_t at = len > 0 ? mutate_random(seed) % len : 0, from = len > 0 ? mutate_random(seed) % len : 0;
	size_t size = mutate_random(seed) % 48;
	char byte = (char)mutate_random(seed);

	if (len == 0)
		return mutate_insert(bytes, len, 0, &byte, 1);
	switch (mutate_random(seed) % 6) {
	case 0:
		bytes[at] = (char)(bytes[at] ^ 1 << (byte & 7));
		return len;
	case 1:
		bytes[at] = byte;
		return len;
	case 2:
		return at;
	case 3:
		size = size < len - at ? size : len - at;
		memmove(bytes + at, bytes + at + size, len - at - size);
		return len - size;
	case 4:
		return mutate_insert(bytes, len, at, bytes + from, size < len - from ? size : len - from);
	default:
		return mutate_insert(bytes, len, at, &byte, 1);
	}
}

/* `run` sees each seed as it is and then `rounds` mutants, in memory of exactly their size. */
static inline void mutate_all(
	const struct text *seeds, size_t count, unsigned rounds, int (*run)(const uint8_t *data, size_t size))
{
	uint64_t seed = 0x9e3779b97f4a7c15;
	char room[MUTATE_MOST];

	for (size_t i = 0; i < count + rounds; i++) {
		struct text from = i < count ? seeds[i] : seeds[mutate_random(&seed) % count];
		size_t len = from.len;
		char *bytes;

		assert_true(len <= MUTATE_MOST);
		memcpy(room, from.at, len);
		for (unsigned n = i < count ? 0 : mutate_random(&seed) % 3 + 1; n > 0; n--)
			len = mutate_once(room, len, &seed);
		bytes = malloc(len > 0 ? len : 1);
		assert_non_null(bytes);
		memcpy(bytes, room, len);
		assert_int_equal(run((const uint8_t *)bytes, len), 0);
		free(bytes);
	}
}

static inline struct text example_read(const char *name, struct arena *arena)
{
	char *bytes = arena_alloc(arena, MUTATE_MOST);
	FILE *file = fopen(arena_print(arena, SOURCE_DIR "/examples/%s.json", name), "rb");
	size_t len;

	CHECK(file != NULL, "examples/%s.json cannot be opened", name);
	len = fread(bytes, 1, MUTATE_MOST, file);
	fclose(file);
	return (struct text){bytes, len};
}

#endif
