#include "dispatcher/claim.h"

#include "base/log.h"
#include "service/service.h"
#include "wire/daraja_request.h"

static bool build(struct claim *claim, struct payment_row *row, struct call *call, struct err *err)
{
	struct worker *worker = claim->worker;
	struct daraja_request request = {.api = row->payment.api,
		.payment = &row->payment,
		.state = &row->state,
		.account = call->account,
		.now = claim->now};

	if (!worker_about(worker, row, call, &request.about, err) || call->fate != CALL_TO_BE_SENT)
		return call->fate != CALL_TO_BE_SENT;
	if ((!api_row(row->payment.api)->outcome_is_answer || api_row(row->payment.api)->tells_url) &&
		!worker_urls(worker, call, row->payment.api, &request.result_url, &request.timeout_url, err))
		return false;
	if (row->payment.api == API_C2B_REGISTER &&
		!worker_c2b_urls(
			worker, call->account, &request.confirmation_url, &request.validation_url, err))
		return false;
	call->path = daraja_request_path(&request, &call->arena);
	return daraja_request_build(&request, &call->arena, &call->body, err);
}

static struct call *make_call(struct claim *claim, struct payment_row *row)
{
	struct worker *worker = claim->worker;
	struct call *call = call_new(CALL_PAYMENT);
	struct err err;

	call->id = row->payment.id;
	call->api = row->payment.api;
	call->lane = claim->lane;
	call->attempt = row->state.attempt;
	call->gen = row->state.gen;
	call->query_no = row->state.query_no;
	worker_call_account(worker, call, account_book_find(worker->accounts, text_of(row->payment.account)));
	call->token_no = worker->apps.tokens[claim->app].no;
	call->token = arena_string(&call->arena, text_of(worker->apps.tokens[claim->app].text));
	call->begun = claim->begun;
	call->spacing_us = claim->spacing_us;
	call->traceparent =
		arena_string(&call->arena, text_of(traceparent_child(row->payment.traceparent, "send",
						   &row->payment.id, row->state.attempt, &worker->tmp)));
	if (!build(claim, row, call, &err)) {
		LOG(ALARM, "payment.not_buildable", LOG_PAYMENT(&row->payment.id), LOG_ERR(&err));
		call_answered(call, TRANSPORT_NOT_SENT, 0, (struct text){0}, err.text, 0);
		call->body = (struct text){0};
	}
	return call;
}

/* Outside PostgreSQL it is written down too, before the first byte leaves. A failure means that nothing of it is sent. */
static bool note_sends(struct claim *claim, struct err *err)
{
	struct worker *worker = claim->worker;
	struct send_record records[CLAIM_MOST];

	for (size_t i = 0; i < claim->claimed_count; i++) {
		const struct payment_state *state = &claim->claimed[i]->state;

		records[i] = (struct send_record){.kind = JOURNAL_SEND,
			.id = state->id,
			.attempt = state->attempt,
			.gen = state->gen,
			.at = claim->now,
			.fence_at = state->fence_at};
	}
	if (!send_journal_add(worker->journal, records, claim->claimed_count, err))
		return false;
	for (size_t i = 0; i < claim->claimed_count; i++) {
		const struct payment_state *state = &claim->claimed[i]->state;
		char key[48];
		const struct attempt_note note = {.id = state->id,
			.attempt = state->attempt,
			.gen = state->gen,
			.at = claim->now,
			.fence_at = state->fence_at,
			.key = payment_provider_key(&state->id, state->gen, key),
			.dispatcher = service_instance()};
		struct err lost;

		if (!publisher_attempt(
			    worker->publisher, &note, claim->claimed[i]->payment.traceparent, &lost))
			LOG(WARN, "attempt.not_noted", LOG_PAYMENT(&state->id), LOG_ERR(&lost));
	}
	return true;
}

void claim_send(struct claim *claim)
{
	struct worker *worker = claim->worker;
	struct err err = {0};
	bool noted = claim->claimed_count == 0 || note_sends(claim, &err);

	if (!noted)
		LOG(ALARM, "send_journal.failed", LOG_ERR(&err));
	for (size_t i = 0; i < claim->claimed_count; i++) {
		struct call *call = make_call(claim, claim->claimed[i]);

		if (!noted)
			call_answered(call, TRANSPORT_NOT_SENT, 0, (struct text){0},
				"the send journal could not be written", 0);
		if (!noted || call->fate != CALL_TO_BE_SENT || call->body.len == 0) {
			atomic_fetch_add(&worker->in_flight, 1);
			call_queue_put(&worker->done, call);
		} else {
			worker_send(worker, call);
		}
	}
	if (claim->claimed_count > 0)
		worker->wake_loop(worker->loop);
	for (size_t i = 0; i < claim->settled_count; i++)
		if (!publisher_result(
			    worker->publisher, &claim->settled[i]->payment, &claim->settled[i]->state, &err))
			LOG(WARN, "result.delayed", LOG_PAYMENT(&claim->settled[i]->payment.id),
				LOG_ERR(&err));
}
