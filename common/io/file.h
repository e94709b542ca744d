#ifndef IO_FILE_H
#define IO_FILE_H

#include "base/arena.h"
#include "base/err.h"

/* A whole file into the arena. Longer than `most`, unreadable or no file: false. */
bool file_read(const char *path, size_t most, struct arena *arena, struct text *ret, struct err *err);

/* The file's permission bits, of what a link points to. False: it cannot be looked at. */
bool file_mode(const char *path, unsigned *ret);

#endif
