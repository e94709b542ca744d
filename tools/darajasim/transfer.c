#include "darajasim/call.h"

#include "darajasim/draw.h"
#include "darajasim/settle.h"

#include <stdlib.h>
#include <string.h>

/* Businesses pay businesses, and the tax office. There is no id of the merchant's: the gateway makes one. */

/* The last ones are not on the portal any more. */
#define COMMANDS                                                                                             \
	"BusinessPayBill BusinessBuyGoods BusinessPayToBulk BusinessPayment DisburseFundsToBusiness "        \
	"BusinessToBusinessTransfer MerchantToMerchantTransfer BusinessTransferFromMMFToUtility "            \
	"BusinessTransferFromUtilityToMMF OrgRevenueSettlement MerchantTransferFromMerchantToWorking "       \
	"MerchantServicesMMFAccountTransfer AgencyFloatAdvance"

enum { SHILLINGS_MOST = 1000000000 };

static const struct field_row b2b[] = {
	{"Initiator", FIELD_TEXT, false, 1, 64},
	{"SecurityCredential", FIELD_TEXT, false, 1, 1024},
	{"CommandID", FIELD_WORD, .words = COMMANDS},
	{"SenderIdentifierType", FIELD_WORD, .words = "4"},
	{"RecieverIdentifierType", FIELD_WORD, .words = "2 4"},
	{"Amount", FIELD_AMOUNT, false, 1, SHILLINGS_MOST},
	{"PartyA", FIELD_SHORTCODE},
	{"PartyB", FIELD_SHORTCODE},
	{"AccountReference", FIELD_TEXT, true, 1, 13},
	{"Requester", FIELD_PHONE, true},
	{"Remarks", FIELD_TEXT, false, 1, 100},
	{"QueueTimeOutURL", FIELD_URL, false, 0, 1000},
	{"ResultURL", FIELD_URL, false, 0, 1000},
	{"Occassion", FIELD_TEXT, true, 1, 100},
	{NULL},
};

static const struct field_row tax[] = {
	{"Initiator", FIELD_TEXT, false, 1, 64},
	{"SecurityCredential", FIELD_TEXT, false, 1, 1024},
	{"CommandID", FIELD_WORD, .words = "PayTaxToKRA"},
	{"SenderIdentifierType", FIELD_WORD, .words = "4"},
	{"RecieverIdentifierType", FIELD_WORD, .words = "4"},
	{"Amount", FIELD_AMOUNT, false, 1, SHILLINGS_MOST},
	{"PartyA", FIELD_SHORTCODE},
	{"PartyB", FIELD_WORD, .words = "572572"},
	{"AccountReference", FIELD_TEXT, false, 1, 13},
	{"Remarks", FIELD_TEXT, false, 1, 100},
	{"QueueTimeOutURL", FIELD_URL, false, 0, 1000},
	{"ResultURL", FIELD_URL, false, 0, 1000},
	{NULL},
};

const struct field_row *transfer_rows(enum product product)
{
	return product == PRODUCT_TAX ? tax : b2b;
}

static bool is_told(const struct call *call, const char *name, const char *value)
{
	char text[64];

	return strcmp(fields_text(call->body, name, text, sizeof(text)), value) == 0;
}

/* What the core finds wrong after the gateway took it. Tills are 2 in the field, whatever the portal prints. */
static const char *trouble_of(const struct call *call)
{
	const bool to_till = is_told(call, "CommandID", "BusinessBuyGoods") ||
			     is_told(call, "CommandID", "MerchantToMerchantTransfer");

	if (call->product == PRODUCT_TAX)
		return "";
	if (is_told(call, "RecieverIdentifierType", "2") != to_till)
		return "SFC_IC0003";
	return is_told(call, "CommandID", "BusinessTransferFromUtilityToMMF") ? "21" : "";
}

static struct deal *new_transfer(const struct call *call)
{
	struct deal *deal = deal_new();
	char made[ID_TEXT];
	struct buf trouble = BUF(deal->trouble);

	deal->product = call->product;
	memcpy(deal->payment, call->payment, sizeof(deal->payment));
	memcpy(deal->phone, call->phone, sizeof(deal->phone));
	deal->shillings = call->shillings;
	fields_text(call->body, "PartyA", deal->shortcode, sizeof(deal->shortcode));
	fields_text(call->body, "AccountReference", deal->reference, sizeof(deal->reference));
	buf_str(&trouble, trouble_of(call));
	buf_end(&trouble);
	deal->url = fields_copy(call->body, "ResultURL");
	deal->timeout_url = fields_copy(call->body, "QueueTimeOutURL");
	ids_conversation(call_luck(call, DRAW_IDS), call->at, deal->id);
	deal->originator = strdup(ids_request(call_luck(call, DRAW_IDS) + 1, made));
	must(deal->originator != NULL);
	return deal;
}

void transfer_serve(struct call *call)
{
	struct deal *deal;

	if (is_told(call, "CommandID", "BusinessPayBill") && !fields_has(call->body, "AccountReference")) {
		call_refused_field(call, "AccountReference");
		return;
	}
	deal = new_transfer(call);
	buf_print(&call->said,
		"{\"OriginatorConversationID\":\"%s\",\"ConversationID\":\"%s\",\"ResponseCode\":\"0\","
		"\"ResponseDescription\":\"Accept the service request successfully.\"}",
		deal->originator, deal->id);
	settle_accept(call, deal);
}
