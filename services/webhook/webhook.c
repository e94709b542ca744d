#include "webhook/webhook.h"

#include "base/fault.h"
#include "base/log.h"
#include "base/metric.h"
#include "io/callback_key_file.h"
#include "io/clock.h"
#include "webhook/c2b.h"
#include "webhook/route.h"
#include "wire/callback_wire.h"
#include "wire/daraja_answer.h"
#include "wire/daraja_c2b.h"

#include <stdlib.h>

enum { BODY_MOST = 65536, TICK_MS = 100, DRAIN_MS = 10000, REPORTS_MS = 5000 };

METRIC(refused_total, .name = "mkondo_callbacks_refused_total",
	.help = "Requests that were not let in, by the HTTP status they were answered with: 404 no such "
		"route, source or signature; 405 no POST; 503 no room.",
	.label = "status", .values = "404 405 503", .kind = METRIC_COUNTER);

/* A callback that was not acknowledged makes us not ready for this long. Without callers there is no news from the broker, so it cannot
   last until the next good one. */
enum { TROUBLED_MS = 10000 };

static void troubled(struct webhook *webhook, bool is)
{
	atomic_store(&webhook->troubled_us, is ? clock_mono().us : 0);
}

static void on_report(void *self, void *cookie, bool delivered)
{
	struct webhook *webhook = self;

	troubled(webhook, !delivered);
	knock_report(&webhook->knocks, cookie, delivered, clock_mono());
}

static int refuse(struct http_exchange *exchange, int status)
{
	metric_add(&refused_total, status == 404 ? "404" : status == 405 ? "405" : "503", 1);
	LOG(DEBUG, "callback.refused", LOG_NUM("status", status), LOG_STR("peer", http_peer(exchange)));
	return status;
}

static void find_route(
	const struct webhook *webhook, struct http_exchange *exchange, bool listed, struct route *ret)
{
	const struct route_conf conf = {.keys = &webhook->keys,
		.prefix = webhook->settings.prefix,
		.plain = webhook->settings.plain_paths};

	route_find(&conf, http_method(exchange), http_target(exchange), listed, ret);
}

/* A time-out of the queue may be our own request, credential and all: that goes no further than here. */
static struct text body_of(struct webhook *webhook, struct http_exchange *exchange, const struct route *route)
{
	if (route->has_payment && (route->ref.flags & CALLBACK_FLAG_QUEUE_TIMEOUT) == 0)
		return http_body(exchange);
	return daraja_redacted(http_body(exchange), &webhook->tmp);
}

static int on_headers(void *self, struct http_exchange *exchange)
{
	struct webhook *webhook = self;
	struct c2b_visit visit;
	struct route route;

	if (c2b_visit_find(http_method(exchange), http_target(exchange), &webhook->c2b,
		    webhook->settings.prefix, &visit))
		return visit.refuse == 0 ? 0 : refuse(exchange, visit.refuse);
	find_route(webhook, exchange, false, &route);
	return route.refuse == 0 ? 0 : refuse(exchange, route.refuse);
}

/* True callers come from few addresses, and their handshakes are not limited. */
static bool is_listed(void *self, const char *peer)
{
	const struct webhook *webhook = self;

	return sources_have(&webhook->sources, peer);
}

static bool produce(struct webhook *webhook, const struct callback *callback, struct text key,
	struct knock *knock, struct err *err)
{
	const struct header headers[] = {{"traceparent", text_of(callback->traceparent)}};
	const struct kafka_record record = {
		.topic = webhook->topic,
		.key = key,
		.value = callback_pack(callback, &webhook->tmp),
		.headers = headers,
		.header_count = callback->traceparent[0] != '\0',
	};

	return kafka_producer_send(webhook->producer, &record, knock, err);
}

static void tell(const struct callback *callback, struct arena *tmp)
{
	LOG(INFO, "callback.shown", LOG_PAYMENT(callback->has_payment ? &callback->ref.payment : NULL),
		LOG_TRACE(callback->traceparent), LOG_STR("path", callback->path),
		LOG_STR("strength", strength_name(callback->strength)),
		LOG_TXT("body", daraja_logged(callback->body, tmp)));
}

