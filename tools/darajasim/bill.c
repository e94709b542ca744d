#include "darajasim/call.h"

#include <stdio.h>
#include <string.h>

/* Bill Manager: it answers at once, in words of its own. An invoice whose externalReference begins with PAID has been paid. */

enum { LIST_MOST = 1000 };
static const char app_key[] = "AG_2376487236_126732989KJ";

static bool is_cancel(const struct call *call)
{
	return call->product == PRODUCT_BILL_CANCEL;
}

static const struct field_row opt_in[] = {
	{"shortcode", FIELD_SHORTCODE},
	{"email", FIELD_TEXT, false, 3, 100},
	{"officialContact", FIELD_TEXT, false, 10, 12},
	{"sendReminders", FIELD_WORD, .words = "0 1"},
	{"logo", FIELD_TEXT, true, 1, 1000},
	{"callbackurl", FIELD_URL, false, 0, 1000},
	{NULL},
};

static const struct field_row invoice[] = {
	{"externalReference", FIELD_TEXT, false, 1, 100},
	{"billedFullName", FIELD_TEXT, false, 1, 100},
	{"billedPhoneNumber", FIELD_TEXT, false, 10, 12},
	{"billedPeriod", FIELD_TEXT, false, 1, 50},
	{"invoiceName", FIELD_TEXT, false, 1, 100},
	{"dueDate", FIELD_TEXT, false, 10, 19},
	{"accountReference", FIELD_TEXT, false, 1, 50},
	{"amount", FIELD_AMOUNT, false, 1, 1000000000},
	{NULL},
};

static const struct field_row reconcile[] = {
	{"paymentDate", FIELD_TEXT, false, 10, 19},
	{"paidAmount", FIELD_AMOUNT, false, 1, 1000000000},
	{"accountReference", FIELD_TEXT, false, 1, 50},
	{"transactionId", FIELD_TEXT, false, 10, 10},
	{"phoneNumber", FIELD_TEXT, false, 10, 12},
	{"fullName", FIELD_TEXT, false, 1, 100},
	{"invoiceName", FIELD_TEXT, false, 1, 100},
	{"externalReference", FIELD_TEXT, false, 1, 100},
	{NULL},
};

static const struct field_row reference[] = {{"externalReference", FIELD_TEXT, false, 1, 100}, {NULL}};
static const struct field_row nothing[] = {{NULL}};

const struct field_row *bill_rows(enum product product)
{
	return product == PRODUCT_BILL_OPT_IN      ? opt_in
	       : product == PRODUCT_BILL_INVOICE   ? invoice
	       : product == PRODUCT_BILL_RECONCILE ? reconcile
						   : nothing;
}

/* Lists are kept in an object, since all other bodies are one. */
json_t *bill_body(enum product product, json_t *json)
{
	if (product != PRODUCT_BILL_INVOICES && product != PRODUCT_BILL_CANCEL)
		return json;
	if (!json_is_array(json)) {
		json_decref(json);
		return NULL;
	}
	return json_pack("{s:o}", "list", json);
}

void bill_facts(struct call *call)
{
	const json_t *first = json_array_get(json_object_get(call->body, "list"), 0);
	const json_t *told = first != NULL ? first : call->body;
	char url[1024];

	(void)fields_text(call->body, "callbackurl", url, sizeof(url));
	fields_payment_hint(url, call->payment);
	(void)fields_text(told, call->product == PRODUCT_BILL_OPT_IN ? "shortcode" : "externalReference",
		call->key, sizeof(call->key));
	(void)fields_amount(
		told, call->product == PRODUCT_BILL_RECONCILE ? "paidAmount" : "amount", &call->shillings);
}

/* What of a list is wrong; NULL: nothing. */
static const char *list_fault(const struct call *call, const json_t *list)
{
	const char *field = NULL;

	if (json_array_size(list) == 0 || json_array_size(list) > LIST_MOST)
		return "Request";
	for (size_t i = 0; i < json_array_size(list) && field == NULL; i++)
		field = fields_check(json_array_get(list, i), is_cancel(call) ? reference : invoice);
	return field;
}

static bool one_is_paid(const json_t *list)
{
	char text[128];

	for (size_t i = 0; i < json_array_size(list); i++)
		if (text_starts(text_of(fields_text(
					json_array_get(list, i), "externalReference", text, sizeof(text))),
			    "PAID"))
			return true;
	return false;
}

const char *bill_app_key(const struct call *call, char *out, size_t size)
{
	struct text told = http_header(call->exchange, "appkey");

	snprintf(out, size, "%.*s", TEXT_ARG(told));
	return out;
}

/* Whoever sends the header sends what the opt-in said. */
static const char *key_fault(const struct call *call)
{
	char told[64];

	return bill_app_key(call, told, sizeof(told))[0] == '\0' || strcmp(told, app_key) == 0 ? NULL
											       : "appKey";
}

void bill_serve(struct call *call)
{
	const json_t *list = json_object_get(call->body, "list");
	const char *field = list != NULL ? list_fault(call, list) : NULL;

	if (field == NULL)
		field = key_fault(call);

	if (field != NULL) {
		call_refused_field(call, field);
		return;
	}
	if (is_cancel(call) && one_is_paid(list))
		buf_str(&call->said, "{\"Status_Message\":\"Invoice is "
				     "paid\",\"resmsg\":\"Conflict\",\"rescode\":\"409\",\"errors\":[]}");
	else if (is_cancel(call))
		buf_str(&call->said, "{\"Status_Message\":\"Invoice cancelled "
				     "successfully.\",\"resmsg\":\"Success\",\"rescode\":\"200\","
				     "\"errors\":[]}");
	else if (call->product == PRODUCT_BILL_OPT_IN)
		buf_print(&call->said, "{%s%s%s\"resmsg\":\"Success\",\"rescode\":\"200\"}",
			call->old_version ? "" : "\"app_key\":\"", call->old_version ? "" : app_key,
			call->old_version ? "" : "\",");
	else
		buf_str(&call->said, "{\"Status_Message\":\"Invoice sent "
				     "successfully\",\"resmsg\":\"Success\",\"rescode\":\"200\"}");
	call_accepted(call);
}
