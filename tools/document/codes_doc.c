/*
 * codes_doc: prints docs/codes.md from the tables that the services run on. What a synchronous answer's class leads to is
 * asked of core/answer.
 */
#include "core/answer.h"
#include "core/codes.h"
#include "core/lifecycle.h"

#include <stdio.h>
#include <string.h>

static const struct {
	enum code_where where;
	const char *title, *about;
} parts[] = {
	{WHERE_SYNC, "Synchronous answers",
		"What comes back on the call itself. *code*: `errorCode`, else the fault's `errorcode`, else "
		"`ResponseCode` and\nits kin; *message*: a part of the text beside it; *HTTP* 0: what the "
		"transport knows, without an answer.\nBefore the table: without a complete JSON body an "
		"answer "
		"is NO_WORD whatever the table says, but for 401 and\n429; TAKEN without the ids of its api "
		"is "
		"NO_WORD, too."},
	{WHERE_RESULT, "Results",
		"`ResultCode` of callbacks, and of the answer to a question about an STK push. Nobody reads "
		"their text. In\n`status` they are about the question; what became of the payment is the "
		"word "
		"below."},
	{WHERE_STATUS, "Status words",
		"The word for the payment that was asked about, in the answer to a status question."},
	{WHERE_REPLY, "Our replies", "What Daraja is told when it asks whether a C2B payment may come in."},
};

static const struct {
	enum code_class class;
	const char *about;
} classes[] = {
	{CODE_TAKEN, "Daraja has taken the request; the outcome comes later"},
	{CODE_PUT_OFF, "this attempt was not executed; another may follow, not beyond `valid_until`"},
	{CODE_TURNED_DOWN, "this attempt was not executed, and the same request never will be"},
	{CODE_TOKEN, "the access token was refused, before anything was passed on; with a fresh token it is "
		     "tried again"},
	{CODE_CONFIG, "not executed: key, product or permission is wrong; the lane's breaker opens"},
	{CODE_NO_WORD,
		"it may have been executed: nothing is sent again, M-PESA is asked. An inquiry, which moves "
		"nothing, is put off"},
	{CODE_DUPLICATE, "M-PESA may hold such a request already; in doubt, and asked about at once"},
	{CODE_PENDING, "to a question: not over yet"},
	{CODE_FOUND_NOTHING, "to a question: no such transaction; never proof"},
	{CODE_PAID, "it was executed"},
	{CODE_FINAL, "it was not executed and will not be"},
	{CODE_OPEN, "it is not over yet"},
	{CODE_DOUBT, "the code decides nothing: in doubt, and asked about"},
	{CODE_ACCEPT, "let the payment in"},
	{CODE_REJECT, "do not let the payment in"},
};

/* What the dispatcher does with an answer of this class to a payment that is being sent. */
static enum event event_of(const struct code_row *row)
{
	const struct payment payment = {.api = API_STK_PUSH};
	const struct payment_state state = {.state = STATE_SENDING, .attempt = 1, .gen = 1};
	const struct answer answer = {.transport = TRANSPORT_ANSWERED, .http = row->http_least, .json = true};
	const struct answer_verdict verdict = {.class = row->class, .row = row, .code = ""};
	struct step_facts facts = {0};
	enum answer_note note;

	must(answer_judge(&payment, &state, 1, &answer, &verdict, &facts, &note));
	return facts.event;
}

static bool is_proof(const struct code_row *row)
{
	if (row->where != WHERE_SYNC)
		return row->class == CODE_FINAL;
	return event_of(row) == EVENT_PUT_OFF || event_of(row) == EVENT_TURNED_DOWN;
}

/* A cell: what would end it is escaped. */
static void print_text(const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text == '|' || *text == '<' || *text == '*' || *text == '_' || *text == '[')
			putchar('\\');
		putchar(*text);
	}
}

static void print_pattern(const char *pattern)
{
	if (strcmp(pattern, "*") == 0)
		printf("any");
	else
		printf("`%s`", pattern);
}

static void print_http(const struct code_row *row)
{
	if (row->http_least == 0 && row->http_most == 999)
		printf("any");
	else if (row->http_least == row->http_most)
		printf("%d", row->http_least);
	else
		printf("%d-%d", row->http_least, row->http_most);
}

static const char *again(const struct code_row *row)
{
	if (row->class == CODE_PUT_OFF)
		return row->counted ? "by us, five times at most" : "by us";
	if (row->class == CODE_TOKEN)
		return "by us";
	return row->retryable ? "by the sender" : "";
}

