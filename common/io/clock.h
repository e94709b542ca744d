#ifndef IO_CLOCK_H
#define IO_CLOCK_H

#include "base/time.h"

#include <time.h>

/* The only place that reads a clock. */
struct instant clock_wall(void);
struct mono clock_mono(void); /* CLOCK_BOOTTIME: goes on during suspend */
/* CLOCK_MONOTONIC in ms from now, for pthread_cond_timedwait. */
struct timespec clock_monotonic_after_ms(int64_t ms);
void clock_sleep_ms(int64_t ms);

#endif
