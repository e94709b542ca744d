#ifndef CORE_COMMAND_H
#define CORE_COMMAND_H

#include "base/digest.h"
#include "base/text.h"
#include "base/time.h"
#include "base/uuid.h"
#include "core/account.h"
#include "core/amount.h"
#include "core/api.h"
#include "core/msisdn.h"
#include "core/payment.h"

struct arena;

/* A command as it was decoded, before it is checked. Strings are never NULL. All borrowed. */
struct metadata {
	const char *key, *value;
};

/*
 * The operation as it was commanded, by the names of command.proto and as text, whatever the type: strings as they are,
 * numbers in decimal, an enum's value by its name, a yes as "true". All fields of the message are there; "": not told.
 */
struct command_fields {
	const struct command_field *at;
	size_t count;
};
struct command_field {
	const char *name, *text;
	const struct command_fields
		*items; /* of a repeated message, or of strings (each one field without name) */
	size_t item_count;
};
const struct command_field *command_field_find(
	const struct command_fields *fields, const char *name); /* NULL: none */
const char *command_field(const struct command_fields *fields, const char *name); /* "" when there is none */
int64_t command_field_number(
	const struct command_fields *fields, const char *name); /* 0 when there is none */

struct command {
	struct text id_text;
	bool has_id; /* id_text is a canonical UUID */
	struct uuid id;
	const char *tenant, *account, *currency;
	int64_t amount_cents, valid_until_ms, created_at_ms;
	int priority;
	const struct metadata *metadata;
	size_t metadata_count;
	enum api api; /* API_NONE: no operation, or one that has no number here */
	struct command_fields fields;
	struct text canonical; /* re-packed: field order, defaults omitted; kept as payment.command */
	struct digest fingerprint;
	const char *traceparent;
};

/* Why a command is refused. The code is stable: "command.amount.fraction". */
struct command_fault {
	char code[64]; /* "": no fault */
	char field[96]; /* "amount_cents", "stk_push.phone", "bill_invoices.invoices[3].due_date" */
	char text[256]; /* the value's problem and what is allowed; phones masked */
};

struct command_limits {
	struct instant now;
	int64_t retention_ms; /* of payments; a UUIDv7 older than this less a day is refused; 0: no payment is ever dropped */
	const struct account *account; /* the one that the command names; NULL: there is none of that name */
};

/* The first fault, in order of the message's fields. Pure. */
bool command_check(
	const struct command *command, const struct command_limits *limits, struct command_fault *ret);
/* The payment that a good command becomes. */
void command_payment(const struct command *command, const struct account *account, struct instant now,
	double time_scale, struct arena *arena, struct payment *ret);
/* The FAILED payment that a bad command with a readable id becomes: rejected, version 1; state and cause filled too. */
void command_rejection(const struct command *command, const struct command_fault *fault, struct instant now,
	struct arena *arena, struct payment *ret, struct payment_state *ret_state, struct cause *ret_cause);

#endif
