#ifndef TESTS_UNIT_IO_FOLDER_H
#define TESTS_UNIT_IO_FOLDER_H

#include "base/arena.h"
#include "check.h"

#include <dirent.h>
#include <stdlib.h>
#include <unistd.h>

/* A folder of the test's own under $TMPDIR or /tmp, flat, gone afterwards. */
static char folder[256];

static inline void folder_make(void)
{
	const char *base = getenv("TMPDIR");

	snprintf(folder, sizeof(folder), "%s/mkondo-test.XXXXXX", base != NULL ? base : "/tmp");
	assert_non_null(mkdtemp(folder));
}

static inline const char *folder_path(const char *name, struct arena *arena)
{
	return arena_print(arena, "%s/%s", folder, name);
}

static inline const char *folder_write(const char *name, struct text bytes, struct arena *arena)
{
	const char *path = folder_path(name, arena);
	FILE *file = fopen(path, "wb");

	CHECK(file != NULL, "%s", path);
	assert_int_equal(fwrite(bytes.at, 1, bytes.len, file), bytes.len);
	assert_int_equal(fclose(file), 0);
	return path;
}

static inline void folder_remove(void)
{
	DIR *dir = opendir(folder);
	const struct dirent *entry;

	assert_non_null(dir);
	while ((entry = readdir(dir)) != NULL)
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			unlinkat(dirfd(dir), entry->d_name, 0);
	closedir(dir);
	assert_int_equal(rmdir(folder), 0);
}

#endif
