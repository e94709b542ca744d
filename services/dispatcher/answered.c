#include "dispatcher/worker.h"

#include "base/log.h"
#include "base/metric.h"
#include "io/clock.h"
#include "wire/daraja_answer.h"

METRIC(answers_total, .name = "mkondo_answers_total",
	.help = "Synchronous answers of Daraja, silence and failed sends among them, by the class that "
		"docs/codes.md gives them.",
	.label = "class",
	.values = "TAKEN PUT_OFF TURNED_DOWN NO_WORD DUPLICATE TOKEN CONFIG PENDING FOUND_NOTHING",
	.kind = METRIC_COUNTER);
METRIC(answer_seconds, .name = "mkondo_daraja_seconds",
	.help = "From a call to the end of Daraja's answer, of calls that were answered.", .label = "api",
	.kind = METRIC_HISTOGRAM);

METRIC(unlisted_total, .name = "mkondo_unlisted_answers_total",
	.help = "Answers with a code that the dictionary does not know, by its family of codes.",
	.label = "family", .kind = METRIC_COUNTER);

void worker_read_answer(
	struct worker *worker, struct call *call, struct answer *answer, struct answer_verdict *verdict)
{
	struct token_cache *token = &worker->apps.tokens[call->app];

	*answer = (struct answer){.transport = call->transport, .trouble = call->trouble};
	if (call->transport == TRANSPORT_ANSWERED)
		daraja_answer_parse(call->api, call->http, call->reply, &worker->tmp, answer);
	answer->transport = call->transport;
	answer->http = call->http;
	answer->trouble = call->trouble;
	*verdict = answer_classify(
		call->api, answer, call->token_no == token->no && !token->worked, &worker->tmp);
	if (call->replayed)
		return;
	metric_add(&answers_total, code_class_name(verdict->class), 1);
	if (call->transport == TRANSPORT_ANSWERED)
		metric_observe(&answer_seconds, api_row(call->api)->name, (double)call->took_us / 1e6);
	if (!verdict->listed && call->transport == TRANSPORT_ANSWERED) {
		metric_add(&unlisted_total, api_row(call->api)->sync_family, 1);
		LOG(ALARM, "answer.unlisted", LOG_PAYMENT(&call->id),
			LOG_STR("api", api_row(call->api)->name), LOG_NUM("http", call->http),
			LOG_TXT("code", answer->code),
			LOG_TXT("message", daraja_redacted(answer->message, &worker->tmp)));
	}
	if (verdict->class == CODE_TOKEN)
		worker_token_refused(worker, call->app, call->token_no);
	else if (call->transport == TRANSPORT_ANSWERED && answer->json && call->token_no == token->no)
		token->worked = true;
}

void worker_question_answered(struct worker *worker, struct call *call)
{
	struct answer answer;
	struct answer_verdict verdict;
	struct err err;

	worker_read_answer(worker, call, &answer, &verdict);
	worker_note(worker, call, &verdict);
	bool told = verdict.class == CODE_TAKEN || verdict.class == CODE_PENDING ||
		    verdict.class == CODE_FOUND_NOTHING;
	LOG(INFO, "question.answered", LOG_PAYMENT(&call->id), LOG_TRACE(call->traceparent),
		LOG_NUM("question", call->query_no), LOG_STR("class", code_class_name(verdict.class)),
		LOG_STR("code", verdict.code), LOG_STR("trouble", call->trouble));
	if (!told || !api_row(call->api)->outcome_is_answer)
		return;

	const struct callback evidence = {
		.has_payment = true,
		.ref = {.purpose = call->api,
			.flags = call->after_fence ? CALLBACK_FLAG_AFTER_FENCE : 0,
			.gen = call->gen,
			.query_no = call->query_no,
			.payment = call->id},
		.strength = STRENGTH_ASKED,
		.peer = "",
		.received_at = clock_wall(),
		.path = "",
		.body = call->reply,
		.traceparent = call->traceparent,
		.http_status = call->http,
	};
	if (!publisher_callback(worker->publisher, &evidence, &err))
		LOG(WARN, "question.answer_lost", LOG_PAYMENT(&call->id), LOG_ERR(&err));
}
