#include "wire/daraja_answer.h"

#include "wire/daraja_json.h"

#include <string.h>

/*
 * What may be read in a log: values by an allow-list of their names, since a field that nobody thought of may hold anything. Of what
 * is shown, any run of digits that is as long as a phone number is masked, ids too: M-PESA makes some of them with the phone in it.
 */
enum { RUN_LEAST = 9, RUN_FIRST = 4, RUN_LAST = 3 };

static const char *const shown[] = {
	/* ids */
	"MerchantRequestID",
	"CheckoutRequestID",
	"ConversationID",
	"OriginatorConversationID",
	"OriginatorCoversationID",
	"OriginalConversationID",
	"TransactionID",
	"TransID",
	"ReceiptNo",
	"TransactionReceipt",
	"MpesaReceiptNumber",
	"requestId",
	"RequestRefID",
	"ResponseRefID",
	/* codes and what they mean */
	"ResponseCode",
	"ResponseDescription",
	"ResponseMessage",
	"ResponseStatus",
	"CustomerMessage",
	"ResultType",
	"ResultCode",
	"ResultDesc",
	"errorCode",
	"errorMessage",
	"rescode",
	"resmsg",
	"resultCode",
	"resultDesc",
	"status",
	"statusCode",
	"TransactionStatus",
	"ReasonType",
	/* what was asked for */
	"Amount",
	"TransactionAmount",
	"TransAmount",
	"paidAmount",
	"CommandID",
	"Command ID",
	"TransactionType",
	"TransTypeReason",
	"IdentifierType",
	"RecieverIdentifierType",
	"SenderIdentifierType",
	"ReceiverPartyIdentifierType",
	"BusinessShortCode",
	"ShortCode",
	"PartyA",
	"PartyB",
	"ReceiverParty",
	"ResponseType",
	"RequestType",
	"Timestamp",
	"StartDate",
	"EndDate",
	"Frequency",
	"OffSetValue",
	"TransactionDate",
	"TransactionCompletedDateTime",
	"TransTime",
	"InitiatedTime",
	"FinalisedTime",
	"BOCompletedTime",
	"Balance",
	"Currency",
};

static bool may_be_shown(const char *name)
{
	for (size_t i = 0; i < COUNT_OF(shown); i++)
		if (text_same_nocase(text_of(name), text_of(shown[i])))
			return true;
	return false;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* "254700000001" -> "2547•••••001". */
static struct text masked(struct text text, struct arena *arena)
{
	struct buf out = {.at = arena_alloc(arena, text.len * 3 + 1), .cap = text.len * 3 + 1};

	for (size_t at = 0, run; at < text.len; at += run) {
		for (run = 0; at + run < text.len && is_digit(text.at[at + run]); run++)
			continue;
		if (run >= RUN_LEAST) {
			buf_add(&out, text.at + at, RUN_FIRST);
			for (size_t i = RUN_FIRST + RUN_LAST; i < run; i++)
				buf_str(&out, "\xe2\x80\xa2");
			buf_add(&out, text.at + at + run - RUN_LAST, RUN_LAST);
		} else {
			run += run == 0;
			buf_add(&out, text.at + at, run);
		}
	}
	return buf_as_text(&out);
}

static json_t *text_shown(const char *name, const json_t *value, struct arena *arena)
{
	struct text text = {json_string_value(value), json_string_length(value)};

	if (!may_be_shown(name))
		return json_sprintf("<%zu bytes>", text.len);
	text = daraja_redacted(masked(text, arena), arena);
	return json_stringn_nocheck(text.at, text.len);
}

static json_t *number_shown(const char *name, const json_t *value, struct arena *arena)
{
	struct text text = daraja_json_text(value, DARAJA_CODE_MOST, arena);
	struct text hidden = masked(text, arena);

	if (!may_be_shown(name))
		return json_string("<number>");
	return hidden.len == text.len ? json_incref((json_t *)value)
				      : json_stringn_nocheck(hidden.at, hidden.len);
}

static json_t *name_shown(const char *name, struct arena *arena)
{
	struct text text = masked(text_of(name), arena);

	return json_stringn_nocheck(text.at, text.len);
}

static json_t *value_shown(const char *name, const json_t *value, struct arena *arena);

/* {"Key": "Amount", "Value": 10}: the value goes by the name that is told, which is Daraja's. */
static json_t *object_shown(const json_t *value, struct arena *arena)
{
	const json_t *key = json_object_get(value, "Key"),
		     *item = key != NULL ? key : json_object_get(value, "Name");
	const bool named = json_is_string(item) && json_object_get(value, "Value") != NULL;
	json_t *out = json_object(), *member;
	const char *name;

	json_object_foreach((json_t *)value, name, member)
	{
		json_t *now;

		if (named && member == item)
			now = name_shown(json_string_value(item), arena);
		else
			now = value_shown(
				named && strcmp(name, "Value") == 0 ? json_string_value(item) : name, member,
				arena);
		json_object_set_new_nocheck(out, arena_string(arena, masked(text_of(name), arena)), now);
	}
	return out;
}

static json_t *value_shown(const char *name, const json_t *value, struct arena *arena)
{
	json_t *out, *member;
	size_t i;

	switch (json_typeof(value)) {
	case JSON_OBJECT:
		return object_shown(value, arena);
	case JSON_ARRAY:
		out = json_array();
		json_array_foreach((json_t *)value, i, member)
			json_array_append_new(out, value_shown(name, member, arena));
		return out;
	case JSON_STRING:
		return text_shown(name, value, arena);
	case JSON_INTEGER:
	case JSON_REAL:
		return number_shown(name, value, arena);
	case JSON_TRUE:
	case JSON_FALSE:
	case JSON_NULL:
		break;
	}
	return json_incref((json_t *)value);
}

struct text daraja_logged(struct text body, struct arena *arena)
{
	DARAJA_JSON json_t *json = daraja_json_read(body);
	struct text out;

	if (body.len == 0)
		return TEXT("");
	if (json == NULL || !daraja_json_write(value_shown("", json, arena), arena, &out))
		return text_of(arena_print(arena, "<%zu bytes that are no JSON object>", body.len));
	return out;
}
