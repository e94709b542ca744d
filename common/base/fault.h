#ifndef BASE_FAULT_H
#define BASE_FAULT_H

#include "base/text.h"

#include <errno.h>

/*
 * Calls that can fail, made to fail. A hook stands beside such a call and names it and the ways in which it can really go
 * wrong; armed, its n-th hit tells the caller which of them it is to play, and the caller plays it where it hurts: what
 * "failed" has not happened, what is "lost" has. Not armed, it only counts. The hooks of a program are in its image: it
 * lists them without running (--list-faults), is told at start (--fault "NAME CLASS NTH TIMES") and on its admin
 * port (GET and POST /faults). Only builds with the CMake option MKONDO_FAULTS have any of it; in all others a hook is
 * the constant 0, and neither code nor name of it is left.
 */

/* The ways to fail; a hook tells its own, or'ed. */
#define FAULT_FAILED (1u << 0) /* it does not happen, and says so */
#define FAULT_LOST   (1u << 1) /* it happens, and looks as if it had not, or as if nobody knew */
#define FAULT_HANG                                                                                           \
	(1u << 2) /* it does not happen, and nothing is heard until the caller's patience ends (cut short) */
#define FAULT_SHORT   (1u << 3) /* a part of it happens, or comes */
#define FAULT_EMPTY   (1u << 4) /* an answer comes, and nothing is in it */
#define FAULT_REFUSED (1u << 5) /* the data is turned down */
#define FAULT_CLASHED (1u << 6) /* deadlock or serialisation: undone, may be repeated */
#define FAULT_WARNED  (1u << 7) /* it happens, with a warning that it may not last */
#define FAULT_FATAL   (1u << 8) /* the handle or the program cannot go on */
#define FAULT_AGAIN   (1u << 9) /* interrupted by a signal: the call is to be made again */

#ifdef MKONDO_FAULTS

struct fault_hook {
	const char *name;
	unsigned classes;
};

/* 0, or the class that is to be played now. */
#define FAULT(name, classes) FAULT_OF(name, classes, "")
/* The same call made for several things: each detail is counted and armed by itself, as "name:detail". */
#define FAULT_OF(hook_name, hook_classes, hook_detail)                                                       \
	({                                                                                                   \
		static const struct fault_hook hook_ = {.name = (hook_name), .classes = (hook_classes)};     \
		static const struct fault_hook *const hook_at_                                               \
			__attribute__((section("fault_hooks"), used)) = &hook_;                              \
		fault_hit(hook_at_, (hook_detail));                                                          \
	})
/* For calls that tell by errno: true, with this errno, if it is to fail now. */
#define FAULT_ERRNO(name, code) (FAULT(name, FAULT_FAILED) != 0 && (errno = (code)) != 0)
/* Remembers what this thread did last, a literal, for a hook further on that has it as its detail. */
#define FAULT_NOTE(literal) fault_note(literal)
#define FAULT_NOTED         fault_noted()

unsigned fault_hit(const struct fault_hook *hook, const char *detail);
void fault_note(const char *literal);
const char *fault_noted(void);
/* A line for each hook and each detail that was met: "name[:detail] class,class hits played". */
void fault_list(struct buf *out);
/* "name[:detail] class nth times": the nth hit from now on, and the times-1 after it. What was armed there before, and what it played, is
   forgotten; times 0 only does that. False: there is no such hook or class. */
bool fault_arm(struct text order);
/* Takes all --fault ORDER off the front of the arguments; --list-faults prints the list and ends the program. What cannot be understood stays. */
void fault_options(int *argc, char **argv);
#define FAULT_OPTIONS(argc, argv) fault_options((argc), (argv))

#else

#define FAULT(name, classes)            0u
#define FAULT_OF(name, classes, detail) 0u
#define FAULT_ERRNO(name, code)         false
#define FAULT_NOTE(literal)             ((void)0)
#define FAULT_NOTED                     ""
#define FAULT_OPTIONS(argc, argv)       ((void)0)

#endif

#endif
