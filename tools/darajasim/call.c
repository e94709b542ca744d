#include "darajasim/call.h"

#include "darajasim/draw.h"
#include "darajasim/faults.h"

#include "io/clock.h"

#include <stdlib.h>
#include <string.h>

uint64_t call_luck(const struct call *call, unsigned purpose)
{
	return draw(call->sim->options.seed, call->number, purpose);
}

bool call_credential_is_right(const struct call *call)
{
	char text[1025];

	return !fields_has(call->body, "SecurityCredential") ||
	       initiator_knows(call->sim->initiator,
		       fields_text(call->body, "SecurityCredential", text, sizeof(text)));
}

static const struct field_row *rows_of(const struct call *call)
{
	switch (call->product) {
	case PRODUCT_STK_PUSH:
		return stk_push_rows();
	case PRODUCT_STK_QUERY:
		return stk_query_rows();
	case PRODUCT_B2C:
	case PRODUCT_B2POCHI:
		return b2c_rows(call->old_version);
	case PRODUCT_B2B:
	case PRODUCT_TAX:
		return transfer_rows(call->product);
	case PRODUCT_REVERSAL:
		return reversal_rows();
	case PRODUCT_EXPRESS:
		return express_rows();
	case PRODUCT_ORDER:
		return order_rows();
	case PRODUCT_STATUS:
		return status_rows();
	case PRODUCT_BALANCE:
		return balance_rows();
	case PRODUCT_QR:
	case PRODUCT_ORG:
	case PRODUCT_SWAP:
	case PRODUCT_IMSI:
		return lookup_rows(call->product);
	case PRODUCT_C2B_REGISTER:
		return c2b_register_rows();
	case PRODUCT_C2B_SIMULATE:
		return c2b_simulate_rows();
	case PRODUCT_BILL_OPT_IN:
	case PRODUCT_BILL_INVOICE:
	case PRODUCT_BILL_INVOICES:
	case PRODUCT_BILL_CANCEL:
	case PRODUCT_BILL_RECONCILE:
		return bill_rows(call->product);
	case PRODUCT_PULL_REGISTER:
		return pull_rows();
	case PRODUCT_OAUTH:
	case PRODUCT_COUNT:
		break;
	}
	return NULL;
}

/* With another Content-Type the gateway does not look at the body at all. */
static void read_body(struct call *call)
{
	struct text type = http_header(call->exchange, "content-type"), bytes = http_body(call->exchange);
	json_t *body = NULL;

	if (text_has_nocase(type, "application/json"))
		body = json_loadb(bytes.at != NULL ? bytes.at : "", bytes.len, 0, NULL);
	body = bill_body(call->product, body);
	if (json_is_object(body))
		call->body = body;
	else
		json_decref(body);
}

static void read_key(struct call *call, const char *name)
{
	(void)fields_text(call->body, name, call->key, sizeof(call->key));
}

/* What the products call the same things. */
struct names {
	const char *url, *party, *amount, *key;
};

static const struct names *names_of(enum product product)
{
	static const struct names usual = {"ResultURL", "PartyB", "Amount", "OriginatorConversationID"},
				  prompt = {"CallBackURL", "PhoneNumber", "Amount", ""},
				  express = {"callbackUrl", "primaryShortCode", "amount", "RequestRefID"},
				  order = {"CallBackURL", "PartyA", "Amount", "StandingOrderName"};

	return product == PRODUCT_STK_PUSH  ? &prompt
	       : product == PRODUCT_EXPRESS ? &express
	       : product == PRODUCT_ORDER   ? &order
					    : &usual;
}

