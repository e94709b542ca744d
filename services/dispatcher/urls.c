#include "dispatcher/worker.h"

#include "core/c2b_url.h"

/* What we hand to Daraja is always signed: payment, purpose, generation and question are under the MAC. */
static bool build(struct worker *worker, const struct call *call, enum api purpose, unsigned flags,
	const char **ret, struct err *err)
{
	const struct callback_ref ref = {.purpose = purpose,
		.flags = flags | (call->after_fence ? CALLBACK_FLAG_AFTER_FENCE : 0),
		.gen = call->gen,
		.query_no = call->query_no,
		.payment = call->id};
	char url[CALLBACK_URL_MOST];

	if (!callback_url_build(&worker->callback_keys, worker->settings->callback_base,
		    worker->settings->callback_prefix, &ref, url))
		return err_set(err, ERR_BROKEN, 0,
			"the callback URL cannot be built (MPESA_CALLBACK_BASE_URL too long?)");
	*ret = arena_string(&worker->tmp, text_of(url));
	return true;
}

bool worker_urls(struct worker *worker, const struct call *call, enum api purpose, const char **ret_result,
	const char **ret_timeout, struct err *err)
{
	*ret_timeout = "";
	return build(worker, call, purpose, 0, ret_result, err) &&
	       (!api_row(purpose)->asks_initiator ||
		       build(worker, call, purpose, CALLBACK_FLAG_QUEUE_TIMEOUT, ret_timeout, err));
}

bool worker_c2b_urls(struct worker *worker, const struct account *account, const char **ret_confirmation,
	const char **ret_validation, struct err *err)
{
	const char **const rets[] = {
		[C2B_CONFIRMATION] = ret_confirmation, [C2B_VALIDATION] = ret_validation};
	char url[CALLBACK_URL_MOST];

	for (size_t i = 0; i < COUNT_OF(rets); i++) {
		if (!c2b_url_build(worker->settings->callback_base, worker->settings->callback_prefix,
			    account->c2b_secret, (enum c2b_door)i, url))
			return err_set(err, ERR_BROKEN, 0,
				"the addresses of C2B cannot be built (c2b_secret, or a word in "
				"MPESA_CALLBACK_BASE_URL that Daraja refuses?)");
		*rets[i] = arena_string(&worker->tmp, text_of(url));
	}
	return true;
}
