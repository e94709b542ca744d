#ifndef IO_CHANGES_ROWS_H
#define IO_CHANGES_ROWS_H

#include "io/payment_store.h"
#include "io/pg.h"

/* The tables that have a row per batch: what is to be written is sorted and cut into rows. */
extern const struct pg_statement insert_timers, insert_owed;
void timer_rows(const struct changes *changes, struct pg_params *params);
void owed_rows(const struct changes *changes, struct pg_params *params);

#endif
