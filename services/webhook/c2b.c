#include "webhook/c2b.h"

#include "base/log.h"
#include "base/metric.h"
#include "io/clock.h"
#include "webhook/webhook.h"
#include "wire/callback_wire.h"
#include "wire/daraja_c2b.h"

METRIC(validations_total, .name = "mkondo_c2b_validations_total",
	.help = "Customers' payments that Daraja asked about, by our answer: 0 let in, else the code that "
		"refused it.",
	.label = "code", .values = "0 C2B00011 C2B00012 C2B00013 C2B00014 C2B00015 C2B00016",
	.kind = METRIC_COUNTER);

METRIC(other_shortcode_total, .name = "mkondo_c2b_other_shortcode_total",
	.help = "Confirmations under an account's secret that name a shortcode which the account does not "
		"serve.",
	.kind = METRIC_COUNTER);

static void validate(
	struct webhook *webhook, struct http_exchange *exchange, const struct c2b_account *account)
{
	struct arena *tmp = &webhook->tmp;
	struct c2b_notice notice;
	const char *code;

	daraja_c2b_parse(http_body(exchange), tmp, &notice);
	code = c2b_verdict_code(
		c2b_rules_decide(&account->rules, account->has_list ? &account->references : NULL, &notice));
	metric_add(&validations_total, code, 1);
	LOG(INFO, "c2b.validated", LOG_STR("account", account->name), LOG_STR("receipt", notice.receipt),
		LOG_STR("code", code));
	http_reply(exchange, 200, "application/json", daraja_c2b_answer(code, tmp));
}

/* The path of the record names the account, and never the secret. The key keeps the notices of one receipt in order. */
static void take(struct webhook *webhook, struct http_exchange *exchange, const struct c2b_account *account)
{
	struct arena *tmp = &webhook->tmp;
	const char *peer = http_peer(exchange);
	const bool listed = sources_have(&webhook->sources, peer);
	struct callback callback = {
		.ref = {.purpose = API_C2B_REGISTER},
		.strength = listed ? STRENGTH_C2B_SECRET : STRENGTH_PLAIN,
		.peer = peer,
		.received_at = clock_wall(),
		.path = arena_print(tmp, "c2b/%s", account->name),
		.body = http_body(exchange),
		.traceparent = traceparent_check(http_header(exchange, "traceparent"), tmp),
	};
	struct c2b_notice notice;

	daraja_c2b_parse(callback.body, tmp, &notice);
	if (c2b_rules_other_shortcode(&account->rules, &notice)) {
		callback.strength = STRENGTH_PLAIN; /* its receipt says: look before you credit */
		metric_add(&other_shortcode_total, NULL, 1);
		LOG(ALARM, "c2b.other_shortcode", LOG_STR("account", account->name),
			LOG_STR("receipt", notice.receipt), LOG_STR("shortcode", notice.shortcode));
	}
	LOG(INFO, "c2b.confirmed", LOG_STR("account", account->name), LOG_STR("receipt", notice.receipt),
		LOG_STR("strength", strength_name(callback.strength)), LOG_NUM("bytes", callback.body.len));
	if (!listed)
		LOG(WARN, "callback.source_unlisted", LOG_STR("account", account->name),
			LOG_STR("peer", peer));
	webhook_take(webhook, exchange, &callback, text_of(notice.receipt));
}

void c2b_serve(struct webhook *webhook, struct http_exchange *exchange, const struct c2b_visit *visit)
{
	switch (visit->door) {
	case C2B_VALIDATION:
		validate(webhook, exchange, visit->account);
		break;
	case C2B_CONFIRMATION:
		take(webhook, exchange, visit->account);
		break;
	}
	arena_reset(&webhook->tmp);
}
