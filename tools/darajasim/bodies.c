#include "darajasim/bodies.h"

#include "darajasim/draw.h"
#include "darajasim/ids.h"

#include <ctype.h>
#include <string.h>

enum value_is { IS_STRING, IS_NUMBER, IS_SHILLINGS, IS_NOTHING };

struct item {
	const char *key;
	enum value_is is;
	bool needed; /* stays in the minimal shape */
	char text[160];
};

struct items {
	struct item some[16];
	unsigned count;
};

static void add(struct items *items, bool needed, const char *key, enum value_is is, const char *value)
{
	struct item *item = &items->some[items->count++];
	struct buf buf = BUF(item->text);

	item->key = key;
	item->is = is;
	item->needed = needed;
	buf_str(&buf, value);
	buf_end(&buf);
}

static void add_shillings(struct items *items, bool needed, const char *key, int64_t shillings)
{
	char text[32];
	struct buf buf = BUF(text);

	buf_print(&buf, "%lld", (long long)shillings);
	add(items, needed, key, IS_SHILLINGS, buf_end(&buf));
}

static void add_time(struct items *items, bool needed, const char *key, struct instant at)
{
	char text[INSTANT_TEXT];

	add(items, needed, key, IS_NUMBER, instant_eat(at, text));
}

static bool is_number(const char *text)
{
	if (*text == '-')
		text++;
	if (*text == '\0')
		return false;
	for (; *text != '\0'; text++)
		if (!isdigit((unsigned char)*text))
			return false;
	return true;
}

/* ResultCode and ResultType: a number if it is one, and a string where the shape wants strings. */
static void put_code(struct buf *out, enum shape shape, const char *code)
{
	if (shape == SHAPE_STRINGS || !is_number(code))
		buf_json_string(out, text_of(code));
	else
		buf_str(out, code);
}

static void put_value(struct buf *out, enum shape shape, const struct item *item)
{
	const char *quote = shape == SHAPE_STRINGS ? "\"" : "";
	/* The shuffled shape writes 350 where the portal writes 350.00. */
	const char *cents = shape == SHAPE_SHUFFLED ? "" : ".00";

	switch (item->is) {
	case IS_STRING:
		buf_json_string(out, text_of(item->text));
		return;
	case IS_NUMBER:
		buf_print(out, "%s%s%s", quote, item->text, quote);
		return;
	case IS_SHILLINGS:
		buf_print(out, "%s%s%s%s", quote, item->text, cents, quote);
		return;
	case IS_NOTHING:
		return;
	}
}

static void put_item(struct buf *out, enum shape shape, const char *key_name, const struct item *item)
{
	buf_print(out, "{\"%s\":\"%s\"", key_name, item->key);
	if (item->is != IS_NOTHING) {
		buf_str(out, ",\"Value\":");
		put_value(out, shape, item);
	}
	buf_char(out, '}');
}

static void shuffle(struct items *items, uint64_t luck)
{
	for (unsigned i = items->count; i > 1; i--) {
		unsigned other = draw_below(luck, i, DRAW_ORDER, i);
		struct item item = items->some[i - 1];

		items->some[i - 1] = items->some[other];
		items->some[other] = item;
	}
}

/* An array; in the object shape a single item stands without one. */
static void put_items(struct buf *out, const struct told *told, const char *key_name, struct items *items)
{
	bool bare = told->shape == SHAPE_OBJECT && items->count == 1, first = true;

	if (told->shape == SHAPE_SHUFFLED)
		shuffle(items, told->luck);
	if (!bare)
		buf_char(out, '[');
	for (unsigned i = 0; i < items->count; i++) {
		if (told->shape == SHAPE_MINIMAL && !items->some[i].needed)
			continue;
		if (!first)
			buf_char(out, ',');
		first = false;
		put_item(out, told->shape, key_name, &items->some[i]);
	}
	if (!bare)
		buf_char(out, ']');
}

static bool is_success(const struct told *told)
{
	return strcmp(told->code, "0") == 0;
}

static void put_named(struct buf *out, const char *name, const char *value)
{
	buf_print(out, "\"%s\":", name);
	buf_json_string(out, text_of(value));
}

static void put_stk_items(const struct told *told, struct buf *out)
{
	struct items items = {.count = 0};

	if (told->shillings != 0)
		add_shillings(&items, true, "Amount", told->shillings);
	if (told->receipt[0] != '\0')
		add(&items, true, "MpesaReceiptNumber", IS_STRING, told->receipt);
	add(&items, false, "Balance", IS_NOTHING, "");
	add_time(&items, false, "TransactionDate", told->ended);
	add(&items, false, "PhoneNumber", IS_NUMBER, told->phone);
	buf_str(out, ",\"CallbackMetadata\":{\"Item\":");
	put_items(out, told, "Name", &items);
	buf_char(out, '}');
}

void bodies_stk(const struct told *told, struct buf *out)
{
	char desc[256];
	struct buf text = BUF(desc);

	buf_print(&text, "%s%s", told->shape == SHAPE_SHUFFLED ? "[STK_CB - ]" : "", told->desc);
	buf_str(out, "{\"Body\":{\"stkCallback\":{");
	put_named(out, "MerchantRequestID", told->originator);
	buf_char(out, ',');
	put_named(out, "CheckoutRequestID", told->id);
	buf_str(out, ",\"ResultCode\":");
	put_code(out, told->shape, told->code);
	buf_char(out, ',');
	put_named(out, "ResultDesc", buf_end(&text));
	if (is_success(told))
		put_stk_items(told, out);
	buf_str(out, "}}}");
}

