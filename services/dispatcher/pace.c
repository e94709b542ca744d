#include "dispatcher/pace.h"

int64_t pace_spacing_us(double rate, size_t calls, int64_t within_ms)
{
	double even = rate > 0 ? 1e6 / rate : 0;
	double most = calls > 0 ? (double)within_ms * 1000 / (double)calls : 0;

	return (int64_t)(even < most ? even : most);
}

void pace_left(struct pace *pace, int64_t spacing_us, struct mono now)
{
	const struct mono due = now.us - pace->next.us < PACE_LATE_MOST_US ? pace->next : now;

	pace->next = (struct mono){due.us + spacing_us};
}

uint64_t pace_timer_ms(struct mono now, struct mono then)
{
	return then.us > now.us ? (uint64_t)(then.us - now.us + 999) / 1000 : 1;
}
