#include "dispatcher/call.h"

#include <stdlib.h>

enum { LEAST_SEND_MS = 250 };

int64_t call_send_within_ms(double time_scale)
{
	const int64_t within = scaled_ms(SEND_DEADLINE_MS, time_scale);

	return within > LEAST_SEND_MS ? within : LEAST_SEND_MS;
}

struct call *call_new(enum call_kind kind)
{
	struct call *call = calloc(1, sizeof(*call));

	must(call != NULL);
	arena_init(&call->arena);
	call->kind = kind;
	call->path = call->token = call->traceparent = call->trouble = "";
	return call;
}

void call_free(struct call *call)
{
	if (call == NULL)
		return;
	account_book_free(&call->book);
	arena_done(&call->arena);
	free(call);
}

void call_answered(struct call *call, enum transport transport, int http, struct text reply,
	const char *trouble, int64_t took_us)
{
	call->transport = transport;
	call->http = http;
	call->reply = arena_text(&call->arena, reply);
	call->trouble = arena_string(&call->arena, text_of(trouble));
	call->took_us = took_us;
}

void call_queue_init(struct call_queue *queue)
{
	pthread_mutex_init(&queue->lock, NULL);
	queue->first = NULL;
	queue->last = &queue->first;
	queue->count = 0;
}

void call_queue_put(struct call_queue *queue, struct call *call)
{
	call->next = NULL;
	pthread_mutex_lock(&queue->lock);
	*queue->last = call;
	queue->last = &call->next;
	queue->count++;
	pthread_mutex_unlock(&queue->lock);
}

struct call *call_queue_take_all(struct call_queue *queue)
{
	pthread_mutex_lock(&queue->lock);
	struct call *all = queue->first;
	queue->first = NULL;
	queue->last = &queue->first;
	queue->count = 0;
	pthread_mutex_unlock(&queue->lock);
	return all;
}

void call_queue_done(struct call_queue *queue)
{
	if (queue->last == NULL)
		return;
	for (struct call *call = call_queue_take_all(queue), *next; call != NULL; call = next) {
		next = call->next;
		call_free(call);
	}
	pthread_mutex_destroy(&queue->lock);
	queue->last = NULL;
}
