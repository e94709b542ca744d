#include "core/command_check.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* What the fields' own rows cannot say: rules between fields, and between a command and its account. */

static const char *told(const struct command *command, const char *field)
{
	return command_field(&command->fields, field);
}

static bool is_told(const struct command *command, const char *field)
{
	return told(command, field)[0] != '\0';
}

static bool is_kind(const struct command *command, const char *kind)
{
	return strcmp(told(command, "kind"), kind) == 0;
}

/* A field that one kind needs and the others must not have. */
static bool check_goes_with(const struct command *command, const char *field, bool needed, const char *path,
	const char *missing, const char *not_allowed, struct command_fault *ret)
{
	char code[64];

	if (is_told(command, field) == needed)
		return true;
	snprintf(code, sizeof(code), "command.%s.%s", field, needed ? "missing" : "not_allowed");
	return command_refuse(ret, code, path, "%s", needed ? missing : not_allowed);
}

static bool check_stk_push(
	const struct command *command, const struct account *account, struct command_fault *ret)
{
	(void)account;
	return check_goes_with(command, "till", is_kind(command, "BUY_GOODS"), "stk_push.till",
		"there is no till: BUY_GOODS needs the till that receives",
		"a till is told for PAY_BILL: it goes with BUY_GOODS only", ret);
}

static bool is_older_b2b(const struct command *command)
{
	return !is_kind(command, "PAY_BILL") && !is_kind(command, "BUY_GOODS") &&
	       !is_kind(command, "PAY_TO_BULK");
}

static bool check_b2b(const struct command *command, const struct account *account, struct command_fault *ret)
{
	const bool older = is_older_b2b(command);

	if (older && !account->older_b2b)
		return command_refuse(ret, "command.kind.not_allowed", "b2b.kind",
			"kind %s is one of the older names, which account \"%.64s\" does not allow: "
			"PAY_BILL, BUY_GOODS or PAY_TO_BULK is needed, or the account's setting older_b2b",
			told(command, "kind"), account->name);
	if (older || is_kind(command, "PAY_TO_BULK"))
		return true;
	return check_goes_with(command, "account_reference", is_kind(command, "PAY_BILL"),
		"b2b.account_reference",
		"there is no account_reference: PAY_BILL needs one of 1 to 13 characters",
		"an account_reference is told for BUY_GOODS: it goes with PAY_BILL only", ret);
}

/* Exactly one of the named fields. */
static bool check_target(const struct command *command, const char *operation, const char *const *fields,
	const char *names, struct command_fault *ret)
{
	unsigned count = 0;
	char code[64];

	for (; *fields != NULL; fields++)
		count += is_told(command, *fields);
	if (count == 1)
		return true;
	snprintf(code, sizeof(code), "command.%s.target", operation);
	return command_refuse(ret, code, operation, "%s of %s: exactly one is needed",
		count == 0   ? "none"
		: count == 2 ? "two"
			     : "several",
		names);
}

static bool check_stk_query(
	const struct command *command, const struct account *account, struct command_fault *ret)
{
	static const char *const fields[] = {"payment_id", "checkout_request_id", NULL};

	(void)account;
	return check_target(command, "stk_query", fields, "payment_id and checkout_request_id", ret);
}

static bool check_transaction_status(
	const struct command *command, const struct account *account, struct command_fault *ret)
{
	static const char *const fields[] = {"receipt", "payment_id", "originator_conversation_id", NULL};

	(void)account;
	return check_target(command, "transaction_status", fields,
		"receipt, payment_id and originator_conversation_id", ret);
}

static bool check_reversal(
	const struct command *command, const struct account *account, struct command_fault *ret)
{
	static const char *const fields[] = {"receipt", "payment_id", NULL};

	(void)account;
	return check_target(command, "reversal", fields, "receipt and payment_id", ret);
}

static bool check_c2b_simulate(
	const struct command *command, const struct account *account, struct command_fault *ret)
{
	(void)account;
	return check_goes_with(command, "bill_reference", is_kind(command, "PAY_BILL"),
		"c2b_simulate.bill_reference",
		"there is no bill_reference: PAY_BILL needs one of 1 to 20 characters",
		"a bill_reference is told for BUY_GOODS: it goes with PAY_BILL only", ret);
}

static bool check_standing_order(
	const struct command *command, const struct account *account, struct command_fault *ret)
{
	(void)account;
	/* The same number of digits each: their text compares as their time. */
	if (strcmp(told(command, "start_date"), told(command, "end_date")) > 0)
		return command_refuse(ret, "command.end_date.order", "standing_order.end_date",
			"the end_date is before the start_date");
	return check_goes_with(command, "till", is_kind(command, "BUY_GOODS"), "standing_order.till",
		"there is no till: BUY_GOODS needs the till that receives",
		"a till is told for PAY_BILL: it goes with BUY_GOODS only", ret);
}

