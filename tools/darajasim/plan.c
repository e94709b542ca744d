#include "darajasim/plan.h"

#include "darajasim/faults.h"

#include <string.h>

static const char *const answer_names[ANSWER_COUNT] = {
	[ANSWER_OK] = "ok",
	[ANSWER_ERROR] = "error",
	[ANSWER_LOST_BEFORE] = "lost_before",
	[ANSWER_LOST_AFTER] = "lost_after",
	[ANSWER_CLOSE_AFTER_READ] = "close_after_read",
	[ANSWER_TRUNCATED] = "truncated",
	[ANSWER_HANG] = "hang",
	[ANSWER_HTML503] = "html503",
	[ANSWER_EMPTY200] = "empty200",
	[ANSWER_EMPTY_FIELDS] = "empty_fields",
	[ANSWER_REFUSED200] = "refused200",
	[ANSWER_SPIKE_ARREST] = "spike_arrest",
	[ANSWER_SPIKE_ARREST_RAW] = "spike_arrest_raw",
	[ANSWER_QUOTA] = "quota",
	[ANSWER_INVALID_TOKEN] = "invalid_token",
	[ANSWER_HTTP429] = "http429",
};

static const char *const callback_names[CALLBACK_COUNT] = {
	[CALLBACK_SENT] = "sent",
	[CALLBACK_LOST] = "lost",
	[CALLBACK_NONE] = "none",
	[CALLBACK_DOUBLED] = "doubled",
	[CALLBACK_LATE] = "late",
	[CALLBACK_BEFORE_ANSWER] = "before_answer",
	[CALLBACK_CONTRADICTORY] = "contradictory",
	[CALLBACK_LIE_FIRST] = "lie_first",
	[CALLBACK_QUEUE_TIMEOUT] = "queue_timeout",
	[CALLBACK_WRONG_AMOUNT] = "wrong_amount",
	[CALLBACK_SECOND_RECEIPT] = "second_receipt",
	[CALLBACK_NO_RECEIPT] = "no_receipt",
	[CALLBACK_NO_AMOUNT] = "no_amount",
	[CALLBACK_GARBAGE] = "garbage",
};

static const char *const shape_names[SHAPE_COUNT] = {
	[SHAPE_PORTAL] = "portal",
	[SHAPE_STRINGS] = "strings",
	[SHAPE_MINIMAL] = "minimal",
	[SHAPE_OBJECT] = "object",
	[SHAPE_SHUFFLED] = "shuffled",
	[SHAPE_ANY] = "any",
};

/* Whether a request that is answered so has gone in, when the scenario does not say. */
static const bool goes_in[ANSWER_COUNT] = {
	[ANSWER_OK] = true,
	[ANSWER_LOST_AFTER] = true,
	[ANSWER_TRUNCATED] = true,
	[ANSWER_EMPTY_FIELDS] = true,
};

enum field_is { IS_WORD, IS_STRING, IS_CODE, IS_MS, IS_YES, IS_ERROR };

static const struct field {
	const char *name;
	enum field_is is;
	size_t at, size;
	const char *const *words;
	unsigned count;
} fields[] = {
	{"answer", IS_WORD, offsetof(struct plan, answer), 0, answer_names, ANSWER_COUNT},
	{"callback", IS_WORD, offsetof(struct plan, callback), 0, callback_names, CALLBACK_COUNT},
	{"shape", IS_WORD, offsetof(struct plan, shape), 0, shape_names, SHAPE_COUNT},
	{"error", IS_ERROR, offsetof(struct plan, error), 0, NULL, 0},
	{"accepted", IS_YES, offsetof(struct plan, accepted), 0, NULL, 0},
	{"executed", IS_YES, offsetof(struct plan, executed), 0, NULL, 0},
	{"result", IS_CODE, offsetof(struct plan, result), sizeof(((struct plan *)0)->result), NULL, 0},
	{"desc", IS_STRING, offsetof(struct plan, desc), sizeof(((struct plan *)0)->desc), NULL, 0},
	{"status", IS_STRING, offsetof(struct plan, status), sizeof(((struct plan *)0)->status), NULL, 0},
	{"query", IS_CODE, offsetof(struct plan, query), sizeof(((struct plan *)0)->query), NULL, 0},
	{"answer_after_ms", IS_MS, offsetof(struct plan, answer_after_ms), 0, NULL, 0},
	{"outcome_after_ms", IS_MS, offsetof(struct plan, outcome_after_ms), 0, NULL, 0},
	{"callback_after_ms", IS_MS, offsetof(struct plan, callback_after_ms), 0, NULL, 0},
	{"pending_for_ms", IS_MS, offsetof(struct plan, pending_for_ms), 0, NULL, 0},
	{"source", IS_STRING, offsetof(struct plan, source), sizeof(((struct plan *)0)->source), NULL, 0},
};

void plan_init(struct plan *plan)
{
	*plan = (struct plan){
		.accepted = PLAN_UNSET,
		.executed = PLAN_UNSET,
		.result = "0",
		.answer_after_ms = PLAN_UNSET,
		.outcome_after_ms = PLAN_UNSET,
		.callback_after_ms = PLAN_UNSET,
		.pending_for_ms = PLAN_UNSET,
	};
}

