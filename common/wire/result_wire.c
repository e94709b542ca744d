#include "wire/result_wire.h"
#include "wire/command_wire.h"
#include "wire/proto_json.h"
#include "wire/result_details.h"

#include <mkondo/v1/result.pb-c.h>
#include <string.h>

#define RESULT (&mkondo__v1__result__descriptor)

/* ---- struct -> message */

static Mkondo__V1__Cause *cause_message(const struct cause *cause, struct arena *arena)
{
	Mkondo__V1__Cause *message;

	if (cause->class == NULL || cause->class[0] == '\0')
		return NULL;
	message = ARENA_NEW(arena, Mkondo__V1__Cause);
	mkondo__v1__cause__init(message);
	message->class_ = proto_string(cause->class, arena);
	message->code = proto_string(cause->code, arena);
	message->text = proto_string(cause->text, arena);
	message->advice = proto_string(cause->advice, arena);
	message->field = proto_string(cause->field, arena);
	message->retryable = cause->retryable;
	return message;
}

static bool is_empty(const char *string)
{
	return string == NULL || string[0] == '\0';
}

static Mkondo__V1__Provider *provider_message(const struct provider_ids *ids, struct arena *arena)
{
	Mkondo__V1__Provider *message;

	if (is_empty(ids->checkout) && is_empty(ids->merchant) && is_empty(ids->conversation) &&
		is_empty(ids->originator))
		return NULL;
	message = ARENA_NEW(arena, Mkondo__V1__Provider);
	mkondo__v1__provider__init(message);
	message->checkout_request_id = proto_string(ids->checkout, arena);
	message->merchant_request_id = proto_string(ids->merchant, arena);
	message->conversation_id = proto_string(ids->conversation, arena);
	message->originator_conversation_id = proto_string(ids->originator, arena);
	return message;
}

static Mkondo__V1__Answer *answer_message(const struct result *result, struct arena *arena)
{
	Mkondo__V1__Answer *message;

	const struct details *details = &result->details;

	if (is_empty(details->code) && is_empty(details->text))
		return NULL;
	message = ARENA_NEW(arena, Mkondo__V1__Answer);
	mkondo__v1__answer__init(message);
	message->code = proto_string(details->code, arena);
	message->text = proto_string(details->text, arena);
	return message;
}

/* What a version freezes; the payment knows the rest. */
static void fill_frozen(const struct result *result, struct arena *arena, Mkondo__V1__Result *ret)
{
	mkondo__v1__result__init(ret);
	ret->version = result->version;
	ret->outcome = (Mkondo__V1__Outcome)result->outcome;
	ret->final = result->final;
	ret->amount_moved_cents = amount_cents(result->moved);
	ret->receipt = proto_string(result->receipt, arena);
	ret->cause = cause_message(&result->cause, arena);
	ret->provider = provider_message(&result->ids, arena);
	ret->attempts = result->attempts;
	ret->decided_at_ms = instant_ms(result->decided_at);
	ret->answer = answer_message(result, arena);
	result_details_fill(&result->details, arena, ret);
}

static void fill_metadata(const struct result *result, struct arena *arena, Mkondo__V1__Result *ret)
{
	Mkondo__V1__Result__MetadataEntry *entries =
		ARENA_ARRAY(arena, Mkondo__V1__Result__MetadataEntry, result->metadata_count);

	ret->n_metadata = result->metadata_count;
	ret->metadata = ARENA_ARRAY(arena, Mkondo__V1__Result__MetadataEntry *, result->metadata_count);
	for (size_t i = 0; i < result->metadata_count; i++) {
		mkondo__v1__result__metadata_entry__init(&entries[i]);
		entries[i].key = proto_string(result->metadata[i].key, arena);
		entries[i].value = proto_string(result->metadata[i].value, arena);
		ret->metadata[i] = &entries[i];
	}
}

static void fill_message(const struct result *result, struct arena *arena, Mkondo__V1__Result *ret)
{
	struct text fingerprint = {(const char *)result->fingerprint.b, DIGEST_SIZE};

	fill_frozen(result, arena, ret);
	ret->id = (char *)(uintptr_t)uuid_text(&result->id, ARENA_ARRAY(arena, char, UUID_TEXT));
	ret->tenant = proto_string(result->tenant, arena);
	ret->account = proto_string(result->account, arena);
	ret->operation = proto_string(result->operation, arena);
	ret->amount_cents = amount_cents(result->amount);
	ret->party = proto_string(result->party, arena);
	ret->accepted_at_ms = instant_ms(result->accepted_at);
	fill_metadata(result, arena, ret);
	ret->fingerprint.len = fingerprint.len;
	ret->fingerprint.data = (uint8_t *)(uintptr_t)arena_text(arena, fingerprint).at;
}

struct text result_pack(const struct result *result, enum result_encoding encoding, struct arena *arena)
{
	Mkondo__V1__Result message;
	struct err err = {0};
	struct text json;

	fill_message(result, arena, &message);
	switch (encoding) {
	case RESULT_PROTOBUF:
		break;
	case RESULT_JSON:
		must(proto_to_json(&message, arena, &json, &err));
		return json;
	}
	return proto_pack(&message, arena);
}

struct text result_freeze(const struct result *result, struct arena *arena)
{
	Mkondo__V1__Result message;

	fill_frozen(result, arena, &message);
	return proto_pack(&message, arena);
}

