#ifndef WEBHOOK_C2B_REFERENCES_H
#define WEBHOOK_C2B_REFERENCES_H

#include "base/arena.h"
#include "core/c2b_rules.h"

/*
 * The text of a file of known references: one a line, and behind a comma the first name that belongs to it. '#' begins a
 * comment line. Pure. False: *ret_line has no reference, or one that is longer than C2B_REFERENCE_MOST.
 */
bool c2b_references_parse(
	struct text file, struct arena *arena, struct c2b_references *ret, unsigned *ret_line);

#endif
