#include "wire/daraja_answer.h"

#include "base/text.h"

#include <string.h>

/*
 * Works on the bytes and not on parsed JSON, since a body that does not parse is stored too, and a
 * secret may stand in a string inside a string. Hiding a word too many is harmless.
 */
enum { STOP_AT_QUOTE, STOP_AT_ESCAPED_QUOTE, STOP_AT_WORD_END, STOP_AT_TAG };

static const char *const secret_names[] = {"SecurityCredential", "Password", "access_token"};
/* 401.002.01 repeats the token behind these words. */
static const char token_words[] = "Invalid Access Token";

static bool is_at(struct text body, size_t at, const char *word, size_t *ret_len)
{
	struct text here;

	*ret_len = strlen(word);
	if (at + *ret_len > body.len)
		return false;
	here = (struct text){body.at + at, *ret_len};
	return text_same_nocase(here, text_of(word));
}

static size_t skip(struct text body, size_t at, const char *set)
{
	while (at < body.len && body.at[at] != '\0' && strchr(set, body.at[at]) != NULL)
		at++;
	return at;
}

/* Behind a name: `": "`, `\": \"`, `=`, `>`. False: no value follows, the word is only talked about. */
static bool find_value(struct text body, size_t at, size_t *ret_start, int *ret_stop)
{
	size_t quote;
	char separator;

	at = skip(body, at, "\\\"' \t\r\n");
	if (at == body.len || strchr(":=>", body.at[at]) == NULL || body.at[at] == '\0')
		return false;
	separator = body.at[at];
	at = skip(body, at + 1, " \t\r\n");
	quote = skip(body, at, "\\");
	if (separator == '>') {
		*ret_stop = STOP_AT_TAG;
	} else if (quote < body.len && body.at[quote] == '"') {
		*ret_stop = quote > at ? STOP_AT_ESCAPED_QUOTE : STOP_AT_QUOTE;
		at = quote + 1;
	} else {
		*ret_stop = STOP_AT_WORD_END;
	}
	*ret_start = at;
	return true;
}

/* Where the secret ends; the end of the body when nothing closes it. */
static size_t value_end(struct text body, size_t at, int stop)
{
	for (; at < body.len; at++) {
		char c = body.at[at];

		if (stop == STOP_AT_QUOTE && c == '\\')
			at++;
		else if (stop == STOP_AT_QUOTE && c == '"')
			return at;
		else if (stop == STOP_AT_ESCAPED_QUOTE && c == '\\' && at + 1 < body.len &&
			 body.at[at + 1] == '"')
			return at;
		else if (stop == STOP_AT_TAG && c == '<')
			return at;
		else if (stop == STOP_AT_WORD_END && c != '\0' && strchr(",}]\"'<&; \t\r\n\\", c) != NULL)
			return at;
	}
	return body.len;
}

/* Whether a secret begins right behind what stands at `at`; then from where to where it goes. */
static bool secret_at(struct text body, size_t at, size_t *ret_start, size_t *ret_end)
{
	size_t len;
	int stop;

	for (size_t i = 0; i < COUNT_OF(secret_names); i++) {
		if (is_at(body, at, secret_names[i], &len) && find_value(body, at + len, ret_start, &stop)) {
			*ret_end = value_end(body, *ret_start, stop);
			return true;
		}
	}
	if (is_at(body, at, token_words, &len)) {
		size_t start = skip(body, at + len, " -:\t");

		*ret_start = start;
		*ret_end = start > at + len ? value_end(body, start, STOP_AT_WORD_END) : start;
		return true;
	}
	return false;
}

struct text daraja_redacted(struct text body, struct arena *arena)
{
	size_t start, end, done = 0, hidden = 0;
	struct buf out = {0};

	for (size_t at = 0; at < body.len; at++) {
		/* Every secret name starts with one of these: most bytes are passed by at once. */
		if (strchr("SsPpAaIi", body.at[at]) == NULL || body.at[at] == '\0')
			continue;
		if (!secret_at(body, at, &start, &end) || end == start)
			continue;
		if (hidden++ == 0) {
			/* The shortest secret that is replaced is one byte, by three. */
			out.cap = body.len * 3 + 4;
			out.at = arena_alloc(arena, out.cap);
		}
		buf_add(&out, body.at + done, start - done);
		buf_str(&out, "***");
		done = end;
		at = end - 1;
	}
	if (hidden == 0)
		return body;
	buf_add(&out, body.at + done, body.len - done);
	must(!out.full);
	return buf_as_text(&out);
}
