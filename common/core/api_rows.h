#ifndef CORE_API_ROWS_H
#define CORE_API_ROWS_H

#include "core/api.h"

/* The table behind core/api.h; everybody else asks that. */
extern const struct api_row api_rows[];
extern const size_t api_rows_count;

#endif
