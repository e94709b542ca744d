#include "wire/daraja_callback.h"

#include "core/api.h"
#include "core/callback_url.h"
#include "wire/daraja_answer.h"
#include "wire/daraja_details.h"
#include "wire/daraja_evidence.h"
#include "wire/daraja_readers.h"

#include <string.h>

static const json_t *result_items(const json_t *result)
{
	return json_object_get(daraja_json_object(result, "ResultParameters"), "ResultParameter");
}

static void read_stk_push(
	const struct callback *callback, const json_t *json, struct arena *arena, struct evidence *ret)
{
	(void)callback;
	const json_t *stk = daraja_json_object(daraja_json_object(json, "Body"), "stkCallback");

	ret->ids.checkout = daraja_json_id(stk, "CheckoutRequestID", arena);
	ret->ids.merchant = daraja_json_id(stk, "MerchantRequestID", arena);
	if (!daraja_read_code(stk, arena, ret))
		return;
	ret->parsed = true;
	daraja_judge_code(stk, API_STK_PUSH, arena, ret);
	if (ret->says == SAYS_PAID)
		daraja_read_money(json_object_get(daraja_json_object(stk, "CallbackMetadata"), "Item"),
			"Amount", "MpesaReceiptNumber", arena, ret);
}

/* The envelope that most products share: ids, code, and whether it is the last word. */
static const json_t *read_envelope(const json_t *json, struct arena *arena, struct evidence *ret)
{
	const json_t *result = daraja_json_object(json, "Result");

	ret->ids.conversation = daraja_json_id(result, "ConversationID", arena);
	ret->ids.originator = daraja_json_id(result, "OriginatorConversationID", arena);
	if (!daraja_read_code(result, arena, ret))
		return NULL;
	ret->parsed = true;
	return result;
}

static void read_money_moved(const json_t *json, enum api purpose, const char *amount, const char *receipt,
	struct arena *arena, struct evidence *ret)
{
	const json_t *result = read_envelope(json, arena, ret);

	if (result == NULL)
		return;
	daraja_judge_code(result, purpose, arena, ret);
	/* A failure's TransactionID can look like a receipt (fixture b2c_failed_with_receipt.json). */
	if (ret->says != SAYS_PAID)
		return;
	daraja_read_money(result_items(result), amount, receipt, arena, ret);
	if (ret->says == SAYS_PAID && ret->receipt[0] == '\0')
		ret->receipt = daraja_receipt(json_object_get(result, "TransactionID"), arena);
	daraja_read_result_details(purpose, result_items(result), arena, &ret->details);
}

/* B2C v1, v3 and Pochi. */
static void read_payout(
	const struct callback *callback, const json_t *json, struct arena *arena, struct evidence *ret)
{
	read_money_moved(json, callback->ref.purpose, "TransactionAmount", "TransactionReceipt", arena, ret);
}

/* B2B, tax and reversal: the receipt is the envelope's. */
static void read_transfer(
	const struct callback *callback, const json_t *json, struct arena *arena, struct evidence *ret)
{
	read_money_moved(json, callback->ref.purpose, "Amount", "TransactionReceipt", arena, ret);
}

/* It moves no money: that it was answered is all, and the accounts are its details. An answer that cannot be read is none. */
static void read_balance(
	const struct callback *callback, const json_t *json, struct arena *arena, struct evidence *ret)
{
	const json_t *result = read_envelope(json, arena, ret);

	if (result == NULL)
		return;
	daraja_judge_code(result, callback->ref.purpose, arena, ret);
	if (ret->says != SAYS_PAID)
		return;
	ret->details.code = ret->code;
	ret->details.text = ret->text;
	if (!daraja_read_balances(result_items(result), arena, &ret->details)) {
		ret->says = SAYS_UNCLEAR;
		ret->parsed = false;
		ret->row = NULL;
	}
}

