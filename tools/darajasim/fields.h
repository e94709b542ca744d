#ifndef DARAJASIM_FIELDS_H
#define DARAJASIM_FIELDS_H

#include "base/text.h"

#include <jansson.h>
#include <stdint.h>

/*
 * Daraja takes most fields as text or as number, and names the first one that it does not like. A product's
 * rows are checked in order.
 */
enum field_rule {
	FIELD_SHORTCODE, /* 5 to 7 digits */
	FIELD_PHONE, /* 2547... or 2541..., 12 digits */
	FIELD_PARTY, /* either */
	FIELD_AMOUNT, /* whole shillings, least ... most */
	FIELD_TIME, /* YYYYMMDDHHmmss */
	FIELD_TEXT, /* least ... most characters */
	FIELD_URL, /* a callback address; length up to most */
	FIELD_WORD, /* one of `words`, separated by spaces */
	FIELD_PHRASE, /* `words`, spaces and all; or what stands behind a bar in it */
	FIELD_DATE, /* YYYYMMDD */
};

struct field_row {
	const char *name;
	enum field_rule rule;
	bool optional; /* may be left out */
	int64_t least, most;
	const char *words;
	const char *told; /* what the refusal names when it is missing; NULL: `name` */
};

/* NULL: all are well; else the name that the refusal tells. Rows end with one without a name. */
const char *fields_check(const json_t *body, const struct field_row *rows);

/* A word that no callback address may hold, in any case; NULL: none. */
const char *fields_forbidden(const char *url);
/* http or https, a host, nothing forbidden. */
bool fields_is_url(const char *url, int64_t most);

/* The value as text, "" when there is none; whole numbers in decimal. */
const char *fields_text(const json_t *body, const char *name, char *out, size_t cap);
/* The same, to be freed; up to 1,023 bytes. */
char *fields_copy(const json_t *body, const char *name);
bool fields_has(const json_t *body, const char *name); /* the key is there, even if empty */
bool fields_amount(const json_t *body, const char *name, int64_t *ret);
/* The 32 hex digits that stand second to last in an address's path; "" when there are none. */
void fields_payment_hint(const char *url, char out[33]);

#endif
