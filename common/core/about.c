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

bool about_target(const struct command *command, struct uuid *ret)
{
	return uuid_parse(text_of(command_field(&command->fields, "payment_id")), ret);
}

static enum about_verdict refuse(enum about_verdict verdict, const struct command *command, const char *code,
	const char *text, const char *advice, struct arena *arena, struct cause *ret)
{
	*ret = (struct cause){.class = "command",
		.code = code,
		.text = text,
		.advice = advice,
		.field = arena_print(arena, "%s.payment_id", api_operation(api_row(command->api)))};
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

static bool may_still_come(const struct command *command, const struct payment_state *state)
{
	return command->api == API_REVERSAL && state->state != STATE_FAILED;
}

enum about_verdict about_command(const struct payment *payment, const struct command *command,
	const struct payment *target, const struct payment_state *target_state, struct arena *arena,
	struct about *ret, struct cause *ret_cause)
{
	struct uuid id;

	*ret = (struct about){
		.checkout = command_field(&command->fields, "checkout_request_id"),
		.conversation = command_field(&command->fields, "originator_conversation_id"),
		.receipt = command_field(&command->fields, "receipt"),
	};
	if (!about_target(command, &id))
		return ABOUT_KNOWN;
	if (target == NULL || target->api == API_NONE || !is_same_owner(payment, target))
		return refuse(ABOUT_UNKNOWN, command, "command.payment_id.unknown",
			"There is no such payment of this tenant and account.",
			"Check the payment_id, or tell M-PESA's own id of it.", arena, ret_cause);
	about_payment(target, target_state, arena, ret);
	if (suffices(command, ret))
		return ABOUT_KNOWN;
	if (may_still_come(command, target_state))
		return refuse(ABOUT_TOO_EARLY, command, "command.payment_id.no_receipt",
			"The payment has no receipt yet.",
			"It is tried again until valid_until, or reverse it by its receipt.", arena,
			ret_cause);
	return refuse(ABOUT_UNKNOWN, command, "command.payment_id.cannot_be_asked",
		"M-PESA has given that payment no id by which it could be found.",
		"Read that payment's own result; what is in doubt is asked about by itself.", arena,
		ret_cause);
}