/* Its own code says how the question fared; the transaction's state is the word inside. */
static void read_status_word(const json_t *items, struct arena *arena, struct evidence *ret)
{
	bool doubled = false;
	struct text originator = daraja_json_text(
		daraja_item(items, "OriginatorConversationID", &doubled, arena), DARAJA_ID_MOST + 1, arena);
	const json_t *conversation = daraja_item(items, "ConversationID", &doubled, arena);
	const json_t *word = daraja_item(items, "TransactionStatus", &doubled, arena);
	struct text text = daraja_json_text(word, DARAJA_CODE_MOST, arena);

	ret->ids.originator = daraja_id_of(originator, arena);
	ret->ids.conversation =
		daraja_id_of(daraja_json_text(conversation, DARAJA_ID_MOST + 1, arena), arena);
	if (text.len == 0 || doubled) {
		ret->parsed = false;
		return;
	}
	ret->code = arena_string(arena, text);
	ret->row = codes_find(WHERE_STATUS, "any", 0, text, (struct text){0});
	ret->says = daraja_says_of_answer(ret->row->class);
	if (ret->says == SAYS_PAID)
		daraja_read_money(items, "Amount", "ReceiptNo", arena, ret);
	if (!ret->parsed)
		return;
	ret->answers = SAYS_PAID;
	ret->details.code = ret->code;
	ret->details.text = ret->text;
	daraja_read_result_details(API_TRANSACTION_STATUS, items, arena, &ret->details);
}

/* What a refusal or "not found" is to somebody who commanded the question; the family of inquiries knows its codes. */
static enum evidence_says inquiry_says(struct evidence *ret)
{
	const struct code_row *row = codes_find(WHERE_RESULT, daraja_result_family(API_ACCOUNT_BALANCE), 0,
		text_of(ret->code), (struct text){0});

	if (strcmp(ret->code, "2033") == 0) {
		ret->details.code = ret->code;
		ret->details.text = ret->text;
		return SAYS_PAID;
	}
	return row->class == CODE_FINAL ? SAYS_DECLINED : SAYS_UNCLEAR;
}

static void read_status(
	const struct callback *callback, const json_t *json, struct arena *arena, struct evidence *ret)
{
	const json_t *result = daraja_json_object(json, "Result");

	(void)callback;
	if (!daraja_read_code(result, arena, ret))
		return;
	ret->parsed = true;
	if (!daraja_is_last_word(result, arena) || strcmp(ret->code, "0") != 0) {
		ret->row = codes_find(WHERE_RESULT, daraja_result_family(API_TRANSACTION_STATUS), 0,
			text_of(ret->code), (struct text){0});
		if (!daraja_is_last_word(result, arena))
			return;
		ret->answers = inquiry_says(ret);
		if (strcmp(ret->code, "2033") == 0)
			ret->says = SAYS_NOT_FOUND;
		return;
	}
	read_status_word(result_items(result), arena, ret);
	if (!ret->parsed)
		ret->row = NULL;
}

static enum evidence_says says_without_outcome(enum code_class class)
{
	if (class == CODE_PENDING)
		return SAYS_OPEN;
	return class == CODE_FOUND_NOTHING ? SAYS_NOT_FOUND : SAYS_UNCLEAR;
}

/* The synchronous answer of STK query: it tells the outcome, and neither receipt nor amount. */
static void read_stk_answer(
	const struct callback *callback, const json_t *json, struct arena *arena, struct evidence *ret)
{
	const struct api_row *query = api_row(API_STK_QUERY);
	struct answer answer;

	(void)json;
	if (callback->http_status == 0)
		return;
	daraja_answer_parse(API_STK_QUERY, callback->http_status, callback->body, arena, &answer);
	/* A gateway's page instead of JSON is nothing new; a success that cannot be read is. */
	ret->parsed = answer.json || callback->http_status >= 400;
	if (!ret->parsed)
		return;
	ret->ids = answer.ids;
	ret->row = codes_find(WHERE_SYNC, query->sync_family, answer.http, answer.code, answer.message);
	if (!answer.json || ret->row->class != CODE_TAKEN || !answer.has_ids) {
		ret->code = arena_string(arena, answer.code);
		ret->text = arena_string(arena, answer.message);
		ret->says = answer.json ? says_without_outcome(ret->row->class) : SAYS_UNCLEAR;
		return;
	}
	ret->code = arena_string(arena, answer.result_code);
	ret->text = arena_string(arena, answer.result_desc);
	ret->row = codes_find(WHERE_RESULT, query->result_family, 0, answer.result_code, (struct text){0});
	ret->says = daraja_says_of_answer(ret->row->class);
}

