#ifndef TESTS_UNIT_WIRE_FIXTURE_H
#define TESTS_UNIT_WIRE_FIXTURE_H

#include "base/arena.h"
#include "check.h"

#include <dirent.h>
#include <stdlib.h>

/* Daraja's bodies from tests/fixtures/daraja, and what chance makes of them. */
#define FIXTURES SOURCE_DIR "/tests/fixtures/daraja/"

enum { FIXTURE_MOST = 16384, FIXTURES_MOST = 256 };

static inline struct text fixture_read(const char *name, struct arena *arena)
{
	char *bytes = arena_alloc(arena, FIXTURE_MOST);
	FILE *file = fopen(arena_print(arena, FIXTURES "%s", name), "rb");
	size_t len;

	CHECK(file != NULL, "%s cannot be opened", name);
	len = fread(bytes, 1, FIXTURE_MOST, file);
	fclose(file);
	return (struct text){bytes, len};
}

static inline int fixture_by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The names of all bodies, sorted: a seed must give the same run on every file system. SOURCES.csv is none of them. */
static inline size_t fixture_names(const char *ret[FIXTURES_MOST], struct arena *arena)
{
	DIR *dir = opendir(FIXTURES);
	const struct dirent *entry;
	size_t count = 0;

	CHECK(dir != NULL, "%s", FIXTURES);
	while ((entry = readdir(dir)) != NULL && count < FIXTURES_MOST)
		if (entry->d_name[0] != '.' && strcmp(entry->d_name, "SOURCES.csv") != 0)
			ret[count++] = arena_string(arena, text_of(entry->d_name));
	closedir(dir);
	qsort(ret, count, sizeof(*ret), fixture_by_name);
	return count;
}

static inline uint32_t fixture_random(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return (uint32_t)(*seed >> 16);
}

/* One change: a byte, a cut, a repeated piece, or one of the words that mean something to the parsers. */
static inline size_t fixture_mutate(char *bytes, size_t len, size_t cap, uint64_t *seed)
{
	static const char *const words[] = {"\"", "{", "}", "[", "]", "0", "1", "1032", "null", "-1e9",
		"\\u0000", "\"ResultCode\":0,", "\"Value\":", "\"Key\":\"Amount\",", "\xff", "Completed",
		"0000000", "99999999999999999999", "1e999", "\"SecurityCredential\":\"",
		"Invalid Access Token - "};
	const char *word = words[fixture_random(seed) % COUNT_OF(words)];
	size_t at = len > 0 ? fixture_random(seed) % len : 0, size = strlen(word), from;

	switch (fixture_random(seed) % 5) {
	case 0:
		if (len > 0)
			bytes[at] = (char)fixture_random(seed);
		return len;
	case 1:
		size = len - at < 8 ? len - at : fixture_random(seed) % 8;
		memmove(bytes + at, bytes + at + size, len - at - size);
		return len - size;
	case 2:
		return at;
	case 3:
		from = len > 0 ? fixture_random(seed) % len : 0;
		size = len - from < 64 ? len - from : 64;
		if (len + size > cap)
			return len;
		memmove(bytes + at + size, bytes + at, len - at);
		memmove(bytes + at, bytes + (from < at ? from : from + size),
			from < at && from + size > at ? at - from : size);
		return len + size;
	default:
		if (len + size > cap)
			return len;
		memmove(bytes + at + size, bytes + at, len - at);
		memcpy(bytes + at, word, size);
		return len + size;
	}
}

/* Every fixture as it is, then `rounds` mutations with a fixed seed: `run` must come back every time. */
static inline void fixture_fuzz(int (*run)(const uint8_t *data, size_t size), unsigned rounds)
{
	const char *names[FIXTURES_MOST];
	struct text bodies[FIXTURES_MOST];
	uint64_t seed = 0x9e3779b97f4a7c15;
	struct arena arena;
	size_t count;

	arena_init(&arena);
	count = fixture_names(names, &arena);
	CHECK(count > 80, "%zu fixtures", count);
	for (size_t i = 0; i < count; i++) {
		bodies[i] = fixture_read(names[i], &arena);
		run((const uint8_t *)bodies[i].at, bodies[i].len);
	}
	for (unsigned i = 0; i < rounds; i++) {
		struct text body = bodies[fixture_random(&seed) % count];
		/* Of exactly its size, so that a byte read behind its end is seen. */
		char *bytes = malloc(FIXTURE_MOST * 2);
		size_t len = body.len;

		assert_non_null(bytes);
		memcpy(bytes, body.at, len);
		for (unsigned n = fixture_random(&seed) % 4 + 1; n > 0; n--)
			len = fixture_mutate(bytes, len, FIXTURE_MOST * 2, &seed);
		bytes = realloc(bytes, len > 0 ? len : 1);
		assert_non_null(bytes);
		run((const uint8_t *)bytes, len);
		free(bytes);
	}
	arena_done(&arena);
}

#endif
