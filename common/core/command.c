#include "core/command.h"
#include "core/command_check.h"

#include "base/arena.h"

#include <string.h>

enum { ACCOUNT_MOST = 64, SHORTCODE_MOST = 7 };

/* Phones in their canonical form, shortcodes as they are. */
static const char *party_of(const struct command *command, const struct api_row *row, struct arena *arena)
{
	const char *party =
		row != NULL && row->party != NULL ? command_field(&command->fields, row->party) : "";
	struct msisdn msisdn;

	if (msisdn_parse(text_of(party), &msisdn))
		return arena_string(arena, text_of(msisdn.digits));
	return strspn(party, "0123456789") == strlen(party) && strlen(party) <= SHORTCODE_MOST ? party : "";
}

/* What people look a payment up by. A status may be asked for in three ways, of which a command tells one. */
static const char *reference_of(const struct command *command, const struct api_row *row)
{
	static const char *const asked_by[] = {"receipt", "originator_conversation_id", "payment_id"};
	const char *found = "";

	if (row == NULL || row->reference == NULL)
		return "";
	if (command->api != API_TRANSACTION_STATUS)
		return command_field(&command->fields, row->reference);
	for (size_t i = 0; i < COUNT_OF(asked_by) && found[0] == '\0'; i++)
		found = command_field(&command->fields, asked_by[i]);
	return found;
}

static void from_command(
	const struct command *command, struct instant now, struct arena *arena, struct payment *ret)
{
	const struct api_row *row = command->api != API_NONE ? api_row(command->api) : NULL;

	*ret = (struct payment){
		.id = command->id,
		.fingerprint = command->fingerprint,
		.tenant = command->tenant,
		.account = command->account[0] != '\0' ? command->account : "default",
		.api = command->api,
		.lane = row != NULL ? row->lane : LANE_QUERY,
		.priority = PRIORITY_NORMAL,
		.amount = amount_of_cents(command->amount_cents),
		.party = party_of(command, row, arena),
		.reference = reference_of(command, row),
		.valid_until = now,
		.created_at = now,
		.command = command->canonical,
		.traceparent = command->traceparent,
	};
}

void command_payment(const struct command *command, const struct account *account, struct instant now,
	double time_scale, struct arena *arena, struct payment *ret)
{
	const struct api_row *row;

	from_command(command, now, arena, ret);
	if (ret->api == API_B2C && account->b2c_v1)
		ret->api = API_B2C_V1;
	row = api_row(ret->api);
	ret->account = account->name;
	ret->priority = (enum priority)command->priority;
	ret->valid_until = command->valid_until_ms != 0
				   ? instant_of_ms(command->valid_until_ms)
				   : instant_add_ms(now, scaled_ms(row->send_within_ms, time_scale));
}

/* A refused command may say anything: what the tables and results could not carry is left out. */
static void make_fit(struct payment *payment)
{
	if (!command_tenant_is_well_formed(payment->tenant))
		payment->tenant = "";
	if (strlen(payment->account) > ACCOUNT_MOST)
		payment->account = "";
	if (amount_over(AMOUNT_NONE, payment->amount))
		payment->amount = AMOUNT_NONE;
	if (strlen(payment->reference) > ACCOUNT_MOST)
		payment->reference = "";
}

void command_rejection(const struct command *command, const struct command_fault *fault, struct instant now,
	struct arena *arena, struct payment *ret, struct payment_state *ret_state, struct cause *ret_cause)
{
	const char *code = arena_string(arena, text_of(fault->code));

	from_command(command, now, arena, ret);
	make_fit(ret);
	ret->rejected = true;
	*ret_cause = (struct cause){
		.class = "command",
		.code = code,
		.text = arena_string(arena, text_of(fault->text)),
		.advice = "Nothing was sent. Correct the command and send it under a new id.",
		.field = arena_string(arena, text_of(fault->field)),
		.retryable = false,
	};
	*ret_state = (struct payment_state){
		.id = command->id,
		.state = STATE_FAILED,
		.decided_at = now,
		.updated_at = now,
		.heard_receipt = "",
		.result_ver = 1,
		.ids = {.checkout = "", .merchant = "", .conversation = "", .originator = ""},
		.receipt = "",
		.cause_code = code,
	};
}
