#ifndef CORE_MSISDN_H
#define CORE_MSISDN_H

#include "base/text.h"

#include <stdbool.h>

/* A Kenyan mobile number as Daraja wants it: 12 digits, 2547XXXXXXXX or 2541XXXXXXXX (daraja.md 4). */
struct msisdn {
	char digits[13];
};

enum { MSISDN_MASKED = 32 };

/* Accepts 07…, 01…, 7…, 1…, 254…, +254…; spaces and dashes between digits are not accepted. */
bool msisdn_parse(struct text text, struct msisdn *ret);
/* First 4 and last 3 digits, the rest as U+2022; for anything that is not 12 digits all but the last 3 are masked. */
const char *msisdn_masked(const char *digits, char out[MSISDN_MASKED]);

#endif
