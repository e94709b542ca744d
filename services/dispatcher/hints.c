#include "dispatcher/dispatcher.h"

#include "base/log.h"

#include <string.h>

enum { HINTS_MOST = 500 };

static int lane_of_topic(const struct dispatcher *dispatcher, const char *topic)
{
	for (int lane = 0; lane < LANE_COUNT; lane++)
		if (strcmp(dispatcher->topics[lane], topic) == 0)
			return lane;
	return -1;
}

/* A lane that has enough waiting is paused at Kafka; polling goes on, so that the group does not lose this member. */
static void pace_topics(struct dispatcher *dispatcher)
{
	size_t handed = worker_hints_handed(&dispatcher->worker);
	struct err err;

	for (int lane = 0; lane < LANE_COUNT; lane++) {
		bool pause = backlog_pauses(dispatcher->topic_paused[lane],
			atomic_load(&dispatcher->worker.backlog_size[lane]), handed,
			dispatcher->worker.account_count);

		if (pause == dispatcher->topic_paused[lane])
			continue;
		if (kafka_consumer_pause(dispatcher->hints, dispatcher->topics[lane], pause, &err))
			dispatcher->topic_paused[lane] = pause;
	}
}

void dispatcher_hints(struct dispatcher *dispatcher)
{
	struct kafka_batch batch;
	struct err err;
	size_t taken = 0;

	do {
		if (!kafka_consumer_next(dispatcher->hints, HINTS_MOST, 0, &dispatcher->tmp, &batch, &err)) {
			LOG(WARN, "hints.unreadable", LOG_ERR(&err));
			if (err.class ==
				ERR_BROKEN) /* for good: the timers alone would be slow, and nobody would notice */
				dispatcher_drain(dispatcher, &err);
			return;
		}
		for (size_t i = 0; i < batch.count; i++) {
			int lane = lane_of_topic(dispatcher, batch.messages[i].topic);
			struct hint hint;

			if (lane >= 0 && hint_unpack(batch.messages[i].value, &dispatcher->tmp, &hint, &err))
				worker_hint(&dispatcher->worker, (enum lane)lane, &hint);
			else
				LOG(WARN, "hint.unreadable", LOG_STR("topic", batch.messages[i].topic));
		}
		taken += batch.count;
		/* Losing hints is harmless, so their offsets move at once: payments are found again by their timers. */
		if (batch.count > 0 && !kafka_consumer_commit(dispatcher->hints, &batch, false, &err))
			LOG(WARN, "hints.not_committed", LOG_ERR(&err));
		kafka_batch_free(&batch);
	} while (batch.count == HINTS_MOST && taken < BACKLOG_MOST &&
		 worker_hints_handed(&dispatcher->worker) <= BACKLOG_MOST / 2);
	arena_reset(&dispatcher->tmp);
	if (taken > 0)
		worker_wake(&dispatcher->worker);
	pace_topics(dispatcher);
}
