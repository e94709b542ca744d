#include "wire/command_wire.h"
#include "wire/command_fields.h"
#include "wire/command_rescue.h"
#include "wire/proto_field.h"

#include <mkondo/v1/command.pb-c.h>
#include <stdio.h>
#include <string.h>

#define COMMAND (&mkondo__v1__command__descriptor)

static bool refuse(struct command_fault *ret, const char *code, const char *field, const char *text)
{
	struct buf buf = {.at = ret->text, .cap = sizeof(ret->text)};

	snprintf(ret->code, sizeof(ret->code), "%s", code);
	snprintf(ret->field, sizeof(ret->field), "%s", field);
	buf_str(&buf, text);
	buf_end(&buf);
	return false;
}

/* ---- which encoding */

enum encoding { ENCODING_PROTO, ENCODING_FRAMED, ENCODING_JSON, ENCODING_UNKNOWN };

static enum encoding encoding_by_first_byte(struct text bytes)
{
	if (bytes.len > 0 && bytes.at[0] == '\0')
		return ENCODING_FRAMED;
	return proto_looks_like_json(bytes) ? ENCODING_JSON : ENCODING_PROTO;
}

static enum encoding encoding_of(struct text bytes, struct text content_type)
{
	static const struct {
		const char *name;
		enum encoding encoding;
	} types[] = {
		{"application/json", ENCODING_JSON},
		{"application/x-protobuf", ENCODING_PROTO},
		{"application/protobuf", ENCODING_PROTO},
		{"application/vnd.confluent.protobuf", ENCODING_FRAMED},
	};
	const char *end = content_type.len > 0 ? memchr(content_type.at, ';', content_type.len) : NULL;
	struct text type = content_type;

	if (end != NULL)
		type.len = (size_t)(end - type.at);
	type = text_trim(type);
	if (type.len == 0)
		return encoding_by_first_byte(bytes);
	for (size_t i = 0; i < COUNT_OF(types); i++)
		if (text_same_nocase(type, text_of(types[i].name)))
			return types[i].encoding;
	return ENCODING_UNKNOWN;
}

/* Behind the magic byte and the schema's number: the message index, of which [0] is written as one zero or as its
   length and value. */
static bool unframe(struct text bytes, struct text *ret)
{
	enum { HEAD = 5 };
	const char *index = bytes.at + HEAD;

	if (bytes.len < HEAD + 1 || bytes.at[0] != 0)
		return false;
	if (index[0] == 0) {
		*ret = (struct text){index + 1, bytes.len - HEAD - 1};
		return true;
	}
	if (bytes.len < HEAD + 2 || index[0] != 2 || index[1] != 0)
		return false;
	*ret = (struct text){index + 2, bytes.len - HEAD - 2};
	return true;
}

/* ---- message -> struct */

static void fill_metadata(const Mkondo__V1__Command *message, struct arena *arena, struct command *ret)
{
	struct metadata *entries = ARENA_ARRAY(arena, struct metadata, message->n_metadata);

	for (size_t i = 0; i < message->n_metadata; i++)
		entries[i] = (struct metadata){message->metadata[i]->key, message->metadata[i]->value};
	ret->metadata = entries;
	ret->metadata_count = message->n_metadata;
}

/* What makes two commands the same: who asks for what. Not when, how urgently or with which notes. */
static struct digest fingerprint(const Mkondo__V1__Command *message, struct arena *arena)
{
	Mkondo__V1__Command same = *message;

	same.id = "";
	if (same.account[0] == '\0')
		same.account = "default";
	if (same.currency[0] == '\0')
		same.currency = "KES";
	same.valid_until_ms = 0;
	same.created_at_ms = 0;
	same.priority = MKONDO__V1__PRIORITY__NORMAL;
	same.n_metadata = 0;
	same.metadata = NULL;
	return sha256(proto_pack(&same, arena));
}

static void fill(const Mkondo__V1__Command *message, struct arena *arena, struct command *ret)
{
	command_init(ret);
	ret->id_text = text_of(message->id);
	ret->has_id = uuid_parse(ret->id_text, &ret->id);
	ret->tenant = message->tenant;
	ret->account = message->account;
	ret->currency = message->currency;
	ret->amount_cents = message->amount_cents;
	ret->valid_until_ms = message->valid_until_ms;
	ret->created_at_ms = message->created_at_ms;
	ret->priority = (int)message->priority;
	fill_metadata(message, arena, ret);
	ret->api = command_operation_read(message, (unsigned)message->operation_case, arena, &ret->fields);
	ret->canonical = proto_pack(message, arena);
	ret->fingerprint = fingerprint(message, arena);
}

