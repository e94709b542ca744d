#include "darajasim/call.h"

#include "darajasim/draw.h"
#include "darajasim/settle.h"

#include <stdlib.h>
#include <string.h>

/* Ratiba: a customer agrees to pay again and again. No money moves here: that an order was made is its execution. */

static const struct field_row rows[] = {
	{"StandingOrderName", FIELD_TEXT, false, 1, 100},
	{"StartDate", FIELD_DATE},
	{"EndDate", FIELD_DATE},
	{"BusinessShortCode", FIELD_SHORTCODE},
	{"TransactionType", FIELD_PHRASE,
		.words = "Standing Order Customer Pay Bill|Standing Order Customer Pay Marchant"},
	{"ReceiverPartyIdentifierType", FIELD_WORD, .words = "2 4"},
	{"Amount", FIELD_AMOUNT, false, 1, 250000},
	{"PartyA", FIELD_PHONE},
	{"CallBackURL", FIELD_URL, false, 0, 1000},
	{"AccountReference", FIELD_TEXT, false, 1, 12},
	{"TransactionDesc", FIELD_TEXT, false, 1, 13},
	{"Frequency", FIELD_WORD, .words = "1 2 3 4 5 6 7 8"},
	{NULL},
};

const struct field_row *order_rows(void)
{
	return rows;
}

void order_serve(struct call *call)
{
	struct deal *deal = deal_new();
	char made[ID_TEXT];

	deal->product = call->product;
	memcpy(deal->payment, call->payment, sizeof(deal->payment));
	memcpy(deal->phone, call->phone, sizeof(deal->phone));
	deal->shillings = call->shillings;
	fields_text(call->body, "BusinessShortCode", deal->shortcode, sizeof(deal->shortcode));
	deal->url = fields_copy(call->body, "CallBackURL");
	deal->originator = strdup(ids_request(call_luck(call, DRAW_IDS) + 1, made));
	must(deal->originator != NULL);
	ids_conversation(call_luck(call, DRAW_IDS), call->at, deal->id);
	buf_print(&call->said,
		"{\"ResponseHeader\":{\"responseRefID\":\"%s\",\"responseCode\":\"200\","
		"\"responseDescription\":"
		"\"Request accepted for processing\",\"ResultDesc\":\"The service request is processed "
		"successfully.\"},"
		"\"ResponseBody\":{\"responseDescription\":\"Request accepted for "
		"processing\",\"responseCode\":\"200\"}}",
		deal->originator);
	settle_accept(call, deal);
}