static bool check_qr_code(
	const struct command *command, const struct account *account, struct command_fault *ret)
{
	const char *receiver = told(command, "receiver");
	const bool phone = is_kind(command, "SEND_MONEY"),
		   digits = strspn(receiver, "0123456789") == strlen(receiver);
	struct msisdn msisdn;

	(void)account;
	if (phone ? msisdn_parse(text_of(receiver), &msisdn)
		  : receiver[0] == '\0' || (digits && strlen(receiver) >= 5 && strlen(receiver) <= 7))
		return true;
	return command_refuse(ret, "command.receiver.format", "qr_code.receiver",
		phone ? "the receiver is no Kenyan mobile number, which SEND_MONEY needs"
		      : "the receiver is not a number of 5 to 7 digits");
}

static int64_t sum_of_items(const struct command_fields *fields, const char *list)
{
	const struct command_field *field = command_field_find(fields, list);
	int64_t sum = 0;

	for (size_t i = 0; field != NULL && i < field->item_count; i++)
		if (__builtin_add_overflow(sum, command_field_number(&field->items[i], "amount_cents"), &sum))
			return INT64_MAX;
	return sum;
}

static bool check_bill_invoice(
	const struct command *command, const struct account *account, struct command_fault *ret)
{
	(void)account;
	if (command_field_number(&command->fields, "amount_cents") == 0)
		return true;
	return command_refuse(ret, "command.amount_cents.not_allowed", "bill_invoice.amount_cents",
		"a single invoice's amount is the command's own amount_cents");
}

static bool check_bill_invoices(
	const struct command *command, const struct account *account, struct command_fault *ret)
{
	const int64_t sum = sum_of_items(&command->fields, "invoices");

	(void)account;
	if (sum == command->amount_cents)
		return true;
	return command_refuse(ret, "command.amount.sum", "amount_cents",
		"amount_cents %" PRId64 " is not the sum of the invoices, which is %" PRId64,
		command->amount_cents, sum);
}

static bool check_between_fields(
	const struct command *command, const struct account *account, struct command_fault *ret)
{
	static const struct {
		enum api api;
		bool (*check)(const struct command *, const struct account *, struct command_fault *);
	} checks[] = {
		{API_STK_PUSH, check_stk_push},
		{API_B2B, check_b2b},
		{API_REVERSAL, check_reversal},
		{API_STANDING_ORDER, check_standing_order},
		{API_BILL_INVOICE, check_bill_invoice},
		{API_BILL_INVOICES, check_bill_invoices},
		{API_C2B_SIMULATE, check_c2b_simulate},
		{API_STK_QUERY, check_stk_query},
		{API_TRANSACTION_STATUS, check_transaction_status},
		{API_QR_CODE, check_qr_code},
	};

	for (size_t i = 0; i < COUNT_OF(checks); i++)
		if (checks[i].api == command->api)
			return checks[i].check(command, account, ret);
	return true;
}

/* What the account lacks for this api; NULL: nothing. */
static const char *account_lacks(const struct account *account, const struct api_row *row)
{
	/* The Password of a push, and of a question about one, is made from the passkey. */
	if (row->asks_passkey && account->passkey[0] == '\0')
		return "passkey";
	if (row->asks_initiator && account->initiator[0] == '\0')
		return "initiator name";
	if (row->asks_initiator && account->security_credential[0] == '\0')
		return "security credential";
	/* Whoever knows a shortcode's addresses can tell of payments: they must not be guessed. */
	if (row->api == API_C2B_REGISTER && (account->c2b_secret == NULL || account->c2b_secret[0] == '\0'))
		return "C2B secret (setting c2b_secret)";
	return NULL;
}

static bool check_account_can(
	const struct account *account, const struct api_row *row, struct command_fault *ret)
{
	const char *lacks = account_lacks(account, row);

	if (row->sandbox_only && account->production)
		return command_refuse(ret, "command.account.production", "account",
			"account \"%.64s\" is of production: %s is possible in the sandbox only",
			account->name, api_operation(row));
	if (lacks == NULL)
		return true;
	return command_refuse(ret, "command.account.cannot", "account",
		"account \"%.64s\" has no %s, without which %s is not possible: another account is needed",
		account->name, lacks, api_operation(row));
}

bool command_check_operation(
	const struct command *command, const struct account *account, struct command_fault *ret)
{
	const struct api_row *row;

	if (command->api == API_NONE)
		return command_refuse(ret, "command.operation.missing", "operation",
			"there is no operation: exactly one, such as stk_push, is needed");
	row = api_row(command->api);
	if (!row->served)
		return command_refuse(ret, "command.operation.not_served", "operation",
			"%s is not served by this release as a command", row->name);
	return command_check_fields(&command->fields, row->fields, api_operation(row), ret) &&
	       check_between_fields(command, account, ret) && check_account_can(account, row, ret);
}