static bool wrong(const char *name, const char *wanted, struct err *err)
{
	return err_set(err, ERR_REFUSED, 0, "\"%s\" must be %s", name, wanted);
}

static bool take_word(const struct field *field, const json_t *value, int *ret, struct err *err)
{
	const char *word = json_string_value(value);

	for (unsigned i = 0; word != NULL && i < field->count; i++)
		if (strcmp(word, field->words[i]) == 0) {
			*ret = (int)i;
			return true;
		}
	return err_set(err, ERR_REFUSED, 0, "\"%s\" cannot be \"%s\"", field->name,
		word != NULL ? word : "(no text)");
}

/* Text, or a number where a code is expected. */
static bool take_string(const struct field *field, const json_t *value, char *ret, struct err *err)
{
	struct buf buf = {.at = ret, .cap = field->size};

	if (field->is == IS_CODE && json_is_integer(value))
		buf_print(&buf, "%lld", (long long)json_integer_value(value));
	else if (json_is_string(value))
		buf_str(&buf, json_string_value(value));
	else
		return wrong(field->name, field->is == IS_CODE ? "a text or a whole number" : "a text", err);
	if (buf.full || buf.len == buf.cap)
		return wrong(field->name, "shorter", err);
	buf_end(&buf);
	return true;
}

static bool take_error(const json_t *value, struct plan_error *ret, struct err *err)
{
	const char *key;
	json_t *item;

	if (json_is_string(value)) {
		const struct plan_error *known = faults_error_find(json_string_value(value));

		if (known == NULL)
			return err_set(err, ERR_REFUSED, 0, "there is no error named \"%s\"",
				json_string_value(value));
		*ret = *known;
		return true;
	}
	if (!json_is_object(value))
		return wrong("error", "an object or the name of an error", err);
	json_object_foreach((json_t *)value, key, item)
	{
		struct field code = {"error.code", IS_CODE, 0, sizeof(ret->code), NULL, 0};
		struct field message = {"error.message", IS_STRING, 0, sizeof(ret->message), NULL, 0};

		if (strcmp(key, "http") == 0 && json_integer_value(item) >= 200 &&
			json_integer_value(item) <= 599)
			ret->http = (int)json_integer_value(item);
		else if (strcmp(key, "code") == 0 && take_string(&code, item, ret->code, err))
			continue;
		else if (strcmp(key, "message") == 0 && take_string(&message, item, ret->message, err))
			continue;
		else
			return err_set(
				err, ERR_REFUSED, 0, "\"error\": \"%s\" is unknown or out of range", key);
	}
	return true;
}

static bool take_field(struct plan *plan, const struct field *field, const json_t *value, struct err *err)
{
	void *at = (char *)plan + field->at;

	switch (field->is) {
	case IS_WORD:
		return take_word(field, value, at, err);
	case IS_STRING:
	case IS_CODE:
		return take_string(field, value, at, err);
	case IS_MS:
		if (!json_is_integer(value) || json_integer_value(value) < 0)
			return wrong(field->name, "a whole number of milliseconds", err);
		*(int64_t *)at = json_integer_value(value);
		return true;
	case IS_YES:
		if (!json_is_boolean(value))
			return wrong(field->name, "true or false", err);
		*(int *)at = json_is_true(value);
		return true;
	case IS_ERROR:
		return take_error(value, at, err);
	}
	return false;
}

bool plan_parse(struct plan *plan, const json_t *what, struct err *err)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)what, key, value)
	{
		const struct field *field = NULL;

		for (size_t i = 0; i < COUNT_OF(fields) && field == NULL; i++)
			if (strcmp(key, fields[i].name) == 0)
				field = &fields[i];
		if (field == NULL && strcmp(key, "comment") != 0)
			return err_set(err, ERR_REFUSED, 0, "\"%s\" is not a thing that can be done", key);
		if (field != NULL && !take_field(plan, field, value, err))
			return false;
	}
	if (strcmp(plan->result, "paid") == 0)
		memcpy(plan->result, "0", 2);
	if ((plan->answer == ANSWER_ERROR || plan->answer == ANSWER_REFUSED200) && plan->error.http == 0)
		return err_set(err, ERR_REFUSED, 0,
			"this answer needs \"error\": a name, or http, code and message");
	return true;
}

bool plan_accepts(const struct plan *plan)
{
	if (plan->accepted != PLAN_UNSET)
		return plan->accepted == 1;
	return goes_in[plan->answer] || plan->executed == 1;
}

bool plan_tells_success(const struct plan *plan)
{
	return strcmp(plan->result, "0") == 0;
}

bool plan_executes(const struct plan *plan)
{
	if (plan->executed != PLAN_UNSET)
		return plan->executed == 1;
	return plan_tells_success(plan) && plan->callback != CALLBACK_QUEUE_TIMEOUT;
}

const char *plan_answer_name(enum answer_kind kind)
{
	return answer_names[kind];
}

const char *plan_callback_name(enum callback_kind kind)
{
	return callback_names[kind];
}