/* QueueTimeOutURL: the echo of our request, a Result envelope or a flat one. It says that the request waited too long, and
   not whether it is executed all the same. */
static void read_queue_timeout(
	const struct callback *callback, const json_t *json, struct arena *arena, struct evidence *ret)
{
	const json_t *result = daraja_json_object(json, "Result");
	const json_t *told = result != NULL ? result : json;

	daraja_read_code(told, arena, ret);
	ret->ids.checkout = daraja_json_id(told, "CheckoutRequestID", arena);
	ret->ids.merchant = daraja_json_id(told, "MerchantRequestID", arena);
	ret->ids.conversation = daraja_json_id(told, "ConversationID", arena);
	ret->ids.originator = daraja_json_id(told, "OriginatorConversationID", arena);
	ret->parsed = true;
	ret->row = codes_find(WHERE_RESULT, daraja_result_family(callback->ref.purpose), 0,
		text_of(ret->code), (struct text){0});
}

/* A confirmation of C2B on the guide's plain path: kept for people, since it names no payment of ours and nobody has signed it. */
static void read_strangers_notice(
	const struct callback *callback, const json_t *json, struct arena *arena, struct evidence *ret)
{
	(void)arena;
	ret->parsed = json != NULL;
	if (ret->parsed)
		ret->row = codes_find(WHERE_RESULT, daraja_result_family(callback->ref.purpose), 0,
			(struct text){0}, (struct text){0});
}

/* What a callback of each purpose looks like; an api whose outcome is its answer has none. */
static const struct {
	enum api purpose;
	void (*read)(const struct callback *callback, const json_t *json, struct arena *arena,
		struct evidence *ret);
} readers[] = {
	{API_STK_PUSH, read_stk_push},
	{API_B2C, read_payout},
	{API_B2POCHI, read_payout},
	{API_B2C_V1, read_payout},
	{API_B2B, read_transfer},
	{API_TAX_REMITTANCE, read_transfer},
	{API_REVERSAL, read_transfer},
	{API_ACCOUNT_BALANCE, read_balance},
	{API_TRANSACTION_STATUS, read_status},
	{API_STK_QUERY, read_stk_answer},
	{API_B2B_EXPRESS, daraja_read_express},
	{API_STANDING_ORDER, daraja_read_standing_order},
	{API_C2B_REGISTER, read_strangers_notice},
};

/* json is NULL for what does not parse: then nothing is found in it. */
static void read_body(
	const struct callback *callback, const json_t *json, struct arena *arena, struct evidence *ret)
{
	for (size_t i = 0; i < COUNT_OF(readers); i++)
		if (readers[i].purpose == callback->ref.purpose)
			readers[i].read(callback, json, arena, ret);
}

void daraja_callback_parse(const struct callback *callback, struct arena *arena, struct evidence *ret)
{
	DARAJA_JSON json_t *json = daraja_json_read(callback->body);

	*ret = (struct evidence){
		.says = SAYS_UNCLEAR,
		.strength = callback->strength,
		.purpose = callback->ref.purpose,
		.gen = callback->ref.gen,
		.query_no = callback->ref.query_no,
		.after_fence = (callback->ref.flags & CALLBACK_FLAG_AFTER_FENCE) != 0,
		.receipt = "",
		.code = "",
		.text = "",
		.ids = {"", "", "", ""},
		.answers = SAYS_UNCLEAR,
		.details = details_none(),
	};
	if ((callback->ref.flags & CALLBACK_FLAG_QUEUE_TIMEOUT) != 0)
		read_queue_timeout(callback, json, arena, ret);
	else
		read_body(callback, json, arena, ret);
}
