#include "darajasim/question.h"

/*
 * TransactionStatus: a question whose answer comes as a callback. The ids around that answer are the
 * question's own; what became of the transaction stands inside.
 */

static const struct field_row rows[] = {
	{"Initiator", FIELD_TEXT, false, 1, 64},
	{"SecurityCredential", FIELD_TEXT, false, 1, 1024},
	{"CommandID", FIELD_WORD, .words = "TransactionStatusQuery"},
	{"PartyA", FIELD_PARTY},
	{"IdentifierType", FIELD_WORD, .words = "1 2 4"},
	{"ResultURL", FIELD_URL, false, 0, 1000},
	{"QueueTimeOutURL", FIELD_URL, false, 0, 1000},
	{"Remarks", FIELD_TEXT, false, 1, 100},
	{"Occasion", FIELD_TEXT, true, 0, 100},
	{NULL},
};

const struct field_row *status_rows(void)
{
	return rows;
}

/* Seen live: an empty TransactionID beside the other id gets a 200 in which all is empty, and no callback. */
static bool has_empty_id(const struct call *call)
{
	const json_t *id = json_object_get(call->body, "TransactionID");

	return json_is_string(id) && json_string_length(id) == 0;
}

void status_serve(struct call *call)
{
	if (has_empty_id(call)) {
		buf_str(&call->said,
			"{\"OriginatorConversationID\":\"\",\"ConversationID\":\"\",\"ResponseCode\":\"\","
			"\"ResponseDescription\":\"\"}");
		call_accepted(call);
		return;
	}
	if (call->key[0] == '\0') {
		call_refused_field(call, "TransactionID");
		return;
	}
	question_ask(call);
}
