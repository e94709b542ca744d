#include "io/random.h"
#include "base/attr.h"
#include "base/fault.h"

#include <errno.h>
#include <sys/random.h>

void random_bytes(void *ret, size_t len)
{
	char *at = ret;

	while (len > 0) {
		unsigned fault = FAULT("random", FAULT_SHORT | FAULT_AGAIN);
		ssize_t got = getrandom(at, fault == FAULT_SHORT ? 1 : len, 0);

		if (fault == FAULT_AGAIN)
			continue;
		if (got < 0 && errno == EINTR)
			continue;
		must(got > 0);
		at += got;
		len -= (size_t)got;
	}
}

uint32_t random_u32(void)
{
	uint32_t number;

	random_bytes(&number, sizeof(number));
	return number;
}
