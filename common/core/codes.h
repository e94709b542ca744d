#ifndef CORE_CODES_H
#define CORE_CODES_H

#include "base/text.h"

#include <stdbool.h>

/*
 * The dictionary of Daraja's codes: common/core/codes.csv, turned into a C table by the build
 * (tools/generate/codes.py). The first row that matches in file order wins. Text compares without
 * case; message is a substring, code the whole trimmed string. What is not listed is in doubt: the
 * last row of each part says so.
 */
enum code_where { WHERE_SYNC, WHERE_RESULT, WHERE_STATUS, WHERE_REPLY };

enum code_class {
	CODE_TAKEN,
	CODE_PUT_OFF,
	CODE_TURNED_DOWN,
	CODE_NO_WORD,
	CODE_DUPLICATE,
	CODE_TOKEN,
	CODE_CONFIG,
	CODE_PENDING,
	CODE_FOUND_NOTHING, /* synchronous answers */
	CODE_PAID,
	CODE_FINAL,
	CODE_DOUBT, /* results and status words */
	CODE_OPEN, /* status words */
	CODE_ACCEPT,
	CODE_REJECT, /* our replies to C2B validation */
};

/* What an answer says of our speed, whatever it says of the payment. */
enum code_pace {
	PACE_KEEP,
	PACE_SLOW, /* too fast, or too much for them: the lane's rate is halved */
	PACE_QUOTA, /* the app's quota is used up: the lane's breaker opens */
};

struct code_row {
	enum code_where where;
	const char *family; /* "any" fits all */
	int http_least, http_most; /* 0, 999: any */
	const char *code, *message; /* "*": any */
	enum code_class class;
	bool counted; /* PUT_OFF: counts for the limit of five */
	enum code_pace pace;
	bool retryable;
	const char *who; /* customer, funds, limit, config, provider; "" */
	const char *meaning, *advice, *source;
};

/* Never NULL. `http` is 0 for what the transport says itself (code NOT_SENT, NO_ANSWER). */
const struct code_row *codes_find(
	enum code_where where, const char *family, int http, struct text code, struct text message);
const struct code_row *codes_all(size_t *ret_count);
const char *code_class_name(enum code_class class);
/* The row is a part's catch-all: the answer is one that nobody has listed. */
bool code_row_is_default(const struct code_row *row);

#endif
