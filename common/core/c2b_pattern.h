#ifndef CORE_C2B_PATTERN_H
#define CORE_C2B_PATTERN_H

#include "base/text.h"

/*
 * What a bill reference must look like, in a language whose matching takes a bounded time whatever a customer types:
 *	#	a digit			{n} {n,m}	what stands before it, n times, or n to m times
 *	@	a letter		|		or: another pattern
 *	?	any character
 *	*	any characters, or none
 * Letters (in any case), digits, space, and - _ . / stand for themselves: "INV-#{4,8}|@@@#{3}@".
 */
enum { C2B_PATTERN_MOST = 48, C2B_REFERENCE_MOST = 64 };

struct c2b_pattern {
	struct c2b_element {
		char kind; /* 'c' for itself, else the sign as above; '|' between patterns */
		char c;
		unsigned char least, most;
	} elements[C2B_PATTERN_MOST];
	unsigned count; /* 0: everything matches */
};

/* False: not of this language, or longer than C2B_PATTERN_MOST. */
bool c2b_pattern_parse(struct text text, struct c2b_pattern *ret);
/* The whole reference; one that is longer than C2B_REFERENCE_MOST matches nothing but the empty pattern. */
bool c2b_pattern_match(const struct c2b_pattern *pattern, struct text reference);

#endif
