#include "dispatcher/worker.h"

#include "base/log.h"
#include "base/metric.h"
#include "io/clock.h"

#include <stdlib.h>

/*
 * Hints on their way from the loop into the store thread's backlogs, and when the store thread has something to do next.
 */
/* Tokens wait in the bucket, which forgets them after 50 ms, and not as claims whose calls get later and later. */
enum { QUESTIONS_AGAIN_MS = 50, AHEAD_MOST_US = 25000 };

METRIC(hints_waiting, .name = "mkondo_hints_waiting",
	.help = "Hints in memory that wait for their turn; questions count in the lane query.",
	.label = "lane", .values = "interactive payout business care query", .kind = METRIC_GAUGE);
METRIC(hints_dropped, .name = "mkondo_hints_dropped_total",
	.help = "Hints that were dropped since the store was full or their account had its share of it; "
		"timers find the "
		"payments. Those of an account that was taken away, too.",
	.label = "lane", .values = "interactive payout business care query", .kind = METRIC_COUNTER);

unsigned worker_account(const struct worker *worker, const char *name)
{
	const struct account *account, *wanted;

	if (worker->account_count == 1 || name == NULL || name[0] == '\0')
		return 0;
	wanted = account_book_find(worker->accounts, text_of(name));
	for (unsigned i = 0; wanted != NULL && (account = account_book_each(worker->accounts, i)) != NULL;
		i++)
		if (account == wanted)
			return i + 1;
	return 0;
}

static void open_backlogs(struct worker *worker, struct backlog lanes[BACKLOG_COUNT])
{
	const size_t count = account_book_count(worker->accounts);
	unsigned *app_of = ARENA_ARRAY(&worker->tmp, unsigned, count + 1);

	/* Whose account is not known is of no app, until its row is read; with one app there is nothing to find out. */
	app_of[0] = worker->apps.count == 1 ? 0 : (unsigned)worker->apps.count;
	for (size_t i = 0; i < count; i++)
		app_of[i + 1] = (unsigned)worker_app(worker, account_book_each(worker->accounts, i));
	worker->account_count = count > 1 || worker->apps.count > 1 ? count + 1 : 1;
	for (int lane = 0; lane < LANE_COUNT; lane++)
		backlog_init(&lanes[lane], app_of, worker->account_count);
	backlog_init(&lanes[BACKLOG_QUESTIONS], NULL, worker->account_count);
}

void worker_open_backlogs(struct worker *worker)
{
	open_backlogs(worker, worker->lanes);
	arena_reset(&worker->tmp);
}

void worker_renumber(struct worker *worker, const struct account_book *was)
{
	const size_t before = worker->account_count;
	unsigned *number_of = ARENA_ARRAY(&worker->tmp, unsigned, before);
	struct backlog lanes[BACKLOG_COUNT];
	size_t kept = 0;

	open_backlogs(worker, lanes);
	for (size_t i = 1; i < before; i++) {
		const char *name = account_book_each(was, i - 1)->name;

		number_of[i] = account_book_find(worker->accounts, text_of(name)) != NULL
				       ? worker_account(worker, name)
				       : BACKLOG_GONE;
	}
	for (int lane = 0; lane < BACKLOG_COUNT; lane++) {
		const size_t dropped = backlog_move(&worker->lanes[lane], &lanes[lane], number_of);

		worker->lanes[lane] = lanes[lane];
		metric_add(&hints_dropped,
			lane_name(lane == BACKLOG_QUESTIONS ? LANE_QUERY : (enum lane)lane),
			(int64_t)dropped);
	}
	for (size_t i = 0; i < worker->hint_count; i++) {
		struct waiting waiting = worker->hints[i];

		waiting.account = number_of[waiting.account];
		if (waiting.account != BACKLOG_GONE)
			worker->hints[kept++] = waiting;
	}
	worker->hint_count = kept;
}

void worker_put(struct worker *worker, enum lane lane, const struct waiting *waiting)
{
	const enum backlog_fate fate =
		backlog_put(&worker->lanes[waiting->hint.ask ? BACKLOG_QUESTIONS : (int)lane], waiting);

	if (fate == BACKLOG_FULL || fate == BACKLOG_OVER_SHARE)
		metric_add(&hints_dropped, lane_name(lane), 1);
}

bool worker_hint(struct worker *worker, enum lane lane, const struct hint *hint)
{
	struct waiting waiting = {.hint = *hint, .probed = hint->ask ? LANE_QUERY : lane};

	waiting.hint.account = NULL;
	atomic_store(&worker->hinted_at, clock_mono().us);
	pthread_mutex_lock(&worker->lock);
	waiting.account = worker_account(worker, hint->account); /* numbers change under this lock */
	bool room = worker->hint_count < BACKLOG_MOST;
	if (room && worker->hint_count == worker->hint_cap) {
		worker->hint_cap = worker->hint_cap ? worker->hint_cap * 2 : 256;
		worker->hints = realloc(worker->hints, worker->hint_cap * sizeof(*worker->hints));
		must(worker->hints != NULL);
	}
	if (room)
		worker->hints[worker->hint_count++] = waiting;
	pthread_mutex_unlock(&worker->lock);
	if (!room)
		metric_add(&hints_dropped, lane_name(waiting.probed), 1);
	return room;
}