/* ---- message -> struct */

static struct cause cause_of(const Mkondo__V1__Cause *message)
{
	if (message == NULL)
		return (struct cause){.class = "", .code = "", .text = "", .advice = "", .field = ""};
	return (struct cause){
		.class = message->class_,
		.code = message->code,
		.text = message->text,
		.advice = message->advice,
		.field = message->field,
		.retryable = message->retryable,
	};
}

static struct provider_ids ids_of(const Mkondo__V1__Provider *message)
{
	if (message == NULL)
		return (struct provider_ids){
			.checkout = "", .merchant = "", .conversation = "", .originator = ""};
	return (struct provider_ids){
		.checkout = message->checkout_request_id,
		.merchant = message->merchant_request_id,
		.conversation = message->conversation_id,
		.originator = message->originator_conversation_id,
	};
}

static void take_frozen(const Mkondo__V1__Result *message, struct arena *arena, struct result *ret)
{
	ret->version = message->version;
	ret->outcome = (enum outcome)message->outcome;
	ret->final = message->final;
	ret->moved = amount_of_cents(message->amount_moved_cents);
	ret->receipt = message->receipt;
	ret->cause = cause_of(message->cause);
	ret->ids = ids_of(message->provider);
	ret->attempts = message->attempts;
	ret->decided_at = instant_of_ms(message->decided_at_ms);
	result_details_take(message, arena, &ret->details);
}

static void take_metadata(const Mkondo__V1__Result *message, struct arena *arena, struct result *ret)
{
	struct metadata *entries = ARENA_ARRAY(arena, struct metadata, message->n_metadata);

	for (size_t i = 0; i < message->n_metadata; i++)
		entries[i] = (struct metadata){message->metadata[i]->key, message->metadata[i]->value};
	ret->metadata = entries;
	ret->metadata_count = message->n_metadata;
}

/* The part that the command made and that no version can change. */
static bool take_command(
	const struct payment *payment, struct arena *arena, struct result *ret, struct err *err)
{
	struct command command;

	ret->metadata = NULL;
	ret->metadata_count = 0;
	if (!command_unpack_canonical(payment->command, arena, &command, err))
		/* The bytes of a refused command may be unreadable: that is why it was refused. */
		return payment->rejected;
	ret->metadata = command.metadata;
	ret->metadata_count = command.metadata_count;
	return true;
}

static bool unpack_frozen(
	const struct payment_state *state, struct arena *arena, Mkondo__V1__Result **ret, struct err *err)
{
	void *message;

	if (!proto_unpack_own(RESULT, state->frozen, arena, &message, err)) {
		err->class = ERR_BROKEN;
		return err_while(err, "payment_state.frozen");
	}
	*ret = message;
	if ((*ret)->version == 0 || (*ret)->version > state->result_ver ||
		(*ret)->outcome == MKONDO__V1__OUTCOME__OUTCOME_UNSPECIFIED)
		return err_set(err, ERR_BROKEN, 0, "payment_state.frozen is of version %u, the row is of %u",
			(unsigned)(*ret)->version, state->result_ver);
	return true;
}

bool result_thaw(const struct payment *payment, const struct payment_state *state, struct arena *arena,
	struct result *ret, struct err *err)
{
	Mkondo__V1__Result *frozen = NULL;
	struct result result;

	if (state->result_ver > 0 && !unpack_frozen(state, arena, &frozen, err))
		return false;
	result_accepted(payment, arena, &result);
	if (!take_command(payment, arena, &result, err))
		return false;
	if (frozen != NULL) {
		take_frozen(frozen, arena, &result);
		/* A recovery raises the row's number alone: what was known is then told anew under a higher version. */
		result.version = state->result_ver;
	}
	*ret = result;
	return true;
}

/* ---- for tools */

static bool unpack_any(struct text bytes, struct arena *arena, Mkondo__V1__Result **ret, struct err *err)
{
	char field[64];
	void *message;

	if (!(proto_looks_like_json(bytes) ? proto_from_json(RESULT, bytes, arena, &message, field, err)
					   : proto_unpack_own(RESULT, bytes, arena, &message, err)))
		return false;
	*ret = message;
	return true;
}

bool result_unpack(struct text bytes, struct arena *arena, struct result *ret, struct err *err)
{
	Mkondo__V1__Result *message;
	struct result result = {0};

	if (!unpack_any(bytes, arena, &message, err))
		return false;
	if (!uuid_parse(text_of(message->id), &result.id))
		return err_set(err, ERR_REFUSED, 0, "the result has no readable id");
	take_frozen(message, arena, &result);
	take_metadata(message, arena, &result);
	result.tenant = message->tenant;
	result.account = message->account;
	result.operation = message->operation;
	result.amount = amount_of_cents(message->amount_cents);
	result.party = message->party;
	result.accepted_at = instant_of_ms(message->accepted_at_ms);
	if (message->fingerprint.len == DIGEST_SIZE)
		memcpy(result.fingerprint.b, message->fingerprint.data, DIGEST_SIZE);
	*ret = result;
	return true;
}

struct text result_json(struct text bytes, struct arena *arena)
{
	Mkondo__V1__Result *message;
	struct err err = {0};
	struct text json;

	if (!unpack_any(bytes, arena, &message, &err) || !proto_to_json(message, arena, &json, &err))
		return (struct text){"", 0};
	return json;
}
