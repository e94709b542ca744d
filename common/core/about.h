#ifndef CORE_ABOUT_H
#define CORE_ABOUT_H

#include "core/command.h"
#include "core/payment.h"

/*
 * What a question, or a reversal, is about: the ids by which M-PESA finds it. Strings are never NULL, "" when not
 * known. The conversation is the OriginatorConversationID of the request that is asked about.
 */
struct about {
	const char *checkout, *conversation, *receipt;
};

struct arena;
/* What is known of a payment of ours. */
void about_payment(const struct payment *payment, const struct payment_state *state, struct arena *arena,
	struct about *ret);

enum about_verdict {
	ABOUT_KNOWN,
	ABOUT_UNKNOWN, /* there is no such payment of this tenant and account; or it was never sent */
	ABOUT_TOO_EARLY, /* it is not settled yet: its receipt may still come */
};
/* What a command is about: by its own fields, or by a payment of ours. `target` is that payment as it was read, NULL when there is no
   such row; another tenant's or account's is as good as none. For a reversal by receipt it is the payment of ours that holds the
   receipt, NULL when none does: then M-PESA alone knows whose it is. *ret_cause is filled unless it is known. */
enum about_verdict about_command(const struct payment *payment, const struct command *command,
	const struct payment *target, const struct payment_state *target_state, struct arena *arena,
	struct about *ret, struct cause *ret_cause);
/* Whether a command of this kind is about something that M-PESA or we know already; of the others nothing needs to be found out. */
bool about_matters(enum api api);
/* The payment that a command names by payment_id; false: it names none. */
bool about_target(const struct command *command, struct uuid *ret);

#endif
