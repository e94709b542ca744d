#include "wire/daraja_c2b.h"

#include "core/msisdn.h"
#include "wire/daraja_evidence.h"
#include "wire/daraja_json.h"

/* The page shows no lengths; nothing here is longer for a good reason. */
enum { FIELD_MOST = 160, TIME_DIGITS = 14 };

static const char *text_of_member(const json_t *object, const char *name, struct arena *arena)
{
	return arena_string(arena, daraja_json_text(json_object_get(object, name), FIELD_MOST, arena));
}

/* "2026-11-23 10:15:00" and what else has 14 digits. A date alone is not when somebody paid. */
static struct instant time_of(const char *told)
{
	char digits[TIME_DIGITS + 1] = "";
	struct buf out = BUF(digits);
	struct instant at;

	for (const char *c = told; *c != '\0'; c++)
		if (*c >= '0' && *c <= '9' && out.len < TIME_DIGITS)
			buf_add(&out, c, 1);
	return instant_from_eat(text_of(buf_end(&out)), &at) ? at : (struct instant){0};
}

/* It comes whole here, and goes on masked, as that of a confirmation does. */
static const char *masked(const char *told, struct arena *arena)
{
	char out[MSISDN_MASKED];
	struct msisdn msisdn;

	return msisdn_parse(text_of(told), &msisdn)
		       ? arena_string(arena, text_of(msisdn_masked(msisdn.digits, out)))
		       : told;
}

void daraja_bill_push_parse(struct text body, struct arena *arena, struct c2b_notice *ret)
{
	DARAJA_JSON json_t *json = daraja_json_read(body);

	*ret = (struct c2b_notice){
		.read = json != NULL,
		.receipt = daraja_receipt(json_object_get(json, "transactionId"), arena),
		.amount = AMOUNT_NONE,
		.kind = "Bill Manager",
		.shortcode = text_of_member(json, "shortCode", arena),
		.bill_reference = text_of_member(json, "accountReference", arena),
		.invoice = "",
		.third_party = "",
		.customer = masked(text_of_member(json, "msisdn", arena), arena),
		.first_name = "",
		.paid_at = time_of(text_of_member(json, "dateCreated", arena)),
	};
	ret->has_amount =
		daraja_json_amount(json_object_get(json, "paidAmount"), &ret->amount) == NUMBER_READ;
}
