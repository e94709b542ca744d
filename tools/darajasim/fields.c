#include "darajasim/fields.h"

#include <ctype.h>
#include <string.h>

/* Refused anywhere in a callback address, in any case. */
static const char *const forbidden[] = {"mpesa", "m-pesa", "safaricom", "exe", "exec", "cmd", "sql", "query"};

enum { VALUE_MOST = 2048, COPY_MOST = 1024 };

const char *fields_text(const json_t *body, const char *name, char *out, size_t cap)
{
	struct buf buf = {.at = out, .cap = cap};
	const json_t *value = json_object_get(body, name);

	if (json_is_string(value))
		buf_add(&buf, json_string_value(value), json_string_length(value));
	else if (json_is_integer(value))
		buf_print(&buf, "%lld", (long long)json_integer_value(value));
	else if (json_is_real(value))
		buf_print(&buf, "%f", json_real_value(value));
	return buf_end(&buf);
}

char *fields_copy(const json_t *body, const char *name)
{
	char text[COPY_MOST], *copy = strdup(fields_text(body, name, text, sizeof(text)));

	must(copy != NULL);
	return copy;
}

bool fields_has(const json_t *body, const char *name)
{
	return json_object_get(body, name) != NULL;
}

static bool all_digits(const char *text)
{
	for (; *text != '\0'; text++)
		if (!isdigit((unsigned char)*text))
			return false;
	return true;
}

static bool is_shortcode(const char *text)
{
	size_t len = strlen(text);

	return len >= 5 && len <= 7 && all_digits(text);
}

static bool is_phone(const char *text)
{
	return strlen(text) == 12 && all_digits(text) &&
	       (strncmp(text, "2547", 4) == 0 || strncmp(text, "2541", 4) == 0);
}

static bool is_time_of(const char *text, size_t digits)
{
	int64_t month = 0, day = 0, hour = 0;

	if (strlen(text) != digits || !all_digits(text))
		return false;
	(void)text_to_int64((struct text){text + 4, 2}, &month);
	(void)text_to_int64((struct text){text + 6, 2}, &day);
	if (digits > 8)
		(void)text_to_int64((struct text){text + 8, 2}, &hour);
	return month >= 1 && month <= 12 && day >= 1 && day <= 31 && hour <= 23;
}

const char *fields_forbidden(const char *url)
{
	for (size_t i = 0; i < COUNT_OF(forbidden); i++)
		if (text_has_nocase(text_of(url), forbidden[i]))
			return forbidden[i];
	return NULL;
}

/* http is tolerated, as in the sandbox; a bare "localhost" is not. */
bool fields_is_url(const char *text, int64_t most)
{
	struct text url = text_of(text);
	const char *host = strstr(text, "://");

	if (!(text_starts(url, "http://") || text_starts(url, "https://")) || (int64_t)url.len > most)
		return false;
	if (host[3] == '\0' || host[3] == '/' || text_starts(text_of(host + 3), "localhost"))
		return false;
	if (fields_forbidden(text) != NULL)
		return false;
	for (; *text != '\0'; text++)
		if (!isgraph((unsigned char)*text))
			return false;
	return true;
}

static bool is_word(const char *text, const char *words)
{
	size_t len = strlen(text);

	for (const char *at = words; len > 0 && (at = strstr(at, text)) != NULL; at++)
		if ((at == words || at[-1] == ' ') && (at[len] == ' ' || at[len] == '\0'))
			return true;
	return false;
}

static bool is_phrase(const char *text, const char *phrases)
{
	const char *bar = strchr(phrases, '|');
	size_t len = strlen(text);

	return (bar != NULL && strcmp(text, bar + 1) == 0) ||
	       (len > 0 && len == (bar != NULL ? (size_t)(bar - phrases) : strlen(phrases)) &&
		       strncmp(text, phrases, len) == 0);
}

static bool is_amount(const char *text, const struct field_row *row)
{
	int64_t shillings;

	return text_to_int64(text_of(text), &shillings) && shillings >= row->least && shillings <= row->most;
}

static bool is_well(const char *text, const struct field_row *row)
{
	int64_t len = (int64_t)strlen(text);

	switch (row->rule) {
	case FIELD_SHORTCODE:
		return is_shortcode(text);
	case FIELD_PHONE:
		return is_phone(text);
	case FIELD_PARTY:
		return is_shortcode(text) || is_phone(text);
	case FIELD_AMOUNT:
		return is_amount(text, row);
	case FIELD_TIME:
		return is_time_of(text, 14);
	case FIELD_TEXT:
		return len >= row->least && len <= row->most;
	case FIELD_URL:
		return fields_is_url(text, row->most);
	case FIELD_WORD:
		return is_word(text, row->words);
	case FIELD_PHRASE:
		return is_phrase(text, row->words);
	case FIELD_DATE:
		return len == 8 && is_time_of(text, 8);
	}
	return false;
}

const char *fields_check(const json_t *body, const struct field_row *rows)
{
	char text[VALUE_MOST];

	for (const struct field_row *row = rows; row->name != NULL; row++) {
		if (!fields_has(body, row->name)) {
			if (row->optional)
				continue;
			return row->told != NULL ? row->told : row->name;
		}
		if (!is_well(fields_text(body, row->name, text, sizeof(text)), row))
			return row->name;
	}
	return NULL;
}

bool fields_amount(const json_t *body, const char *name, int64_t *ret)
{
	char text[32];

	return text_to_int64(text_of(fields_text(body, name, text, sizeof(text))), ret);
}

void fields_payment_hint(const char *url, char out[33])
{
	const char *last = strrchr(url, '/');

	out[0] = '\0';
	if (last == NULL || last - url < 33 || last[-33] != '/')
		return;
	for (int i = 1; i <= 32; i++)
		if (strchr("0123456789abcdef", last[-i]) == NULL)
			return;
	memcpy(out, last - 32, 32);
	out[32] = '\0';
}
