#ifndef TESTS_UNIT_MEMORY_H
#define TESTS_UNIT_MEMORY_H

#include "base/arena.h"

/* One arena for all tests of a program: start_memory and stop_memory are its group's set-up and tear-down. */
static struct arena arena;

static inline int start_memory(void **state)
{
	(void)state;
	arena_init(&arena);
	return 0;
}

static inline int stop_memory(void **state)
{
	(void)state;
	arena_done(&arena);
	return 0;
}

#endif
