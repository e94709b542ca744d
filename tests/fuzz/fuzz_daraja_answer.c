#include "core/api.h"
#include "core/answer.h"
#include "wire/daraja_answer.h"

#include "fuzz.h"

#include <string.h>

static void check_id(const char *id)
{
	must(id != NULL && strlen(id) <= 128);
}

static void check_answer(enum api api, int http, struct text body, struct arena *arena)
{
	struct answer answer;
	struct answer_verdict verdict;

	daraja_answer_parse(api, http, body, arena, &answer);
	must(answer.json || (answer.code.len == 0 && !answer.has_ids));
	must(text_is_utf8(answer.message) && text_is_utf8(answer.code));
	/* What is hidden may be shorter than the three stars. */
	must(answer.code.len <= 64 && answer.message.len <= 3 * 1024 + 4);
	check_id(answer.ids.checkout);
	check_id(answer.ids.merchant);
	check_id(answer.ids.conversation);
	check_id(answer.ids.originator);
	/* What cannot be read, or has no ids to ask by, is never an acceptance. */
	verdict = answer_classify(api, &answer, true, arena);
	must(verdict.class != CODE_TAKEN || (answer.json && answer.has_ids));
}

static void check_redacted(struct text body, struct arena *arena)
{
	struct text once = daraja_redacted(body, arena);
	struct text twice = daraja_redacted(once, arena);

	must(text_same(once, twice));
}

static void check_token(struct text body, struct arena *arena)
{
	const char *token;
	int64_t life_ms;

	if (!daraja_token_parse(body, arena, &token, &life_ms))
		return;
	must(token[0] != '\0' && strpbrk(token, " \r\n\t") == NULL);
	must(life_ms >= 1000 && life_ms <= 24 * 3600 * 1000);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum api apis[] = {API_STK_PUSH, API_B2C, API_STK_QUERY, API_TRANSACTION_STATUS};
	struct text body = {(const char *)data, size};
	struct arena arena;

	arena_init(&arena);
	for (size_t i = 0; i < COUNT_OF(apis); i++) {
		check_answer(apis[i], 200, body, &arena);
		check_answer(apis[i], 500, body, &arena);
		arena_reset(&arena);
	}
	check_redacted(body, &arena);
	check_token(body, &arena);
	arena_done(&arena);
	return 0;
}
