#ifndef DARAJASIM_C2B_H
#define DARAJASIM_C2B_H

#include "base/text.h"

#include <jansson.h>

/*
 * Customers who pay a shortcode: the addresses that were registered for it, and the notices that go there. First the
 * validation, then, unless that was refused, the confirmation.
 */
enum { C2B_URL_MOST = 1000 };

struct c2b_address {
	char shortcode[8], confirmation[C2B_URL_MOST + 1], validation[C2B_URL_MOST + 1];
	bool cancels; /* when validation cannot be reached */
	bool old_version;
	struct c2b_address *next;
};

struct c2b {
	struct c2b_address *addresses;
	bool once; /* as in production: a shortcode's addresses stay what they are */
};

struct sim;
struct call;

struct c2b_address *c2b_find(struct c2b *c2b, const char *shortcode); /* NULL: none are registered */
/* The good answer of both products; its first field is misspelt, as it is there. */
void c2b_say_good(struct call *call, const char *text);
/*
 * {"shortcode","phone","shillings","bill_reference"}: pays. With "receipt": the notice of a payment that has been made in
 * another way, which moves nothing here; "only": "validation" or "confirmation"; "source"; "times". {"once": true} alone: from now on as in
 * production. NULL, or why not.
 */
const char *c2b_pay(struct sim *sim, const json_t *body);
/* A line "registered" of the ledger. */
void c2b_replay(struct c2b *c2b, const json_t *line);
void c2b_done(struct c2b *c2b);

#endif
