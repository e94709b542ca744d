#ifndef DISPATCHER_CLAIM_H
#define DISPATCHER_CLAIM_H

#include "dispatcher/worker.h"
#include "io/payment_step.h"

/* One claim between its transaction (claim.c) and the sending of what it won (sendoff.c). */
enum { CLAIM_MOST = 256 };

struct claim {
	struct worker *worker;
	enum lane lane;
	const struct account *account; /* any of the app's */
	size_t app;
	struct waiting waiting[CLAIM_MOST];
	size_t waiting_count;
	struct uuid ids[CLAIM_MOST];
	struct payment_row *rows;
	size_t count;
	struct payment_row *claimed[CLAIM_MOST], *settled[CLAIM_MOST];
	size_t claimed_count, settled_count;
	struct lane_row lane_row;
	struct changes changes;
	struct instant now;
	struct mono begun;
	int64_t spacing_us; /* between its calls */
};

/* After the commit: the send journal, attempts.v1, the requests; what cannot be sent is answered as not sent. */
void claim_send(struct claim *claim);

#endif
