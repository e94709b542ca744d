#include "darajasim/call.h"

#include "darajasim/draw.h"
#include "darajasim/settle.h"

#include <stdlib.h>
#include <string.h>

/* What a customer paid goes back. Whether it can is found out later, and told by the result. */

static const struct field_row rows[] = {
	{"Initiator", FIELD_TEXT, false, 1, 64},
	{"SecurityCredential", FIELD_TEXT, false, 1, 1024},
	{"CommandID", FIELD_WORD, .words = "TransactionReversal"},
	{"TransactionID", FIELD_TEXT, false, 10, 10},
	{"Amount", FIELD_AMOUNT, false, 1, 250000},
	{"ReceiverParty", FIELD_SHORTCODE},
	{"RecieverIdentifierType", FIELD_WORD, .words = "11"},
	{"ResultURL", FIELD_URL, false, 0, 1000},
	{"QueueTimeOutURL", FIELD_URL, false, 0, 1000},
	{"Remarks", FIELD_TEXT, false, 2, 100},
	{"Occasion", FIELD_TEXT, true, 1, 100},
	{NULL},
};

const struct field_row *reversal_rows(void)
{
	return rows;
}

static struct deal *new_reversal(const struct call *call)
{
	struct deal *deal = deal_new();
	char made[ID_TEXT];

	deal->product = call->product;
	memcpy(deal->payment, call->payment, sizeof(deal->payment));
	memcpy(deal->phone, call->phone, sizeof(deal->phone));
	deal->shillings = call->shillings;
	fields_text(call->body, "ReceiverParty", deal->shortcode, sizeof(deal->shortcode));
	fields_text(call->body, "TransactionID", deal->reference, sizeof(deal->reference));
	deal->url = fields_copy(call->body, "ResultURL");
	deal->timeout_url = fields_copy(call->body, "QueueTimeOutURL");
	ids_conversation(call_luck(call, DRAW_IDS), call->at, deal->id);
	deal->originator = strdup(ids_request(call_luck(call, DRAW_IDS) + 1, made));
	must(deal->originator != NULL);
	return deal;
}

void reversal_serve(struct call *call)
{
	struct deal *deal = new_reversal(call);

	buf_print(&call->said,
		"{\"OriginatorConversationID\":\"%s\",\"ConversationID\":\"%s\",\"ResponseCode\":\"0\","
		"\"ResponseDescription\":\"Accept the service request successfully.\"}",
		deal->originator, deal->id);
	settle_accept(call, deal);
}
