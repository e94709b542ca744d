#include "wire/daraja_answer.h"

#include "core/api.h"
#include "wire/daraja_details.h"
#include "wire/daraja_json.h"

/* The products do not agree on how to call a code and its text; pairs, most telling first. */
static const char *const error_names[] = {"errorCode", NULL};
static const char *const code_names[] = {
	"ResponseCode", "responseCode", "code", "rescode", "ResponseStatus", "Response Status", NULL};
static const char *const error_text_names[] = {"errorMessage", NULL};
static const char *const text_names[] = {"ResponseDescription", "ResponseMessage", "responseDesc",
	"responseMessage", "Response Description", "status", "resmsg", NULL};
static const char *const head_text_names[] = {"responseDescription", "ResultDesc", NULL};
static const char *const result_code_names[] = {"ResultCode", NULL};
static const char *const result_desc_names[] = {"ResultDesc", NULL};
static const char *const fault_code_names[] = {"errorcode", NULL};
static const char *const fault_text_names[] = {"faultstring", NULL};

enum { HEAD_MOST = 1024, TOKEN_MOST = 4096, LIFE_MOST_S = 24 * 3600 };

/* The beginning of a body that has no text of its own, for the dictionary's look at HTML and SOAP and for people:
   printable ASCII, white space squeezed. */
static struct text body_head(struct text body, struct arena *arena)
{
	struct buf head = {.at = arena_alloc(arena, HEAD_MOST), .cap = HEAD_MOST};
	bool space = false;

	for (size_t i = 0; i < body.len && !head.full; i++) {
		unsigned char c = (unsigned char)body.at[i];

		if (c <= ' ') {
			space = head.len > 0;
			continue;
		}
		if (space)
			buf_char(&head, ' ');
		space = false;
		buf_char(&head, c <= '~' ? (char)c : '?');
	}
	return buf_as_text(&head);
}

static bool read_pair(const json_t *code_at, const char *const *codes, const json_t *text_at,
	const char *const *texts, struct arena *arena, struct answer *ret)
{
	ret->code = daraja_json_member(code_at, codes, DARAJA_CODE_MOST, arena);
	ret->message = daraja_json_member(text_at, texts, DARAJA_TEXT_MOST, arena);
	return ret->code.len > 0 || ret->message.len > 0;
}

/* An error says more than a fault, and a fault more than a ResponseCode that stands beside it. */
static void read_code(const json_t *json, struct text body, struct arena *arena, struct answer *ret)
{
	const json_t *fault = daraja_json_object(json, "fault");

	if (read_pair(json, error_names, json, error_text_names, arena, ret))
		return;
	if (read_pair(daraja_json_object(fault, "detail"), fault_code_names, fault, fault_text_names, arena,
		    ret))
		return;
	if (read_pair(json, code_names, json, text_names, arena, ret))
		return;
	/* Ratiba has its code in a head. */
	if (read_pair(daraja_json_object(json, "ResponseHeader"), code_names,
		    daraja_json_object(json, "ResponseHeader"), head_text_names, arena, ret))
		return;
	/* SOAP turned into JSON has no text of its own. Other bodies lend none: what they echo must not be taken for
	   the gateway's words. */
	if (json_object_get(json, "Envelope") != NULL)
		ret->message = body_head(body, arena);
}

static void read_ids(const json_t *json, struct arena *arena, struct provider_ids *ret)
{
	ret->checkout = daraja_json_id(json, "CheckoutRequestID", arena);
	ret->merchant = daraja_json_id(json, "MerchantRequestID", arena);
	ret->conversation = daraja_json_id(json, "ConversationID", arena);
	ret->originator = daraja_json_id(json, "OriginatorConversationID", arena);
	if (ret->originator[0] == '\0') /* as C2B spells it */
		ret->originator = daraja_json_id(json, "OriginatorCoversationID", arena);
}

/* Without these a "0" is no acceptance: nobody could ask about the payment, or tell whose callback it is. And a question whose answer is
   all that there is has none without its content. */
static bool has_ids(enum api api, const struct answer *answer)
{
	const struct provider_ids *ids = &answer->ids;

	if (api == API_STK_QUERY)
		return answer->result_code.len > 0;
	if (api == API_QR_CODE)
		return answer->details.png.len > 0;
	if (api == API_ORG_INFO || api == API_SIM_SWAP || api == API_IMSI)
		return answer->details.item_count > 0;
	switch (api_row(api)->taken_with) {
	case IDS_CHECKOUT:
		return ids->checkout[0] != '\0' && ids->merchant[0] != '\0';
	case IDS_CONVERSATION:
		return ids->conversation[0] != '\0' && ids->originator[0] != '\0';
	case IDS_NONE:
		break;
	}
	return true;
}

void daraja_answer_parse(enum api api, int http, struct text body, struct arena *arena, struct answer *ret)
{
	struct answer answer = {
		.transport = TRANSPORT_ANSWERED, .http = http, .trouble = "", .details = details_none()};
	DARAJA_JSON json_t *json = daraja_json_read(body);

	answer.code = answer.message = answer.result_code = answer.result_desc = TEXT("");
	answer.ids = (struct provider_ids){"", "", "", ""};
	if (json == NULL) {
		answer.message = daraja_redacted(body_head(body, arena), arena);
		*ret = answer;
		return;
	}
	answer.json = true;
	read_code(json, body, arena, &answer);
	answer.message = daraja_redacted(answer.message, arena);
	read_ids(json, arena, &answer.ids);
	if (api == API_STK_QUERY) {
		answer.result_code = daraja_json_member(json, result_code_names, DARAJA_CODE_MOST, arena);
		answer.result_desc = daraja_json_member(json, result_desc_names, DARAJA_TEXT_MOST, arena);
	}
	daraja_read_answer_details(api, json, arena, &answer.details);
	answer.has_ids = has_ids(api, &answer);
	*ret = answer;
}

bool daraja_token_parse(struct text body, struct arena *arena, const char **ret_token, int64_t *ret_life_ms)
{
	static const char *const token_names[] = {"access_token", NULL};
	static const char *const life_names[] = {"expires_in", NULL};
	DARAJA_JSON json_t *json = daraja_json_read(body);
	struct text token, life;
	int64_t seconds;

	token = daraja_json_member(json, token_names, TOKEN_MOST + 1, arena);
	life = daraja_json_member(json, life_names, DARAJA_CODE_MOST, arena);
	if (token.len == 0 || token.len > TOKEN_MOST || !text_to_int64(life, &seconds))
		return false;
	/* It goes into a header: nothing that could end the line. */
	for (size_t i = 0; i < token.len; i++)
		if (token.at[i] <= ' ' || token.at[i] > '~')
			return false;
	if (seconds < 1 || seconds > LIFE_MOST_S)
		return false;
	*ret_token = token.at;
	*ret_life_ms = seconds * 1000;
	return true;
}
