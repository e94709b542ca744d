#include "darajasim/bodies_parts.h"
#include "darajasim/ids.h"

#include <string.h>

static void put_stk_items(const struct told *told, struct buf *out)
{
	struct items items = {.count = 0};

	if (told->shillings != 0)
		items_add_shillings(&items, true, "Amount", told->shillings);
	if (told->receipt[0] != '\0')
		items_add(&items, true, "MpesaReceiptNumber", IS_STRING, told->receipt);
	items_add(&items, false, "Balance", IS_NOTHING, "");
	items_add_time(&items, false, "TransactionDate", told->ended);
	items_add(&items, false, "PhoneNumber", IS_NUMBER, told->phone);
	buf_str(out, ",\"CallbackMetadata\":{\"Item\":");
	items_put(out, told, "Name", &items);
	buf_char(out, '}');
}

void bodies_stk(const struct told *told, struct buf *out)
{
	char desc[256];
	struct buf text = BUF(desc);

	buf_print(&text, "%s%s", told->shape == SHAPE_SHUFFLED ? "[STK_CB - ]" : "", told->desc);
	buf_str(out, "{\"Body\":{\"stkCallback\":{");
	envelope_named(out, "MerchantRequestID", told->originator);
	buf_char(out, ',');
	envelope_named(out, "CheckoutRequestID", told->id);
	buf_str(out, ",\"ResultCode\":");
	envelope_code(out, told->shape, told->code);
	buf_char(out, ',');
	envelope_named(out, "ResultDesc", buf_end(&text));
	if (told_success(told))
		put_stk_items(told, out);
	buf_str(out, "}}}");
}

void bodies_payout(const struct told *told, struct buf *out)
{
	char time[INSTANT_TEXT], name[64];
	struct buf receiver = BUF(name);
	struct items items = {.count = 0};

	envelope_begin(told, out);
	buf_print(&receiver, "%s - JANE DOE", told->phone);
	if (told_success(told)) {
		if (told->shillings != 0)
			items_add_shillings(&items, true, "TransactionAmount", told->shillings);
		if (told->receipt[0] != '\0')
			items_add(&items, true, "TransactionReceipt", IS_STRING, told->receipt);
		items_add(&items, false, "ReceiverPartyPublicName", IS_STRING, buf_end(&receiver));
		items_add(&items, false, "TransactionCompletedDateTime", IS_STRING,
			ids_dotted_time(told->ended, time));
		items_add_shillings(&items, false, "B2CUtilityAccountAvailableFunds", told->utility);
		items_add_shillings(&items, false, "B2CWorkingAccountAvailableFunds", 700000);
		items_add(&items, false, "B2CRecipientIsRegisteredCustomer", IS_STRING, "Y");
		items_add(&items, false, "B2CChargesPaidAccountAvailableFunds", IS_NUMBER, "-4510.50");
		envelope_parameters(told, &items, out);
	} else {
		envelope_failed(told, out);
	}
	envelope_end(told, "/mpesa/b2cresults/v1/submit", out);
}

static void add_status_items(const struct told *told, struct items *items)
{
	bool other_words = told->shape == SHAPE_SHUFFLED;
	char debit[64], credit[64];
	struct buf from = BUF(debit), to = BUF(credit);

	buf_print(&from, "%s - MKONDO TEST", told->shortcode);
	buf_print(&to, "%s - JANE DOE", told->phone);
	items_add(items, false, "DebitPartyName", IS_STRING, buf_end(&from));
	/* The portal's sample has the same key for the other party, too. */
	items_add(items, false, told->shape == SHAPE_PORTAL ? "DebitPartyName" : "CreditPartyName", IS_STRING,
		buf_end(&to));
	items_add(items, false, other_words ? "Originator Conversation ID" : "OriginatorConversationID",
		IS_STRING, told->about_originator);
	items_add(
		items, false, other_words ? "Conversation ID" : "ConversationID", IS_STRING, told->about_id);
	items_add_time(items, false, "InitiatedTime", told->started);
	items_add_time(items, false, other_words ? "FinalizedTime" : "FinalisedTime", told->ended);
	if (told->shillings != 0)
		items_add_shillings(items, true, "Amount", told->shillings);
	if (told->receipt[0] != '\0')
		items_add(items, true, "ReceiptNo", IS_STRING, told->receipt);
	items_add(items, true, "TransactionStatus", IS_STRING, told->status);
	items_add(items, false, "ReasonType", IS_STRING, "Business Payment to Customer via API");
	items_add(items, false, "TransactionReason", IS_NOTHING, "");
	items_add(items, false, "DebitAccountType", IS_STRING, "Utility Account");
	items_add(items, false, "DebitPartyCharges", IS_STRING, "");
}

void bodies_status(const struct told *told, struct buf *out)
{
	struct items items = {.count = 0};

	envelope_begin(told, out);
	if (told_success(told)) {
		add_status_items(told, &items);
		envelope_parameters(told, &items, out);
	} else {
		envelope_failed(told, out);
	}
	envelope_end(told, "/mpesa/transactionstatusresults/v1/submit", out);
}
