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
	/* the operation's fields; those that its api does not have are "" or 0 */
	const char *phone, *account_reference, *description, *till, *remarks, *occasion;
	const char *payment_id, *checkout_request_id;
	int kind; /* StkPush.Kind or B2c.Kind */
	struct text canonical; /* re-packed: field order, defaults omitted; kept as payment.command */
	struct digest fingerprint;
	const char *traceparent;
};

/* Why a command is refused. The code is stable: "command.amount.fraction". */
struct command_fault {
	const char *code; /* NULL: no fault */
	const char *field; /* "amount_cents", "stk_push.phone" */
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
