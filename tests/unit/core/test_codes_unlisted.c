#include "core/codes.h"

#include "check.h"

#include <stdlib.h>

/* What is in the dictionary, said once more; and that nothing else is ever taken for an acceptance, a refusal or an outcome. */

enum { TRIES = 1000000, CODE_MOST = 24, MESSAGE_MOST = 48 };

static uint64_t dice_state = 20261124;

static unsigned dice(unsigned below)
{
	dice_state = dice_state * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)((dice_state >> 33) % below);
}

static const char *const families[] = {"oauth", "stk", "stk_query", "b2c", "b2b", "reversal", "status",
	"balance", "c2b", "ussd", "qr", "ratiba", "pull", "bill", "lookup", "any"};

/* Random, a listed code, or a listed one with a character changed, left out or added. */
static struct text draw_code(const struct code_row *rows, size_t count, char out[CODE_MOST + 2])
{
	static const char alphabet[] = "0123456789.CRESFTP_ abcxyz-";
	size_t len = dice(CODE_MOST + 1), at;

	if (dice(3) == 0) {
		for (size_t i = 0; i < len; i++)
			out[i] = alphabet[dice(sizeof(alphabet) - 1)];
		return (struct text){out, len};
	}
	const char *listed = rows[dice((unsigned)count)].code;

	len = strlen(listed) < CODE_MOST ? strlen(listed) : CODE_MOST;
	memcpy(out, listed, len);
	at = len > 0 ? dice((unsigned)len) : 0;
	switch (dice(4)) {
	case 0:
		out[at] = alphabet[dice(sizeof(alphabet) - 1)];
		break;
	case 1:
		memmove(out + at, out + at + 1, len - at - 1);
		len--;
		break;
	case 2:
		out[len++] = (char)('0' + dice(10));
		break;
	}
	return (struct text){out, len};
}

static struct text draw_message(const struct code_row *rows, size_t count, char out[2 * MESSAGE_MOST])
{
	const char *listed = rows[dice((unsigned)count)].message;
	size_t len = dice(MESSAGE_MOST);

	for (size_t i = 0; i < len; i++)
		out[i] = (char)(' ' + dice(95));
	/* Now and then a listed text, whole or without its last character. */
	if (dice(4) == 0 && strlen(listed) < MESSAGE_MOST && listed[0] != '*') {
		memcpy(out + len, listed, strlen(listed));
		len += strlen(listed) - dice(2);
	}
	return (struct text){out, len};
}

/* Whether the dictionary has it, worked out in another way: by the rows' own words, without their order. */
static bool is_listed(const struct code_row *rows, size_t count, enum code_where where, const char *family,
	int http, struct text code, struct text message)
{
	code = text_trim(code);
	for (size_t i = 0; i < count; i++) {
		const struct code_row *row = &rows[i];
		const bool any_code = strcmp(row->code, "*") == 0, any_text = strcmp(row->message, "*") == 0;

		if (row->where != where ||
			(strcmp(row->family, "any") != 0 && strcmp(row->family, family) != 0))
			continue;
		if (http < row->http_least || http > row->http_most)
			continue;
		if (!any_code &&
			!(code.len == strlen(row->code) && text_same_nocase(code, text_of(row->code))))
			continue;
		if (!any_text && !text_has_nocase(message, row->message))
			continue;
		/* A status alone says something only where it stops a call at the gateway, or where no money is asked for. */
		if (any_code && any_text && http != 401 && http != 429 && strcmp(family, "oauth") != 0)
			continue;
		return true;
	}
	return false;
}

