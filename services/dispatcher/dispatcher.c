#include "dispatcher/dispatcher.h"

#include "base/fault.h"
#include "base/log.h"
#include "base/metric.h"
#include "core/callback_url.h"
#include "io/callback_key_file.h"
#include "io/clock.h"
#include "io/daraja_client.h"

#include <string.h>

enum { TICK_MS = 100, DRAIN_MOST_MS = 35000, LEAVE_MS = 8000, TOKEN_CALL_MS = 15000, LEAST_ANSWER_MS = 5000 };

METRIC(sends_total, .name = "mkondo_sends_total",
	.help = "Calls of payments and questions that reached the loop: handed to the network, or stopped "
		"before their first byte.",
	.label = "fate", .values = "sent not_sent", .kind = METRIC_COUNTER);

static void on_wake(uv_async_t *handle);
static void on_hints(uv_poll_t *handle, int status, int events);
static void on_stop(uv_poll_t *handle, int status, int events);
static void on_tick(uv_timer_t *handle);

static void wake_loop(void *loop)
{
	uv_async_send(&((struct dispatcher *)loop)->wake);
}

static bool check_urls(const struct dispatcher *dispatcher, struct err *err)
{
	const char *path = strstr(dispatcher->settings.callback_base, "://");
	const char *slash = path != NULL ? strchr(path + 3, '/') : NULL;
	const char *word = callback_url_forbidden_word(dispatcher->settings.callback_prefix);

	if (word == NULL && slash != NULL)
		word = callback_url_forbidden_word(slash);
	return word == NULL || err_set(err, ERR_BROKEN, 0,
				       "MPESA_CALLBACK_BASE_URL and MKONDO_CALLBACK_PREFIX must not contain "
				       "\"%s\": Daraja refuses such URLs",
				       word);
}

static bool start_loop(struct dispatcher *dispatcher, struct err *err)
{
	if (FAULT("loop.init", FAULT_FAILED) || uv_loop_init(&dispatcher->loop) != 0)
		return err_set(err, ERR_RETRY, 0, "the event loop could not be made");
	dispatcher->loop_open = true;
	if (FAULT("loop.fill", FAULT_FAILED) ||
		uv_async_init(&dispatcher->loop, &dispatcher->wake, on_wake) != 0 ||
		uv_poll_init(&dispatcher->loop, &dispatcher->hints_ready,
			kafka_consumer_fd(dispatcher->hints)) != 0 ||
		uv_poll_init(&dispatcher->loop, &dispatcher->stop_ready, service_stop_fd()) != 0 ||
		uv_timer_init(&dispatcher->loop, &dispatcher->tick) != 0 ||
		!dispatcher_outgoing_start(dispatcher))
		return err_set(err, ERR_RETRY, 0, "the event loop could not be filled");
	dispatcher->wake.data = dispatcher->hints_ready.data = dispatcher->stop_ready.data =
		dispatcher->tick.data = dispatcher;
	uv_poll_start(&dispatcher->hints_ready, UV_READABLE, on_hints);
	uv_poll_start(&dispatcher->stop_ready, UV_READABLE, on_stop);
	uv_timer_start(&dispatcher->tick, on_tick, TICK_MS, TICK_MS);
	const struct http_client_conf http = {
		.ca_file = "", .connections_most = (unsigned)dispatcher->settings.connections};
	return http_client_new(&dispatcher->http, &dispatcher->loop, &http, err);
}

/* After the drain the store thread still waits 5 s for Kafka and once for PostgreSQL; from the service's bound on the process is killed. */
static int64_t drain_for(int64_t bound_ms)
{
	int64_t ms = bound_ms > 2 * LEAVE_MS ? bound_ms - LEAVE_MS : bound_ms / 2;

	return ms < DRAIN_MOST_MS ? ms : DRAIN_MOST_MS;
}

