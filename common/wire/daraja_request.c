#include "wire/daraja_request.h"

#include "base/base64.h"
#include "core/api.h"
#include "core/command.h"
#include "core/msisdn.h"
#include "wire/command_wire.h"
#include "wire/daraja_json.h"

/* Kinds by their numbers in command.proto. */
enum { STK_PAY_BILL = 0, STK_BUY_GOODS = 1, B2C_KINDS = 3 };
static const char *const b2c_commands[B2C_KINDS] = {"BusinessPayment", "SalaryPayment", "PromotionPayment"};

static const char status_remarks[] = "Status question";

const char *daraja_password(const struct account *account, const char *timestamp, struct arena *arena)
{
	const char *plain = arena_print(arena, "%s%s%s", account->shortcode, account->passkey, timestamp);
	struct text text = text_of(plain);

	return base64_build(text.at, text.len, arena_alloc(arena, BASE64_SIZE(text.len)));
}

static bool read_command(
	const struct daraja_request *request, struct arena *arena, struct command *ret, struct err *err)
{
	if (!command_unpack_canonical(request->payment->command, arena, ret, err))
		return err_while(err, "reading the payment's command");
	return true;
}

/* What is impossible after command_check, and would be paid to the wrong phone or by the wrong amount if it were not. */
static bool check_money(const struct payment *payment, struct err *err)
{
	struct msisdn phone;

	if (!amount_is_whole(payment->amount) || amount_shillings(payment->amount) <= 0)
		return err_set(err, ERR_BROKEN, 0, "the amount is not a number of whole shillings");
	if (!msisdn_parse(text_of(payment->party), &phone) || !text_is(text_of(payment->party), phone.digits))
		return err_set(err, ERR_BROKEN, 0, "the payment's phone is not in its canonical form");
	return true;
}

static bool check_initiator(const struct account *account, struct err *err)
{
	if (account->initiator[0] == '\0' || account->security_credential[0] == '\0')
		return err_set(err, ERR_BROKEN, 0, "account %s has no initiator", account->name);
	return true;
}

static bool check_urls(const struct daraja_request *request, bool timeout, struct err *err)
{
	if (request->result_url[0] == '\0' || (timeout && request->timeout_url[0] == '\0'))
		return err_set(err, ERR_BROKEN, 0, "a callback address is missing");
	return true;
}

static bool check_passkey(const struct account *account, struct err *err)
{
	if (account->passkey[0] == '\0')
		return err_set(err, ERR_BROKEN, 0, "account %s has no passkey", account->name);
	return true;
}

static bool build_stk_push(
	const struct daraja_request *request, struct arena *arena, json_t **ret, struct err *err)
{
	const struct account *account = request->account;
	const struct payment *payment = request->payment;
	char timestamp[INSTANT_TEXT];
	struct command command;
	bool till;

	if (!check_passkey(account, err) || !check_money(payment, err) || !check_urls(request, false, err) ||
		!read_command(request, arena, &command, err))
		return false;
	till = command.kind == STK_BUY_GOODS;
	if (command.kind != STK_PAY_BILL && !till)
		return err_set(err, ERR_BROKEN, 0, "an STK push of kind %d cannot be sent", command.kind);
	if (till && command.till[0] == '\0')
		return err_set(err, ERR_BROKEN, 0, "a push for goods without a till");
	instant_eat(request->now, timestamp);
	/* With a till the shortcode stays the store's: the till itself is refused there as "Merchant does not exist". */
	*ret = json_pack("{ss ss ss ss sI ss ss ss ss ss ss}", "BusinessShortCode", account->shortcode,
		"Password", daraja_password(account, timestamp, arena), "Timestamp", timestamp,
		"TransactionType", till ? "CustomerBuyGoodsOnline" : "CustomerPayBillOnline", "Amount",
		(json_int_t)amount_shillings(payment->amount), "PartyA", payment->party, "PartyB",
		till ? command.till : account->shortcode, "PhoneNumber", payment->party, "CallBackURL",
		request->result_url, "AccountReference", command.account_reference, "TransactionDesc",
		command.description);
	return true;
}

static bool build_stk_query(
	const struct daraja_request *request, struct arena *arena, json_t **ret, struct err *err)
{
	const struct account *account = request->account;
	const char *checkout = request->state->ids.checkout;
	char timestamp[INSTANT_TEXT];
	struct command command;

	if (!check_passkey(account, err))
		return false;
	if (checkout[0] == '\0' && request->payment->api == API_STK_QUERY) {
		if (!read_command(request, arena, &command, err))
			return false;
		checkout = command.checkout_request_id;
	}
	if (checkout[0] == '\0')
		return err_set(err, ERR_REFUSED, 0, "there is no CheckoutRequestID to ask by");
	instant_eat(request->now, timestamp);
	*ret = json_pack("{ss ss ss ss}", "BusinessShortCode", account->shortcode, "Password",
		daraja_password(account, timestamp, arena), "Timestamp", timestamp, "CheckoutRequestID",
		checkout);
	return true;
}

