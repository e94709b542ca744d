#include "wire/result_details.h"

#include "wire/proto_json.h"

static void fill_balances(const struct details *details, struct arena *arena, Mkondo__V1__Result *ret)
{
	Mkondo__V1__Balance *messages = ARENA_ARRAY(arena, Mkondo__V1__Balance, details->balance_count + 1);

	ret->n_balances = details->balance_count;
	ret->balances = ARENA_ARRAY(arena, Mkondo__V1__Balance *, details->balance_count + 1);
	for (size_t i = 0; i < details->balance_count; i++) {
		const struct balance *balance = &details->balances[i];

		mkondo__v1__balance__init(&messages[i]);
		messages[i].account = proto_string(balance->account, arena);
		messages[i].currency = proto_string(balance->currency, arena);
		messages[i].current_cents = balance->current;
		messages[i].available_cents = balance->available;
		messages[i].reserved_cents = balance->reserved;
		messages[i].uncleared_cents = balance->uncleared;
		ret->balances[i] = &messages[i];
	}
}

static void fill_charges(const struct details *details, struct arena *arena, Mkondo__V1__Result *ret)
{
	Mkondo__V1__Charge *messages = ARENA_ARRAY(arena, Mkondo__V1__Charge, details->charge_count + 1);

	ret->n_charges = details->charge_count;
	ret->charges = ARENA_ARRAY(arena, Mkondo__V1__Charge *, details->charge_count + 1);
	for (size_t i = 0; i < details->charge_count; i++) {
		mkondo__v1__charge__init(&messages[i]);
		messages[i].name = proto_string(details->charges[i].name, arena);
		messages[i].currency = proto_string(details->charges[i].currency, arena);
		messages[i].cents = details->charges[i].fee_cents;
		ret->charges[i] = &messages[i];
	}
}

static void fill_items(const struct details *details, struct arena *arena, Mkondo__V1__Result *ret)
{
	Mkondo__V1__Result__DetailsEntry *entries =
		ARENA_ARRAY(arena, Mkondo__V1__Result__DetailsEntry, details->item_count + 1);

	ret->n_details = details->item_count;
	ret->details = ARENA_ARRAY(arena, Mkondo__V1__Result__DetailsEntry *, details->item_count + 1);
	for (size_t i = 0; i < details->item_count; i++) {
		mkondo__v1__result__details_entry__init(&entries[i]);
		entries[i].key = proto_string(details->items[i].name, arena);
		entries[i].value = proto_string(details->items[i].value, arena);
		ret->details[i] = &entries[i];
	}
}

void result_details_fill(const struct details *details, struct arena *arena, Mkondo__V1__Result *ret)
{
	fill_balances(details, arena, ret);
	fill_charges(details, arena, ret);
	fill_items(details, arena, ret);
	ret->qr_png.len = details->png.len;
	ret->qr_png.data = (uint8_t *)(uintptr_t)arena_text(arena, details->png).at;
}

void result_details_take(const Mkondo__V1__Result *message, struct arena *arena, struct details *ret)
{
	struct balance *balances = ARENA_ARRAY(arena, struct balance, message->n_balances + 1);
	struct charge *charges = ARENA_ARRAY(arena, struct charge, message->n_charges + 1);
	struct detail *items = ARENA_ARRAY(arena, struct detail, message->n_details + 1);

	*ret = details_none();
	if (message->answer != NULL) {
		ret->code = message->answer->code;
		ret->text = message->answer->text;
	}
	for (size_t i = 0; i < message->n_balances; i++)
		balances[i] = (struct balance){.account = message->balances[i]->account,
			.currency = message->balances[i]->currency,
			.current = message->balances[i]->current_cents,
			.available = message->balances[i]->available_cents,
			.reserved = message->balances[i]->reserved_cents,
			.uncleared = message->balances[i]->uncleared_cents};
	for (size_t i = 0; i < message->n_charges; i++)
		charges[i] = (struct charge){
			message->charges[i]->name, message->charges[i]->currency, message->charges[i]->cents};
	for (size_t i = 0; i < message->n_details; i++)
		items[i] = (struct detail){message->details[i]->key, message->details[i]->value};
	ret->balances = balances;
	ret->balance_count = message->n_balances;
	ret->charges = charges;
	ret->charge_count = message->n_charges;
	ret->items = items;
	ret->item_count = message->n_details;
	ret->png = (struct text){(const char *)message->qr_png.data, message->qr_png.len};
}