static void test_what_is_not_listed_is_in_doubt(void **state)
{
	static const int statuses[] = {
		0, 200, 200, 200, 201, 400, 400, 401, 403, 404, 405, 429, 500, 500, 502, 503, 504, 599};
	size_t count, unlisted = 0;
	const struct code_row *rows = codes_all(&count);

	(void)state;
	for (size_t i = 0; unlisted < TRIES; i++) {
		char code_bytes[CODE_MOST + 2], message_bytes[2 * MESSAGE_MOST];
		const enum code_where where = (enum code_where)dice(3);
		const char *family = families[dice(COUNT_OF(families))];
		const int http = where == WHERE_SYNC ? statuses[dice(COUNT_OF(statuses))] : 0;
		const struct text code = draw_code(rows, count, code_bytes);
		const struct text message = where == WHERE_SYNC ? draw_message(rows, count, message_bytes)
								: (struct text){NULL, 0};
		const struct code_row *row;

		assert_true(i < 10 * (size_t)TRIES);
		row = codes_find(where, family, http, code, message);
		unlisted += code_row_is_default(row);
		if (row->class == (where == WHERE_SYNC ? CODE_NO_WORD : CODE_DOUBT))
			continue;
		CHECK(is_listed(rows, count, where, family, http, code, message),
			"%s, HTTP %d, \"%.*s\", \"%.*s\": %s by \"%s\"", family, http, TEXT_ARG(code),
			TEXT_ARG(message), code_class_name(row->class), row->code);
	}
}

/* Every code that any source tells of for a product's results, by family. */
static void test_every_known_result_is_there(void **state)
{
	static const struct {
		const char *family, *codes;
	} known[] = {
		{"stk", "0 1 2 3 4 8 11 15 17 21 26 1001 1019 1025 1031 1032 1036 1037 1101 1102 2001 2008 "
			"2026 2028 2029 4999 "
			"8006 9999 100000100 E3008 SFC_IC0003"},
		{"b2c", "0 1 2 3 4 5 6 7 8 11 12 13 14 15 17 18 19 20 21 22 24 25 26 29 2001 2006 2020 2028 "
			"2029 2040 2051 8006 "
			"R002 R003 TP40153 SFC_IC0003"},
		{"b2b", "0 1 2 3 4 5 6 7 8 11 12 13 14 15 17 18 19 20 21 22 24 25 26 29 1005 2001 2006 2007 "
			"2020 2028 2029 2043 "
			"2202 8006 TP40153 SFC_IC0003"},
		{"balance", "0 15 17 18 19 20 21 22 24 25 26 29 2001 2006 8006 TP40153 SFC_IC0003 100000001 "
			    "100000002 100000011"},
		{"status", "0 17 18 20 21 22 24 25 26 29 2001 2033 8006 TP40153 SFC_IC0003"},
		{"reversal", "0 1 11 21 2001 2006 2028 8006 R000001 R000002"},
		{"ratiba", "0 1001 1025 1032 1037 1050 1051 2001 3001"},
		{"ussd", "0 4001 4102 4104 4201 4203"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(known); i++) {
		const char *at = known[i].codes;

		while (*at != '\0') {
			size_t len = strcspn(at, " ");
			const struct code_row *row = codes_find(
				WHERE_RESULT, known[i].family, 0, (struct text){at, len}, (struct text){0});

			CHECK(!code_row_is_default(row) &&
					text_same((struct text){at, len}, text_of(row->code)),
				"%s: %.*s is not listed", known[i].family, (int)len, at);
			at += len + (at[len] == ' ');
		}
	}
}

/* And those that come as answers, with HTTP 500 or 400 as they are seen. */
static void test_every_known_error_is_there(void **state)
{
	static const char *const known[] = {"400.002.02", "400.002.05", "400.003.01", "400.003.02", "400.001",
		"401.001", "401.002.01", "401.003.01", "404.001.01", "404.002.01", "404.003.01", "404.001.03",
		"404.001.04", "405.001", "500.001.1001", "500.002.1001", "500.003.02", "500.003.03",
		"500.003.1001", "00.002.1001", "100000000", "100000001", "100000002", "100000004",
		"100000005", "100000007", "100000009", "100000010", "100000011", "24", "25", "26", "29",
		"policies.ratelimit.SpikeArrestViolation", "policies.ratelimit.QuotaViolation",
		"steps.servicecallout.ExecutionFailed", "messaging.adaptors.http.flow.GatewayTimeout"};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(known); i++)
		for (size_t f = 0; f < COUNT_OF(families); f++)
			CHECK(!code_row_is_default(codes_find(WHERE_SYNC, families[f], 500, text_of(known[i]),
				      TEXT("a text of their own"))),
				"%s of %s", known[i], families[f]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_not_listed_is_in_doubt),
		cmocka_unit_test(test_every_known_result_is_there),
		cmocka_unit_test(test_every_known_error_is_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
