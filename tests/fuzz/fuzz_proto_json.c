/*
 * Any bytes, as JSON and as protobuf, against each message of the contract. What is taken is written
 * and read again in both forms, and must then stay the same.
 */
#include "wire/proto_json.h"

#include "fuzz.h"

#include <mkondo/v1/command.pb-c.h>
#include <mkondo/v1/internal.pb-c.h>
#include <mkondo/v1/result.pb-c.h>

/* What we do not understand we do not take, at any depth. */
static void check_all_known(const ProtobufCMessage *message)
{
	const ProtobufCMessageDescriptor *descriptor = message->descriptor;

	must(message->n_unknown_fields == 0);
	for (unsigned i = 0; i < descriptor->n_fields; i++) {
		const ProtobufCFieldDescriptor *field = &descriptor->fields[i];
		const void *at = (const char *)message + field->offset;
		const void *quantifier = (const char *)message + field->quantifier_offset;

		if (field->type != PROTOBUF_C_TYPE_MESSAGE)
			continue;
		if (field->label == PROTOBUF_C_LABEL_REPEATED) {
			for (size_t k = 0; k < *(const size_t *)quantifier; k++)
				check_all_known((*(ProtobufCMessage * *const *)at)[k]);
		} else if ((field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) == 0 ||
			   *(const uint32_t *)quantifier == field->id) {
			if (*(ProtobufCMessage *const *)at != NULL)
				check_all_known(*(ProtobufCMessage *const *)at);
		}
	}
}

static void write_and_read_again(const void *descriptor, const void *message, struct arena *arena)
{
	struct text packed = proto_pack(message, arena), json, again;
	char field[64];
	struct err err = {0};
	void *other;

	must(proto_unpack(descriptor, packed, arena, &other, field, &err));
	must(text_same(proto_pack(other, arena), packed));
	must(proto_to_json(message, arena, &json, &err));
	if (json.len > 256 * 1024)
		return;
	must(proto_from_json(descriptor, json, arena, &other, field, &err));
	must(proto_to_json(other, arena, &again, &err));
	must(text_same(json, again));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const ProtobufCMessageDescriptor *const descriptors[] = {&mkondo__v1__command__descriptor,
		&mkondo__v1__result__descriptor, &mkondo__v1__hint__descriptor,
		&mkondo__v1__callback__descriptor, &mkondo__v1__attempt__descriptor};
	struct text bytes = {(const char *)data, size};
	struct arena arena;

	arena_init(&arena);
	for (size_t i = 0; i < COUNT_OF(descriptors); i++) {
		char field[64];
		struct err err = {0};
		void *message;

		if (proto_from_json(descriptors[i], bytes, &arena, &message, field, &err))
			write_and_read_again(descriptors[i], message, &arena);
		if (proto_unpack(descriptors[i], bytes, &arena, &message, field, &err)) {
			check_all_known(message);
			write_and_read_again(descriptors[i], message, &arena);
		}
		if (proto_unpack_own(descriptors[i], bytes, &arena, &message, &err))
			must(proto_pack(message, &arena).at != NULL);
		arena_reset(&arena);
	}
	arena_done(&arena);
	return 0;
}
