#include "dispatcher/dispatcher.h"

#include "base/log.h"
#include "wire/daraja_answer.h"

/*
 * MKONDO_LOG_BODIES: what goes to Daraja and what comes back, for whoever has to find out why the two do not understand each other. Of a token call
 * there is nothing to show but its status: its request is a secret, and its answer is one.
 */
static const char *name_of(const struct call *call)
{
	return call->kind == CALL_TOKEN ? "token" : api_row(call->api)->name;
}

void dispatcher_tell_request(const struct dispatcher *dispatcher, const struct call *call)
{
	struct arena arena;

	if (!dispatcher->settings.log_bodies)
		return;
	arena_init(&arena);
	LOG(INFO, "request.shown", LOG_PAYMENT(call->kind == CALL_TOKEN ? NULL : &call->id),
		LOG_TRACE(call->traceparent), LOG_STR("api", name_of(call)), LOG_STR("path", call->path),
		LOG_TXT("body", daraja_logged(call->body, &arena)));
	arena_done(&arena);
}

void dispatcher_tell_answer(const struct dispatcher *dispatcher, const struct call *call)
{
	struct arena arena;

	if (!dispatcher->settings.log_bodies)
		return;
	arena_init(&arena);
	LOG(INFO, "answer.shown", LOG_PAYMENT(call->kind == CALL_TOKEN ? NULL : &call->id),
		LOG_TRACE(call->traceparent), LOG_STR("api", name_of(call)), LOG_NUM("http", call->http),
		LOG_NUM("took_ms", call->took_us / 1000), LOG_STR("trouble", call->trouble),
		LOG_TXT("body",
			call->kind == CALL_TOKEN ? (struct text){0} : daraja_logged(call->reply, &arena)));
	arena_done(&arena);
}
