#ifndef BASE_CONF_VALUE_H
#define BASE_CONF_VALUE_H

#include "base/conf.h"

/* One setting's value: its text, what it may be, and its place in the group's struct. Inside base only. */

/* Reads the text into the row's place. False: why it is not allowed stands in *ret_why, as a clause after "is". */
bool conf_value_parse(const struct conf_row *row, const char *text, const struct conf_source *source,
	struct arena *arena, void *into, struct text *ret_why);
/* What a row takes when it is left out: see conf.h. */
void conf_value_leave_out(const struct conf_row *row, void *into);
/* What is allowed: "a duration (250ms, 30s, 5m, 2h, 1d) from 1s to 10m". */
void conf_value_allowed(const struct conf_row *row, struct buf *out);
/* The value as it would be set; nothing when it is left out. */
void conf_value_show(const struct conf_row *row, const void *into, struct buf *out);

/* A duration: digits and one of ms, s, m, h, d, or a bare 0; shown in the largest unit that divides it. */
bool conf_ms_parse(struct text text, int64_t *ret);
void conf_ms_show(int64_t ms, struct buf *out);

#endif
