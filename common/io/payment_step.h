#ifndef IO_PAYMENT_STEP_H
#define IO_PAYMENT_STEP_H

#include "io/payment_store.h"

/*
 * One step of one locked payment: the lifecycle decides (core/payment), a new version is frozen, and row, journal
 * line, timer and debt go into `changes`. Every service that moves a payment does it by this call and no other way.
 */
struct step_by {
	const char *service;
	const char *detail; /* for the journal; no phone, no secret; "" */
	int64_t evidence_no; /* 0: none */
};

void payment_step(struct changes *changes, const struct payment *payment, struct payment_state *state,
	const struct step_facts *facts, const struct step_by *by, struct step_done *ret);

#endif
