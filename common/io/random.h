#ifndef IO_RANDOM_H
#define IO_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/* The only place that throws dice: getrandom(2). */
void random_bytes(void *ret, size_t len);
uint32_t random_u32(void);

#endif
