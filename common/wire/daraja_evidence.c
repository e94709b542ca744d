#include "wire/daraja_evidence.h"

#include "core/api.h"

static const char *const result_code_names[] = {"ResultCode", NULL};
static const char *const result_desc_names[] = {"ResultDesc", NULL};
static const char *const result_type_names[] = {"ResultType", NULL};

const char *daraja_result_family(enum api purpose)
{
	/* By number: the purpose came over the wire and need not be one of ours. */
	const struct api_row *row = api_by_number((int)purpose);

	return row != NULL && row->result_family != NULL ? row->result_family : "any";
}

static enum evidence_says says_of_result(enum code_class class)
{
	switch (class) {
	case CODE_PAID:
		return SAYS_PAID;
	case CODE_FINAL:
		return SAYS_DECLINED;
	case CODE_DOUBT:
	case CODE_OPEN:
	case CODE_TAKEN:
	case CODE_PUT_OFF:
	case CODE_TURNED_DOWN:
	case CODE_NO_WORD:
	case CODE_DUPLICATE:
	case CODE_TOKEN:
	case CODE_CONFIG:
	case CODE_PENDING:
	case CODE_FOUND_NOTHING:
	case CODE_ACCEPT:
	case CODE_REJECT:
		break;
	}
	return SAYS_UNCLEAR;
}

/* The answer to a question of ours may say "not yet" as well. */
enum evidence_says daraja_says_of_answer(enum code_class class)
{
	return class == CODE_OPEN || class == CODE_PENDING ? SAYS_OPEN : says_of_result(class);
}

/* Code and text; whether there was a code to judge by. */
bool daraja_read_code(const json_t *object, struct arena *arena, struct evidence *ret)
{
	struct text code = daraja_json_member(object, result_code_names, DARAJA_CODE_MOST, arena);
	struct text desc = daraja_json_member(object, result_desc_names, DARAJA_TEXT_MOST, arena);

	ret->code = arena_string(arena, code);
	ret->text = arena_string(arena, desc);
	return code.len > 0;
}

/* ResultType 1: more messages follow, so this is not the last word whatever its code says. */
bool daraja_is_last_word(const json_t *object, struct arena *arena)
{
	struct text type = daraja_json_member(object, result_type_names, DARAJA_CODE_MOST, arena);

	return type.len == 0 || text_is(type, "0");
}

void daraja_judge_code(const json_t *object, enum api purpose, struct arena *arena, struct evidence *ret)
{
	ret->row = codes_find(
		WHERE_RESULT, daraja_result_family(purpose), 0, text_of(ret->code), (struct text){0});
	ret->says = daraja_is_last_word(object, arena) ? says_of_result(ret->row->class) : SAYS_UNCLEAR;
}

/* A receipt is what stands in the customer's message: letters and digits. Placeholders are none. */
const char *daraja_receipt(const json_t *value, struct arena *arena)
{
	struct text text = daraja_json_text(value, DARAJA_CODE_MOST, arena);

	for (size_t i = 0; i < text.len; i++)
		if (!(text.at[i] >= '0' && text.at[i] <= '9') && !(text.at[i] >= 'A' && text.at[i] <= 'Z') &&
			!(text.at[i] >= 'a' && text.at[i] <= 'z'))
			return "";
	return text.len < 6 || text.len > 32 || receipt_is_placeholder(text) ? "" : arena_string(arena, text);
}

/* What a success tells about the money. Items that contradict each other, or an amount that cannot be read,
   take its word away: we ask, and a person looks. */
void daraja_read_money(const json_t *items, const char *amount_name, const char *receipt_name,
	struct arena *arena, struct evidence *ret)
{
	bool doubled = false;
	const json_t *amount = daraja_item(items, amount_name, &doubled, arena);
	const json_t *receipt = daraja_item(items, receipt_name, &doubled, arena);
	enum daraja_number read = daraja_json_amount(amount, &ret->amount);

	ret->has_amount = read == NUMBER_READ;
	ret->receipt = daraja_receipt(receipt, arena);
	if (doubled || read == NUMBER_BAD) {
		ret->says = SAYS_UNCLEAR;
		ret->parsed = false;
		ret->row = NULL;
		ret->receipt = "";
		ret->has_amount = false;
		ret->amount = AMOUNT_NONE;
	}
}
