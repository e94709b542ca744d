#include "core/api.h"
#include "wire/daraja_evidence.h"
#include "wire/daraja_readers.h"

#include <string.h>
#include <strings.h>

/* Callbacks of the products that came later: each has a shape of its own. */

/* ---- B2B express: a flat object in which everything is text */

static void read_flat_money(const json_t *json, struct arena *arena, struct evidence *ret)
{
	enum daraja_number read = daraja_json_amount(json_object_get(json, "amount"), &ret->amount);

	ret->receipt = daraja_receipt(json_object_get(json, "transactionId"), arena);
	ret->has_amount = read == NUMBER_READ;
	if (read != NUMBER_BAD)
		return;
	ret->says = SAYS_UNCLEAR;
	ret->parsed = false;
	ret->row = NULL;
	ret->receipt = "";
	ret->amount = AMOUNT_NONE;
}

void daraja_read_express(
	const struct callback *callback, const json_t *json, struct arena *arena, struct evidence *ret)
{
	static const char *const codes[] = {"resultCode", NULL}, *const texts[] = {"resultDesc", NULL};

	(void)callback;
	ret->ids.originator = daraja_json_id(json, "requestId", arena);
	ret->ids.conversation = daraja_json_id(json, "conversationID", arena);
	ret->code = arena_string(arena, daraja_json_member(json, codes, DARAJA_CODE_MOST, arena));
	ret->text = arena_string(arena, daraja_json_member(json, texts, DARAJA_TEXT_MOST, arena));
	if (ret->code[0] == '\0')
		return;
	ret->parsed = true;
	daraja_judge_code(json, API_B2B_EXPRESS, arena, ret);
	if (ret->says == SAYS_PAID)
		read_flat_money(json, arena, ret);
}

/* ---- Ratiba: names in any case, and a code in the head and another among the items */

static const json_t *member(const json_t *object, const char *name)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)object, key, value)
	{
		if (strcasecmp(key, name) == 0)
			return value;
	}
	return NULL;
}

static struct text member_text(const json_t *object, const char *name, size_t most, struct arena *arena)
{
	return daraja_json_text(member(object, name), most, arena);
}

/* The items' value of that name; none when it is there twice. */
static struct text item_text(const json_t *items, const char *wanted, struct arena *arena)
{
	struct text found = {NULL, 0};
	unsigned count = 0;
	const json_t *item;
	size_t i;

	json_array_foreach(items, i, item)
	{
		struct text name = member_text(item, "name", DARAJA_CODE_MOST, arena);

		if (!text_same_nocase(name, text_of(wanted)))
			continue;
		found = member_text(item, "value", DARAJA_ID_MOST, arena);
		count++;
	}
	return count == 1 ? found : (struct text){NULL, 0};
}

/* Whether the items say the same as the head: where they do not, nobody knows whether the order exists. */
static bool agrees(const struct evidence *told, const json_t *items, struct arena *arena)
{
	struct text code = item_text(items, "responseCode", arena),
		    status = item_text(items, "Status", arena);
	const bool made = strcmp(told->code, "0") == 0;

	if (code.len > 0 && !text_is(code, told->code))
		return false;
	return status.len == 0 || text_same_nocase(status, text_of(made ? "OKAY" : "ERROR"));
}

/* The order's own number is no receipt: no money has moved yet. */
static void tell_order(const json_t *items, struct arena *arena, struct details *ret)
{
	struct text number = item_text(items, "TransactionID", arena);
	struct detail *detail = ARENA_ARRAY(arena, struct detail, 1);

	if (number.len == 0)
		return;
	*detail = (struct detail){"order_transaction_id", arena_string(arena, number)};
	ret->items = detail;
	ret->item_count = 1;
}

void daraja_read_standing_order(
	const struct callback *callback, const json_t *json, struct arena *arena, struct evidence *ret)
{
	const json_t *head = member(json, "responseHeader");
	const json_t *items = member(member(json, "responseBody"), "responseData");

	(void)callback;
	ret->ids.conversation =
		daraja_id_of(member_text(head, "responseRefID", DARAJA_ID_MOST + 1, arena), arena);
	ret->ids.originator =
		daraja_id_of(member_text(head, "requestRefID", DARAJA_ID_MOST + 1, arena), arena);
	ret->code = arena_string(arena, member_text(head, "responseCode", DARAJA_CODE_MOST, arena));
	ret->text = arena_string(arena, member_text(head, "responseDescription", DARAJA_TEXT_MOST, arena));
	if (ret->code[0] == '\0')
		return;
	ret->parsed = agrees(ret, items, arena);
	if (!ret->parsed)
		return;
	daraja_judge_code(json, API_STANDING_ORDER, arena, ret);
	if (ret->says == SAYS_PAID)
		tell_order(items, arena, &ret->details);
}