/* The part that all Result bodies share; the caller goes on with ResultParameters. */
static void put_envelope(const struct told *told, struct buf *out)
{
	buf_str(out, "{\"Result\":{\"ResultType\":");
	put_code(out, told->shape, "0");
	buf_str(out, ",\"ResultCode\":");
	put_code(out, told->shape, told->code);
	buf_char(out, ',');
	put_named(out, "ResultDesc", told->desc);
	buf_char(out, ',');
	put_named(out, "OriginatorConversationID", told->originator);
	buf_char(out, ',');
	put_named(out, "ConversationID", told->id);
	buf_char(out, ',');
	put_named(out, "TransactionID", told->transaction);
}

static void put_parameters(const struct told *told, struct items *items, struct buf *out)
{
	buf_str(out, ",\"ResultParameters\":{\"ResultParameter\":");
	put_items(out, told, "Key", items);
	buf_char(out, '}');
}

/* Failures carry nothing, or one bare object that says when. */
static void put_failed_parameters(const struct told *told, struct buf *out)
{
	struct items items = {.count = 0};

	if (told->shape != SHAPE_OBJECT && told->shape != SHAPE_STRINGS)
		return;
	add_time(&items, true, "BOCompletedTime", told->ended);
	put_parameters(told, &items, out);
}

static void put_reference(const struct told *told, const char *address, struct buf *out)
{
	if (told->shape == SHAPE_MINIMAL) {
		buf_str(out, "}}");
		return;
	}
	buf_str(out, ",\"ReferenceData\":{\"ReferenceItem\":");
	if (told->shape == SHAPE_SHUFFLED)
		buf_char(out, '[');
	buf_print(out,
		"{\"Key\":\"QueueTimeoutURL\",\"Value\":\"https://internalsandbox.safaricom.co.ke%s\"}",
		address);
	if (told->shape == SHAPE_SHUFFLED)
		buf_str(out, ",{\"Key\":\"Occasion\"}]");
	buf_str(out, "}}}");
}

void bodies_payout(const struct told *told, struct buf *out)
{
	char time[INSTANT_TEXT], name[64];
	struct buf receiver = BUF(name);
	struct items items = {.count = 0};

	put_envelope(told, out);
	buf_print(&receiver, "%s - JANE DOE", told->phone);
	if (is_success(told)) {
		if (told->shillings != 0)
			add_shillings(&items, true, "TransactionAmount", told->shillings);
		if (told->receipt[0] != '\0')
			add(&items, true, "TransactionReceipt", IS_STRING, told->receipt);
		add(&items, false, "ReceiverPartyPublicName", IS_STRING, buf_end(&receiver));
		add(&items, false, "TransactionCompletedDateTime", IS_STRING,
			ids_dotted_time(told->ended, time));
		add_shillings(&items, false, "B2CUtilityAccountAvailableFunds", told->utility);
		add_shillings(&items, false, "B2CWorkingAccountAvailableFunds", 700000);
		add(&items, false, "B2CRecipientIsRegisteredCustomer", IS_STRING, "Y");
		add(&items, false, "B2CChargesPaidAccountAvailableFunds", IS_NUMBER, "-4510.50");
		put_parameters(told, &items, out);
	} else {
		put_failed_parameters(told, out);
	}
	put_reference(told, "/mpesa/b2cresults/v1/submit", out);
}

static void add_status_items(const struct told *told, struct items *items)
{
	bool other_words = told->shape == SHAPE_SHUFFLED;
	char debit[64], credit[64];
	struct buf from = BUF(debit), to = BUF(credit);

	buf_print(&from, "%s - MKONDO TEST", told->shortcode);
	buf_print(&to, "%s - JANE DOE", told->phone);
	add(items, false, "DebitPartyName", IS_STRING, buf_end(&from));
	/* The portal's sample has the same key for the other party, too. */
	add(items, false, told->shape == SHAPE_PORTAL ? "DebitPartyName" : "CreditPartyName", IS_STRING,
		buf_end(&to));
	add(items, false, other_words ? "Originator Conversation ID" : "OriginatorConversationID", IS_STRING,
		told->about_originator);
	add(items, false, other_words ? "Conversation ID" : "ConversationID", IS_STRING, told->about_id);
	add_time(items, false, "InitiatedTime", told->started);
	add_time(items, false, other_words ? "FinalizedTime" : "FinalisedTime", told->ended);
	if (told->shillings != 0)
		add_shillings(items, true, "Amount", told->shillings);
	if (told->receipt[0] != '\0')
		add(items, true, "ReceiptNo", IS_STRING, told->receipt);
	add(items, true, "TransactionStatus", IS_STRING, told->status);
	add(items, false, "ReasonType", IS_STRING, "Business Payment to Customer via API");
	add(items, false, "TransactionReason", IS_NOTHING, "");
	add(items, false, "DebitAccountType", IS_STRING, "Utility Account");
	add(items, false, "DebitPartyCharges", IS_STRING, "");
}

void bodies_status(const struct told *told, struct buf *out)
{
	struct items items = {.count = 0};

	put_envelope(told, out);
	if (is_success(told)) {
		add_status_items(told, &items);
		put_parameters(told, &items, out);
	} else {
		put_failed_parameters(told, out);
	}
	put_reference(told, "/mpesa/transactionstatusresults/v1/submit", out);
}
