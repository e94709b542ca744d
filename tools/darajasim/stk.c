#include "darajasim/call.h"

#include "base/base64.h"

#include "darajasim/draw.h"
#include "darajasim/results.h"
#include "darajasim/settle.h"

#include <stdlib.h>
#include <string.h>

/* STK push: a prompt on a customer's phone; and STK query: what became of it. */

static const struct field_row push_rows[] = {
	{"BusinessShortCode", FIELD_SHORTCODE},
	{"Password", FIELD_TEXT, false, 1, 512},
	{"Timestamp", FIELD_TIME},
	{"TransactionType", FIELD_WORD, .words = "CustomerPayBillOnline CustomerBuyGoodsOnline"},
	{"Amount", FIELD_AMOUNT, false, 1, 250000},
	{"PartyA", FIELD_PHONE},
	{"PartyB", FIELD_SHORTCODE},
	{"PhoneNumber", FIELD_PHONE},
	{"CallBackURL", FIELD_URL, false, 0, 1000},
	{"AccountReference", FIELD_TEXT, false, 1, 12},
	/* Its absence is told under another product's name. */
	{"TransactionDesc", FIELD_TEXT, false, 1, 13, .told = "Remarks"},
	{NULL},
};

static const struct field_row query_rows[] = {
	{"BusinessShortCode", FIELD_SHORTCODE},
	{"Password", FIELD_TEXT, false, 1, 512},
	{"Timestamp", FIELD_TIME},
	{"CheckoutRequestID", FIELD_TEXT, false, 1, 100},
	{NULL},
};

const struct field_row *stk_push_rows(void)
{
	return push_rows;
}

const struct field_row *stk_query_rows(void)
{
	return query_rows;
}

/* base64(shortcode, passkey, timestamp): any passkey will do when none is set, but there must be one. */
static bool password_is_right(const struct call *call)
{
	char shortcode[16], password[520], time[16], plain[520];
	const char *passkey = call->sim->options.passkey;
	size_t len, head;

	fields_text(call->body, "BusinessShortCode", shortcode, sizeof(shortcode));
	fields_text(call->body, "Password", password, sizeof(password));
	fields_text(call->body, "Timestamp", time, sizeof(time));
	head = strlen(shortcode);
	if (!base64_parse(text_of(password), plain, sizeof(plain), &len) || len <= head + 14)
		return false;
	if (memcmp(plain, shortcode, head) != 0 || memcmp(plain + len - 14, time, 14) != 0)
		return false;
	return passkey[0] == '\0' || text_is((struct text){plain + head, len - head - 14}, passkey);
}

static struct deal *new_prompt(const struct call *call)
{
	struct deal *deal = deal_new();
	char url[1024], merchant[ID_TEXT];

	deal->product = PRODUCT_STK_PUSH;
	memcpy(deal->payment, call->payment, sizeof(deal->payment));
	memcpy(deal->phone, call->phone, sizeof(deal->phone));
	deal->shillings = call->shillings;
	fields_text(call->body, "BusinessShortCode", deal->shortcode, sizeof(deal->shortcode));
	deal->url = strdup(fields_text(call->body, "CallBackURL", url, sizeof(url)));
	deal->originator = strdup(ids_request(call_luck(call, DRAW_IDS) + 1, merchant));
	must(deal->url != NULL && deal->originator != NULL);
	for (uint64_t luck = call_luck(call, DRAW_IDS);; luck++) {
		ids_checkout(luck, call->at, deal->phone, deal->id);
		if (book_by_id(&call->sim->book, deal->id) == NULL)
			return deal;
	}
}

void stk_push_serve(struct call *call)
{
	static const char good[] = "Success. Request accepted for processing";
	struct deal *deal;

	if (!password_is_right(call)) {
		call_refused_named(call, "wrong_credentials");
		return;
	}
	if (book_prompt(&call->sim->book, call->phone) != NULL) {
		call_refused_named(call, "subscriber_locked");
		return;
	}
	deal = new_prompt(call);
	buf_print(&call->said,
		"{\"MerchantRequestID\":\"%s\",\"CheckoutRequestID\":\"%s\",\"ResponseCode\":\"0\","
		"\"ResponseDescription\":\"%s\",\"CustomerMessage\":\"%s\"}",
		deal->originator, deal->id, good, good);
	settle_accept(call, deal);
}

static void answer_query(struct call *call, const struct deal *deal, const char *code)
{
	buf_print(&call->said,
		"{\"ResponseCode\":\"0\",\"ResponseDescription\":\"The service request has been accepted "
		"successfully\","
		"\"MerchantRequestID\":\"%s\",\"CheckoutRequestID\":\"%s\",\"ResultCode\":\"%s\","
		"\"ResultDesc\":\"%s\"}",
		deal->originator, deal->id, code, results_desc(PRODUCT_STK_PUSH, code));
	memcpy(call->id, deal->id, sizeof(call->id));
	call_accepted(call);
}

/* A wait of the scenario may go on after the customer's answer. */
static bool is_pending(const struct call *call, const struct deal *deal, const struct plan *plan)
{
	int64_t wait = plan->pending_for_ms;

	if (wait != PLAN_UNSET && instant_ms_between(deal->started, call->at) < sim_ms(call->sim, wait, 0))
		return true;
	return !instant_is_set(deal->ended);
}

void stk_query_serve(struct call *call)
{
	const struct deal *deal = call->subject;
	const struct plan *plan = call->plan;
	const char *word;

	if (!password_is_right(call)) {
		call_refused_named(call, "wrong_credentials");
		return;
	}
	if (deal != NULL && plan->query[0] == '\0')
		plan = deal->plan;
	word = plan->query;
	if (deal == NULL || strcmp(word, "unknown") == 0)
		call_refused_named(call, "invalid_checkout");
	else if (is_pending(call, deal, plan) && strcmp(word, "4999") == 0)
		answer_query(call, deal, "4999");
	else if (is_pending(call, deal, plan))
		call_refused_named(call, "being_processed");
	else if (word[0] != '\0' && strcmp(word, "4999") != 0 && strcmp(word, "pending") != 0)
		answer_query(call, deal, word);
	else
		answer_query(call, deal, deal->result);
}