size_t worker_hints_handed(struct worker *worker)
{
	pthread_mutex_lock(&worker->lock);
	size_t count = worker->hint_count;
	pthread_mutex_unlock(&worker->lock);
	return count;
}

void worker_take_hints(struct worker *worker)
{
	size_t kept = 0;

	pthread_mutex_lock(&worker->lock);
	for (size_t i = 0; i < worker->hint_count; i++) {
		const struct waiting *waiting = &worker->hints[i];
		int lane = waiting->hint.ask ? BACKLOG_QUESTIONS : (int)waiting->probed;
		enum backlog_fate fate = backlog_put(&worker->lanes[lane], waiting);

		if (fate == BACKLOG_FULL)
			worker->hints[kept++] = *waiting;
		else if (fate == BACKLOG_OVER_SHARE)
			metric_add(&hints_dropped, lane_name(waiting->probed), 1);
	}
	worker->hint_count = kept;
	pthread_mutex_unlock(&worker->lock);
	for (int lane = 0; lane < LANE_COUNT; lane++) {
		size_t count = worker->lanes[lane].count +
			       (lane == LANE_QUERY ? worker->lanes[BACKLOG_QUESTIONS].count : 0);

		if (atomic_exchange(&worker->backlog_size[lane], count) != count)
			metric_set(&hints_waiting, lane_name((enum lane)lane), (double)count);
	}
}

unsigned worker_room(struct worker *worker)
{
	/* In this order: the loop counts a call's connection as taken before it counts the call as sent. */
	unsigned unsent = atomic_load(&worker->unsent);
	unsigned unused = atomic_load(&worker->free_connections);

	return unused > unsent ? unused - unsent : 0;
}

/* How long calls that wait for their time are too many for a further claim. */
static int64_t behind_us(struct worker *worker, size_t app, enum lane lane)
{
	int64_t leave_us = atomic_load(&worker->unsent_of[app][lane]) * worker->spacing_us[app][lane];

	return leave_us > AHEAD_MOST_US ? leave_us - AHEAD_MOST_US : 0;
}

bool worker_may_claim(struct worker *worker, size_t app, enum lane lane, struct mono now)
{
	return backlog_ready(&worker->lanes[lane], app, now) > 0 && worker->held[app][lane].us <= now.us &&
	       behind_us(worker, app, lane) == 0 && worker_token(worker, app, clock_wall());
}

static void sooner(struct mono *until, struct mono other)
{
	if (other.us < until->us)
		*until = other;
}

/* When one of the lane's apps may be claimed for. */
static void look_at_lane(struct worker *worker, enum lane lane, struct mono now, struct mono *until)
{
	struct mono next;

	if (backlog_next(&worker->lanes[lane], &next))
		sooner(until, next);
	if (worker->apps.count > 1 && backlog_ready(&worker->lanes[lane], worker->apps.count, now) > 0)
		sooner(until, now);
	for (size_t app = 0; app < worker->apps.count; app++) {
		struct mono free_at = {now.us + behind_us(worker, app, lane)};

		if (backlog_ready(&worker->lanes[lane], app, now) == 0 ||
			!worker_token(worker, app, clock_wall()))
			continue;
		sooner(until, free_at.us > worker->held[app][lane].us ? free_at : worker->held[app][lane]);
	}
}

int worker_wait_ms(struct worker *worker, int most_ms)
{
	const struct mono now = clock_mono();
	struct backlog *questions = &worker->lanes[BACKLOG_QUESTIONS];
	struct mono until = mono_add_ms(now, most_ms), next;

	/* What nothing can be done about is not looked at: an answer, which frees a connection, wakes this thread. */
	if (atomic_load(&worker->stopping) || worker_room(worker) == 0)
		return most_ms;
	for (int lane = 0; lane < LANE_COUNT && worker_remembers(worker); lane++)
		look_at_lane(worker, (enum lane)lane, now, &until);
	if (backlog_ready(questions, 0, now) > 0)
		sooner(&until, now);
	else if (backlog_next(questions, &next)) /* all lanes' questions together: not each for itself */
		sooner(&until, next.us > now.us + QUESTIONS_AGAIN_MS * 1000
				       ? next
				       : mono_add_ms(now, QUESTIONS_AGAIN_MS));
	return until.us > now.us ? (int)((until.us - now.us + 999) / 1000) : 0;
}
