#ifndef CORE_RETRY_H
#define CORE_RETRY_H

#include <stdint.h>

/* Full jitter: 0 ... min(most, first * 2^n), at least a tenth of it. Without jitter the replicas return in
   step and trip the limit again. n counts from 0; `random` is a fresh 32-bit number. */
int64_t retry_wait_ms(unsigned n, int64_t first_ms, int64_t most_ms, uint32_t random);

#endif
