#include "base/conf_value.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

static bool parse_bool(struct text text, bool *ret)
{
	static const char *const yes[] = {"true", "yes", "1"}, *const no[] = {"false", "no", "0"};

	for (size_t i = 0; i < COUNT_OF(yes); i++) {
		if (text_same_nocase(text, text_of(yes[i]))) {
			*ret = true;
			return true;
		}
		if (text_same_nocase(text, text_of(no[i]))) {
			*ret = false;
			return true;
		}
	}
	return false;
}

static bool parse_choice(const struct conf_row *row, struct text text, int *ret)
{
	for (int i = 0; row->choices[i] != NULL; i++) {
		if (text_is(text, row->choices[i])) {
			*ret = i;
			return true;
		}
	}
	return false;
}

/* Digits with at most one point: strtod alone would take "inf", "nan" and "0x1". */
static bool parse_scale(const char *text, double *ret)
{
	size_t points = 0;
	double scale;

	for (const char *c = text; *c != '\0'; c++) {
		points += *c == '.';
		if (points > 1 || (*c != '.' && (*c < '0' || *c > '9')))
			return false;
	}
	scale = strtod(text, NULL);
	if (!(scale >= 0.005 && scale <= 1))
		return false;
	*ret = scale;
	return true;
}

static bool parse_host(struct text host, bool bracketed, struct conf_address *ret)
{
	unsigned char ignored[sizeof(struct in6_addr)];

	if (host.len == 0 && !bracketed)
		host = TEXT("0.0.0.0");
	else if (text_is(host, "localhost"))
		host = TEXT("127.0.0.1");
	if (host.len >= sizeof(ret->host))
		return false;
	memcpy(ret->host, host.at, host.len);
	ret->host[host.len] = '\0';
	return inet_pton(bracketed ? AF_INET6 : AF_INET, ret->host, ignored) == 1;
}

static bool parse_address(struct text text, struct conf_address *ret)
{
	struct conf_address address = {0};
	bool bracketed = text_starts(text, "[");
	size_t colon = text.len;
	struct text host;
	int64_t port;

	while (colon > 0 && text.at[colon - 1] != ':')
		colon--;
	if (colon == 0 || !text_to_int64((struct text){text.at + colon, text.len - colon}, &port))
		return false;
	if (text.at[colon] == '-' || port > UINT16_MAX)
		return false;
	host = (struct text){text.at, colon - 1};
	if (bracketed) {
		if (host.at[host.len - 1] != ']')
			return false;
		host = (struct text){host.at + 1, host.len - 2};
	}
	if (!parse_host(host, bracketed, &address))
		return false;
	address.port = (uint16_t)port;
	*ret = address;
	return true;
}

/* http:// or https://, a host, perhaps a port and a path: nothing that a path added to it would get lost in. */
static bool parse_url(struct text text, struct text *ret)
{
	size_t scheme = text_starts(text, "https://") ? 8 : 7;

	if (!text_starts(text, "http://") && !text_starts(text, "https://"))
		return false;
	while (text.len > scheme && text.at[text.len - 1] == '/')
		text.len--;
	if (text.len == scheme || text.at[scheme] == '/' || text.at[scheme] == ':')
		return false;
	for (size_t i = scheme; i < text.len; i++)
		if (text.at[i] <= ' ' || text.at[i] > '~' || strchr("?#@\\\"<>", text.at[i]) != NULL)
			return false;
	*ret = text;
	return true;
}

static bool in_range(const struct conf_row *row, int64_t n)
{
	return (row->least == 0 && row->most == 0) || (n >= row->least && n <= row->most);
}

static bool parse_number(const struct conf_row *row, struct text text, int64_t *ret)
{
	int64_t n;

	if (!(row->type == CONF_MS ? conf_ms_parse(text, &n) : text_to_int64(text, &n)) || !in_range(row, n))
		return false;
	*ret = n;
	return true;
}

static bool file_is_there(const struct conf_source *source, const char *path, struct arena *arena)
{
	struct text ignored;

	return source->read_file == NULL || source->read_file(path, arena, &ignored);
}

bool conf_value_parse(const struct conf_row *row, const char *string, const struct conf_source *source,
	struct arena *arena, void *into, struct text *ret_why)
{
	void *place = (char *)into + row->at;
	struct text text = text_of(string);
	bool fits = true;

	*ret_why = TEXT("not allowed");
	switch (row->type) {
	case CONF_FILE:
		*ret_why = TEXT("not a file that can be read");
		fits = file_is_there(source, string, arena);
		break;
	case CONF_DIR:
		*ret_why = TEXT("not a folder that is there");
		fits = source->has_dir == NULL || source->has_dir(string);
		break;
	case CONF_URL:
		fits = parse_url(text, &text);
		break;
	case CONF_INT:
	case CONF_MS:
		return parse_number(row, text, place);
	case CONF_BOOL:
		return parse_bool(text, place);
	case CONF_CHOICE:
		return parse_choice(row, text, place);
	case CONF_SCALE:
		return parse_scale(string, place);
	case CONF_ADDRESS:
		return parse_address(text, place);
	case CONF_STRING:
	case CONF_SECRET:
		break;
	}
	if (fits)
		*(const char **)place = arena_string(arena, text);
	return fits;
}

void conf_value_leave_out(const struct conf_row *row, void *into)
{
	void *place = (char *)into + row->at;

	switch (row->type) {
	case CONF_INT:
	case CONF_MS:
		*(int64_t *)place = 0;
		return;
	case CONF_BOOL:
		*(bool *)place = false;
		return;
	case CONF_CHOICE:
		*(int *)place = 0;
		return;
	case CONF_SCALE:
		*(double *)place = 1;
		return;
	case CONF_ADDRESS:
		*(struct conf_address *)place = (struct conf_address){0};
		return;
	case CONF_STRING:
	case CONF_SECRET:
	case CONF_FILE:
	case CONF_DIR:
	case CONF_URL:
		*(const char **)place = "";
		return;
	}
}
