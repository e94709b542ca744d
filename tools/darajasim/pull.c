#include "darajasim/call.h"

#include <string.h>

/* Pull's registration: once per shortcode. The code's name is ResponseStatus, and in older documents has a space in it. */

static const struct field_row rows[] = {
	{"ShortCode", FIELD_SHORTCODE},
	{"RequestType", FIELD_WORD, .words = "Pull"},
	{"NominatedNumber", FIELD_TEXT, false, 10, 12},
	{"CallBackURL", FIELD_URL, false, 0, 1000},
	{NULL},
};

const struct field_row *pull_rows(void)
{
	return rows;
}

void pull_facts(struct call *call)
{
	char url[1024];

	(void)fields_text(call->body, "CallBackURL", url, sizeof(url));
	fields_payment_hint(url, call->payment);
	(void)fields_text(call->body, "NominatedNumber", call->phone, sizeof(call->phone));
	(void)fields_text(call->body, "ShortCode", call->key, sizeof(call->key));
}

void pull_serve(struct call *call)
{
	char *known = call->sim->pull_shortcode;
	const bool again = strcmp(known, call->key) == 0;
	const char *gap = call->number % 2 == 0 ? " " : "";

	buf_print(&call->said,
		"{\"ResponseRefID\":\"%s\",\"Response%sStatus\":\"%s\",\"ShortCode\":\"%s\","
		"\"Response%sDescription\":\"%s\"}",
		call->request_id, gap, again ? "1001" : "1000", call->key, gap,
		again ? "ShortCode already registered" : "ShortCode registered successfully");
	memcpy(known, call->key, sizeof(call->sim->pull_shortcode));
	known[sizeof(call->sim->pull_shortcode) - 1] = '\0';
	call_accepted(call);
}
