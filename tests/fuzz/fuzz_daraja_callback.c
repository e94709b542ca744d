#include "core/api.h"
#include "core/callback_url.h"
#include "wire/daraja_callback.h"

#include "fuzz.h"

#include <string.h>

static void check_text(const char *text, size_t most)
{
	must(text != NULL && strlen(text) <= most && text_is_utf8(text_of(text)));
}

static void check_ids(const struct provider_ids *ids)
{
	check_text(ids->checkout, 128);
	check_text(ids->merchant, 128);
	check_text(ids->conversation, 128);
	check_text(ids->originator, 128);
}

/* Only the dictionary says that money moved, or did not. */
static void check_evidence(const struct callback *callback, const struct evidence *evidence)
{
	bool settles = evidence->says == SAYS_PAID || evidence->says == SAYS_DECLINED;

	check_ids(&evidence->ids);
	check_text(evidence->receipt, 32);
	check_text(evidence->code, 64);
	check_text(evidence->text, 3 * 1024 + 4);
	must(evidence->parsed == (evidence->row != NULL));
	must(evidence->parsed || evidence->says == SAYS_UNCLEAR);
	must(evidence->says != SAYS_PAID || evidence->row->class == CODE_PAID);
	must(evidence->says != SAYS_DECLINED || evidence->row->class == CODE_FINAL);
	must(evidence->says == SAYS_PAID || (evidence->receipt[0] == '\0' && !evidence->has_amount));
	must(evidence->receipt[0] == '\0' || !receipt_is_placeholder(text_of(evidence->receipt)));
	must(!settles || (callback->ref.flags & CALLBACK_FLAG_QUEUE_TIMEOUT) == 0);
	must(evidence->gen == callback->ref.gen && evidence->strength == callback->strength);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct callback callback = {
		.has_payment = true,
		.ref = {.gen = 1,
			.query_no = 3,
			.payment = {{0x01, 0x93, 0xe5, 0xf2, 0xa7, 0xb0, 0x7c, 0x3d, 0x8e, 0x4f, 0x5a, 0x6b,
				0x7c, 0x8d, 0x9e, 0x0f}}},
		.strength = STRENGTH_SIGNED_LISTED,
		.peer = "",
		.path = "",
		.traceparent = "",
		.body = {(const char *)data, size},
	};
	struct evidence evidence;
	struct arena arena;

	arena_init(&arena);
	for (int number = 0; number <= API_PULL_QUERY; number++) {
		if (number != 0 && api_by_number(number) == NULL)
			continue;
		callback.ref.purpose = (enum api)number;
		callback.http_status = number == API_STK_QUERY ? 200 : 0;
		callback.ref.flags = 0;
		daraja_callback_parse(&callback, &arena, &evidence);
		check_evidence(&callback, &evidence);
		callback.http_status = 500;
		callback.ref.flags = CALLBACK_FLAG_QUEUE_TIMEOUT;
		daraja_callback_parse(&callback, &arena, &evidence);
		check_evidence(&callback, &evidence);
	}
	arena_done(&arena);
	return 0;
}
