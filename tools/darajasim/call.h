#ifndef DARAJASIM_CALL_H
#define DARAJASIM_CALL_H

#include "darajasim/fields.h"
#include "darajasim/sim.h"

/*
 * One request to Daraja, from its arrival to its answer. A handler does what the product does and then calls
 * call_accepted or call_refused exactly once; the plan decides what becomes of the answer on its way.
 */
struct call {
	struct sim *sim;
	struct http_exchange *exchange;
	enum product product;
	bool old_version;
	uint64_t number;
	struct instant at;
	json_t *body; /* NULL: it could not be read, or is not an object */
	struct text token; /* of the Bearer header */
	const struct plan *plan;
	unsigned rule;
	char request_id[ID_TEXT];
	/* What the ledger says of it. */
	char phone[16], payment[33], key[130], id[ID_TEXT];
	int64_t shillings;
	struct deal *subject; /* questions: the transaction that is asked about */
	/* The answer. */
	int http;
	const char *content_type;
	char code[48]; /* for the ledger */
	char text[4096];
	struct buf said;
};

void call_serve(struct sim *sim, struct http_exchange *exchange, enum product product, bool old_version);
/* `said` holds the good answer. */
void call_accepted(struct call *call);
/* `said` is told, whatever the plan wants: it is for requests that went in. */
void call_refused_as(struct call *call, int http, const char *content_type, const char *code);
/* Refused by a rule of Daraja, not by the scenario. */
void call_refused(struct call *call, const struct plan_error *error);
void call_refused_field(struct call *call, const char *field);
void call_refused_named(struct call *call, const char *name);
/* The plan's own answer in place of `said`, if it has one; and the answer's way out. */
void call_apply_plan(struct call *call);
void call_send(struct call *call);
/* Whether its SecurityCredential, if it has one, is the initiator's. */
bool call_credential_is_right(const struct call *call);
uint64_t call_luck(const struct call *call, unsigned purpose);

/* One product each. */
void oauth_serve(struct call *call);
void stk_push_serve(struct call *call);
void stk_query_serve(struct call *call);
void b2c_serve(struct call *call);
void transfer_serve(struct call *call); /* B2B and tax */
void reversal_serve(struct call *call);
void express_serve(struct call *call);
void order_serve(struct call *call);
void bill_serve(struct call *call);
/* What the header appKey says, cut to `out`; "": there is none. */
const char *bill_app_key(const struct call *call, char *out, size_t size);
void pull_serve(struct call *call);
void pull_facts(struct call *call);
void bill_facts(struct call *call);
/* Takes the body that was read; NULL where it has not the form. */
json_t *bill_body(enum product product, json_t *json);
void status_serve(struct call *call);
void balance_serve(struct call *call);
void lookup_serve(struct call *call); /* QR code, organisation, SIM swap, IMSI: the answer is all */
void c2b_register_serve(struct call *call);
void c2b_simulate_serve(struct call *call);
/* What their bodies must have, in the order in which Daraja looks. */
const struct field_row *stk_push_rows(void);
const struct field_row *stk_query_rows(void);
const struct field_row *b2c_rows(bool old_version);
const struct field_row *transfer_rows(enum product product);
const struct field_row *reversal_rows(void);
const struct field_row *express_rows(void);
const struct field_row *order_rows(void);
const struct field_row *bill_rows(enum product product);
const struct field_row *pull_rows(void);
const struct field_row *status_rows(void);
const struct field_row *balance_rows(void);
const struct field_row *lookup_rows(enum product product);
const struct field_row *c2b_register_rows(void);
const struct field_row *c2b_simulate_rows(void);

#endif
