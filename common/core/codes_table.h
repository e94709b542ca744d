#ifndef CORE_CODES_TABLE_H
#define CORE_CODES_TABLE_H

#include "core/codes.h"

#include <stddef.h>

/* codes.csv as tools/generate/codes.py writes it, in file order. For codes.c alone. */
extern const struct code_row codes_table[];
extern const size_t codes_table_count;

#endif
