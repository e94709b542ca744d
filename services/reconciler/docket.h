#ifndef RECONCILER_DOCKET_H
#define RECONCILER_DOCKET_H

#include "io/evidence_store.h"
#include "io/payment_step.h"
#include "io/payment_store.h"
#include "wire/callback_wire.h"

/*
 * The cases of one batch and their way through one transaction: find the payments, store the evidence, lock,
 * claim the receipts, judge in log order, save.
 */
struct hearing { /* one record of callbacks.v1 */
	struct callback callback;
	struct evidence evidence;
	bool readable; /* the envelope itself */
	bool is_notice; /* of C2B: it is about no payment of ours, and goes another way (reconciler/notices.h) */
	bool matched; /* it belongs to a payment that exists */
	size_t row; /* index of its payment */
	size_t exhibit; /* index of its evidence row */
	size_t claim; /* index of its receipt's claim; SIZE_MAX: none */
};

struct docket {
	struct hearing *hearings;
	size_t count;
	struct uuid *ids;
	struct payment_row *rows;
	bool *published; /* by row: it has a new version to publish */
	size_t id_count;
	struct arena *tmp;
};

/* Reads envelopes and bodies; what cannot be read says "unclear" and is kept. */
void docket_hear(struct docket *docket, struct text envelope, struct hearing *hearing);
/* The whole transaction. On failure nothing was done. */
bool docket_settle(struct docket *docket, struct store *store, const struct evidence_rules *rules,
	double time_scale, struct err *err);

#endif
