#ifndef BASE_TIME_H
#define BASE_TIME_H

#include "base/text.h"

#include <stdbool.h>
#include <stdint.h>

/* A point in wall-clock time: Unix microseconds. 0: none. PostgreSQL's now() where money is concerned. */
struct instant {
	int64_t us;
};
/* A point on CLOCK_BOOTTIME, which goes on during suspend: for deadlines inside one process. */
struct mono {
	int64_t us;
};

enum { INSTANT_TEXT = 32 };

struct instant instant_of_ms(int64_t unix_ms);
int64_t instant_ms(struct instant instant); /* Unix ms, rounded down */
struct instant instant_add_ms(struct instant instant, int64_t ms);
int64_t instant_ms_between(struct instant from, struct instant to);
bool instant_before(struct instant a, struct instant b);
struct instant instant_later(struct instant a, struct instant b);
bool instant_is_set(struct instant instant);
/* "2026-11-23T10:15:00.120Z" */
const char *instant_iso(struct instant instant, char out[INSTANT_TEXT]);
/* Daraja's YYYYMMDDHHmmss in East Africa Time (UTC+3, no summer time). */
const char *instant_eat(struct instant instant, char out[INSTANT_TEXT]);
bool instant_from_eat(struct text text, struct instant *ret);

struct mono mono_add_ms(struct mono mono, int64_t ms);
int64_t mono_ms_between(struct mono from, struct mono to);

/* A duration under MKONDO_TIME_SCALE (1 ... 0.005), never under 1 ms unless it was 0. */
int64_t scaled_ms(int64_t ms, double scale);

#endif
