#ifndef WEBHOOK_WEBHOOK_H
#define WEBHOOK_WEBHOOK_H

#include "core/callback_url.h"
#include "io/http_server.h"
#include "io/kafka_producer.h"
#include "service/service.h"
#include "webhook/c2b_book.h"
#include "webhook/knock.h"
#include "webhook/sources.h"
#include "webhook/tls.h"

#include <stdatomic.h>

/*
 * webhook: the door that Daraja knocks at.
 *
 *	request -> route and MAC -> body, unread -> envelope on callbacks.v1 -> 200
 *
 * In:	 HTTP POST from Daraja. Out: callbacks.v1, whole and untouched, but for credentials of ours in what may give our request back.
 * Validations of C2B are answered from memory, whoever else is away.
 * Never: touches PostgreSQL, parses a body that names its payment by its path, or says 200 before the broker has the record: without its word within 3 s it is
 * 503, and who asked may come again; if nobody does, the poller asks.
 */
struct webhook_settings {
	struct conf_address listen; /* MKONDO_WEBHOOK_LISTEN */
	const char *keys_file; /* MKONDO_CALLBACK_KEYS_FILE */
	const char *prefix; /* MKONDO_CALLBACK_PREFIX */
	const char *sources; /* MKONDO_CALLBACK_SOURCES */
	bool plain_paths; /* MKONDO_PLAIN_PATHS */
	bool log_bodies; /* MKONDO_LOG_BODIES */
};
extern const struct conf_row webhook_conf_rows[];

struct webhook {
	struct webhook_settings settings;
	struct kafka_conf kafka;
	struct c2b_conf c2b_conf;
	struct tls_settings tls_settings;
	struct tls tls;
	struct c2b_book c2b;
	struct callback_keys keys;
	struct sources sources;
	uv_loop_t loop;
	bool loop_open;
	uv_poll_t reports, stop_ready;
	uv_timer_t tick;
	struct http_server *server;
	struct kafka_producer *producer;
	struct arena names, tmp;
	const char *topic;
	struct knocks knocks;
	bool stopping;
	struct mono stopping_since;
	_Atomic int64_t
		troubled_us; /* when a callback was not acknowledged, on clock_mono; 0: the newest was, or none came yet */
};

/* Hands a callback to the broker and answers when its word comes. The key: "" none. */
struct callback;
void webhook_take(struct webhook *webhook, struct http_exchange *exchange, const struct callback *callback,
	struct text key);
bool webhook_start(void *self, const struct service_common *common, struct err *err);
bool webhook_run(void *self, struct err *err);
bool webhook_ready(void *self, struct buf *why);
void webhook_stop(void *self);

#endif
