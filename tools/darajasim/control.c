#include "darajasim/control.h"

#include "darajasim/callbacks.h"
#include "darajasim/fields.h"

#include "io/clock.h"

#include <stdlib.h>
#include <string.h>

static void reply_json(struct http_exchange *exchange, int status, json_t *json)
{
	char *text = json_dumps(json, JSON_COMPACT);

	must(text != NULL);
	http_reply(exchange, status, "application/json", text_of(text));
	free(text);
	json_decref(json);
}

static void refuse(struct http_exchange *exchange, int status, const char *why)
{
	reply_json(exchange, status, json_pack("{s:s}", "error", why));
}

static void serve_state(struct sim *sim, struct http_exchange *exchange)
{
	reply_json(exchange, 200,
		json_pack("{s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I}", "requests", (json_int_t)sim->requests, "deals",
			(json_int_t)sim->book.deals, "open", (json_int_t)sim->book.open, "executions",
			(json_int_t)sim->executions, "utility", (json_int_t)sim->utility, "tokens",
			(json_int_t)sim->tokens.made, "rules", (json_int_t)scenario_rules(sim_scenario(sim)),
			"callbacks_under_way", (json_int_t)poster_waiting(sim->poster)));
}

static void serve_ledger(struct sim *sim, struct http_exchange *exchange)
{
	struct err err;
	struct text lines;

	if (!ledger_flush(sim->ledger, &err) || !ledger_read(sim->ledger, &lines, &err)) {
		refuse(exchange, 500, err.text);
		return;
	}
	http_reply(exchange, 200, "application/json", lines);
	free((void *)lines.at);
}

static json_t *describe(const struct deal *deal)
{
	return json_pack("{s:s,s:s,s:s,s:s,s:I,s:s,s:b,s:b,s:s,s:i}", "api", product_name(deal->product),
		"id", deal->id, "originator", deal->originator, "phone", deal->phone, "shillings",
		(json_int_t)deal->shillings, "result", deal->result, "ended", instant_is_set(deal->ended),
		"executed", deal->executed, "receipt", deal->receipt, "callbacks", (int)deal->callbacks);
}

static void serve_payment(struct sim *sim, struct http_exchange *exchange, struct text id)
{
	struct book_payment *payment;
	json_t *deals = json_array();
	char hex[33];
	struct buf buf = BUF(hex);

	buf_text(&buf, id);
	payment = book_payment_find(&sim->book, buf_end(&buf));
	for (struct deal *deal = payment != NULL ? payment->deals : NULL; deal != NULL;
		deal = deal->next_of_payment)
		json_array_insert_new(deals, 0, describe(deal));
	reply_json(exchange, 200,
		json_pack("{s:i,s:i,s:i,s:o}", "requests", payment != NULL ? (int)payment->requests : 0,
			"accepted", payment != NULL ? (int)payment->accepted : 0, "executions",
			payment != NULL ? (int)payment->executions : 0, "deals", deals));
}

static void serve_scenario(struct sim *sim, struct http_exchange *exchange)
{
	struct err err;

	if (!sim_use_scenario(sim, http_body(exchange), &err))
		refuse(exchange, 400, err.text);
	else
		reply_json(
			exchange, 200, json_pack("{s:i}", "rules", (int)scenario_rules(sim_scenario(sim))));
}

/* The payment's deal that moved money, else its latest. */
static struct deal *pick_deal(struct sim *sim, const json_t *body)
{
	struct book_payment *payment;
	char id[ID_TEXT];

	fields_text(body, "id", id, sizeof(id));
	if (id[0] != '\0')
		return book_by_id(&sim->book, id);
	fields_text(body, "payment", id, sizeof(id));
	payment = book_payment_find(&sim->book, id);
	if (payment == NULL)
		return NULL;
	for (struct deal *deal = payment->deals; deal != NULL; deal = deal->next_of_payment)
		if (deal->executed)
			return deal;
	return payment->deals;
}

static void send_bytes(struct sim *sim, struct http_exchange *exchange, const json_t *body, const char *url,
	const char *source)
{
	json_t *content = json_object_get(body, "body");
	char *text = json_is_string(content) ? strdup(json_string_value(content))
					     : json_dumps(content, JSON_COMPACT);

	if (text == NULL) {
		refuse(exchange, 400, "\"body\" must be a text, an object or an array");
	} else {
		callbacks_send_bytes(sim, url, text_of(text), source);
		reply_json(exchange, 202, json_pack("{s:s}", "sending", "bytes"));
	}
	free(text);
}

