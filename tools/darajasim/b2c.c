#include "darajasim/call.h"

#include "darajasim/draw.h"
#include "darajasim/settle.h"

#include <stdlib.h>
#include <string.h>

/* Payouts: B2C in its third and first version, and Pochi, which differs in path and command only. */

static const struct field_row rows[] = {
	{"OriginatorConversationID", FIELD_TEXT, false, 1, 128},
	{"InitiatorName", FIELD_TEXT, false, 1, 64},
	{"SecurityCredential", FIELD_TEXT, false, 1, 1024},
	{"CommandID", FIELD_WORD,
		.words = "SalaryPayment BusinessPayment PromotionPayment BusinessPayToPochi"},
	{"Amount", FIELD_AMOUNT, false, 10, 250000},
	{"PartyA", FIELD_SHORTCODE},
	{"PartyB", FIELD_PHONE},
	{"Remarks", FIELD_TEXT, false, 2, 100},
	{"QueueTimeOutURL", FIELD_URL, false, 0, 1000},
	{"ResultURL", FIELD_URL, false, 0, 1000},
	{"Occassion", FIELD_TEXT, true, 0, 100},
	{NULL},
};

const struct field_row *b2c_rows(bool old_version)
{
	return old_version ? rows + 1 : rows;
}

static struct deal *new_payout(const struct call *call)
{
	struct deal *deal = deal_new();
	char made[ID_TEXT];

	deal->product = call->product;
	memcpy(deal->payment, call->payment, sizeof(deal->payment));
	memcpy(deal->phone, call->phone, sizeof(deal->phone));
	deal->shillings = call->shillings;
	fields_text(call->body, "PartyA", deal->shortcode, sizeof(deal->shortcode));
	deal->url = fields_copy(call->body, "ResultURL");
	deal->timeout_url = fields_copy(call->body, "QueueTimeOutURL");
	ids_conversation(call_luck(call, DRAW_IDS), call->at, deal->id);
	deal->originator = call->old_version ? strdup(ids_request(call_luck(call, DRAW_IDS) + 1, made))
					     : fields_copy(call->body, "OriginatorConversationID");
	must(deal->originator != NULL);
	return deal;
}

void b2c_serve(struct call *call)
{
	struct deal *deal;

	/* Once taken, an id is burnt, whatever became of it. */
	if (!call->old_version && book_by_originator(&call->sim->book, call->key) != NULL) {
		call_refused_named(call, "duplicate_id");
		return;
	}
	deal = new_payout(call);
	buf_print(&call->said, "{\"ConversationID\":\"%s\",\"OriginatorConversationID\":", deal->id);
	buf_json_string(&call->said, text_of(deal->originator));
	buf_str(&call->said, ",\"ResponseCode\":\"0\",\"ResponseDescription\":\"Accept the service request "
			     "successfully.\"}");
	settle_accept(call, deal);
}
