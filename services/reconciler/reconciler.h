#ifndef RECONCILER_RECONCILER_H
#define RECONCILER_RECONCILER_H

#include "core/evidence.h"
#include "io/kafka_consumer.h"
#include "io/publisher.h"
#include "io/store.h"
#include "service/service.h"

#include <stdatomic.h>

/*
 * reconciler: the judge.
 *
 *	callbacks -> what does it say -> which event is that -> the lifecycle -> result
 *
 * In:	 callbacks.v1: what Daraja sent, and the answers to our own questions.
 * Out:	 evidence, receipts and steps of payments, in one transaction; results after it. Notices of C2B: receipts.v1.
 * Owns: the judging of evidence. Never: calls Daraja.
 *
 * The offsets move after the commit: a batch that comes again finds its evidence stored and judges it
 * again, which changes nothing. Results that could not be published are owed.
 */
struct reconciler_settings {
	int64_t confirm_above; /* MKONDO_CONFIRM_ABOVE, cents */
};
extern const struct conf_row reconciler_conf_rows[];

struct reconciler {
	struct reconciler_settings settings;
	struct kafka_conf kafka;
	struct publisher_conf publishing;
	struct store_conf database;
	double time_scale;
	struct evidence_rules rules;
	struct store *store;
	struct kafka_consumer *callbacks;
	struct publisher *publisher;
	bool must_arrive; /* this batch has receipts or dead letters, which its offsets wait for */
	atomic_bool assigned, database_up;
};

bool reconciler_start(void *self, const struct service_common *common, struct err *err);
bool reconciler_work(void *self, struct arena *tmp, struct err *err);
bool reconciler_ready(void *self, struct buf *why);
void reconciler_stop(void *self);

#endif