static void send_again(struct sim *sim, struct http_exchange *exchange, const json_t *body)
{
	char kind[32], url[1024], source[46];
	enum variant variant = VARIANT_TRUTH;
	struct deal *deal = pick_deal(sim, body);

	fields_text(body, "kind", kind, sizeof(kind));
	fields_text(body, "url", url, sizeof(url));
	fields_text(body, "source", source, sizeof(source));
	if (fields_has(body, "body") && (url[0] != '\0' || deal != NULL)) {
		send_bytes(sim, exchange, body, url[0] != '\0' ? url : deal->url, source);
	} else if (deal == NULL) {
		refuse(exchange, 404, "no transaction of that payment or id");
	} else if (kind[0] != '\0' && !variant_from_name(text_of(kind), &variant)) {
		refuse(exchange, 400, "no such kind");
	} else if (!instant_is_set(deal->ended)) {
		refuse(exchange, 409, "the transaction has no outcome yet");
	} else {
		callbacks_send(sim, deal, variant, url, source);
		reply_json(exchange, 202, json_pack("{s:s}", "sending", variant_name(variant)));
	}
}

static void serve_callback(struct sim *sim, struct http_exchange *exchange)
{
	struct text bytes = http_body(exchange);
	json_t *body = json_loadb(bytes.at != NULL ? bytes.at : "", bytes.len, 0, NULL);

	if (json_is_object(body))
		send_again(sim, exchange, body);
	else
		refuse(exchange, 400, "the body must be a JSON object");
	json_decref(body);
}

/* A customer pays at the till or from the phone's menu, without any request of ours. */
static void serve_c2b(struct sim *sim, struct http_exchange *exchange)
{
	struct text bytes = http_body(exchange);
	json_t *body = json_loadb(bytes.at != NULL ? bytes.at : "", bytes.len, 0, NULL);
	const char *why = json_is_object(body) ? c2b_pay(sim, body) : "the body must be a JSON object";

	if (why == NULL)
		reply_json(exchange, 202, json_pack("{s:s}", "sending", "notices"));
	else
		refuse(exchange, 400, why);
	json_decref(body);
}

/* As on the portal: the key stays, and wants another secret from now on. Its token lives on. */
static void serve_secret(struct sim *sim, struct http_exchange *exchange)
{
	struct text bytes = http_body(exchange);
	json_t *body = json_loadb(bytes.at != NULL ? bytes.at : "", bytes.len, 0, NULL);
	char key[APP_TEXT], secret[APP_TEXT];

	fields_text(body, "key", key, sizeof(key));
	fields_text(body, "secret", secret, sizeof(secret));
	if (key[0] == '\0' || secret[0] == '\0') {
		refuse(exchange, 400, "\"key\" and \"secret\" must be told");
	} else {
		secrets_change(&sim->secrets, key, secret);
		reply_json(exchange, 200, json_pack("{s:s}", "changed", key));
	}
	json_decref(body);
}

void control_serve(struct sim *sim, struct http_exchange *exchange, struct text path)
{
	bool get = text_is(http_method(exchange), "GET"), post = text_is(http_method(exchange), "POST");
	const size_t prefix = sizeof("/sim/payments/") - 1;

	if (get && text_is(path, "/sim/state"))
		serve_state(sim, exchange);
	else if (get && text_is(path, "/sim/ledger.json"))
		serve_ledger(sim, exchange);
	else if (get && text_starts(path, "/sim/payments/"))
		serve_payment(sim, exchange, (struct text){path.at + prefix, path.len - prefix});
	else if (post && text_is(path, "/sim/scenario"))
		serve_scenario(sim, exchange);
	else if (post && text_is(path, "/sim/callback"))
		serve_callback(sim, exchange);
	else if (post && text_is(path, "/sim/c2b"))
		serve_c2b(sim, exchange);
	else if (post && text_is(path, "/sim/secrets"))
		serve_secret(sim, exchange);
	else if (post && text_is(path, "/sim/tokens/kill"))
		reply_json(exchange, 200,
			json_pack("{s:i}", "killed", (int)tokens_kill(&sim->tokens, clock_mono())));
	else
		refuse(exchange, 404,
			"GET /sim/state, /sim/ledger.json, /sim/payments/<32 hex>; "
			"POST /sim/scenario, /sim/callback, /sim/c2b, /sim/secrets, /sim/tokens/kill");
}
