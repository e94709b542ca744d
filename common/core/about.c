#include "core/about.h"

#include "base/arena.h"

#include <string.h>

static const char *told(const char *string)
{
	return string != NULL ? string : "";
}

void about_payment(const struct payment *payment, const struct payment_state *state, struct arena *arena,
	struct about *ret)
{
	const struct api_row *row = api_row(payment->api);
	char key[48];

	*ret = (struct about){.checkout = told(state->ids.checkout),
		.conversation = told(state->ids.originator),
		.receipt = told(state->receipt)};
	/* Our own key finds it whatever the gateway called it. */
	if (row->found_by == FOUND_BY_KEY && state->gen > 0)
		ret->conversation =
			arena_string(arena, text_of(payment_provider_key(&payment->id, state->gen, key)));
}

bool about_matters(enum api api)
{
	return api == API_STK_QUERY || api == API_TRANSACTION_STATUS || api == API_REVERSAL;
}

bool about_target(const struct command *command, struct uuid *ret)
{
	return uuid_parse(text_of(command_field(&command->fields, "payment_id")), ret);
}

/* The field by which the command names what it is about. */
static const char *field_of(const struct command *command)
{
	return command_field(&command->fields, "payment_id")[0] != '\0' ? "payment_id" : "receipt";
}

/* what: the end of the code, as in "command.payment_id.unknown". */
static enum about_verdict refuse(enum about_verdict verdict, const struct command *command, const char *what,
	const char *text, const char *advice, struct arena *arena, struct cause *ret)
{
	const char *field = field_of(command);

	*ret = (struct cause){.class = "command",
		.code = arena_print(arena, "command.%s.%s", field, what),
		.text = text,
		.advice = advice,
		.field = arena_print(arena, "%s.%s", api_operation(api_row(command->api)), field)};
	return verdict;
}

static bool is_same_owner(const struct payment *payment, const struct payment *target)
{
	return strcmp(payment->tenant, target->tenant) == 0 && strcmp(payment->account, target->account) == 0;
}

/* A receipt is what a reversal needs; a question can do with the conversation. */
static bool suffices(const struct command *command, const struct about *about)
{
	if (command->api == API_STK_QUERY)
		return about->checkout[0] != '\0';
	if (about->receipt[0] != '\0')
		return true;
	return command->api != API_REVERSAL && about->conversation[0] != '\0';
}

/* What M-PESA would refuse, or worse, give back in another way than was meant. */
static enum about_verdict check_reversal(const struct payment *payment, const struct command *command,
	const struct payment *target, const struct payment_state *target_state, struct arena *arena,
	struct cause *ret_cause)
{
	char paid[AMOUNT_TEXT];

	if (target->api != API_STK_PUSH)
		return refuse(ABOUT_UNKNOWN, command, "not_reversible",
			"M-PESA gives back by command only what a customer paid; that payment is of another "
			"kind.",
			"Have it reversed by hand on M-PESA's portal.", arena, ret_cause);
	if (target_state->state == STATE_FAILED)
		return refuse(ABOUT_UNKNOWN, command, "not_paid",
			"That payment failed: there is nothing to give back.",
			"Read that payment's own result.", arena, ret_cause);
	if (amount_same(payment->amount, target->amount))
		return ABOUT_KNOWN;
	refuse(ABOUT_UNKNOWN, command, "not_whole",
		arena_print(arena, "That payment was KES %s, and M-PESA gives back the whole or nothing.",
			amount_text(target->amount, paid)),
		"Ask for the full amount under a new id, or pay the part out as b2c.", arena, ret_cause);
	ret_cause->field = "amount_cents";
	return ABOUT_UNKNOWN;
}

enum about_verdict about_command(const struct payment *payment, const struct command *command,
	const struct payment *target, const struct payment_state *target_state, struct arena *arena,
	struct about *ret, struct cause *ret_cause)
{
	enum about_verdict verdict;
	struct uuid id;

	*ret = (struct about){
		.checkout = command_field(&command->fields, "checkout_request_id"),
		.conversation = command_field(&command->fields, "originator_conversation_id"),
		.receipt = command_field(&command->fields, "receipt"),
	};
	if (!about_target(command, &id) && target == NULL)
		return ABOUT_KNOWN;
	if (target == NULL || target->api == API_NONE || !is_same_owner(payment, target))
		return refuse(ABOUT_UNKNOWN, command, "unknown",
			"There is no such payment of this tenant and account.",
			"Check the payment_id, or tell M-PESA's own id of it.", arena, ret_cause);
	if (command->api == API_REVERSAL) {
		verdict = check_reversal(payment, command, target, target_state, arena, ret_cause);
		if (verdict != ABOUT_KNOWN || !about_target(command, &id))
			return verdict;
	}
	about_payment(target, target_state, arena, ret);
	if (suffices(command, ret))
		return ABOUT_KNOWN;
	if (command->api == API_REVERSAL)
		return refuse(ABOUT_TOO_EARLY, command, "no_receipt", "The payment has no receipt yet.",
			"It is tried again until valid_until, or reverse it by its receipt.", arena,
			ret_cause);
	return refuse(ABOUT_UNKNOWN, command, "cannot_be_asked",
		"M-PESA has given that payment no id by which it could be found.",
		"Read that payment's own result; what is in doubt is asked about by itself.", arena,
		ret_cause);
}
