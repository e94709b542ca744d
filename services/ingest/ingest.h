#ifndef INGEST_INGEST_H
#define INGEST_INGEST_H

#include "io/kafka_consumer.h"
#include "io/publisher.h"
#include "io/store.h"
#include "service/accounts.h"
#include "service/service.h"

#include <stdatomic.h>

/*
 * ingest: the front door.
 *
 *	commands -> decode -> check -> record -> hint the dispatcher
 *
 * In:	 commands.v1, any encoding of proto/mkondo/v1/command.proto.
 * Out:	 a payment row, its ACCEPTED (or REJECTED) result and a hint per command; dead letters.
 * Never: talks to Daraja, or changes a payment that already exists.
 *
 * A batch at a time: a commit costs 300 us, a row in a batch of 500 costs 15. The offsets move only when the batch is
 * committed and its answers are acknowledged, so a crash repeats the batch, and the ids make the repeat harmless.
 */
struct ingest_settings {
	int64_t retention_ms; /* MKONDO_RETENTION; 0: payments are never dropped */
};
extern const struct conf_row ingest_conf_rows[];

struct ingest {
	struct ingest_settings settings;
	struct kafka_conf kafka;
	struct publisher_conf publishing;
	struct store_conf database;
	struct account_conf accounts_from;
	double time_scale;
	struct accounts accounts; /* another book between two batches, never within one */
	struct store *store;
	struct kafka_consumer *commands;
	struct publisher *publisher;
	atomic_bool assigned, database_up;
};

bool ingest_start(void *self, const struct service_common *common, struct err *err);
bool ingest_work(void *self, struct arena *tmp, struct err *err);
bool ingest_ready(void *self, struct buf *why);
void ingest_stop(void *self);

#endif
