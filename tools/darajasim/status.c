#include "darajasim/call.h"

#include "darajasim/callbacks.h"
#include "darajasim/draw.h"

#include <stdlib.h>
#include <string.h>

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

static char *text_of_field(const struct call *call, const char *name)
{
	char text[1024], *copy = strdup(fields_text(call->body, name, text, sizeof(text)));

	must(copy != NULL);
	return copy;
}

static struct deal *new_question(const struct call *call)
{
	struct deal *question = deal_new();
	char made[ID_TEXT];

	question->product = PRODUCT_STATUS;
	question->plan = call->plan;
	question->rule = call->rule;
	question->number = call->number;
	question->about = call->subject;
	memcpy(question->payment, call->payment, sizeof(question->payment));
	memcpy(question->phone, call->phone, sizeof(question->phone));
	fields_text(call->body, "PartyA", question->shortcode, sizeof(question->shortcode));
	question->started = question->ended = call->at;
	question->url = text_of_field(call, "ResultURL");
	question->timeout_url = text_of_field(call, "QueueTimeOutURL");
	ids_conversation(call_luck(call, DRAW_IDS), call->at, question->id);
	question->originator = strdup(ids_request(call_luck(call, DRAW_IDS) + 1, made));
	must(question->originator != NULL);
	if (call->plan->status[0] != '\0')
		question->about_status = call->plan->status;
	else if (call->subject != NULL)
		question->about_status = call->subject->plan->status;
	if (!call_credential_is_right(call))
		memcpy(question->trouble, "2001", 5);
	if (call->plan->callback == CALLBACK_QUEUE_TIMEOUT)
		question->echo = json_dumps(call->body, JSON_COMPACT);
	return question;
}

/* Seen live: an empty TransactionID beside the other id gets a 200 in which all is empty, and no callback. */
static bool has_empty_id(const struct call *call)
{
	const json_t *id = json_object_get(call->body, "TransactionID");

	return json_is_string(id) && json_string_length(id) == 0;
}

void status_serve(struct call *call)
{
	struct sim *sim = call->sim;
	struct deal *question;

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
	question = new_question(call);
	buf_print(&call->said,
		"{\"OriginatorConversationID\":\"%s\",\"ConversationID\":\"%s\",\"ResponseCode\":\"0\","
		"\"ResponseDescription\":\"Accept the service request successfully.\"}",
		question->originator, question->id);
	memcpy(call->id, question->id, sizeof(call->id));
	if (call->plan->callback == CALLBACK_BEFORE_ANSWER)
		question->waiting = call;
	else
		call_accepted(call);
	callbacks_plan_answer(sim, question);
}
