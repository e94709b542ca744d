#include "core/retry.h"

#include "base/attr.h"

int64_t retry_wait_ms(unsigned n, int64_t first_ms, int64_t most_ms, uint32_t random)
{
	int64_t full = first_ms;

	must(first_ms > 0 && most_ms >= first_ms && most_ms <= INT64_MAX / UINT32_MAX);
	for (unsigned i = 0; i < n && full < most_ms; i++)
		full *= 2;
	if (full > most_ms)
		full = most_ms;

	const int64_t drawn = full * (int64_t)random / UINT32_MAX;
	const int64_t least = full / 10;

	return drawn < least ? least : drawn;
}
