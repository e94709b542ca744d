/*
 * C11 threads on pthreads, for programs under ThreadSanitizer and for nothing else.
 *
 * Debian's librdkafka makes its threads and locks by <threads.h>. ThreadSanitizer intercepts pthreads only: a thread
 * that glibc's thrd_create made is unknown to it, and the first of its calls that is intercepted crashes. The dynamic
 * linker takes these definitions, the program's own, before glibc's. In glibc the objects of both are laid out alike,
 * which the assertions check as far as they can.
 */
#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <threads.h>

static_assert(sizeof(thrd_t) == sizeof(pthread_t), "a thread");
static_assert(sizeof(mtx_t) == sizeof(pthread_mutex_t), "a mutex");
static_assert(sizeof(cnd_t) == sizeof(pthread_cond_t), "a condition");

static int verdict(int error)
{
	switch (error) {
	case 0:
		return thrd_success;
	case ENOMEM:
		return thrd_nomem;
	case ETIMEDOUT:
		return thrd_timedout;
	case EBUSY:
		return thrd_busy;
	default:
		return thrd_error;
	}
}

struct beginning {
	thrd_start_t run;
	void *arg;
};

static void *begin(void *arg)
{
	struct beginning b = *(struct beginning *)arg;

	free(arg);
	return (void *)(intptr_t)b.run(b.arg);
}

int thrd_create(thrd_t *thread, thrd_start_t run, void *arg)
{
	struct beginning *b = malloc(sizeof *b);
	int error;

	if (!b)
		return thrd_nomem;
	*b = (struct beginning){run, arg};
	error = pthread_create(thread, NULL, begin, b);
	if (error)
		free(b);
	return error == EAGAIN ? thrd_nomem : verdict(error);
}

int thrd_join(thrd_t thread, int *result)
{
	void *returned;
	int error = pthread_join(thread, &returned);

	if (!error && result)
		*result = (int)(intptr_t)returned;
	return verdict(error);
}

int thrd_detach(thrd_t thread)
{
	return verdict(pthread_detach(thread));
}

int mtx_init(mtx_t *mutex, int type)
{
	pthread_mutexattr_t attributes;
	int error;

	pthread_mutexattr_init(&attributes);
	pthread_mutexattr_settype(
		&attributes, type & mtx_recursive ? PTHREAD_MUTEX_RECURSIVE : PTHREAD_MUTEX_NORMAL);
	error = pthread_mutex_init((pthread_mutex_t *)mutex, &attributes);
	pthread_mutexattr_destroy(&attributes);
	return verdict(error);
}

void mtx_destroy(mtx_t *mutex)
{
	pthread_mutex_destroy((pthread_mutex_t *)mutex);
}

int mtx_lock(mtx_t *mutex)
{
	return verdict(pthread_mutex_lock((pthread_mutex_t *)mutex));
}

int mtx_trylock(mtx_t *mutex)
{
	return verdict(pthread_mutex_trylock((pthread_mutex_t *)mutex));
}

int mtx_timedlock(mtx_t *restrict mutex, const struct timespec *restrict until)
{
	return verdict(pthread_mutex_timedlock((pthread_mutex_t *)mutex, until));
}

int mtx_unlock(mtx_t *mutex)
{
	return verdict(pthread_mutex_unlock((pthread_mutex_t *)mutex));
}

int cnd_init(cnd_t *condition)
{
	return verdict(pthread_cond_init((pthread_cond_t *)condition, NULL));
}

void cnd_destroy(cnd_t *condition)
{
	pthread_cond_destroy((pthread_cond_t *)condition);
}

int cnd_signal(cnd_t *condition)
{
	return verdict(pthread_cond_signal((pthread_cond_t *)condition));
}

int cnd_broadcast(cnd_t *condition)
{
	return verdict(pthread_cond_broadcast((pthread_cond_t *)condition));
}

int cnd_wait(cnd_t *condition, mtx_t *mutex)
{
	return verdict(pthread_cond_wait((pthread_cond_t *)condition, (pthread_mutex_t *)mutex));
}

int cnd_timedwait(cnd_t *restrict condition, mtx_t *restrict mutex, const struct timespec *restrict until)
{
	return verdict(pthread_cond_timedwait((pthread_cond_t *)condition, (pthread_mutex_t *)mutex, until));
}