/* Bill Manager pushes a payment up to five times until it hears its own words (P:BillManager). */
static const char *accepted_by(const struct callback *callback)
{
	return callback->has_payment && callback->ref.purpose == API_BILL_OPT_IN
		       ? "{\"resmsg\":\"Success\",\"rescode\":\"200\"}"
		       : knock_accepted;
}

void webhook_take(struct webhook *webhook, struct http_exchange *exchange, const struct callback *callback,
	struct text key)
{
	struct knock *knock = knock_new(&webhook->knocks, exchange,
		callback->has_payment ? &callback->ref.payment : NULL, accepted_by(callback), clock_mono());
	struct err err;

	if (webhook->settings.log_bodies)
		tell(callback, &webhook->tmp);
	if (!produce(webhook, callback, key, knock, &err)) {
		LOG(WARN, "callback.not_taken", LOG_ERR(&err));
		on_report(webhook, knock, false);
	}
}

/* Serves no reports: a report's reply may bring the connection's next request in here. */
static void on_request(void *self, struct http_exchange *exchange)
{
	struct webhook *webhook = self;
	const char *peer = http_peer(exchange);
	bool listed = sources_have(&webhook->sources, peer);
	char key[UUID_TEXT] = "";
	struct c2b_visit visit;
	struct route route;

	if (c2b_visit_find(http_method(exchange), http_target(exchange), &webhook->c2b,
		    webhook->settings.prefix, &visit)) {
		c2b_serve(webhook, exchange, &visit);
		return;
	}
	find_route(webhook, exchange, listed, &route);
	if (route.accept) {
		http_reply(exchange, 200, "application/json", daraja_c2b_answer("0", &webhook->tmp));
		arena_reset(&webhook->tmp);
		return;
	}
	const struct callback callback = {
		.has_payment = route.has_payment,
		.ref = route.ref,
		.strength = route.strength,
		.peer = peer,
		.received_at = clock_wall(),
		.path = route.has_payment ? "" : arena_string(&webhook->tmp, http_target(exchange)),
		.body = body_of(webhook, exchange, &route),
		.traceparent = traceparent_check(http_header(exchange, "traceparent"), &webhook->tmp),
	};
	if (route.has_payment)
		LOG(INFO, "callback.received", LOG_PAYMENT(&route.ref.payment),
			LOG_TRACE(callback.traceparent), LOG_STR("purpose", api_row(route.ref.purpose)->name),
			LOG_STR("strength", strength_name(route.strength)),
			LOG_NUM("bytes", callback.body.len));
	if (route.strength == STRENGTH_SIGNED)
		LOG(WARN, "callback.source_unlisted", LOG_PAYMENT(&route.ref.payment), LOG_STR("peer", peer));
	webhook_take(webhook, exchange, &callback,
		text_of(route.has_payment ? uuid_text(&route.ref.payment, key) : key));
	arena_reset(&webhook->tmp);
}

static void on_reports(uv_poll_t *handle, int status, int events)
{
	struct webhook *webhook = handle->data;

	(void)status;
	(void)events;
	kafka_producer_poll(webhook->producer, 0);
}

/* Daraja does not come twice: what is on its way to us is still taken. */
static void on_stop(uv_poll_t *handle, int status, int events)
{
	struct webhook *webhook = handle->data;

	(void)status;
	(void)events;
	uv_poll_stop(handle);
	webhook->stopping = true;
	webhook->stopping_since = clock_mono();
	http_server_stop_listening(webhook->server);
}

static void on_tick(uv_timer_t *handle)
{
	struct webhook *webhook = handle->data;

	service_ticked();
	kafka_producer_poll(webhook->producer, 0);
	c2b_book_refresh(&webhook->c2b);
	tls_look(&webhook->tls, webhook->server, clock_mono(), clock_wall());
	if (knocks_sweep(&webhook->knocks, clock_mono()) > 0)
		troubled(webhook, true);
	if (webhook->stopping && (http_server_connections(webhook->server) == 0 ||
					 mono_ms_between(webhook->stopping_since, clock_mono()) > DRAIN_MS))
		uv_stop(&webhook->loop);
}

