#include "io/http_head.h"

#include <llhttp.h>
#include <string.h>

enum http_head_found http_head_find(struct text bytes, size_t *seen, size_t *ret_len)
{
	size_t at = *seen;

	while (at < bytes.len) {
		const char *lf = memchr(bytes.at + at, '\n', bytes.len - at);

		if (lf == NULL)
			break;
		size_t line = (size_t)(lf - bytes.at);
		if (line == 0 || lf[-1] != '\r')
			return HTTP_HEAD_BAD;
		if (line >= 3 && bytes.at[line - 2] == '\n') {
			*ret_len = line + 1;
			return HTTP_HEAD_WHOLE;
		}
		if (line + 1 < bytes.len && (lf[1] == ' ' || lf[1] == '\t'))
			return HTTP_HEAD_BAD;
		/* The byte after this line end is judged when it is there. */
		if (line + 1 == bytes.len) {
			*seen = line;
			return HTTP_HEAD_MORE;
		}
		at = line + 1;
	}
	*seen = at;
	return HTTP_HEAD_MORE;
}

int http_head_too_long(struct text bytes)
{
	return memchr(bytes.at, '\n', bytes.len) == NULL ? 414 : 431;
}

struct text http_head_field(const struct http_head *head, const char *name)
{
	for (size_t i = 0; i < head->field_count; i++)
		if (text_same_nocase(head->fields[i].name, text_of(name)))
			return head->fields[i].value;
	return (struct text){NULL, 0};
}

/* What llhttp's callbacks fill. It splits a text only at the end of its input, and all of the head is given at once;
   pieces are joined all the same, since nothing promises that. */
struct reading {
	struct http_head *head;
	bool in_value, whole, too_many;
};

static void join(struct text *text, const char *at, size_t len)
{
	if (text->at == NULL)
		text->at = at;
	text->len = (size_t)(at + len - text->at);
}

static int on_url(llhttp_t *parser, const char *at, size_t len)
{
	struct reading *reading = parser->data;

	join(&reading->head->target, at, len);
	return 0;
}

static int on_name(llhttp_t *parser, const char *at, size_t len)
{
	struct reading *reading = parser->data;
	struct http_head *head = reading->head;

	if (head->field_count == 0 || reading->in_value) {
		if (head->field_count == HTTP_FIELDS_MOST) {
			reading->too_many = true;
			return -1;
		}
		head->fields[head->field_count++] = (struct http_field){0};
		reading->in_value = false;
	}
	join(&head->fields[head->field_count - 1].name, at, len);
	return 0;
}

static int on_value(llhttp_t *parser, const char *at, size_t len)
{
	struct reading *reading = parser->data;

	join(&reading->head->fields[reading->head->field_count - 1].value, at, len);
	reading->in_value = true;
	return 0;
}

static int on_value_complete(llhttp_t *parser)
{
	((struct reading *)parser->data)->in_value = true;
	return 0;
}

static int on_headers_complete(llhttp_t *parser)
{
	struct reading *reading = parser->data;

	reading->whole = true;
	/* The flags are gone once the message is complete. */
	reading->head->keep_alive = parser->http_minor == 1 && (parser->flags & F_CONNECTION_CLOSE) == 0;
	return 1; /* the body is not llhttp's: io/http_body frames it */
}

static bool is_plain(struct text text)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.at[i] <= 0x20 || text.at[i] >= 0x7f)
			return false;
	return text.len > 0;
}

static bool has_controls(struct text text)
{
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.at[i] < 0x20 && text.at[i] != '\t')
			return true;
	return false;
}

/* Digits only, as many as a real length can have. */
static bool read_length(struct text value, uint64_t *ret)
{
	uint64_t length = 0;

	if (value.len == 0 || value.len > 15)
		return false;
	for (size_t i = 0; i < value.len; i++) {
		if (value.at[i] < '0' || value.at[i] > '9')
			return false;
		length = length * 10 + (uint64_t)(value.at[i] - '0');
	}
	*ret = length;
	return true;
}

/* The rules over all fields: who is addressed, how long the body is, what is expected. */
static int judge(struct http_head *head, unsigned minor)
{
	unsigned hosts = 0, lengths = 0, codings = 0;

	for (size_t i = 0; i < head->field_count; i++) {
		struct text name = head->fields[i].name;
		struct text value = head->fields[i].value = text_trim(head->fields[i].value);

		if (name.len == 0 || has_controls(value))
			return 400;
		if (text_same_nocase(name, TEXT("Host"))) {
			hosts++;
		} else if (text_same_nocase(name, TEXT("Content-Length"))) {
			lengths++;
			if (!read_length(value, &head->length))
				return 400;
		} else if (text_same_nocase(name, TEXT("Transfer-Encoding"))) {
			codings++;
			head->chunked = text_same_nocase(value, TEXT("chunked"));
		} else if (text_same_nocase(name, TEXT("Expect"))) {
			if (!text_same_nocase(value, TEXT("100-continue")))
				return 417;
			head->wants_continue = minor == 1;
		}
	}
	if (hosts > 1 || (hosts == 0 && minor == 1) || lengths > 1 || codings > 1)
		return 400;
	if (codings == 1 && (!head->chunked || lengths > 0 || minor == 0))
		return 400;
	return 0;
}

static int status_of(const struct reading *reading, llhttp_errno_t error)
{
	if (reading->too_many)
		return 431;
	return error == HPE_INVALID_VERSION ? 505 : 400;
}

int http_head_parse(struct text block, struct http_head *ret)
{
	static const llhttp_settings_t settings = {
		.on_url = on_url,
		.on_header_field = on_name,
		.on_header_value = on_value,
		.on_header_value_complete = on_value_complete,
		.on_headers_complete = on_headers_complete,
	};
	struct reading reading = {.head = ret};
	llhttp_t parser;

	ret->method = ret->target = (struct text){NULL, 0};
	ret->chunked = ret->wants_continue = ret->keep_alive = false;
	ret->length = 0;
	ret->field_count = 0;
	if (memchr(block.at, '\0', block.len) != NULL)
		return 400;
	llhttp_init(&parser, HTTP_REQUEST, &settings);
	parser.data = &reading;
	llhttp_errno_t error = llhttp_execute(&parser, block.at, block.len);
	if (error != HPE_OK && error != HPE_PAUSED_UPGRADE)
		return status_of(&reading, error);
	if (!reading.whole || ret->target.at == NULL)
		return 400;
	if (parser.http_major != 1 || parser.http_minor > 1)
		return 505;
	if (!is_plain(ret->target) || ret->target.at[0] != '/')
		return 400;
	ret->method = (struct text){block.at, (size_t)(ret->target.at - block.at) - 1};
	/* Exactly one space between method and target. */
	if (!is_plain(ret->method) || ret->target.at[-1] != ' ')
		return 400;
	return judge(ret, parser.http_minor);
}
