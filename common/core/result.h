#ifndef CORE_RESULT_H
#define CORE_RESULT_H

#include "core/command.h"
#include "core/payment.h"

/*
 * What became of a command, as it is published. Version 0 is ACCEPTED and informational. Everything
 * that can still change after a version was made is frozen with it (payment_state.frozen), so that a
 * republication is byte for byte the same.
 */
enum outcome { /* result.proto's numbers */
	OUTCOME_ACCEPTED = 1,
	OUTCOME_REJECTED = 2,
	OUTCOME_SUCCEEDED = 3,
	OUTCOME_FAILED = 4,
	OUTCOME_UNRESOLVED = 5,
	OUTCOME_CONFLICT = 6,
};

struct result {
	struct uuid id;
	unsigned version;
	enum outcome outcome;
	bool final;
	const char *tenant, *account, *operation;
	struct amount amount, moved;
	const char *receipt;
	const char *party; /* masked */
	struct cause cause; /* class "" : none */
	struct provider_ids ids;
	unsigned attempts;
	struct instant accepted_at, decided_at;
	const struct metadata *metadata;
	size_t metadata_count;
	struct digest fingerprint;
	struct details details; /* of SUCCEEDED only */
};

/* Version 0, ACCEPTED. */
void result_accepted(const struct payment *payment, struct arena *arena, struct result *ret);
/* The part that a step has just made: version, outcome, cause, receipt, ids, attempts, decided_at. The
   rest comes from the payment when it is published. */
void result_decided(const struct payment *payment, const struct payment_state *state,
	const struct cause *cause, struct arena *arena, struct result *ret);
/* What the success tells beside; nothing for another outcome. NULL is nothing. */
void result_add_details(struct result *result, const struct details *details);
const char *outcome_name(enum outcome outcome); /* "SUCCEEDED" */

#endif
