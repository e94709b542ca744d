#include "dispatcher/worker.h"

#include "base/fault.h"
#include "base/log.h"
#include "base/metric.h"
#include "io/clock.h"
#include "service/service.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* After a turn as long a rest, within these bounds: what comes meanwhile is settled and claimed together. */
enum {
	REST_LEAST_MS = 2,
	REST_MOST_MS = 5,
	IDLE_WAIT_MS = 200,
	BUSY_WAIT_MS = 2,
	AWAY_WAIT_MS = 500,
	SKEW_MOST_MS = 5000
};

METRIC(in_flight, .name = "mkondo_calls_in_flight", .help = "Calls that were made and are not settled yet.",
	.kind = METRIC_GAUGE);

size_t worker_app(const struct worker *worker, const struct account *account)
{
	const size_t app = app_table_find(&worker->apps, account->app);

	must(app < worker->apps.count); /* an app has its place as soon as its account counts */
	return app;
}

struct bucket_limits worker_limits(const struct worker *worker, enum lane lane)
{
	return bucket_limits(gate_ceiling(worker->settings->rates, lane));
}

void worker_wake(struct worker *worker)
{
	pthread_mutex_lock(&worker->lock);
	worker->woken = true;
	pthread_cond_signal(&worker->wake);
	pthread_mutex_unlock(&worker->lock);
}

void worker_send(struct worker *worker, struct call *call)
{
	atomic_fetch_add(&worker->in_flight, 1);
	atomic_fetch_add(&worker->unsent, 1);
	atomic_fetch_add(&worker->unsent_of[call->app][call->lane], 1);
	call_queue_put(&worker->out, call);
}

static void wait_for_work(struct worker *worker, struct mono turned, int wait_ms)
{
	int64_t rest_ms = mono_ms_between(turned, clock_mono());
	struct timespec until = clock_monotonic_after_ms(wait_ms);

	rest_ms = rest_ms < REST_LEAST_MS ? REST_LEAST_MS : rest_ms < REST_MOST_MS ? rest_ms : REST_MOST_MS;
	clock_sleep_ms(rest_ms);
	pthread_mutex_lock(&worker->lock);
	while (!worker->woken && pthread_cond_timedwait(&worker->wake, &worker->lock, &until) != ETIMEDOUT)
		continue;
	worker->woken = false;
	pthread_mutex_unlock(&worker->lock);
}

/* Splits what came back: token calls are looked at once, the rest is settled together. */
static void take_answers(struct worker *worker, struct call **pending)
{
	struct call **last = pending;

	while (*last != NULL)
		last = &(*last)->next;
	for (struct call *call = call_queue_take_all(&worker->done), *next; call != NULL; call = next) {
		next = call->next;
		call->next = NULL;
		if (call->kind == CALL_TOKEN) {
			worker_token_answered(worker, call);
			call_free(call);
			atomic_fetch_sub(&worker->in_flight, 1);
			continue;
		}
		*last = call;
		last = &call->next;
	}
}

/* One turn; false: the database is away, or nothing can be done now. */
static bool turn(struct worker *worker, struct call **pending, struct err *err)
{
	if (!worker_remember(worker, err)) {
		worker_hold(worker, pending);
		return false;
	}
	if (!worker_remembers(worker))
		worker_hold(worker, pending);
	else if (*pending != NULL && !worker_settle(worker, pending, err))
		return false;
	if (!worker_write_notes(worker, err) || !worker_tokens(worker, err))
		return false;
	if (!worker_show(worker, err))
		return false;
	if (!atomic_load(&worker->stopping)) {
		/* What cannot be written down may not be sent: to claim it would only use up its attempts. */
		const bool broken = send_journal_is_broken(worker->journal);

		atomic_store(&worker->journal_broken, broken);
		if (!worker_probe(worker, err) || (!broken && !worker_claims(worker, err)) ||
			!worker_ask(worker, err) || !worker_timers(worker, err))
			return false;
	}
	return publisher_settle(worker->publisher, worker->store, clock_mono(), err);
}

