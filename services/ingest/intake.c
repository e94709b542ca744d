#include "ingest/intake.h"

#include "wire/cloudevent.h"
#include "wire/command_wire.h"

#include <stdlib.h>

static bool digest_is_set(const struct digest *digest)
{
	for (size_t i = 0; i < sizeof(digest->b); i++)
		if (digest->b[i] != 0)
			return true;
	return false;
}

/* A bad command becomes a payment too, so that a later, more lenient configuration cannot accept its redelivery. */
static void reject(struct intake_item *item, struct command *command, struct text value,
	const struct intake_rules *rules, struct arena *arena)
{
	item->fate = INTAKE_REJECTION;
	if (!digest_is_set(&command->fingerprint))
		command->fingerprint = sha256(value);
	command_rejection(
		command, &item->fault, rules->now, arena, &item->payment, &item->state, &item->cause);
	item->fingerprint = command->fingerprint;
}

void intake_read(struct text value, struct text content_type, const char *traceparent,
	const struct intake_rules *rules, struct arena *arena, struct intake_item *ret)
{
	struct command command = {0};

	*ret = (struct intake_item){0};
	bool readable = command_unpack(value, content_type, arena, &command, &ret->fault);
	ret->id = command.id;
	if (command.traceparent == NULL || command.traceparent[0] == '\0')
		command.traceparent = traceparent;
	if (!command.has_id) {
		ret->fate = INTAKE_UNREADABLE;
		if (ret->fault.code[0] == '\0')
			ret->fault = (struct command_fault){.code = "command.id.missing",
				.field = "id",
				.text = "there is no readable id"};
		return;
	}
	if (!readable) {
		reject(ret, &command, value, rules, arena);
		return;
	}

	const struct account *account = rules->account(rules->book, text_of(command.account));
	const struct command_limits limits = {
		.now = rules->now, .retention_ms = rules->retention_ms, .account = account};

	if (!command_check(&command, &limits, &ret->fault)) {
		reject(ret, &command, value, rules, arena);
		return;
	}
	ret->fate = INTAKE_PAYMENT;
	ret->fingerprint = command.fingerprint;
	command_payment(&command, account, rules->now, rules->time_scale, arena, &ret->payment);
	payment_begin(&ret->payment, rules->now, rules->time_scale, &ret->state);
}

static int by_id_then_order(const void *a, const void *b)
{
	const struct intake_item *const *x = a, *const *y = b;
	int by_id = uuid_cmp(&(*x)->id, &(*y)->id);

	return by_id != 0 ? by_id : (*x > *y) - (*x < *y);
}

void intake_fold(struct intake_item *items, size_t count, struct arena *arena)
{
	struct intake_item **sorted = ARENA_ARRAY(arena, struct intake_item *, count + 1);
	size_t first = 0;

	for (size_t i = 0; i < count; i++)
		sorted[i] = &items[i];
	qsort(sorted, count, sizeof(*sorted), by_id_then_order);
	for (size_t i = 0; i < count; i++) {
		if (sorted[i]->fate == INTAKE_UNREADABLE || i == 0 ||
			uuid_cmp(&sorted[first]->id, &sorted[i]->id) != 0)
			first = i;
		sorted[i]->first = (size_t)(sorted[first] - items);
	}
}

bool intake_is_same(const struct intake_item *item, const struct payment *stored, struct arena *arena)
{
	struct command command = {0};
	struct err err;

	if (digest_same(&item->fingerprint, &stored->fingerprint, sizeof(item->fingerprint)))
		return true;
	return stored->command.len > 0 && command_unpack_canonical(stored->command, arena, &command, &err) &&
	       digest_same(&item->fingerprint, &command.fingerprint, sizeof(command.fingerprint));
}
