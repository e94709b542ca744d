#include "service/stop.h"
#include "service/service.h"
#include "base/fault.h"
#include "base/log.h"
#include "io/clock.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { TICK_MOST_MS = 30000 };

static atomic_bool stopping;
static int stop_fd = -1, done_fd = -1;
static _Atomic int64_t ticked_us;
static int64_t drain_most_ms;
static pthread_t watcher;

/* The counters are never read, so they stay readable for whoever asks. */
static void raise_fd(int fd)
{
	const uint64_t one = 1;

	while (write(fd, &one, sizeof(one)) < 0 && errno == EINTR)
		;
}

static void on_signal(int number UNUSED)
{
	int saved = errno;

	stop_now();
	errno = saved;
}

void stop_now(void)
{
	if (!atomic_exchange(&stopping, true))
		raise_fd(stop_fd);
}

bool stop_open(struct err *err)
{
	struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};

	stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	done_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (FAULT_ERRNO("stop.eventfd", EMFILE) || stop_fd < 0 || done_fd < 0)
		return err_set(err, ERR_BROKEN, errno, "no eventfd: %s", strerror(errno));
	sigemptyset(&action.sa_mask);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	action.sa_handler = SIG_IGN;
	sigaction(SIGPIPE, &action, NULL);
	return true;
}

/* Whether the first of them that is readable within ms (below 0: ever) is `fd`. */
static bool wait_for(int fd, int other, int64_t ms)
{
	struct pollfd fds[] = {{.fd = fd, .events = POLLIN}, {.fd = other, .events = POLLIN}};
	struct mono until = mono_add_ms(clock_mono(), ms);
	int got;

	do {
		int64_t left = ms < 0 ? -1 : mono_ms_between(clock_mono(), until);

		got = poll(fds, 2, left > INT32_MAX ? INT32_MAX : (int)(left < 0 && ms >= 0 ? 0 : left));
	} while (got < 0 && errno == EINTR);
	return got > 0 && (fds[0].revents & POLLIN) != 0;
}

bool service_wait_stop(int64_t ms)
{
	return wait_for(stop_fd, -1, ms < 0 ? 0 : ms);
}

static void *watch(void *unused UNUSED)
{
	if (!wait_for(stop_fd, done_fd, -1))
		return NULL;
	LOG(INFO, "service.stopping", LOG_NUM("drain_ms", drain_most_ms));
	if (!wait_for(done_fd, -1, drain_most_ms)) {
		LOG(ALARM, "service.drain_exceeded", LOG_NUM("drain_ms", drain_most_ms));
		_exit(1);
	}
	return NULL;
}

bool stop_watch(int64_t drain_ms, struct err *err)
{
	int code;

	drain_most_ms = drain_ms;
	code = FAULT("stop.thread", FAULT_FAILED) ? EAGAIN : pthread_create(&watcher, NULL, watch, NULL);
	return code == 0 || err_set(err, ERR_BROKEN, code, "no thread: %s", strerror(code));
}

void stop_done(void)
{
	raise_fd(done_fd);
	pthread_join(watcher, NULL);
}

bool service_stopping(void)
{
	return atomic_load_explicit(&stopping, memory_order_relaxed);
}

int service_stop_fd(void)
{
	return stop_fd;
}

void service_ticked(void)
{
	atomic_store_explicit(&ticked_us, clock_mono().us, memory_order_relaxed);
}

bool stop_is_ticking(void)
{
	struct mono last = {atomic_load_explicit(&ticked_us, memory_order_relaxed)};

	return mono_ms_between(last, clock_mono()) < TICK_MOST_MS;
}