/* What the scenario and the ledger want to know, whether the request is sound or not. */
static void read_facts(struct call *call)
{
	const struct book *book = &call->sim->book;
	char url[1024];

	(void)fields_text(call->body, names_of(call->product)->url, url, sizeof(url));
	fields_payment_hint(url, call->payment);
	if (call->product == PRODUCT_REVERSAL) {
		read_key(call, "TransactionID");
		call->subject = book_by_receipt(book, call->key);
	} else if (product_pays(call->product)) {
		const struct names *names = names_of(call->product);

		(void)fields_text(call->body, names->party, call->phone, sizeof(call->phone));
		(void)fields_amount(call->body, names->amount, &call->shillings);
		read_key(call, names->key);
	} else if (product_bills(call->product)) {
		bill_facts(call);
	} else if (call->product == PRODUCT_PULL_REGISTER) {
		pull_facts(call);
	} else if (call->product == PRODUCT_C2B_REGISTER) {
		read_key(call, "ShortCode");
	} else if (call->product == PRODUCT_C2B_SIMULATE) {
		(void)fields_text(call->body, "Msisdn", call->phone, sizeof(call->phone));
		(void)fields_amount(call->body, "Amount", &call->shillings);
	} else if (call->product == PRODUCT_STK_QUERY) {
		read_key(call, "CheckoutRequestID");
		call->subject = book_by_id(book, call->key);
	} else if (call->product == PRODUCT_SWAP || call->product == PRODUCT_IMSI) {
		(void)fields_text(call->body, "customerNumber", call->phone, sizeof(call->phone));
	} else if (call->product == PRODUCT_ORG) {
		(void)fields_text(call->body, "Identifier", call->phone, sizeof(call->phone));
	} else if (call->product == PRODUCT_QR) {
		(void)fields_amount(call->body, "Amount", &call->shillings);
		read_key(call, "RefNo");
	} else if (call->product == PRODUCT_STATUS) {
		read_key(call, fields_has(call->body, "OriginalConversationID") ? "OriginalConversationID"
										: "TransactionID");
		call->subject = book_by_originator(book, call->key);
		if (call->subject == NULL)
			call->subject = book_by_receipt(book, call->key);
	}
	if (call->subject != NULL) {
		memcpy(call->phone, call->subject->phone, sizeof(call->phone));
		if (call->product == PRODUCT_REVERSAL)
			(void)fields_amount(call->body, "Amount", &call->shillings);
		else
			call->shillings = call->subject->shillings;
		if (call->payment[0] == '\0')
			memcpy(call->payment, call->subject->payment, sizeof(call->payment));
	}
}

static void write_request(struct call *call)
{
	struct ledger *ledger = call->sim->ledger;
	char key[64];
	struct book_payment *payment =
		book_payment(&call->sim->book, product_pays(call->product) ? call->payment : "");

	if (payment != NULL)
		payment->requests++;
	if (call->product == PRODUCT_OAUTH)
		ledger_begin(ledger, call->at, "token");
	else
		ledger_begin(ledger, call->at, product_pays(call->product) ? "request" : "question");
	ledger_text(ledger, "api", product_name(call->product));
	ledger_number(ledger, "request", (int64_t)call->number);
	ledger_text(ledger, "payment", call->payment);
	ledger_text(ledger, "key", call->key);
	ledger_text(ledger, "phone", call->phone);
	if (product_bills(call->product))
		ledger_text(ledger, "app_key", bill_app_key(call, key, sizeof(key)));
	if (call->shillings != 0)
		ledger_number(ledger, "shillings", call->shillings);
	ledger_number(ledger, "rule", call->rule);
	ledger_text(ledger, "planned", plan_answer_name(call->plan->answer));
	ledger_end(ledger);
}

static struct call *call_new(
	struct sim *sim, struct http_exchange *exchange, enum product product, bool old_version)
{
	struct call *call = calloc(1, sizeof(*call));
	struct scenario_facts facts;
	char remarks[128];
	struct text bearer = http_header(exchange, "authorization");

	must(call != NULL);
	*call = (struct call){.sim = sim,
		.exchange = exchange,
		.product = product,
		.old_version = old_version,
		.number = ++sim->requests,
		.at = clock_wall()};
	call->said = BUF(call->text);
	ids_request(call_luck(call, DRAW_IDS), call->request_id);
	if (text_starts(bearer, "Bearer "))
		call->token = text_trim((struct text){bearer.at + 7, bearer.len - 7});
	if (product != PRODUCT_OAUTH)
		read_body(call);
	read_facts(call);
	facts = (struct scenario_facts){product, call->phone,
		fields_text(call->body, "Remarks", remarks, sizeof(remarks)), call->shillings, call->number,
		sim->options.seed};
	call->plan = scenario_pick(sim_scenario(sim), &facts, &call->rule);
	write_request(call);
	return call;
}