static bool provider_key(const struct daraja_request *request, char out[48], struct err *err)
{
	if (request->state->gen == 0)
		return err_set(err, ERR_BROKEN, 0, "the payment was not claimed: it has no generation");
	payment_provider_key(&request->payment->id, request->state->gen, out);
	return true;
}

static bool build_b2c(
	const struct daraja_request *request, struct arena *arena, json_t **ret, struct err *err)
{
	const struct account *account = request->account;
	const struct payment *payment = request->payment;
	struct command command;
	char key[48];

	if (!check_initiator(account, err) || !check_money(payment, err) || !check_urls(request, true, err) ||
		!provider_key(request, key, err) || !read_command(request, arena, &command, err))
		return false;
	if (command.kind < 0 || command.kind >= B2C_KINDS)
		return err_set(err, ERR_BROKEN, 0, "a payout of kind %d cannot be sent", command.kind);
	*ret = json_pack("{ss ss ss ss sI ss ss ss ss ss}", "OriginatorConversationID", key, "InitiatorName",
		account->initiator, "SecurityCredential", account->security_credential, "CommandID",
		b2c_commands[command.kind], "Amount", (json_int_t)amount_shillings(payment->amount), "PartyA",
		account->shortcode, "PartyB", payment->party, "Remarks", command.remarks, "QueueTimeOutURL",
		request->timeout_url, "ResultURL", request->result_url);
	/* At least one character when it is there. */
	if (command.occasion[0] != '\0' && *ret != NULL &&
		json_object_set_new(*ret, "Occassion", json_string(command.occasion)) != 0)
		daraja_json_drop(ret);
	return true;
}

static bool build_status(
	const struct daraja_request *request, struct arena *arena, json_t **ret, struct err *err)
{
	const struct account *account = request->account;
	char key[48];

	(void)arena;
	if (request->payment->api == API_NONE || api_row(request->payment->api)->key != KEY_PROVIDER)
		return err_set(
			err, ERR_BROKEN, 0, "only a payment with a key of ours can be asked about by it");
	if (!check_initiator(account, err) || !check_urls(request, true, err) ||
		!provider_key(request, key, err))
		return false;
	/* No TransactionID key at all: an empty one beside the id was answered by a 200 without content. */
	*ret = json_pack("{ss ss ss ss ss ss ss ss ss}", "Initiator", account->initiator,
		"SecurityCredential", account->security_credential, "CommandID", "TransactionStatusQuery",
		"OriginalConversationID", key, "PartyA", account->shortcode, "IdentifierType", "4",
		"ResultURL", request->result_url, "QueueTimeOutURL", request->timeout_url, "Remarks",
		status_remarks);
	return true;
}

static bool build(const struct daraja_request *request, struct arena *arena, json_t **ret, struct err *err)
{
	switch (request->api) {
	case API_STK_PUSH:
		return build_stk_push(request, arena, ret, err);
	case API_B2C:
		return build_b2c(request, arena, ret, err);
	case API_STK_QUERY:
		return build_stk_query(request, arena, ret, err);
	case API_TRANSACTION_STATUS:
		return build_status(request, arena, ret, err);
	case API_NONE:
	case API_B2POCHI:
	case API_B2B:
	case API_TAX_REMITTANCE:
	case API_B2B_EXPRESS:
	case API_REVERSAL:
	case API_STANDING_ORDER:
	case API_C2B_REGISTER:
	case API_BILL:
	case API_PULL_REGISTER:
	case API_C2B_SIMULATE:
	case API_ACCOUNT_BALANCE:
	case API_QR_CODE:
	case API_ORG_INFO:
	case API_SIM_SWAP:
	case API_IMSI:
	case API_PULL_QUERY:
		break;
	}
	return err_set(err, ERR_BROKEN, 0, "no request of this api (%d) can be built", (int)request->api);
}

bool daraja_request_build(
	const struct daraja_request *request, struct arena *arena, struct text *ret_body, struct err *err)
{
	json_t *json = NULL;

	if (!build(request, arena, &json, err))
		return false;
	if (!daraja_json_write(json, arena, ret_body))
		return err_set(err, ERR_BROKEN, 0, "the request holds what JSON cannot carry");
	return true;
}