bool dispatcher_start(void *self, const struct service_common *common, struct err *err)
{
	struct dispatcher *dispatcher = self;
	struct worker *worker = &dispatcher->worker;

	arena_init(&dispatcher->names);
	arena_init(&dispatcher->tmp);
	dispatcher->accounts_from.time_scale = worker->time_scale = common->time_scale;
	dispatcher->drain_ms = drain_for(common->drain_ms);
	worker->settings = &dispatcher->settings;
	worker->wake_loop = wake_loop;
	worker->loop = dispatcher;
	for (int lane = 0; lane < LANE_COUNT; lane++)
		dispatcher->topics[lane] = kafka_topic(&dispatcher->kafka,
			arena_print(&dispatcher->names, "dispatch.%s.v1", lane_name((enum lane)lane)),
			&dispatcher->names);
	if (!check_urls(dispatcher, err) ||
		!callback_key_file_load(
			dispatcher->settings.callback_keys_file, &worker->callback_keys, err) ||
		!worker_open_accounts(worker, &dispatcher->accounts_from, err) ||
		!kafka_consumer_new(
			&dispatcher->hints, &dispatcher->kafka, "dispatcher", dispatcher->topics, err) ||
		!start_loop(dispatcher, err))
		return false;
	atomic_store(&worker->free_connections, http_client_free_connections(dispatcher->http));
	return worker_start(worker, &dispatcher->database, &dispatcher->kafka, &dispatcher->publishing, err);
}

bool dispatcher_ready(void *self, struct buf *why)
{
	struct dispatcher *dispatcher = self;
	bool ready = true;

	if (!atomic_load(&dispatcher->worker.database_up)) {
		buf_str(why, "PostgreSQL is away\n");
		ready = false;
	}
	if (atomic_load(&dispatcher->worker.memory.waits_for_kafka)) {
		buf_str(why, "attempts.v1 is to be read before anything is sent\n");
		ready = false;
	}
	if (atomic_load(&dispatcher->worker.journal_broken)) {
		buf_str(why, "the send journal is broken\n");
		ready = false;
	}
	for (size_t app = 0; app < dispatcher->worker.apps.count; app++)
		if (atomic_load(&dispatcher->worker.token_no[app]) == 0 &&
			!atomic_load(&dispatcher->worker.apps.gone[app])) {
			buf_print(why, "app %s has no access token yet\n",
				dispatcher->worker.apps.tokens[app].app);
			ready = false;
		}
	return ready;
}

static void on_answered(void *cookie, const struct http_reply *reply)
{
	struct call *call = cookie;
	struct dispatcher *dispatcher = (struct dispatcher *)call->loop;

	call_answered(call, reply->transport, reply->status, reply->body, reply->trouble, reply->took_us);
	dispatcher_tell_answer(dispatcher, call);
	call_queue_put(&dispatcher->worker.done, call);
	atomic_store(&dispatcher->worker.free_connections, http_client_free_connections(dispatcher->http));
	worker_wake(&dispatcher->worker);
}

static void not_sent(struct dispatcher *dispatcher, struct call *call, const char *why)
{
	metric_add(&sends_total, "not_sent", 1);
	call_answered(call, TRANSPORT_NOT_SENT, 0, (struct text){0}, why, 0);
	call_queue_put(&dispatcher->worker.done, call);
	worker_wake(&dispatcher->worker);
}

static bool send_token_call(struct dispatcher *dispatcher, struct call *call, struct err *err)
{
	return daraja_client_token(dispatcher->http, call->account, TOKEN_CALL_MS, on_answered, call, err);
}

/* The last look before the first byte: the claim is young, and its token is still the newest that we know. */
static void send_call(struct dispatcher *dispatcher, struct call *call)
{
	double scale = dispatcher->worker.time_scale;
	int64_t left = call_send_within_ms(scale) - mono_ms_between(call->begun, clock_mono());
	struct err err;

	call->loop = dispatcher;
	if (call->kind == CALL_TOKEN) {
		if (!send_token_call(dispatcher, call, &err))
			not_sent(dispatcher, call, err.text);
		return;
	}
	if (left <= 0) {
		not_sent(dispatcher, call, "the claim was too old to send");
		return;
	}
	if (atomic_load(&dispatcher->worker.token_no[call->app]) != call->token_no) {
		not_sent(dispatcher, call, "the token was replaced before the send");
		return;
	}

	int64_t answer_ms = scaled_ms(api_row(call->api)->answer_within_ms, scale);
	const struct daraja_call request = {
		.account = call->account,
		.path = call->path,
		.token = call->token,
		.body = call->body,
		.traceparent = call->traceparent,
		.connect_ms = left,
		.total_ms = answer_ms > LEAST_ANSWER_MS ? answer_ms : LEAST_ANSWER_MS,
		.app_key = daraja_request_app_key(call->account, call->api),
	};
	if (!daraja_client_send(dispatcher->http, &request, on_answered, call, &err)) {
		not_sent(dispatcher, call, err.text);
		return;
	}
	metric_add(&sends_total, "sent", 1);
	dispatcher_tell_request(dispatcher, call);
	LOG(INFO, call->kind == CALL_PAYMENT ? "payment.sent" : "question.sent", LOG_PAYMENT(&call->id),
		LOG_TRACE(call->traceparent), LOG_STR("api", api_row(call->api)->name),
		LOG_NUM("attempt", call->attempt));
}

