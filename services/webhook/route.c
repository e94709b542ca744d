#include "webhook/route.h"

/* The plain paths of the integration guide: without a signature, so they only make us ask. */
static const struct plain {
	const char *path;
	enum api purpose;
	unsigned flags;
} plains[] = {
	{"/mpesa/stk-push-callback", API_STK_PUSH, 0},
	{"/mpesa/b2c-result", API_B2C, 0},
	{"/mpesa/b2b-result", API_B2B, 0},
	{"/mpesa/account-balance-result", API_ACCOUNT_BALANCE, 0},
	{"/mpesa/transaction-status-result", API_TRANSACTION_STATUS, 0},
	{"/mpesa/transaction-reversal-result", API_REVERSAL, 0},
	{"/mpesa/c2b-confirmation", API_C2B_REGISTER, 0},
	{"/mpesa/timeout", API_B2C, CALLBACK_FLAG_QUEUE_TIMEOUT},
};

static bool is_question(enum api purpose)
{
	return purpose == API_TRANSACTION_STATUS || purpose == API_ACCOUNT_BALANCE ||
	       purpose == API_STK_QUERY;
}

/* Who may pay in is decided by rules on the signed path: a stranger's word, here, is not even worth a refusal. */
static const char plain_validation[] = "/mpesa/c2b-validation";

static bool find_plain(struct text target, struct route *ret)
{
	if (text_is(target, plain_validation)) {
		ret->accept = true;
		ret->strength = STRENGTH_PLAIN;
		return true;
	}
	for (size_t i = 0; i < COUNT_OF(plains); i++)
		if (text_is(target, plains[i].path)) {
			ret->ref =
				(struct callback_ref){.purpose = plains[i].purpose, .flags = plains[i].flags};
			ret->strength = STRENGTH_PLAIN;
			return true;
		}
	return false;
}

void route_find(
	const struct route_conf *conf, struct text method, struct text target, bool listed, struct route *ret)
{
	*ret = (struct route){0};
	if (callback_path_check(conf->keys, conf->prefix, target, &ret->ref)) {
		ret->has_payment = true;
		/* The answer to a question of ours comes by a URL that only the one who was asked knows. */
		ret->strength = is_question(ret->ref.purpose) ? STRENGTH_ASKED
				: listed                      ? STRENGTH_SIGNED_LISTED
							      : STRENGTH_SIGNED;
	} else if (!conf->plain || !find_plain(target, ret)) {
		ret->refuse = 404;
		return;
	}
	if (!text_is(method, "POST"))
		ret->refuse = 405;
}
