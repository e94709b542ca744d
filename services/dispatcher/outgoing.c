#include "dispatcher/dispatcher.h"

#include "io/clock.h"

/*
 * The loop's side of what the store thread hands over: each call waits for its time, first in first out per app and lane. Token calls wait
 * for nothing. What waits here still leaves while the process drains.
 */
static void on_time(uv_timer_t *timer)
{
	dispatcher_outgoing(timer->data);
}

bool dispatcher_outgoing_start(struct dispatcher *dispatcher)
{
	for (size_t app = 0; app < APPS_MOST; app++)
		for (int lane = 0; lane < LANE_COUNT; lane++) {
			struct outgoing *outgoing = &dispatcher->outgoing[app][lane];

			*outgoing = (struct outgoing){.last = &outgoing->first};
		}
	dispatcher->outgoing_due.data = dispatcher;
	return uv_timer_init(&dispatcher->loop, &dispatcher->outgoing_due) == 0;
}

static void line_up(struct dispatcher *dispatcher, struct call *call)
{
	struct outgoing *outgoing = &dispatcher->outgoing[call->app][call->lane];

	*outgoing->last = call;
	outgoing->last = &call->next;
}

/* Sends what is due of one lane; the time of its next call moves *until forward. */
static void send_due(struct dispatcher *dispatcher, struct outgoing *outgoing, struct mono *until)
{
	struct mono now = clock_mono();

	while (outgoing->first != NULL && outgoing->pace.next.us <= now.us) {
		struct call *call = outgoing->first;

		outgoing->first = call->next;
		if (outgoing->first == NULL)
			outgoing->last = &outgoing->first;
		call->next = NULL;
		pace_left(&outgoing->pace, call->spacing_us, now);
		dispatcher_send(dispatcher, call);
	}
	if (outgoing->first != NULL && outgoing->pace.next.us < until->us)
		*until = outgoing->pace.next;
}

void dispatcher_outgoing(struct dispatcher *dispatcher)
{
	struct mono until = {INT64_MAX};

	for (struct call *call = call_queue_take_all(&dispatcher->worker.out), *next; call != NULL;
		call = next) {
		next = call->next;
		call->next = NULL;
		if (call->kind == CALL_TOKEN)
			dispatcher_send(dispatcher, call);
		else
			line_up(dispatcher, call);
	}
	for (size_t app = 0; app < dispatcher->worker.apps.count; app++)
		for (int lane = 0; lane < LANE_COUNT; lane++)
			send_due(dispatcher, &dispatcher->outgoing[app][lane], &until);
	if (until.us == INT64_MAX)
		return;
	uv_update_time(&dispatcher->loop); /* timers count from the loop's own, older time */
	uv_timer_start(&dispatcher->outgoing_due, on_time, pace_timer_ms(clock_mono(), until), 0);
}

void dispatcher_outgoing_stop(struct dispatcher *dispatcher)
{
	for (size_t app = 0; app < APPS_MOST; app++)
		for (int lane = 0; lane < LANE_COUNT; lane++) {
			struct outgoing *outgoing = &dispatcher->outgoing[app][lane];

			for (struct call *next; outgoing->first != NULL; outgoing->first = next) {
				next = outgoing->first->next;
				call_free(outgoing->first);
			}
		}
}