void dispatcher_send(struct dispatcher *dispatcher, struct call *call)
{
	struct worker *worker = &dispatcher->worker;
	atomic_uint *of_lane = &worker->unsent_of[call->app][call->lane];

	send_call(dispatcher, call);
	atomic_store(&worker->free_connections, http_client_free_connections(dispatcher->http));
	atomic_fetch_sub(&worker->unsent, 1);
	atomic_fetch_sub(of_lane, 1);
}

static void close_all(struct dispatcher *dispatcher)
{
	uv_poll_stop(&dispatcher->hints_ready);
	uv_poll_stop(&dispatcher->stop_ready);
	uv_timer_stop(&dispatcher->tick);
	uv_timer_stop(&dispatcher->outgoing_due);
	uv_stop(&dispatcher->loop);
}

static void on_wake(uv_async_t *handle)
{
	struct dispatcher *dispatcher = handle->data;

	dispatcher_outgoing(dispatcher);
	if (atomic_load(&dispatcher->worker.ended))
		close_all(dispatcher);
}

static void on_hints(uv_poll_t *handle, int status, int events)
{
	(void)status;
	(void)events;
	dispatcher_hints(handle->data);
}

void dispatcher_drain(struct dispatcher *dispatcher, const struct err *why)
{
	if (dispatcher->stopping)
		return;
	if (why != NULL)
		dispatcher->failure = *why;
	uv_poll_stop(&dispatcher->hints_ready); /* what is not claimed any more is left to others */
	dispatcher->stopping = true;
	dispatcher->drain_since = clock_mono();
	atomic_store(&dispatcher->worker.stopping, true);
	LOG(INFO, "dispatcher.draining", LOG_NUM("in_flight", atomic_load(&dispatcher->worker.in_flight)));
	worker_wake(&dispatcher->worker);
}

static void on_stop(uv_poll_t *handle, int status, int events)
{
	(void)status;
	(void)events;
	uv_poll_stop(handle);
	dispatcher_drain(handle->data, NULL);
}

static void on_tick(uv_timer_t *handle)
{
	struct dispatcher *dispatcher = handle->data;

	if (!dispatcher->stopping)
		dispatcher_hints(dispatcher);
	else if (mono_ms_between(dispatcher->drain_since, clock_mono()) > dispatcher->drain_ms) {
		atomic_store(&dispatcher->worker.stop_now, true);
		worker_wake(&dispatcher->worker);
	}
}

bool dispatcher_run(void *self, struct err *err)
{
	struct dispatcher *dispatcher = self;

	uv_run(&dispatcher->loop, UV_RUN_DEFAULT);
	*err = dispatcher->failure;
	return err->class == ERR_NONE;
}

static void close_handle(uv_handle_t *handle, void *unused)
{
	(void)unused;
	if (!uv_is_closing(handle))
		uv_close(handle, NULL);
}

void dispatcher_stop(void *self)
{
	struct dispatcher *dispatcher = self;

	http_client_free(&dispatcher->http);
	if (dispatcher->loop_open)
		uv_run(&dispatcher->loop, UV_RUN_NOWAIT);
	worker_stop(&dispatcher->worker);
	dispatcher_outgoing_stop(dispatcher);
	kafka_consumer_free(&dispatcher->hints);
	if (dispatcher->loop_open) {
		uv_walk(&dispatcher->loop, close_handle, NULL);
		uv_run(&dispatcher->loop, UV_RUN_DEFAULT);
		uv_loop_close(&dispatcher->loop);
		dispatcher->loop_open = false;
	}
	dispatcher->worker = (struct worker){0}; /* a start that failed is tried again from nothing */
	arena_done(&dispatcher->tmp);
	arena_done(&dispatcher->names);
}
