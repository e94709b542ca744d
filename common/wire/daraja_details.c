#include "wire/daraja_details.h"

#include "base/base64.h"

#include <string.h>

enum { BALANCES_MOST = 32, CHARGES_MOST = 8, ITEMS_MOST = 16, NAME_MOST = 64, PNG_MOST = 128 * 1024 };

/* The next piece of a list, and what is behind it. */
static bool next_piece(struct text *rest, char separator, struct text *ret)
{
	const char *end = rest->len > 0 ? memchr(rest->at, separator, rest->len) : NULL;

	if (rest->at == NULL)
		return false;
	*ret = (struct text){rest->at, end != NULL ? (size_t)(end - rest->at) : rest->len};
	*rest = end != NULL ? (struct text){end + 1, rest->len - ret->len - 1} : (struct text){NULL, 0};
	return true;
}

/* Balances may be below 0, as amounts never are. */
static bool cents_of(struct text text, int64_t *ret)
{
	struct amount amount;
	bool below;

	text = text_trim(text);
	below = text.len > 0 && text.at[0] == '-';
	if (below)
		text = (struct text){text.at + 1, text.len - 1};
	if (!amount_parse(text, &amount))
		return false;
	*ret = below ? -amount_cents(amount) : amount_cents(amount);
	return true;
}

static bool read_balance(struct text text, struct arena *arena, struct balance *ret)
{
	enum { PIECES = 6 };
	struct text pieces[PIECES];
	int64_t *cents[] = {&ret->current, &ret->available, &ret->reserved, &ret->uncleared};

	for (size_t i = 0; i < PIECES; i++)
		if (!next_piece(&text, '|', &pieces[i]))
			return false;
	for (size_t i = 0; i < COUNT_OF(cents); i++)
		if (!cents_of(pieces[2 + i], cents[i]))
			return false;
	ret->account = arena_string(arena, text_trim(pieces[0]));
	ret->currency = arena_string(arena, text_trim(pieces[1]));
	return text.at == NULL && ret->account[0] != '\0' && strlen(ret->account) <= NAME_MOST;
}

bool daraja_read_balances(const json_t *items, struct arena *arena, struct details *ret)
{
	bool doubled = false;
	struct text text = daraja_json_text(
		daraja_item(items, "AccountBalance", &doubled, arena), 4 * DARAJA_TEXT_MOST, arena);
	struct balance *balances = ARENA_ARRAY(arena, struct balance, BALANCES_MOST);
	struct text piece;
	size_t count = 0;

	if (text.len == 0 || doubled)
		return false;
	while (next_piece(&text, '&', &piece))
		if (count == BALANCES_MOST || !read_balance(piece, arena, &balances[count++]))
			return false;
	ret->balances = balances;
	ret->balance_count = count;
	return true;
}

/* "Name|KES|77.00", several joined by '&'; what cannot be read is left out, since nothing depends on it. */
static void read_charges(const json_t *items, struct arena *arena, struct details *ret)
{
	bool doubled = false;
	struct text text = daraja_json_text(
		daraja_item(items, "DebitPartyCharges", &doubled, arena), DARAJA_TEXT_MOST, arena);
	struct charge *charges = ARENA_ARRAY(arena, struct charge, CHARGES_MOST);
	struct text piece, name, currency, sum;

	while (ret->charge_count < CHARGES_MOST && next_piece(&text, '&', &piece)) {
		struct charge *charge = &charges[ret->charge_count];

		if (!next_piece(&piece, '|', &name) || !next_piece(&piece, '|', &currency) ||
			!next_piece(&piece, '|', &sum) || !cents_of(sum, &charge->fee_cents))
			continue;
		charge->name = arena_string(arena, text_trim(name));
		charge->currency = arena_string(arena, text_trim(currency));
		ret->charge_count++;
	}
	ret->charges = charges;
}

/* Our name, the operation, and Daraja's name of it. */
struct known {
	enum api api;
	const char *name, *item;
};

static const struct known in_results[] = {
	{API_TRANSACTION_STATUS, "amount", "Amount"},
	{API_TRANSACTION_STATUS, "finalised_time", "FinalisedTime"},
	{API_TRANSACTION_STATUS, "finalised_time", "FinalizedTime"},
	{API_TRANSACTION_STATUS, "initiated_time", "InitiatedTime"},
	{API_TRANSACTION_STATUS, "original_conversation_id", "ConversationID"},
	{API_TRANSACTION_STATUS, "original_originator_conversation_id", "OriginatorConversationID"},
	{API_TRANSACTION_STATUS, "reason_type", "ReasonType"},
	{API_TRANSACTION_STATUS, "receipt", "ReceiptNo"},
	{API_TRANSACTION_STATUS, "status", "TransactionStatus"},
	{API_REVERSAL, "original_receipt", "OriginalTransactionID"},
};

static const struct known in_answers[] = {
	{API_ORG_INFO, "charge_profile_id", "ChargeProfileID"},
	{API_ORG_INFO, "organization_name", "OrganizationName"},
	{API_SIM_SWAP, "last_swap_date", "lastSwapDate"},
	{API_BILL_OPT_IN, "app_key", "app_key"},
	{API_IMSI, "imsi", "imsi"},
	{API_IMSI, "last_swap_date", "lastSwapDate"},
	{API_IMSI, "msisdn_registration_date", "msisdnRegistrationDate"},
};

static void add_item(struct details *details, struct detail *items, const char *name, struct text value,
	struct arena *arena)
{
	/* No name twice: of two spellings the first that is there counts. */
	if (value.len == 0 || details->item_count == ITEMS_MOST ||
		(details->item_count > 0 && strcmp(items[details->item_count - 1].name, name) == 0))
		return;
	items[details->item_count++] = (struct detail){name, arena_string(arena, value)};
	details->items = items;
}

void daraja_read_result_details(
	enum api purpose, const json_t *items, struct arena *arena, struct details *ret)
{
	struct detail *found = ARENA_ARRAY(arena, struct detail, ITEMS_MOST);
	bool doubled = false;

	read_charges(items, arena, ret);
	for (size_t i = 0; i < COUNT_OF(in_results); i++)
		if (in_results[i].api == purpose)
			add_item(ret, found, in_results[i].name,
				daraja_json_text(daraja_item(items, in_results[i].item, &doubled, arena),
					DARAJA_ID_MOST, arena),
				arena);
}

/* Base64 of a PNG, without a "data:" before it. */
static void read_png(const json_t *json, struct arena *arena, struct details *ret)
{
	struct text text = daraja_json_text(json_object_get(json, "QRCode"), 2 * PNG_MOST, arena);
	char *png;
	size_t len;

	if (text.len == 0 || text.len > PNG_MOST / 3 * 4)
		return;
	png = arena_alloc(arena, text.len);
	if (base64_parse(text, png, text.len, &len))
		ret->png = (struct text){png, len};
}

void daraja_read_answer_details(enum api api, const json_t *json, struct arena *arena, struct details *ret)
{
	struct detail *found = ARENA_ARRAY(arena, struct detail, ITEMS_MOST);

	if (api == API_QR_CODE)
		read_png(json, arena, ret);
	for (size_t i = 0; i < COUNT_OF(in_answers); i++)
		if (in_answers[i].api == api)
			add_item(ret, found, in_answers[i].name,
				daraja_json_text(
					json_object_get(json, in_answers[i].item), DARAJA_ID_MOST, arena),
				arena);
}
