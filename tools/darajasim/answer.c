#include "darajasim/call.h"

#include "darajasim/faults.h"

#include "io/clock.h"

#include <stdlib.h>
#include <stdio.h>
#include <string.h>

/* The answer of a call on its way: what the plan makes of it, its line in the ledger, then bytes or silence. */

enum { HANG_MS = 120000 };

static void call_free(struct call *call)
{
	json_decref(call->body);
	free(call);
}

static const char *how_it_went(const struct call *call)
{
	switch (call->plan->answer) {
	case ANSWER_LOST_BEFORE:
	case ANSWER_LOST_AFTER:
	case ANSWER_CLOSE_AFTER_READ:
		return "lost";
	case ANSWER_TRUNCATED:
		return "truncated";
	case ANSWER_HANG:
		return "hung";
	case ANSWER_OK:
	case ANSWER_ERROR:
	case ANSWER_HTML503:
	case ANSWER_EMPTY200:
	case ANSWER_EMPTY_FIELDS:
	case ANSWER_REFUSED200:
	case ANSWER_SPIKE_ARREST:
	case ANSWER_SPIKE_ARREST_RAW:
	case ANSWER_QUOTA:
	case ANSWER_INVALID_TOKEN:
	case ANSWER_HTTP429:
	case ANSWER_COUNT:
		break;
	}
	return "sent";
}

/* A whole head that promises more than comes. */
static void reply_half(struct call *call)
{
	char head[4608];
	struct buf buf = BUF(head);

	buf_print(&buf, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n",
		call->said.len);
	buf_add(&buf, call->said.at, call->said.len / 2);
	http_reply_raw(call->exchange, buf_as_text(&buf));
}

static void on_written(void *self, bool over)
{
	struct call *call = self;
	const char *how = how_it_went(call);

	if (over || strcmp(how, "lost") == 0 || strcmp(how, "hung") == 0)
		http_reply_raw(call->exchange, (struct text){NULL, 0});
	else if (strcmp(how, "truncated") == 0)
		reply_half(call);
	else
		http_reply(call->exchange, call->http, call->content_type, buf_as_text(&call->said));
	call_free(call);
}

static void on_due(void *self, bool over)
{
	struct call *call = self;
	struct ledger *ledger = call->sim->ledger;

	if (!over) {
		ledger_begin(ledger, clock_wall(), "answer");
		ledger_text(ledger, "api", product_name(call->product));
		ledger_number(ledger, "request", (int64_t)call->number);
		ledger_text(ledger, "payment", call->payment);
		ledger_text(ledger, "key", call->key);
		ledger_text(ledger, "id", call->id);
		ledger_text(ledger, "how", how_it_went(call));
		ledger_number(ledger, "http", call->http);
		ledger_text(ledger, "code", call->code);
		ledger_end(ledger);
	}
	outbox_add(&call->sim->outbox, on_written, call);
}

void call_send(struct call *call)
{
	int64_t usual = call->plan->answer == ANSWER_HANG ? HANG_MS : 0;
	int64_t ms = sim_ms(call->sim, call->plan->answer_after_ms, usual);

	if (ms > 0)
		later_add(&call->sim->later, ms, on_due, call);
	else
		on_due(call, false);
}

/* The plan's own answer, if it has one that is not the product's. */
void call_apply_plan(struct call *call)
{
	char body[4096], token[128];
	struct buf fault_body = BUF(body), bearer = BUF(token);
	struct fault fault;

	buf_print(&bearer, "%.*s", TEXT_ARG(call->token));
	if (!faults_answer(
		    call->plan, call->product, buf_end(&bearer), call->request_id, &fault_body, &fault))
		return;
	call->said.len = 0;
	buf_text(&call->said, buf_as_text(&fault_body));
	call->http = fault.http;
	call->content_type = fault.content_type;
	(void)snprintf(call->code, sizeof(call->code), "%s", plan_answer_name(call->plan->answer));
}

void call_accepted(struct call *call)
{
	call->http = 200;
	call->content_type = "application/json";
	memcpy(call->code, "0", 2);
	call_apply_plan(call);
	call_send(call);
}

/* A plan for an answer on its way belongs to requests that went in: a refusal is simply told. */
void call_refused_as(struct call *call, int http, const char *content_type, const char *code)
{
	static const struct plan plain = {.answer = ANSWER_OK, .answer_after_ms = PLAN_UNSET};

	call->http = http;
	call->content_type = content_type;
	(void)snprintf(call->code, sizeof(call->code), "%s", code);
	call->plan = &plain;
	call_send(call);
}

void call_refused(struct call *call, const struct plan_error *error)
{
	struct fault fault;

	call->said.len = 0;
	fault = faults_error(error, call->request_id, &call->said);
	call_refused_as(call, fault.http, fault.content_type, error->code);
}

void call_refused_named(struct call *call, const char *name)
{
	call_refused(call, faults_error_find(name));
}

void call_refused_field(struct call *call, const char *field)
{
	struct plan_error error = {400, "400.002.02", ""};
	struct buf message = BUF(error.message);

	buf_print(&message, "Bad Request - Invalid %s", field);
	buf_end(&message);
	call_refused(call, &error);
}
