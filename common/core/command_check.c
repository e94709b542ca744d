#include "core/command.h"
#include "core/command_check.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Each check returns true when all is well, and else the line that fills the fault. */

enum {
	ID_AHEAD_MOST_MS = 10 * 60 * 1000,
	DAY_MS = 24 * 60 * 60 * 1000,
	VALID_FOR_DAYS = 7,
	TENANT_MOST = 64,
	METADATA_MOST = 16,
	METADATA_KEY_MOST = 64,
	METADATA_VALUE_MOST = 256,
};

bool command_refuse(struct command_fault *ret, const char *code, const char *field, const char *fmt, ...)
{
	va_list args;

	snprintf(ret->code, sizeof(ret->code), "%s", code);
	snprintf(ret->field, sizeof(ret->field), "%s", field);
	va_start(args, fmt);
	vsnprintf(ret->text, sizeof(ret->text), fmt, args);
	va_end(args);
	return false;
}

/* The sender's own words in a refusal's text: only what is short and plain, since half a UTF-8 character would make
   the whole result unreadable. */
static const char *shown(const char *value)
{
	size_t len = strlen(value);

	for (size_t i = 0; i < len; i++)
		if (value[i] < ' ' || value[i] > '~')
			return "(not shown)";
	return len <= 64 ? value : "(too long)";
}

static bool check_id(
	const struct command *command, const struct command_limits *limits, struct command_fault *ret)
{
	int64_t age_ms, old_most_ms = limits->retention_ms - DAY_MS;

	if (command->id_text.len == 0)
		return command_refuse(ret, "command.id.missing", "id", "there is no id: a UUID is needed");
	if (!command->has_id)
		return command_refuse(ret, "command.id.format", "id",
			"the id is not a UUID in its canonical form: 36 characters, lower case");
	if (uuid_version(&command->id) != 7) {
		if (limits->retention_ms == 0)
			return true;
		return command_refuse(ret, "command.id.version", "id",
			"the id is a UUID of version %u: version 7 is needed, whose time tells its age",
			uuid_version(&command->id));
	}
	age_ms = instant_ms_between(uuid_v7_time(&command->id), limits->now);
	if (age_ms < -(int64_t)ID_AHEAD_MOST_MS)
		return command_refuse(ret, "command.id.in_future", "id",
			"the id's time is %" PRId64 " s ahead: at most 600 s are allowed", -age_ms / 1000);
	if (limits->retention_ms > 0 && age_ms > old_most_ms)
		return command_refuse(ret, "command.id.too_old", "id",
			"the id is %" PRId64 " s old: at most %" PRId64
			" s are allowed, since a repeat of an older "
			"one could not be told from a new payment",
			age_ms / 1000, old_most_ms / 1000);
	return true;
}

bool command_tenant_is_well_formed(const char *tenant)
{
	size_t len = strlen(tenant);

	return len >= 1 && len <= TENANT_MOST &&
	       strspn(tenant, "abcdefghijklmnopqrstuvwxyz0123456789._-") == len;
}

static bool check_tenant(const struct command *command, struct command_fault *ret)
{
	if (command->tenant[0] == '\0')
		return command_refuse(
			ret, "command.tenant.missing", "tenant", "there is no tenant: who asks must be told");
	if (!command_tenant_is_well_formed(command->tenant))
		return command_refuse(ret, "command.tenant.format", "tenant",
			"the tenant is not 1 to %d of the characters a-z 0-9 . _ -", TENANT_MOST);
	return true;
}

static bool check_account(
	const struct command *command, const struct command_limits *limits, struct command_fault *ret)
{
	const char *name = command->account[0] != '\0' ? command->account : "default";

	if (limits->account == NULL)
		return command_refuse(ret, "command.account.unknown", "account",
			"there is no account \"%s\": the name of a configured account is needed, or none for "
			"\"default\"",
			shown(name));
	if (!account_serves(limits->account, text_of(command->tenant)))
		return command_refuse(ret, "command.account.tenant", "account",
			"account \"%s\" does not serve tenant \"%s\"", shown(name), shown(command->tenant));
	return true;
}

