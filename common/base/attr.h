#ifndef BASE_ATTR_H
#define BASE_ATTR_H

/* Compiler attributes that the whole tree uses, and must(). */

#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))
#define CLEANUP(function)      __attribute__((cleanup(function)))
#define UNUSED                 __attribute__((unused))
#define NORETURN               __attribute__((noreturn))
#define COUNT_OF(array)        (sizeof(array) / sizeof((array)[0]))

/*
 * What is impossible in the program itself, whatever the data: on in production; prints the
 * condition and aborts, before any offset moves. What data can break is not for must().
 */
#define must(condition) ((condition) ? (void)0 : must_failed(#condition, __FILE__, __LINE__))
NORETURN void must_failed(const char *condition, const char *file, int line);

#endif
