#ifndef TESTS_UNIT_CHECK_H
#define TESTS_UNIT_CHECK_H

/* cmocka with the headers that it wants before it, and CHECK, which prints the row that failed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#define CHECK(condition, ...)                                                                                \
	do {                                                                                                 \
		if (!(condition)) {                                                                          \
			print_error("%s:%d: %s: ", __FILE__, __LINE__, #condition);                          \
			print_error(__VA_ARGS__);                                                            \
			print_error("\n");                                                                   \
			fail();                                                                              \
		}                                                                                            \
	} while (0)

#endif
