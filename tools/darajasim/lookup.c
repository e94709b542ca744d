#include "darajasim/call.h"

#include <string.h>

/* Questions whose answer is all there is: a QR code's picture, an organisation's name, what is known of a SIM. */

enum { SHILLINGS_MOST = 1000000000 };

static const struct field_row qr[] = {
	{"MerchantName", FIELD_TEXT, false, 1, 100},
	{"RefNo", FIELD_TEXT, false, 1, 40},
	{"Amount", FIELD_AMOUNT, false, 0, SHILLINGS_MOST},
	{"TrxCode", FIELD_WORD, .words = "BG WA PB SM SB"},
	{"CPI", FIELD_PARTY},
	{"Size", FIELD_AMOUNT, false, 1, 2000},
	{NULL},
};

static const struct field_row organisation[] = {
	{"IdentifierType", FIELD_WORD, .words = "2 4"},
	{"Identifier", FIELD_SHORTCODE},
	{NULL},
};

static const struct field_row sim[] = {
	{"customerNumber", FIELD_PHONE},
	{NULL},
};

const struct field_row *lookup_rows(enum product product)
{
	return product == PRODUCT_QR ? qr : product == PRODUCT_ORG ? organisation : sim;
}

/* One black dot: a picture all the same. */
static const char dot[] =
	"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==";

/* Which of the answers that are seen in the field: the portal's own sample, or what clients report. */
static bool as_on_the_portal(const struct call *call)
{
	return call->plan->shape == SHAPE_PORTAL || (call->plan->shape == SHAPE_ANY && call->number % 2 == 0);
}

/* The code is an id in the portal's sample, and "00" in the field. */
static void say_qr(struct call *call)
{
	buf_print(&call->said,
		"{\"ResponseCode\":\"%s\",\"RequestID\":\"%s\",\"ResponseDescription\":\"QR Code "
		"Successfully "
		"Generated.\",\"QRCode\":\"%s\"}",
		as_on_the_portal(call) ? "AG_20191219_000043fdf61864fe9ff5" : "00", call->request_id, dot);
}

static void say_organisation(struct call *call)
{
	buf_print(&call->said,
		"{\"ConversationID\":\"\",\"ResponseCode\":\"%s\",\"ResponseMessage\":\"Success\","
		"\"OrganizationName\":\"MKONDO TEST "
		"%s\",\"OrganizationShortCode\":\"%s\",\"ChargeProfileID\":\"7\"}",
		as_on_the_portal(call) ? "4000" : "0", call->phone, call->phone);
}

/* The two products write their dates in other orders; without a swap in three months it is 1900. */
static void say_sim(struct call *call)
{
	const bool is_swap = call->product == PRODUCT_SWAP;

	buf_print(&call->said,
		"{\"requestRefID\":\"%s\",\"responseCode\":\"200\",\"responseDesc\":\"Success\",",
		call->request_id);
	if (is_swap)
		buf_print(&call->said, "\"lastSwapDate\":\"%s\"}",
			as_on_the_portal(call) ? "21-06-2026 15:04" : "01-01-1900 00:00");
	else
		buf_print(&call->said,
			"\"customerNumber\":\"%s\",\"imsi\":\"b7a3f9c25d18e640\",\"lastSwapDate\":\"2026-06-"
			"21\","
			"\"msisdnRegistrationDate\":\"%s\"}",
			call->phone,
			as_on_the_portal(call) ? "2019-02-11" : "Registered more than one year ago");
}

void lookup_serve(struct call *call)
{
	if (call->product == PRODUCT_QR)
		say_qr(call);
	else if (call->product == PRODUCT_ORG)
		say_organisation(call);
	else
		say_sim(call);
	call_accepted(call);
}
