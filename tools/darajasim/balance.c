#include "darajasim/question.h"

/* What a shortcode's accounts hold: a question whose answer comes as a callback. */

static const struct field_row rows[] = {
	{"Initiator", FIELD_TEXT, false, 1, 64},
	{"SecurityCredential", FIELD_TEXT, false, 1, 1024},
	{"CommandID", FIELD_WORD, .words = "AccountBalance"},
	{"PartyA", FIELD_SHORTCODE},
	{"IdentifierType", FIELD_WORD, .words = "1 2 4"},
	{"Remarks", FIELD_TEXT, false, 1, 100},
	{"QueueTimeOutURL", FIELD_URL, false, 0, 1000},
	{"ResultURL", FIELD_URL, false, 0, 1000},
	{NULL},
};

const struct field_row *balance_rows(void)
{
	return rows;
}

void balance_serve(struct call *call)
{
	question_ask(call);
}
