#include "darajasim/variant.h"

#include "darajasim/bodies.h"
#include "darajasim/draw.h"
#include "darajasim/results.h"

#include <string.h>

/* Receipts that no execution will ever have: lies and failures show these. */
#define INVENTED UINT64_C(40000000000)

static const char *const variant_names[VARIANT_COUNT] = {
	[VARIANT_TRUTH] = "again",
	[VARIANT_OPPOSITE] = "contradict",
	[VARIANT_WRONG_AMOUNT] = "wrong_amount",
	[VARIANT_OTHER_RECEIPT] = "other_receipt",
	[VARIANT_NO_RECEIPT] = "no_receipt",
	[VARIANT_NO_AMOUNT] = "no_amount",
	[VARIANT_GARBAGE] = "garbage",
	[VARIANT_ECHO] = "queue_timeout",
};

const char *variant_name(enum variant variant)
{
	return variant_names[variant];
}

bool variant_from_name(struct text name, enum variant *ret)
{
	for (unsigned i = 0; i < VARIANT_COUNT; i++)
		if (text_is(name, variant_names[i])) {
			*ret = (enum variant)i;
			return true;
		}
	return false;
}

static enum shape shape_of(uint64_t seed, const struct deal *deal)
{
	if (deal->plan->shape != SHAPE_ANY)
		return deal->plan->shape;
	return (enum shape)draw_below(seed, deal->number, DRAW_SHAPE, SHAPE_ANY);
}

/* A plain no of the product's. */
static const char *refusal_of(enum product product)
{
	if (product == PRODUCT_STK_PUSH || product == PRODUCT_ORDER)
		return "1032";
	return product == PRODUCT_EXPRESS ? "4001" : "1";
}

/* The codes that the variant tells, and the receipt and amount with it. */
static void tell_outcome(uint64_t seed, const struct deal *deal, enum variant variant, struct told *told,
	char receipt[RECEIPT_TEXT])
{
	bool success = strcmp(deal->result, "0") == 0;

	told->code = deal->result;
	told->receipt = success ? deal->receipt : "";
	told->shillings = deal->shillings + (variant == VARIANT_WRONG_AMOUNT);
	if (variant == VARIANT_OPPOSITE) {
		success = !success;
		told->code = success ? "0" : refusal_of(deal->product);
	}
	if (success &&
		(variant == VARIANT_OPPOSITE || variant == VARIANT_OTHER_RECEIPT || deal->receipt[0] == '\0'))
		told->receipt = ids_receipt(seed, INVENTED + deal->number, deal->ended, receipt);
	if (variant == VARIANT_NO_RECEIPT)
		told->receipt = "";
	if (variant == VARIANT_NO_AMOUNT)
		told->shillings = 0;
}

/* A failure mostly shows a placeholder instead of a receipt, and now and then what looks like a real one. */
static const char *failed_transaction(uint64_t seed, const struct deal *deal, char out[RECEIPT_TEXT])
{
	if (draw_below(seed, deal->number, DRAW_PLACEHOLDER, 3) != 0)
		return ids_placeholder(deal->ended, out);
	return ids_receipt(seed, INVENTED + deal->number, deal->ended, out);
}

/* The envelope's TransactionID: of B2B, tax and reversal it is all the receipt there is. */
static const char *transaction_told(
	uint64_t seed, const struct deal *deal, const struct told *told, char out[RECEIPT_TEXT])
{
	if (product_inquires(deal->product) || strcmp(told->code, "0") != 0)
		return failed_transaction(seed, deal, out);
	return told->receipt[0] != '\0' ? told->receipt : ids_placeholder(deal->ended, out);
}

static void tell_question(const struct deal *question, struct told *told)
{
	const struct deal *about = question->about;
	const char *truth = "not_found";

	if (about != NULL && !about->dropped) {
		bool lied = strcmp(about->result, "0") == 0;

		truth = "Initiated";
		if (instant_is_set(about->ended))
			truth = about->executed ? "Completed"
				: lied          ? "Declined"
						: results_status(about->result);
	}
	told->status = question->about_status[0] != '\0' ? question->about_status : truth;
	told->code = about == NULL || strcmp(told->status, "not_found") == 0 ? "2033" : "0";
	if (question->trouble[0] != '\0')
		told->code = question->trouble;
	told->receipt = "";
	if (about == NULL)
		return;
	if (strcmp(told->status, "Completed") == 0)
		told->receipt = about->receipt;
	told->shillings = about->shillings;
	told->phone = about->phone;
	told->started = about->started;
	told->ended = instant_is_set(about->ended) ? about->ended : about->started;
	told->about_originator = about->originator;
	told->about_id = about->id;
}

void variant_build(
	enum variant variant, const struct deal *deal, uint64_t seed, int64_t utility, struct buf *out)
{
	char receipt[RECEIPT_TEXT] = "", transaction[RECEIPT_TEXT] = "";
	struct told told = {.shape = shape_of(seed, deal),
		.luck = draw(seed, deal->number, DRAW_ORDER),
		.originator = deal->originator,
		.id = deal->id,
		.phone = deal->phone,
		.shortcode = deal->shortcode,
		.started = deal->started,
		.ended = deal->ended,
		.utility = utility,
		.reference = deal->reference};

	if (variant == VARIANT_GARBAGE) {
		buf_str(out, "<?xml version=\"1.0\"?><soapenv:Envelope/>");
		return;
	}
	if (variant == VARIANT_ECHO) {
		buf_str(out, deal->echo != NULL ? deal->echo : "{}");
		return;
	}
	if (deal->product == PRODUCT_STATUS)
		tell_question(deal, &told);
	else
		tell_outcome(seed, deal, variant, &told, receipt);
	told.desc = deal->plan->desc[0] != '\0' && strcmp(told.code, deal->plan->result) == 0
			    ? deal->plan->desc
			    : results_desc(deal->product, told.code);
	told.transaction = transaction_told(seed, deal, &told, transaction);
	if (deal->product == PRODUCT_STATUS)
		bodies_status(&told, out);
	else if (deal->product == PRODUCT_BALANCE)
		bodies_balance(&told, out);
	else if (deal->product == PRODUCT_STK_PUSH)
		bodies_stk(&told, out);
	else if (deal->product == PRODUCT_B2B)
		bodies_transfer(&told, out);
	else if (deal->product == PRODUCT_TAX)
		bodies_tax(&told, out);
	else if (deal->product == PRODUCT_REVERSAL)
		bodies_reversal(&told, out);
	else if (deal->product == PRODUCT_EXPRESS)
		bodies_express(&told, out);
	else if (deal->product == PRODUCT_ORDER)
		bodies_order(&told, out);
	else
		bodies_payout(&told, out);
}