/* ---- faults of decoding */

static bool refuse_trouble(
	const struct err *err, const char *field, bool json, struct arena *arena, struct command_fault *ret)
{
	const char *code = json ? "command.encoding.json" : "command.encoding.protobuf";

	switch ((enum proto_trouble)err->code) {
	case PROTO_SYNTAX:
		break;
	case PROTO_UNKNOWN:
		code = "command.field.unknown";
		break;
	case PROTO_TYPE:
		code = "command.field.type";
		break;
	case PROTO_TEXT:
		code = "command.field.text";
		break;
	case PROTO_TWICE:
		code = "command.field.twice";
		break;
	case PROTO_ONEOF:
		code = "command.operation.several";
		break;
	case PROTO_ENUM:
		code = "command.field.enum";
		break;
	}
	return refuse(ret, code, arena_string(arena, text_of(field)), err->text);
}

static bool decode(struct text bytes, enum encoding encoding, struct arena *arena, Mkondo__V1__Command **ret,
	struct command_fault *ret_fault)
{
	struct text body = bytes;
	char field[PROTO_FIELD_PATH];
	struct err err = {0};
	void *message;
	bool json = encoding == ENCODING_JSON;

	if (bytes.len == 0)
		return refuse(ret_fault, "command.encoding.empty", "", "the record has no value");
	if (encoding == ENCODING_UNKNOWN)
		return refuse(ret_fault, "command.encoding.content_type", "",
			"the content-type is not one of application/json, application/x-protobuf and "
			"application/vnd.confluent.protobuf");
	if (encoding == ENCODING_FRAMED && !unframe(bytes, &body))
		return refuse(ret_fault, "command.encoding.framing", "",
			"the bytes are no framed message of index 0: a zero byte, 4 bytes of schema id, then "
			"the index");
	if (!(json ? proto_from_json(COMMAND, body, arena, &message, field, &err)
		   : proto_unpack(COMMAND, body, arena, &message, field, &err)))
		return refuse_trouble(&err, field, json, arena, ret_fault);
	*ret = message;
	return true;
}

/* The repeat of a record that could not be read must be known as the same one, too. */
static struct digest fingerprint_of_bytes(struct text bytes)
{
	return sha256(bytes);
}

bool command_unpack(struct text bytes, struct text content_type, struct arena *arena, struct command *ret,
	struct command_fault *ret_fault)
{
	enum encoding encoding = encoding_of(bytes, content_type);
	Mkondo__V1__Command *message = NULL;
	struct text body = bytes;

	if (decode(bytes, encoding, arena, &message, ret_fault)) {
		fill(message, arena, ret);
		return true;
	}
	command_init(ret);
	ret->fingerprint = fingerprint_of_bytes(bytes);
	if (encoding == ENCODING_UNKNOWN)
		encoding = encoding_by_first_byte(bytes);
	if (encoding == ENCODING_JSON)
		command_rescue_json(bytes, arena, ret);
	else if (encoding != ENCODING_FRAMED || unframe(bytes, &body))
		command_rescue_proto(body, arena, ret);
	return false;
}

bool command_unpack_canonical(
	struct text canonical, struct arena *arena, struct command *ret, struct err *err)
{
	char field[PROTO_FIELD_PATH];
	void *message;

	if (canonical.len == 0)
		return err_set(err, ERR_BROKEN, 0, "the payment has no command");
	if (!proto_unpack(COMMAND, canonical, arena, &message, field, err)) {
		err->class = ERR_BROKEN;
		return err_while(err, "payment.command, field \"%s\"", field);
	}
	fill(message, arena, ret);
	return true;
}

bool command_json_to_proto(struct text json, struct arena *arena, struct text *ret, struct err *err)
{
	char field[PROTO_FIELD_PATH];
	void *message;

	if (!proto_from_json(COMMAND, json, arena, &message, field, err))
		return field[0] != '\0' ? err_while(err, "%s", field) : false;
	*ret = proto_pack(message, arena);
	return true;
}
