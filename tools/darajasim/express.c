#include "darajasim/call.h"

#include "darajasim/draw.h"
#include "darajasim/settle.h"

#include <stdlib.h>
#include <string.h>

/* B2B express: a prompt on the phone of another business. The acknowledgement has no id: RequestRefID is all there is. */

enum { SHILLINGS_MOST = 1000000000 };

static const struct field_row rows[] = {
	{"primaryShortCode", FIELD_SHORTCODE},
	{"receiverShortCode", FIELD_SHORTCODE},
	{"amount", FIELD_AMOUNT, false, 1, SHILLINGS_MOST},
	{"paymentRef", FIELD_TEXT, false, 1, 100},
	{"callbackUrl", FIELD_URL, false, 0, 1000},
	{"partnerName", FIELD_TEXT, false, 1, 100},
	{"RequestRefID", FIELD_TEXT, false, 1, 128},
	{NULL},
};

const struct field_row *express_rows(void)
{
	return rows;
}

void express_serve(struct call *call)
{
	struct deal *deal = deal_new();

	deal->product = call->product;
	memcpy(deal->payment, call->payment, sizeof(deal->payment));
	memcpy(deal->phone, call->phone, sizeof(deal->phone));
	deal->shillings = call->shillings;
	fields_text(call->body, "receiverShortCode", deal->shortcode, sizeof(deal->shortcode));
	fields_text(call->body, "paymentRef", deal->reference, sizeof(deal->reference));
	deal->url = fields_copy(call->body, "callbackUrl");
	deal->originator = fields_copy(call->body, "RequestRefID");
	ids_conversation(call_luck(call, DRAW_IDS), call->at, deal->id);
	buf_str(&call->said, "{\"code\":\"0\",\"status\":\"USSD Initiated Successfully\"}");
	settle_accept(call, deal);
}
