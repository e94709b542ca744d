#include "dispatcher/worker.h"

#include "core/about.h"
#include "io/evidence_store.h"
#include "io/payment_store.h"
#include "wire/command_wire.h"

enum { TOO_EARLY_WAIT_MS = 30000 };

/* The payment of ours that the command names, or whose receipt it wants reversed. */
static bool find_target(
	struct worker *worker, const struct command *command, struct payment_row *ret, struct err *err)
{
	struct uuid id;
	bool named = about_target(command, &id);

	if (!named && command->api == API_REVERSAL &&
		!receipt_store_find(
			worker->store, command_field(&command->fields, "receipt"), &id, &named, err))
		return false;
	return !named || payment_store_read(worker->store, &id, 1, &worker->tmp, ret, err);
}

/* A question, or a reversal, may be about a payment of ours: M-PESA's ids of it are looked up. */
bool worker_about(
	struct worker *worker, struct payment_row *row, struct call *call, struct about *ret, struct err *err)
{
	struct payment_row target = {0};
	struct command command = {0};

	*ret = (struct about){.checkout = "", .conversation = "", .receipt = ""};
	if (!about_matters(row->payment.api))
		return true;
	if (!command_unpack_canonical(row->payment.command, &worker->tmp, &command, err) ||
		!find_target(worker, &command, &target, err))
		return false;
	switch (about_command(&row->payment, &command, target.found ? &target.payment : NULL, &target.state,
		&call->arena, ret, &call->refusal)) {
	case ABOUT_KNOWN:
		return true;
	case ABOUT_UNKNOWN:
		call->fate = CALL_REFUSED;
		return true;
	case ABOUT_TOO_EARLY:
		call->fate = CALL_PUT_OFF;
		call->wait_ms = TOO_EARLY_WAIT_MS;
		return true;
	}
	must(false);
}
