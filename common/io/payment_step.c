#include "io/payment_step.h"

#include "base/log.h"
#include "core/result.h"
#include "wire/result_wire.h"

static void log_step(const struct payment *payment, const struct payment_state *state, const char *cause,
	const struct step_by *by, const struct step_done *done)
{
	const struct log_field fields[] = {
		LOG_PAYMENT(&payment->id),
		LOG_TRACE(payment->traceparent),
		LOG_STR("step", event_name(done->event)),
		LOG_STR("from", state_name(done->from)),
		LOG_STR("to", state_name(done->to)),
		LOG_NUM("attempt", state->attempt),
		LOG_STR("cause", cause),
		LOG_STR("detail", by->detail),
		LOG_STR("why", done->why),
		{.name = NULL},
	};

	log_event((done->effects & DO_ALARM) ? LOG_ALARM : LOG_INFO,
		(done->effects & DO_ALARM) ? "payment.contradicted" : "payment.moved", fields);
}

void payment_step(struct changes *changes, const struct payment *payment, struct payment_state *state,
	const struct step_facts *facts, const struct step_by *by, struct step_done *ret)
{
	const char *code = facts->cause.code != NULL ? facts->cause.code : "";

	payment_apply(payment, state, facts, ret);
	if (ret->new_version) {
		struct result result;

		code = ret->cause.code;
		result_decided(payment, state, &ret->cause, changes->arena, &result);
		result_add_details(&result, facts->details);
		state->frozen = result_freeze(&result, changes->arena);
	}
	changes_step(changes, payment, state, ret, by->service, code, by->detail, by->evidence_no);
	log_step(payment, state, code, by, ret);
}