static bool check_range(const struct command *command, const struct api_row *row, struct command_fault *ret)
{
	struct amount amount = amount_of_cents(command->amount_cents);
	char least[AMOUNT_TEXT], most[AMOUNT_TEXT];

	if (row->most_shillings == 0) {
		if (command->amount_cents == 0)
			return true;
		return command_refuse(ret, "command.amount.range", "amount_cents",
			"amount_cents %" PRId64 ": %s moves no money, 0 is needed", command->amount_cents,
			row->name);
	}
	if (command->amount_cents == 0 && row->least_shillings > 0)
		return command_refuse(ret, "command.amount.missing", "amount_cents",
			"there is no amount: amount_cents must be above 0");
	if (amount_over(amount_of_shillings(row->least_shillings), amount) ||
		amount_over(amount, amount_of_shillings(row->most_shillings)))
		return command_refuse(ret, "command.amount.range", "amount_cents",
			"amount_cents %" PRId64 " is out of range: %s carries %s to %s shillings",
			command->amount_cents, row->name,
			amount_text(amount_of_shillings(row->least_shillings), least),
			amount_text(amount_of_shillings(row->most_shillings), most));
	return true;
}

static bool check_amount(const struct command *command, struct command_fault *ret)
{
	if (command->amount_cents < 0)
		return command_refuse(ret, "command.amount.range", "amount_cents",
			"amount_cents %" PRId64 " is negative: above 0 is needed", command->amount_cents);
	if (!amount_is_whole(amount_of_cents(command->amount_cents)))
		return command_refuse(ret, "command.amount.fraction", "amount_cents",
			"amount_cents %" PRId64
			" is not a whole number of shillings: a multiple of 100 is needed",
			command->amount_cents);
	return command->api == API_NONE || check_range(command, api_row(command->api), ret);
}

static bool check_currency(const struct command *command, struct command_fault *ret)
{
	if (command->currency[0] == '\0' || strcmp(command->currency, "KES") == 0)
		return true;
	return command_refuse(ret, "command.currency.unsupported", "currency",
		"currency \"%s\" is not carried: \"KES\" or none is needed", shown(command->currency));
}

static bool check_valid_until(
	const struct command *command, const struct command_limits *limits, struct command_fault *ret)
{
	int64_t now_ms = instant_ms(limits->now);

	if (command->valid_until_ms == 0)
		return true;
	if (command->valid_until_ms <= now_ms)
		return command_refuse(ret, "command.valid_until.past", "valid_until_ms",
			"valid_until_ms %" PRId64 " is in the past (it is %" PRId64
			" now): a later time or 0 is needed",
			command->valid_until_ms, now_ms);
	if (command->valid_until_ms > now_ms + (int64_t)VALID_FOR_DAYS * DAY_MS)
		return command_refuse(ret, "command.valid_until.too_far", "valid_until_ms",
			"valid_until_ms %" PRId64 " is more than %d days ahead: that is the most",
			command->valid_until_ms, VALID_FOR_DAYS);
	return true;
}

static bool check_priority(const struct command *command, struct command_fault *ret)
{
	if (command->priority >= PRIORITY_NORMAL && command->priority <= PRIORITY_BULK)
		return true;
	return command_refuse(ret, "command.priority.unknown", "priority",
		"priority %d is unknown: NORMAL, INTERACTIVE or BULK is needed", command->priority);
}

static bool check_metadata(const struct command *command, struct command_fault *ret)
{
	if (command->metadata_count > METADATA_MOST)
		return command_refuse(ret, "command.metadata.count", "metadata",
			"there are %zu entries of metadata: at most %d are allowed", command->metadata_count,
			METADATA_MOST);
	for (size_t i = 0; i < command->metadata_count; i++) {
		size_t key = strlen(command->metadata[i].key), value = strlen(command->metadata[i].value);

		if (key < 1 || key > METADATA_KEY_MOST)
			return command_refuse(ret, "command.metadata.key", "metadata",
				"a key of metadata has %zu bytes: 1 to %d are allowed", key,
				METADATA_KEY_MOST);
		if (value > METADATA_VALUE_MOST)
			return command_refuse(ret, "command.metadata.value", "metadata",
				"the value of metadata \"%s\" has %zu bytes: at most %d are allowed",
				shown(command->metadata[i].key), value, METADATA_VALUE_MOST);
	}
	return true;
}

bool command_check(
	const struct command *command, const struct command_limits *limits, struct command_fault *ret)
{
	struct command_fault fault = {0};

	if (check_id(command, limits, &fault) && check_tenant(command, &fault) &&
		check_account(command, limits, &fault) && check_amount(command, &fault) &&
		check_currency(command, &fault) && check_valid_until(command, limits, &fault) &&
		check_priority(command, &fault) && check_metadata(command, &fault) &&
		command_check_operation(command, limits->account, &fault))
		return true;
	*ret = fault;
	return false;
}
