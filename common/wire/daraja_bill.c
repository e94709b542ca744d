#include "wire/daraja_bill.h"

#include "core/msisdn.h"

#include <string.h>

struct bill {
	const struct daraja_request *request;
	struct arena *arena;
	struct err *err;
};

/* What command_check let through has all of this; what has not is not sent. Takes `value`. */
static bool put(struct bill *bill, json_t *object, const char *name, json_t *value)
{
	if (value != NULL && json_object_set_new(object, name, value) == 0)
		return true;
	return err_set(bill->err, ERR_BROKEN, 0, "%s cannot be told", name);
}

static bool put_text(struct bill *bill, json_t *object, const char *name, const char *value)
{
	if (value == NULL || value[0] == '\0')
		return err_set(bill->err, ERR_BROKEN, 0, "%s is missing", name);
	return put(bill, object, name, json_string(value));
}

/* 0700000012: Bill Manager's pages show no other form. */
static bool put_phone(struct bill *bill, json_t *object, const char *name, const char *value)
{
	struct msisdn msisdn;

	if (!msisdn_parse(text_of(value), &msisdn))
		return err_set(bill->err, ERR_BROKEN, 0, "%s is no phone", name);
	return put_text(bill, object, name, arena_print(bill->arena, "0%s", msisdn.digits + 3));
}

static bool put_cents(struct bill *bill, json_t *object, const char *name, int64_t cents)
{
	if (cents <= 0 || cents % 100 != 0)
		return err_set(bill->err, ERR_BROKEN, 0, "%s is not a number of whole shillings", name);
	return put_text(bill, object, name, arena_print(bill->arena, "%lld", (long long)(cents / 100)));
}

static bool put_items(struct bill *bill, json_t *object, const struct command_field *items)
{
	json_t *list;

	if (items == NULL || items->item_count == 0)
		return true;
	list = json_array();
	if (!put(bill, object, "invoiceItems", list))
		return false;
	for (size_t i = 0; i < items->item_count; i++) {
		const struct command_fields *told = &items->items[i];
		json_t *item = json_object();

		if (json_array_append_new(list, item) != 0)
			return err_set(bill->err, ERR_BROKEN, 0, "an invoice's item cannot be told");
		if (!put_text(bill, item, "itemName", command_field(told, "item_name")) ||
			!put_cents(bill, item, "amount", command_field_number(told, "amount_cents")))
			return false;
	}
	return true;
}

static bool put_invoice(struct bill *bill, json_t *object, const struct command_fields *told, int64_t cents)
{
	return put_text(bill, object, "externalReference", command_field(told, "external_reference")) &&
	       put_text(bill, object, "billedFullName", command_field(told, "billed_full_name")) &&
	       put_phone(bill, object, "billedPhoneNumber", command_field(told, "billed_phone_number")) &&
	       put_text(bill, object, "billedPeriod", command_field(told, "billed_period")) &&
	       put_text(bill, object, "invoiceName", command_field(told, "invoice_name")) &&
	       put_text(bill, object, "dueDate", command_field(told, "due_date")) &&
	       put_text(bill, object, "accountReference", command_field(told, "account_reference")) &&
	       put_cents(bill, object, "amount", cents) &&
	       put_items(bill, object, command_field_find(told, "invoice_items"));
}

static bool put_opt_in(struct bill *bill, json_t *object, const struct command_fields *told)
{
	const char *logo = command_field(told, "logo");
	const bool reminded = strcmp(command_field(told, "send_reminders"), "true") == 0;

	return put_text(bill, object, "shortcode", bill->request->account->shortcode) &&
	       put_text(bill, object, "email", command_field(told, "email")) &&
	       put_phone(bill, object, "officialContact", command_field(told, "official_contact")) &&
	       put_text(bill, object, "sendReminders", reminded ? "1" : "0") &&
	       (logo[0] == '\0' || put_text(bill, object, "logo", logo)) &&
	       put_text(bill, object, "callbackurl", bill->request->result_url);
}

static bool put_reconcile(struct bill *bill, json_t *object, const struct command_fields *told)
{
	return put_text(bill, object, "paymentDate", command_field(told, "payment_date")) &&
	       put_cents(bill, object, "paidAmount", amount_cents(bill->request->payment->amount)) &&
	       put_text(bill, object, "accountReference", command_field(told, "account_reference")) &&
	       put_text(bill, object, "transactionId", command_field(told, "receipt")) &&
	       put_phone(bill, object, "phoneNumber", command_field(told, "phone")) &&
	       put_text(bill, object, "fullName", command_field(told, "full_name")) &&
	       put_text(bill, object, "invoiceName", command_field(told, "invoice_name")) &&
	       put_text(bill, object, "externalReference", command_field(told, "external_reference"));
}

/* One object for each item of the field. */
static bool put_list(struct bill *bill, json_t *list, const struct command_field *field, bool invoices)
{
	if (field == NULL || field->item_count == 0)
		return err_set(bill->err, ERR_BROKEN, 0, "there is nothing in the list");
	for (size_t i = 0; i < field->item_count; i++) {
		const struct command_fields *told = &field->items[i];
		json_t *object = json_object();

		if (json_array_append_new(list, object) != 0)
			return err_set(bill->err, ERR_BROKEN, 0, "the list cannot be told");
		if (!(invoices ? put_invoice(bill, object, told, command_field_number(told, "amount_cents"))
			       : put_text(bill, object, "externalReference",
					 told->count > 0 ? told->at[0].text : "")))
			return false;
	}
	return true;
}

static bool is_list(enum api api)
{
	return api == API_BILL_INVOICES || api == API_BILL_CANCEL;
}

static bool put_all(struct bill *bill, json_t *json, const struct command_fields *told)
{
	const enum api api = bill->request->api;

	if (api == API_BILL_OPT_IN)
		return put_opt_in(bill, json, told);
	if (api == API_BILL_INVOICE)
		return put_invoice(bill, json, told, amount_cents(bill->request->payment->amount));
	if (api == API_BILL_RECONCILE)
		return put_reconcile(bill, json, told);
	if (api == API_BILL_INVOICES)
		return put_list(bill, json, command_field_find(told, "invoices"), true);
	return put_list(bill, json, command_field_find(told, "external_references"), false);
}

bool daraja_is_bill(enum api api)
{
	return is_list(api) || api == API_BILL_OPT_IN || api == API_BILL_INVOICE || api == API_BILL_RECONCILE;
}

const char *daraja_request_app_key(const struct account *account, enum api api)
{
	return daraja_is_bill(api) && account->bill_app_key != NULL ? account->bill_app_key : "";
}

json_t *daraja_bill_build(const struct daraja_request *request, const struct command_fields *fields,
	struct arena *arena, struct err *err)
{
	struct bill bill = {request, arena, err};
	json_t *json = is_list(request->api) ? json_array() : json_object();

	if (!put_all(&bill, json, fields))
		daraja_json_drop(&json);
	return json;
}
