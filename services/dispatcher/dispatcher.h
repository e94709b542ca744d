#ifndef DISPATCHER_DISPATCHER_H
#define DISPATCHER_DISPATCHER_H

#include "dispatcher/pace.h"
#include "dispatcher/worker.h"
#include "io/http_client.h"
#include "io/kafka_consumer.h"
#include "service/service.h"

/*
 * dispatcher: the only one that talks to Daraja about payments.
 *
 *	hint -> gate -> claim (one transaction with the bucket) -> send journal -> request -> answer -> step
 *
 * In:	 hints from dispatch.<lane>.v1; due timers when hints are late.
 * Out:	 Daraja calls; the synchronous answer as a step of the payment; answers of questions on callbacks.v1.
 * Owns: buckets, breakers, the send journal, the token. Never: sends without a committed claim, sends twice.
 *
 * Two threads. This one, on a libuv loop, reads hints and does HTTP; the store thread (worker.h) decides, claims and settles.
 */
/* The calls of one app and lane that wait for their time. */
struct outgoing {
	struct pace pace;
	struct call *first, **last;
};

struct dispatcher {
	struct worker_settings settings;
	struct kafka_conf kafka;
	struct publisher_conf publishing;
	struct store_conf database;
	struct account_conf accounts_from;
	struct worker worker;
	uv_loop_t loop;
	bool loop_open;
	uv_async_t wake; /* the store thread has calls to send */
	uv_poll_t hints_ready, stop_ready;
	uv_timer_t tick, outgoing_due;
	struct http_client *http;
	struct kafka_consumer *hints;
	const char *topics[LANE_COUNT + 1];
	bool topic_paused[LANE_COUNT];
	struct arena names, tmp;
	struct outgoing outgoing[APPS_MOST][LANE_COUNT];
	struct mono drain_since;
	int64_t drain_ms; /* for what is in the air; what is left of MKONDO_DRAIN is for leaving */
	bool stopping;
	struct err failure; /* why it drains by itself */
};

extern const struct conf_row dispatcher_conf_rows[];

/* hints.c: takes what waits at Kafka, and pauses the topics of lanes that have enough. */
void dispatcher_hints(struct dispatcher *dispatcher);

/* outgoing.c: sends what the store thread has handed over, each call at its time. */
bool dispatcher_outgoing_start(struct dispatcher *dispatcher);
void dispatcher_outgoing(struct dispatcher *dispatcher);
void dispatcher_outgoing_stop(struct dispatcher *dispatcher); /* frees what is left: it lapses by its lease */
/* tell.c: by setting, into the log. */
void dispatcher_tell_request(const struct dispatcher *dispatcher, const struct call *call);
void dispatcher_tell_answer(const struct dispatcher *dispatcher, const struct call *call);
/* dispatcher.c: no new claims, and the end when all is settled; `why`: as a failure. */
void dispatcher_drain(struct dispatcher *dispatcher, const struct err *why);
/* now, or answered as not sent. */
void dispatcher_send(struct dispatcher *dispatcher, struct call *call);

bool dispatcher_start(void *self, const struct service_common *common, struct err *err);
bool dispatcher_run(void *self, struct err *err);
bool dispatcher_ready(void *self, struct buf *why);
void dispatcher_stop(void *self);

#endif
