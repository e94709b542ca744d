#include "darajasim/c2b.h"

#include "darajasim/call.h"
#include "darajasim/draw.h"

#include <stdlib.h>
#include <string.h>
#include <utlist.h>

/* Registration of addresses. */

enum { URL_MOST = C2B_URL_MOST };

static const char out_of_reach[] = "174379"; /* the sandbox's till for prompts cannot register */

static const struct field_row register_rows[] = {
	{"ShortCode", FIELD_SHORTCODE},
	{"ResponseType", FIELD_WORD, .words = "Completed Cancelled"},
	{"ConfirmationURL", FIELD_TEXT, false, 1, URL_MOST},
	{"ValidationURL", FIELD_TEXT, false, 1, URL_MOST},
	{NULL},
};

const struct field_row *c2b_register_rows(void)
{
	return register_rows;
}

struct c2b_address *c2b_find(struct c2b *c2b, const char *shortcode)
{
	struct c2b_address *address;

	LL_FOREACH(c2b->addresses, address)
	if (strcmp(address->shortcode, shortcode) == 0)
		return address;
	return NULL;
}

static struct c2b_address *find_or_make(struct c2b *c2b, const char *shortcode)
{
	struct c2b_address *address = c2b_find(c2b, shortcode);
	struct buf buf;

	if (address != NULL)
		return address;
	address = calloc(1, sizeof(*address));
	must(address != NULL);
	buf = BUF(address->shortcode);
	buf_str(&buf, shortcode);
	buf_end(&buf);
	LL_PREPEND(c2b->addresses, address);
	return address;
}

/* Refused by a code of C2B's own, which names the word. */
static bool url_is_good(struct call *call, const char *name)
{
	struct plan_error error = {400, "400.003.02", ""};
	struct buf message = BUF(error.message);
	char url[URL_MOST + 1];
	const char *word;

	fields_text(call->body, name, url, sizeof(url));
	word = fields_forbidden(url);
	if (word == NULL && fields_is_url(url, URL_MOST))
		return true;
	buf_print(&message, "Invalid %s", name);
	if (word != NULL)
		buf_print(&message, " - URL has the word %s", word);
	buf_end(&message);
	call_refused(call, &error);
	return false;
}

static void write_registered(struct call *call, const struct c2b_address *address)
{
	struct ledger *ledger = call->sim->ledger;

	ledger_begin(ledger, call->at, "registered");
	ledger_number(ledger, "request", (int64_t)call->number);
	ledger_text(ledger, "shortcode", address->shortcode);
	ledger_text(ledger, "confirmation", address->confirmation);
	ledger_text(ledger, "validation", address->validation);
	ledger_flag(ledger, "cancels", address->cancels);
	ledger_flag(ledger, "old_version", address->old_version);
	ledger_end(ledger);
}

void c2b_say_good(struct call *call, const char *text)
{
	char id[ID_TEXT];

	buf_print(&call->said,
		"{\"OriginatorCoversationID\":\"%s\",\"ResponseCode\":\"0\",\"ResponseDescription\":\"%s\"}",
		ids_request(call_luck(call, DRAW_IDS) + 1, id), text);
	call_accepted(call);
}

void c2b_register_serve(struct call *call)
{
	static const struct plan_error vault = {500, "steps.servicecallout.ExecutionFailed",
		"Execution of ServiceCallout SCO-AddURLVault failed. Reason: ResponseCode 409 is treated as "
		"error"};
	struct c2b *c2b = &call->sim->c2b;
	struct c2b_address *address;
	char type[16];

	if (!url_is_good(call, "ConfirmationURL") || !url_is_good(call, "ValidationURL"))
		return;
	if (strcmp(call->key, out_of_reach) == 0) {
		call_refused(call, &vault);
		return;
	}
	if (c2b->once && c2b_find(c2b, call->key) != NULL) {
		call_refused_named(call, "urls_registered");
		return;
	}
	address = find_or_make(c2b, call->key);
	fields_text(call->body, "ConfirmationURL", address->confirmation, sizeof(address->confirmation));
	fields_text(call->body, "ValidationURL", address->validation, sizeof(address->validation));
	address->cancels =
		strcmp(fields_text(call->body, "ResponseType", type, sizeof(type)), "Cancelled") == 0;
	address->old_version = call->old_version;
	write_registered(call, address);
	c2b_say_good(call, call->old_version ? "success" : "Success");
}

void c2b_replay(struct c2b *c2b, const json_t *line)
{
	char shortcode[16];
	struct c2b_address *address;

	if (strlen(fields_text(line, "shortcode", shortcode, sizeof(shortcode))) >=
		sizeof(address->shortcode))
		return;
	address = find_or_make(c2b, shortcode);
	fields_text(line, "confirmation", address->confirmation, sizeof(address->confirmation));
	fields_text(line, "validation", address->validation, sizeof(address->validation));
	address->cancels = json_is_true(json_object_get(line, "cancels"));
	address->old_version = json_is_true(json_object_get(line, "old_version"));
}

void c2b_done(struct c2b *c2b)
{
	struct c2b_address *address, *next;

	LL_FOREACH_SAFE(c2b->addresses, address, next)
	free(address);
	c2b->addresses = NULL;
}
