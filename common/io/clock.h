#ifndef IO_CLOCK_H
#define IO_CLOCK_H

#include "base/time.h"

/* The only place that reads a clock. */
struct instant clock_wall(void);
struct mono clock_mono(void); /* CLOCK_BOOTTIME: goes on during suspend */
void clock_sleep_ms(int64_t ms);

#endif
