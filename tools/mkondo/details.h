#ifndef MKONDO_DETAILS_H
#define MKONDO_DETAILS_H

#include "core/details.h"

/* What an inquiry was told, and what M-PESA charged: a line each on standard output. */
void details_print(const struct details *details, const char *indent);

#endif