static void *work(void *self)
{
	struct worker *worker = self;
	struct call *pending = worker_replay(worker);
	struct err err;

	while (!atomic_load(&worker->stop_now) &&
		!(atomic_load(&worker->stopping) && atomic_load(&worker->in_flight) == 0)) {
		const struct mono turned = clock_mono();

		worker_follow_accounts(worker);
		worker_take_hints(worker);
		take_answers(worker, &pending);
		bool done = turn(worker, &pending, &err);
		if (!done) {
			store_rollback(worker->store);
			LOG(WARN, "store.away", LOG_ERR(&err));
		}
		atomic_store(&worker->database_up, done);
		publisher_poll(worker->publisher);
		arena_reset(&worker->tmp);
		metric_set(&in_flight, NULL, atomic_load(&worker->in_flight));
		service_ticked();
		bool busy = pending != NULL && worker_remembers(worker);
		wait_for_work(worker, turned,
			!done  ? AWAY_WAIT_MS
			: busy ? BUSY_WAIT_MS
			       : worker_wait_ms(worker, IDLE_WAIT_MS));
	}
	publisher_wait(worker->publisher, 5000);
	(void)publisher_settle(worker->publisher, worker->store, mono_add_ms(clock_mono(), 3600000), &err);
	while (pending != NULL) {
		struct call *next = pending->next;

		call_free(pending);
		pending = next;
	}
	atomic_store(&worker->ended, true);
	worker->wake_loop(worker->loop);
	return NULL;
}

/* Fences and valid_until are the database's times, the token's life is counted by ours: they must agree. */
static bool check_clocks(struct worker *worker, struct err *err)
{
	struct instant theirs;

	if (!store_begin(worker->store, &theirs, err))
		return false;
	int64_t apart = instant_ms_between(theirs, clock_wall());
	store_rollback(worker->store);
	return (apart < SKEW_MOST_MS && apart > -SKEW_MOST_MS) ||
	       err_set(err, ERR_BROKEN, 0,
		       "this machine's clock is %lld ms off PostgreSQL's; %d at most are safe: set the "
		       "clocks right",
		       (long long)apart, (int)SKEW_MOST_MS);
}

bool worker_start(struct worker *worker, const struct store_conf *database, const struct kafka_conf *kafka,
	const struct publisher_conf *publishing, struct err *err)
{
	pthread_condattr_t clock;

	worker->kafka = kafka;
	if (!store_open(&worker->store, database, "mkondo-dispatcher", err) || !check_clocks(worker, err) ||
		!publisher_new(&worker->publisher, kafka, publishing, err) ||
		!send_journal_open(&worker->journal, worker->settings->journal_dir, err))
		return false;
	arena_init(&worker->tmp);
	worker->guard = stk_guard_new();
	worker_open_backlogs(worker);
	call_queue_init(&worker->out);
	call_queue_init(&worker->done);
	pthread_mutex_init(&worker->lock, NULL);
	pthread_condattr_init(&clock);
	pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
	pthread_cond_init(&worker->wake, &clock);
	pthread_condattr_destroy(&clock);
	atomic_store(&worker->hinted_at, clock_mono().us);
	worker_tell_ceilings(worker);
	worker->made = true;
	worker->running = !FAULT("worker.thread", FAULT_FAILED) &&
			  pthread_create(&worker->thread, NULL, work, worker) == 0;
	return worker->running || err_set(err, ERR_RETRY, errno, "the store thread could not be started");
}

void worker_stop(struct worker *worker)
{
	if (worker->running) {
		atomic_store(&worker->stopping, true);
		atomic_store(&worker->stop_now, true);
		worker_wake(worker);
		pthread_join(worker->thread, NULL);
		worker->running = false;
	}
	if (worker->made) {
		call_queue_done(&worker->out);
		call_queue_done(&worker->done);
		for (int lane = 0; lane < BACKLOG_COUNT; lane++)
			backlog_done(&worker->lanes[lane]);
		pthread_cond_destroy(&worker->wake);
		pthread_mutex_destroy(&worker->lock);
		arena_done(&worker->tmp);
	}
	free(worker->hints); /* the loop's last turns may bring some to a worker that was never made */
	stk_guard_free(&worker->guard);
	send_journal_close(&worker->journal);
	publisher_free(&worker->publisher);
	store_close(&worker->store);
	account_book_free(&worker->accounts);
	accounts_close(&worker->newest);
}
