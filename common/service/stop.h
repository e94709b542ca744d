#ifndef SERVICE_STOP_H
#define SERVICE_STOP_H

#include "base/err.h"

#include <stdint.h>

/* Stopping: the signals, what waits for them, and the bound on how long it may take. Inside service only. */

/* Catches SIGTERM and SIGINT, ignores SIGPIPE. */
bool stop_open(struct err *err);
/* Stops as a signal would. */
void stop_now(void);
/* From the instant of stopping the process has so long, then it is ended with 1. */
bool stop_watch(int64_t drain_ms, struct err *err);
/* The process is through with stopping in time. */
void stop_done(void);
/* Whether service_ticked() was called in the last 30 s. */
bool stop_is_ticking(void);

#endif
