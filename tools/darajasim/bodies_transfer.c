#include "darajasim/bodies_parts.h"

#include <string.h>

/* B2B, tax and reversal: the receipt is the envelope's TransactionID, and of each odd habit a shape has one. */

enum { TEXT_MOST = 160 };

/* The portal prints type and code of a success as text, and those of a failure as numbers. */
static void begin(const struct told *told, struct buf *out)
{
	struct told head = *told;

	if (told->shape == SHAPE_PORTAL && told_success(told))
		head.shape = SHAPE_STRINGS;
	envelope_begin(&head, out);
}

/* Java's way to print a map; the order of its members varies, and MinimumAmount counts cents. */
static const char *java_map(const struct told *told, const char *name, int64_t shillings, char out[TEXT_MOST])
{
	struct buf buf = {.at = out, .cap = TEXT_MOST};
	long long amount = (long long)shillings;

	if (told->shape == SHAPE_SHUFFLED)
		buf_print(&buf, "{%s={BasicAmount=%lld.00, MinimumAmount=%lld, CurrencyCode=KES}}", name,
			amount, amount * 100);
	else
		buf_print(&buf, "{%s={CurrencyCode=KES, MinimumAmount=%lld, BasicAmount=%lld.00}}", name,
			amount * 100, amount);
	return buf_end(&buf);
}

static const char *account_line(const char *name, int64_t shillings, char out[TEXT_MOST])
{
	struct buf buf = {.at = out, .cap = TEXT_MOST};
	long long amount = (long long)shillings;

	buf_print(&buf, "%s|KES|%lld.00|%lld.00|0.00|0.00", name, amount, amount);
	return buf_end(&buf);
}

/* Text with decimals as the portal has it, a number as older documents have it. */
static void add_amount(const struct told *told, struct items *items)
{
	char text[32];
	struct buf buf = BUF(text);

	if (told->shillings == 0)
		return;
	if (told->shape == SHAPE_SHUFFLED) {
		items_add_shillings(items, true, "Amount", told->shillings);
		return;
	}
	buf_print(&buf, "%lld.00", (long long)told->shillings);
	items_add(items, true, "Amount", IS_STRING, buf_end(&buf));
}

static void add_b2b_items(const struct told *told, struct items *items, const char *charges)
{
	char text[TEXT_MOST], name[64], time[INSTANT_TEXT];
	struct buf receiver = BUF(name);

	buf_print(&receiver, "%s- MKONDO TEST", told->phone);
	items_add(items, false, "DebitAccountBalance", IS_STRING,
		java_map(told, "Amount", told->utility, text));
	add_amount(told, items);
	items_add(items, false, "DebitPartyAffectedAccountBalance", IS_STRING,
		account_line("Working Account", told->utility, text));
	if (told->shape == SHAPE_SHUFFLED)
		items_add_time(items, false, "TransCompletedTime", told->ended);
	else
		items_add(items, false, "TransCompletedTime", IS_STRING, instant_eat(told->ended, time));
	items_add(items, false, "DebitPartyCharges", IS_STRING, charges);
	items_add(items, false, "ReceiverPartyPublicName", IS_STRING, buf_end(&receiver));
	items_add(items, false, "Currency", IS_STRING, "KES");
	items_add(items, false, "InitiatorAccountCurrentBalance", IS_STRING,
		java_map(told, "Amount", told->utility, text));
}

static void put_reference_data(const struct told *told, const char *occasion, struct buf *out)
{
	struct items items = {.count = 0};

	if (told->shape == SHAPE_MINIMAL) {
		buf_str(out, "}}");
		return;
	}
	if (told->reference[0] != '\0')
		items_add(&items, false, "BillReferenceNumber", IS_STRING, told->reference);
	items_add(&items, false, "QueueTimeoutURL", IS_STRING,
		"https://internalsandbox.safaricom.co.ke/mpesa/b2bresults/v1/submit");
	if (occasion != NULL)
		items_add(&items, false, occasion, IS_NOTHING, "");
	buf_str(out, ",\"ReferenceData\":{\"ReferenceItem\":");
	items_put(out, told, "Key", &items);
	buf_str(out, "}}}");
}

/* One bare object also where the portal prints lists elsewhere. */
static void put_failed(const struct told *told, struct buf *out)
{
	struct told failed = *told;

	if (told->shape == SHAPE_PORTAL)
		failed.shape = SHAPE_OBJECT;
	envelope_failed(&failed, out);
}

void bodies_transfer(const struct told *told, struct buf *out)
{
	struct items items = {.count = 0};
	const bool charged = told->shape == SHAPE_PORTAL || told->shape == SHAPE_STRINGS;

	begin(told, out);
	if (told_success(told)) {
		add_b2b_items(told, &items, charged ? "Business Pay Bill Charge|KES|77.00" : "");
		envelope_parameters(told, &items, out);
	} else {
		put_failed(told, out);
	}
	put_reference_data(told, told->shape == SHAPE_SHUFFLED ? "Occasion" : "Occassion", out);
}

/* Failures of this one have a list, with the time as text. */
void bodies_tax(const struct told *told, struct buf *out)
{
	struct items items = {.count = 0};
	char time[INSTANT_TEXT];

	begin(told, out);
	if (told_success(told))
		add_b2b_items(told, &items, "");
	else
		items_add(&items, true, "BOCompletedTime", IS_STRING, instant_eat(told->ended, time));
	envelope_parameters(told, &items, out);
	put_reference_data(told, NULL, out);
}

void bodies_reversal(const struct told *told, struct buf *out)
{
	struct items items = {.count = 0};
	char text[TEXT_MOST], name[64];
	struct buf customer = BUF(name), business = {.at = text, .cap = TEXT_MOST};

	begin(told, out);
	/* Older documents show a success that tells nothing more. */
	if (told_success(told) && told->shape != SHAPE_OBJECT) {
		items_add(&items, false, "DebitAccountBalance", IS_STRING,
			account_line("Utility Account", told->utility, text));
		if (told->shillings != 0)
			items_add_shillings(&items, true, "Amount", told->shillings);
		items_add_time(&items, false, "TransCompletedTime", told->ended);
		items_add(&items, true, "OriginalTransactionID", IS_STRING, told->reference);
		items_add(&items, false, "Charge", IS_SHILLINGS, "0");
		buf_print(&customer, "%s - JANE DOE", told->phone);
		items_add(&items, false, "CreditPartyPublicName", IS_STRING, buf_end(&customer));
		buf_print(&business, "%s - MKONDO TEST", told->shortcode);
		items_add(&items, false, "DebitPartyPublicName", IS_STRING, buf_end(&business));
		envelope_parameters(told, &items, out);
	}
	envelope_end(told, "/mpesa/reversalresults/v1/submit", out);
}