static void refuse_token(struct call *call)
{
	char token[128];
	struct buf bearer = BUF(token);
	struct fault fault;

	buf_print(&bearer, "%.*s", TEXT_ARG(call->token));
	fault = faults_token(call->product, buf_end(&bearer), call->request_id, &call->said);
	call_refused_as(call, fault.http, fault.content_type, "invalid_token");
}

/* Gateways arrest in two shapes, and nobody knows which comes when. */
static void refuse_rate(struct call *call)
{
	struct plan plan = {.answer = ANSWER_SPIKE_ARREST};
	struct fault fault;

	if (call_luck(call, DRAW_SPIKE) % 2 == 0)
		plan.answer = ANSWER_SPIKE_ARREST_RAW;
	(void)faults_answer(&plan, call->product, "", call->request_id, &call->said, &fault);
	call_refused_as(call, fault.http, fault.content_type, "spike_arrest");
}

static void serve_product(struct call *call)
{
	switch (call->product) {
	case PRODUCT_OAUTH:
		oauth_serve(call);
		return;
	case PRODUCT_STK_PUSH:
		stk_push_serve(call);
		return;
	case PRODUCT_STK_QUERY:
		stk_query_serve(call);
		return;
	case PRODUCT_B2C:
	case PRODUCT_B2POCHI:
		b2c_serve(call);
		return;
	case PRODUCT_B2B:
	case PRODUCT_TAX:
		transfer_serve(call);
		return;
	case PRODUCT_REVERSAL:
		reversal_serve(call);
		return;
	case PRODUCT_EXPRESS:
		express_serve(call);
		return;
	case PRODUCT_ORDER:
		order_serve(call);
		return;
	case PRODUCT_STATUS:
		status_serve(call);
		return;
	case PRODUCT_BALANCE:
		balance_serve(call);
		return;
	case PRODUCT_QR:
	case PRODUCT_ORG:
	case PRODUCT_SWAP:
	case PRODUCT_IMSI:
		lookup_serve(call);
		return;
	case PRODUCT_C2B_REGISTER:
		c2b_register_serve(call);
		return;
	case PRODUCT_C2B_SIMULATE:
		c2b_simulate_serve(call);
		return;
	case PRODUCT_BILL_OPT_IN:
	case PRODUCT_BILL_INVOICE:
	case PRODUCT_BILL_INVOICES:
	case PRODUCT_BILL_CANCEL:
	case PRODUCT_BILL_RECONCILE:
		bill_serve(call);
		return;
	case PRODUCT_PULL_REGISTER:
		pull_serve(call);
		return;
	case PRODUCT_COUNT:
		break;
	}
}

/* The gateway's own checks, in its order: method, token, rate, then what the body must have. */
static void serve_behind_gateway(struct call *call)
{
	struct mono now = clock_mono();
	const char *app = tokens_app(&call->sim->tokens, call->token, now), *field;

	if (!text_is(http_method(call->exchange), "POST")) {
		call_refused_named(call, "wrong_method");
		return;
	}
	if (app == NULL) {
		refuse_token(call);
		return;
	}
	if (!rates_take(&call->sim->rates, app, call->product, call->sim->options.rate, now)) {
		refuse_rate(call);
		return;
	}
	if (call->body == NULL &&
		text_has_nocase(http_header(call->exchange, "content-type"), "application/json")) {
		call_refused_named(call, "invalid_payload");
		return;
	}
	field = fields_check(call->body, rows_of(call));
	if (field != NULL)
		call_refused_field(call, field);
	else
		serve_product(call);
}

void call_serve(struct sim *sim, struct http_exchange *exchange, enum product product, bool old_version)
{
	struct call *call = call_new(sim, exchange, product, old_version);

	if (!plan_accepts(call->plan)) {
		call_apply_plan(call);
		call_send(call);
	} else if (product == PRODUCT_OAUTH) {
		serve_product(call);
	} else {
		serve_behind_gateway(call);
	}
}
