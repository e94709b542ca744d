#include "io/clock.h"

#include <errno.h>
#include <time.h>

static int64_t read_us(clockid_t clock)
{
	struct timespec now;

	must(clock_gettime(clock, &now) == 0);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

struct instant clock_wall(void)
{
	return (struct instant){read_us(CLOCK_REALTIME)};
}

struct mono clock_mono(void)
{
	return (struct mono){read_us(CLOCK_BOOTTIME)};
}

void clock_sleep_ms(int64_t ms)
{
	struct timespec left = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};

	if (ms <= 0)
		return;
	while (clock_nanosleep(CLOCK_BOOTTIME, 0, &left, &left) == EINTR)
		;
}

struct timespec clock_monotonic_after_ms(int64_t ms)
{
	struct timespec then;

	must(clock_gettime(CLOCK_MONOTONIC, &then) == 0);
	then.tv_sec += ms / 1000;
	then.tv_nsec += ms % 1000 * 1000000;
	then.tv_sec += then.tv_nsec / 1000000000;
	then.tv_nsec %= 1000000000;
	return then;
}
