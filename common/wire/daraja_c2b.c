#include "wire/daraja_c2b.h"

#include "wire/daraja_evidence.h"
#include "wire/daraja_json.h"

#include <string.h>

/* Bill references are at most 20, a phone as a hash 64, and a name is cut: nothing here is longer for a good reason. */
enum { FIELD_MOST = 160 };

static const char *text_of_member(const json_t *object, const char *name, struct arena *arena)
{
	return arena_string(arena, daraja_json_text(json_object_get(object, name), FIELD_MOST, arena));
}

void daraja_c2b_parse(struct text body, struct arena *arena, struct c2b_notice *ret)
{
	DARAJA_JSON json_t *json = daraja_json_read(body);

	*ret = (struct c2b_notice){
		.read = json != NULL,
		.receipt = daraja_receipt(json_object_get(json, "TransID"), arena),
		.amount = AMOUNT_NONE,
		.kind = text_of_member(json, "TransactionType", arena),
		.shortcode = text_of_member(json, "BusinessShortCode", arena),
		.bill_reference = text_of_member(json, "BillRefNumber", arena),
		.invoice = text_of_member(json, "InvoiceNumber", arena),
		.third_party = text_of_member(json, "ThirdPartyTransID", arena),
		.customer = text_of_member(json, "MSISDN", arena),
		.first_name = text_of_member(json, "FirstName", arena),
	};
	ret->has_amount =
		daraja_json_amount(json_object_get(json, "TransAmount"), &ret->amount) == NUMBER_READ;
	if (!instant_from_eat(text_of(text_of_member(json, "TransTime", arena)), &ret->paid_at))
		ret->paid_at = (struct instant){0};
}

struct text daraja_c2b_answer(const char *code, struct arena *arena)
{
	return text_of(arena_print(arena, "{\"ResultCode\":\"%s\",\"ResultDesc\":\"%s\"}", code,
		strcmp(code, "0") == 0 ? "Accepted" : "Rejected"));
}
