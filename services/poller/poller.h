#ifndef POLLER_POLLER_H
#define POLLER_POLLER_H

#include "io/publisher.h"
#include "io/store.h"
#include "service/service.h"

#include <stdatomic.h>

/*
 * poller: the clock.
 *
 *	due timers -> what is due (core/payment: payment_look) -> steps, hints, questions
 *	owed results -> published
 *
 * In:	 PostgreSQL's timers and debts. Out: hints, steps by time, results that nobody acknowledged.
 * Owns: time. Never: judges evidence, or talks to Daraja.
 *
 * While all is frozen, and on a new connection until a dispatcher has vouched for the database, only debts are paid.
 *
 * Any number of replicas: rows are taken with SKIP LOCKED. Whoever takes a timer acts on each of its payments, or
 * writes a timer anew, in the same transaction.
 */
struct poller {
	struct kafka_conf kafka;
	struct publisher_conf publishing;
	struct store_conf database;
	double time_scale;
	struct store *store;
	struct publisher *publisher;
	struct mono counted_at, searched_at;
	bool waits; /* no timer is acted upon */
	struct mono sends_at; /* when due sends were last taken */
	unsigned careful; /* so many timers are still taken one by one */
	atomic_bool database_up;
};

bool poller_start(void *self, const struct service_common *common, struct err *err);
bool poller_work(void *self, struct arena *tmp, struct err *err);
bool poller_ready(void *self, struct buf *why);
void poller_stop(void *self);

/* look.c: takes due timers and acts on their payments; *ret_count: how many were taken. False: the database is away. */
enum { POLLER_LOOK_MOST = 500 };
bool poller_serve_timers(struct poller *poller, struct arena *tmp, size_t *ret_count, struct err *err);
/* Looks at these payments, sorted and distinct, whose timers this transaction has taken, and commits. */
bool poller_look_at(struct poller *poller, const struct uuid *ids, size_t count, struct instant now,
	struct arena *tmp, struct err *err);
/* trust.c: whether timers may be acted upon, in the transaction that would. False: the database is away. */
bool poller_may_act(struct poller *poller, bool *ret, struct err *err);

#endif
