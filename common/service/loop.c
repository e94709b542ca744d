#include "service/loop.h"
#include "base/log.h"
#include "io/clock.h"
#include "io/random.h"

#include <sysexits.h>

enum { PATIENCE_MS = 60000, BACKOFF_FIRST_MS = 200, BACKOFF_MOST_MS = 5000 };

/*
 * 100 to 200 ms, doubled by each failure in a row, at most 5 s; by chance, so that replicas that lost the same database
 * do not come back in step.
 */
static int64_t backoff_ms(unsigned failures)
{
	int64_t ms = failures > 6 ? BACKOFF_MOST_MS : (int64_t)BACKOFF_FIRST_MS << failures;

	if (ms > BACKOFF_MOST_MS)
		ms = BACKOFF_MOST_MS;
	return ms / 2 + random_u32() % (uint32_t)(ms / 2 + 1);
}

static bool may_repeat(enum err_class class)
{
	switch (class) {
	case ERR_RETRY:
	case ERR_UNKNOWN:
		return true;
	case ERR_NONE:
	case ERR_REFUSED:
	case ERR_BROKEN:
		return false;
	}
	return false;
}

bool loop_start(const struct service *service, const struct service_common *common, int *ret_code)
{
	const int64_t patience = service->patience_ms > 0 ? service->patience_ms : PATIENCE_MS;
	const struct mono until = mono_add_ms(clock_mono(), patience);

	for (unsigned failures = 0; !service_stopping(); failures++) {
		int64_t left, wait = backoff_ms(failures);
		struct err err = {0};

		if (service->start == NULL || service->start(service->self, common, &err))
			return true;
		if (service->stop != NULL)
			service->stop(service->self);
		left = mono_ms_between(clock_mono(), until);
		if (!may_repeat(err.class) || left <= 0) {
			LOG(ALARM, "service.not_started", LOG_ERR(&err));
			*ret_code = may_repeat(err.class) ? EX_TEMPFAIL : EX_CONFIG;
			return false;
		}
		LOG(WARN, "service.waiting", LOG_ERR(&err), LOG_NUM("left_ms", left));
		service_wait_stop(wait < left ? wait : left);
	}
	*ret_code = 0;
	return false;
}

static int run(const struct service *service)
{
	struct err err = {0};

	if (!service->run(service->self, &err)) {
		LOG(ALARM, "service.failed", LOG_ERR(&err));
		return 1;
	}
	if (!service_stopping()) {
		LOG(ALARM, "service.failed", LOG_STR("why", "its loop ended by itself"));
		return 1;
	}
	return 0;
}

int loop_work(const struct service *service)
{
	struct arena tmp;
	unsigned failures = 0;
	int code = 0;

	if (service->run != NULL)
		return run(service);
	arena_init(&tmp);
	while (code == 0 && !service_stopping()) {
		struct err err = {0};

		service_ticked();
		if (service->work(service->self, &tmp, &err)) {
			failures = 0;
		} else if (may_repeat(err.class)) {
			LOG(WARN, "work.failed", LOG_ERR(&err));
			service_wait_stop(backoff_ms(failures++));
		} else {
			LOG(ALARM, "service.failed", LOG_ERR(&err));
			code = 1;
		}
		arena_reset(&tmp);
	}
	arena_done(&tmp);
	return code;
}
