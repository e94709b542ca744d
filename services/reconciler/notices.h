#ifndef RECONCILER_NOTICES_H
#define RECONCILER_NOTICES_H

#include "io/kafka.h"
#include "reconciler/docket.h"
#include "reconciler/reconciler.h"

/*
 * Confirmations of C2B -> receipts: entered in one transaction of their own, then published. The offsets wait until they are
 * delivered, so a crash in between is made good by reading the records again: they say what they said before.
 */
bool notices_settle(struct reconciler *rec, const struct docket *docket, const struct kafka_message *messages,
	struct err *err);

#endif