static void print_row(const struct code_row *row)
{
	printf("| ");
	if (code_row_is_default(row))
		printf("anything else");
	else
		print_pattern(row->code);
	if (row->where == WHERE_SYNC) {
		printf(" | ");
		print_pattern(row->message);
		printf(" | ");
		print_http(row);
	} else if (row->where == WHERE_REPLY) {
		printf(" | ");
		print_text(row->message);
	}
	printf(" | %s | ", code_class_name(row->class));
	if (row->where != WHERE_REPLY)
		printf("%s | %s | %s | ", is_proof(row) ? "yes" : "", again(row), row->who);
	print_text(row->meaning);
	printf(" | ");
	print_text(row->advice);
	printf(" | ");
	print_text(row->source);
	printf(" |\n");
}

static const char *columns(enum code_where where)
{
	switch (where) {
	case WHERE_SYNC:
		return "| code | message | HTTP | class | proof | again | who | meaning | advice | source |\n"
		       "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n";
	case WHERE_RESULT:
	case WHERE_STATUS:
		return "| code | class | proof | again | who | meaning | advice | source |\n"
		       "| --- | --- | --- | --- | --- | --- | --- | --- |\n";
	case WHERE_REPLY:
		return "| code | text | class | meaning | advice | source |\n"
		       "| --- | --- | --- | --- | --- | --- |\n";
	}
	return "";
}

/* The apis whose answers are looked up here before "any". */
static void print_apis(enum code_where where, const char *family)
{
	const char *before = " (";

	for (const struct api_row *api = api_each(NULL); api != NULL; api = api_each(api)) {
		if (where == WHERE_REPLY ||
			strcmp(where == WHERE_SYNC ? api->sync_family : api->result_family, family) != 0)
			continue;
		printf("%s%s", before, api->name);
		before = ", ";
	}
	printf("%s\n\n", before[0] == ',' ? ")" : "");
}

static void print_part(enum code_where where)
{
	const char *family = "";
	const struct code_row *rows;
	size_t count;

	rows = codes_all(&count);
	for (const struct code_row *row = rows; row < rows + count; row++) {
		if (row->where != where)
			continue;
		if (strcmp(row->family, family) != 0) {
			printf("\n### %s", row->family);
			print_apis(where, row->family);
			printf("%s", columns(where));
		}
		family = row->family;
		print_row(row);
	}
}

static void print_class(enum code_class class, const char *about)
{
	const struct code_row *rows, *row;
	size_t count;

	rows = codes_all(&count);
	for (row = rows; row < rows + count && row->class != class; row++)
		continue;
	must(row < rows + count);
	printf("| %s | %s | %s | %s |\n", code_class_name(class),
		row->where == WHERE_SYNC ? event_name(event_of(row)) : "", is_proof(row) ? "yes" : "", about);
}

static void print_head(void)
{
	printf("# What Daraja's codes mean\n\n"
	       "Printed by `codes_doc` from the table that the services run on; do not edit. The table's "
	       "source is\n"
	       "`common/core/codes.csv`. The sources' keys are those of [daraja.md](daraja.md#sources).\n\n"
	       "An answer is looked up by the api's family, HTTP status, code and message. The first row "
	       "that fits "
	       "counts: a family's own\nrows come before those of `any`. Case does not matter; a message "
	       "fits when "
	       "it is part of the text.\n\n"
	       "**What nobody has listed is in doubt.** The last row of each part says so, and an alarm "
	       "(`answer.unlisted`) asks for the\nmissing row. In doubt means: nothing is sent again, and "
	       "M-PESA is "
	       "asked until it tells what happened.\n\n"
	       "## Classes\n\n"
	       "*raises*: the event of [lifecycle.md](lifecycle.md) while the payment is being sent. "
	       "*proof*: it is "
	       "certain that this attempt was\nnot executed; only such an answer lets another attempt "
	       "follow.\n\n"
	       "| class | raises | proof | meaning |\n| --- | --- | --- | --- |\n");
	for (size_t i = 0; i < COUNT_OF(classes); i++)
		print_class(classes[i].class, classes[i].about);
	printf("\n*again* in the tables below: whether the same request may work later, and who sends it: "
	       "mkondo itself, "
	       "as another attempt, or the\nsender, as a new payment. *who*: whose matter it is; results "
	       "carry it as "
	       "their cause's class.\n");
}

int main(void)
{
	print_head();
	for (size_t i = 0; i < COUNT_OF(parts); i++) {
		printf("\n## %s\n\n%s\n", parts[i].title, parts[i].about);
		print_part(parts[i].where);
	}
	return fflush(stdout) == 0 && !ferror(stdout) ? 0 : 1;
}
