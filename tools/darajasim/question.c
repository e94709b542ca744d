#include "darajasim/question.h"

#include "darajasim/callbacks.h"
#include "darajasim/draw.h"

#include <stdlib.h>
#include <string.h>

static struct deal *new_question(const struct call *call)
{
	struct deal *question = deal_new();
	char made[ID_TEXT];

	question->product = call->product;
	memcpy(question->result, call->plan->result, sizeof(question->result));
	question->plan = call->plan;
	question->rule = call->rule;
	question->number = call->number;
	question->about = call->subject;
	memcpy(question->payment, call->payment, sizeof(question->payment));
	memcpy(question->phone, call->phone, sizeof(question->phone));
	fields_text(call->body, "PartyA", question->shortcode, sizeof(question->shortcode));
	question->started = question->ended = call->at;
	question->url = fields_copy(call->body, "ResultURL");
	question->timeout_url = fields_copy(call->body, "QueueTimeOutURL");
	ids_conversation(call_luck(call, DRAW_IDS), call->at, question->id);
	question->originator = strdup(ids_request(call_luck(call, DRAW_IDS) + 1, made));
	must(question->originator != NULL);
	if (call->plan->status[0] != '\0')
		question->about_status = call->plan->status;
	else if (call->subject != NULL)
		question->about_status = call->subject->plan->status;
	if (!call_credential_is_right(call)) {
		memcpy(question->trouble, "2001", 5);
		memcpy(question->result, "2001", 5);
	}
	if (call->plan->callback == CALLBACK_QUEUE_TIMEOUT)
		question->echo = json_dumps(call->body, JSON_COMPACT);
	return question;
}

void question_ask(struct call *call)
{
	struct sim *sim = call->sim;
	struct deal *question = new_question(call);

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