static bool load(struct webhook *webhook, struct err *err)
{
	struct text bad;

	if (!sources_parse(text_of(webhook->settings.sources), &webhook->sources, &bad))
		return err_set(err, ERR_BROKEN, 0,
			"MKONDO_CALLBACK_SOURCES: \"%.*s\" is not an address or network, or one of more than "
			"%d",
			TEXT_ARG(bad), SOURCES_MOST);
	return callback_key_file_load(webhook->settings.keys_file, &webhook->keys, err) &&
	       c2b_book_load(&webhook->c2b, &webhook->c2b_conf, err);
}

static bool open_loop(struct webhook *webhook, struct err *err)
{
	if (FAULT("loop.init", FAULT_FAILED) || uv_loop_init(&webhook->loop) != 0)
		return err_set(err, ERR_RETRY, 0, "the event loop could not be made");
	webhook->loop_open = true;
	if (FAULT("loop.fill", FAULT_FAILED) ||
		uv_poll_init(&webhook->loop, &webhook->reports, kafka_producer_fd(webhook->producer)) != 0 ||
		uv_poll_init(&webhook->loop, &webhook->stop_ready, service_stop_fd()) != 0 ||
		uv_timer_init(&webhook->loop, &webhook->tick) != 0)
		return err_set(err, ERR_RETRY, 0, "the event loop takes no more");
	webhook->reports.data = webhook->stop_ready.data = webhook->tick.data = webhook;
	uv_poll_start(&webhook->reports, UV_READABLE, on_reports);
	uv_poll_start(&webhook->stop_ready, UV_READABLE, on_stop);
	uv_timer_start(&webhook->tick, on_tick, TICK_MS, TICK_MS);
	return true;
}

bool webhook_start(void *self, const struct service_common *common, struct err *err)
{
	struct webhook *webhook = self;
	const struct kafka_delivery delivery = {.report = on_report, .self = webhook};
	struct http_server_conf http = {
		.listen = webhook->settings.listen, .body_most = BODY_MOST, .share_port = true};
	const struct http_server_hooks hooks = {
		.on_headers = on_headers, .trusts = is_listed, .on_request = on_request, .self = webhook};

	(void)common;
	arena_init(&webhook->names);
	arena_init(&webhook->tmp);
	troubled(webhook, false);
	webhook->topic = kafka_topic(&webhook->kafka, "callbacks.v1", &webhook->names);
	if (!load(webhook, err) || !tls_open(&webhook->tls, &webhook->tls_settings, clock_mono(), err))
		return false;
	http.tls = webhook->tls.server;
	if (!kafka_producer_new(&webhook->producer, &webhook->kafka, &delivery, err))
		return false;
	kafka_producer_expect(webhook->producer, webhook->topic);
	return open_loop(webhook, err) &&
	       http_server_new(&webhook->server, &webhook->loop, &http, &hooks, err);
}

bool webhook_run(void *self, struct err *err)
{
	struct webhook *webhook = self;

	(void)err;
	LOG(INFO, "webhook.listening", LOG_NUM("port", http_server_port(webhook->server)));
	uv_run(&webhook->loop, UV_RUN_DEFAULT);
	return true;
}

bool webhook_ready(void *self, struct buf *why)
{
	struct webhook *webhook = self;

	int64_t since = atomic_load(&webhook->troubled_us);

	if (since == 0 || clock_mono().us - since > TROUBLED_MS * INT64_C(1000))
		return true;
	buf_str(why, "Kafka did not acknowledge the newest callback\n");
	return false;
}

static void close_handle(uv_handle_t *handle, void *unused)
{
	(void)unused;
	if (!uv_is_closing(handle))
		uv_close(handle, NULL);
}

/* In the order that lets replies out before their connections close, and the loop go before what it watches. */
void webhook_stop(void *self)
{
	struct webhook *webhook = self;

	if (webhook->producer != NULL)
		kafka_producer_wait(webhook->producer, REPORTS_MS);
	knocks_done(&webhook->knocks);
	http_server_free(&webhook->server);
	if (webhook->loop_open) {
		uv_walk(&webhook->loop, close_handle, NULL);
		uv_run(&webhook->loop, UV_RUN_DEFAULT);
		uv_loop_close(&webhook->loop);
		webhook->loop_open = false;
	}
	tls_close(&webhook->tls);
	kafka_producer_free(&webhook->producer);
	c2b_book_free(&webhook->c2b);
	arena_done(&webhook->tmp);
	arena_done(&webhook->names);
}
