#include "core/command_check.h"

#include <inttypes.h>
#include <string.h>

/* StkPush.Kind and B2c.Kind, as command.proto numbers them. */
enum { STK_PAY_BILL = 0, STK_BUY_GOODS = 1, B2C_KIND_MOST = 2 };

static bool is_free_text(const char *text)
{
	/* Other characters have made Daraja drop requests without a word. */
	return text[strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 .-")] ==
	       '\0';
}

struct words {
	const char *name; /* in the codes: "command.<name>.length" */
	const char *missing, *length, *characters;
	size_t least, most;
};

static const struct words reference_words = {
	.name = "account_reference",
	.missing = "command.account_reference.missing",
	.length = "command.account_reference.length",
	.characters = "command.account_reference.characters",
	.least = 1,
	.most = 12,
};
static const struct words description_words = {
	.name = "description",
	.missing = "command.description.missing",
	.length = "command.description.length",
	.characters = "command.description.characters",
	.least = 1,
	.most = 13,
};
static const struct words remarks_words = {
	.name = "remarks",
	.missing = "command.remarks.missing",
	.length = "command.remarks.length",
	.characters = "command.remarks.characters",
	.least = 2,
	.most = 100,
};
static const struct words occasion_words = {
	.name = "occasion",
	.length = "command.occasion.length",
	.characters = "command.occasion.characters",
	.least = 0,
	.most = 100,
};

static bool check_words(
	const struct words *words, const char *value, const char *field, struct command_fault *ret)
{
	size_t len = strlen(value);

	if (len == 0 && words->least > 0)
		return command_refuse(ret, words->missing, field,
			"there is no %s: %zu to %zu characters are needed", words->name, words->least,
			words->most);
	if (len < words->least || len > words->most)
		return command_refuse(ret, words->length, field,
			"the %s has %zu bytes: %zu to %zu characters are allowed", words->name, len,
			words->least, words->most);
	if (!is_free_text(value))
		return command_refuse(ret, words->characters, field,
			"the %s has a character that M-PESA may not take: A-Z a-z 0-9, space, . and - are "
			"allowed",
			words->name);
	return true;
}

static bool check_phone(const char *phone, const char *field, struct command_fault *ret)
{
	struct msisdn msisdn;
	char masked[MSISDN_MASKED];

	if (msisdn_parse(text_of(phone), &msisdn))
		return true;
	if (phone[0] == '\0')
		return command_refuse(
			ret, "command.phone.missing", field, "there is no phone: 2547XXXXXXXX is needed");
	return command_refuse(ret, "command.phone.format", field,
		"phone %s is no Kenyan mobile number: 07..., 01..., 7..., 1..., 254... or +254... with "
		"digits alone is needed",
		msisdn_masked(phone, masked));
}

static bool check_kind(int kind, int most, const char *field, const char *allowed, struct command_fault *ret)
{
	if (kind >= 0 && kind <= most)
		return true;
	return command_refuse(
		ret, "command.kind.unknown", field, "kind %d is unknown: %s is needed", kind, allowed);
}

static bool check_till(const struct command *command, struct command_fault *ret)
{
	const char *field = "stk_push.till";
	size_t len = strlen(command->till);

	if (command->kind == STK_PAY_BILL) {
		if (len == 0)
			return true;
		return command_refuse(ret, "command.till.not_allowed", field,
			"a till is told for PAY_BILL: it goes with BUY_GOODS only");
	}
	if (len == 0)
		return command_refuse(ret, "command.till.missing", field,
			"there is no till: BUY_GOODS needs the till that receives");
	if (len < 5 || len > 7 || strspn(command->till, "0123456789") != len)
		return command_refuse(
			ret, "command.till.format", field, "the till is not a number of 5 to 7 digits");
	return true;
}

static bool check_stk_push(const struct command *command, struct command_fault *ret)
{
	return check_phone(command->phone, "stk_push.phone", ret) &&
	       check_words(&reference_words, command->account_reference, "stk_push.account_reference", ret) &&
	       check_words(&description_words, command->description, "stk_push.description", ret) &&
	       check_kind(command->kind, STK_BUY_GOODS, "stk_push.kind", "PAY_BILL or BUY_GOODS", ret) &&
	       check_till(command, ret);
}

static bool check_b2c(const struct command *command, struct command_fault *ret)
{
	return check_phone(command->phone, "b2c.phone", ret) &&
	       check_kind(command->kind, B2C_KIND_MOST, "b2c.kind",
		       "BUSINESS_PAYMENT, SALARY_PAYMENT or PROMOTION_PAYMENT", ret) &&
	       check_words(&remarks_words, command->remarks, "b2c.remarks", ret) &&
	       check_words(&occasion_words, command->occasion, "b2c.occasion", ret);
}

static bool check_stk_query(const struct command *command, struct command_fault *ret)
{
	size_t checkout_len = strlen(command->checkout_request_id);
	bool by_payment = command->payment_id[0] != '\0', by_checkout = checkout_len > 0;
	struct uuid id;

	if (by_payment == by_checkout)
		return command_refuse(ret, "command.stk_query.target", "stk_query",
			"%s of payment_id and checkout_request_id: exactly one is needed",
			by_payment ? "both" : "neither");
	if (by_payment && !uuid_parse(text_of(command->payment_id), &id))
		return command_refuse(ret, "command.payment_id.format", "stk_query.payment_id",
			"the payment_id is not a UUID in its canonical form: 36 characters, lower case");
	if (by_checkout &&
		(checkout_len > 64 ||
			strspn(command->checkout_request_id,
				"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-") !=
				checkout_len))
		return command_refuse(ret, "command.checkout_request_id.format",
			"stk_query.checkout_request_id",
			"the checkout_request_id is not 1 to 64 of the characters A-Z a-z 0-9 _ -");
	return true;
}

/* What the account lacks for this api; NULL: nothing. */
static const char *account_lacks(const struct account *account, const struct api_row *row)
{
	/* The Password of a push, and of a question about one, is made from the passkey. */
	if ((row->api == API_STK_PUSH || row->api == API_STK_QUERY) && account->passkey[0] == '\0')
		return "passkey";
	if (row->asks_initiator && account->initiator[0] == '\0')
		return "initiator name";
	if (row->asks_initiator && account->security_credential[0] == '\0')
		return "security credential";
	return NULL;
}

static bool check_account_can(
	const struct account *account, const struct api_row *row, struct command_fault *ret)
{
	const char *lacks = account_lacks(account, row);

	if (lacks == NULL)
		return true;
	return command_refuse(ret, "command.account.cannot", "account",
		"account \"%.64s\" has no %s, without which %s is not possible: another account is needed",
		account->name, lacks, row->name);
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
	if (command->api == API_STK_PUSH && !check_stk_push(command, ret))
		return false;
	if (command->api == API_B2C && !check_b2c(command, ret))
		return false;
	if (command->api == API_STK_QUERY && !check_stk_query(command, ret))
		return false;
	return check_account_can(account, row, ret);
}
