/*
 * Any bytes as a record of commands.v1, under each content type. A command that is taken must come
 * back from its canonical bytes as the same one; a refused one has a code, a text, and an id or none.
 */
#include "wire/command_wire.h"

#include "fuzz.h"

static void check_taken(const struct command *command, struct arena *arena)
{
	struct command again;
	struct err err = {0};

	/* Every field at its default packs to nothing, and nothing is no command. */
	if (command->canonical.len == 0)
		return;
	must(command_unpack_canonical(command->canonical, arena, &again, &err));
	must(text_same(again.canonical, command->canonical));
	must(digest_same(again.fingerprint.b, command->fingerprint.b, DIGEST_SIZE));
	must(again.has_id == command->has_id);
	must(again.api == command->api);
	must(again.amount_cents == command->amount_cents);
}

static void check_refused(const struct command *command, const struct command_fault *fault)
{
	struct uuid id;

	must(fault->code[0] != '\0' && fault->text[0] != '\0');
	must(text_is_utf8(text_of(fault->text)) && text_is_utf8(text_of(fault->field)));
	must(!command->has_id || (uuid_parse(command->id_text, &id) && uuid_cmp(&id, &command->id) == 0));
	must(text_is_utf8(text_of(command->tenant)) && text_is_utf8(text_of(command->account)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const types[] = {"", "application/json", "application/x-protobuf",
		"application/vnd.confluent.protobuf", "text/plain"};
	struct text bytes = {(const char *)data, size};
	struct arena arena;

	arena_init(&arena);
	for (size_t i = 0; i < COUNT_OF(types); i++) {
		struct command_fault fault = {0};
		struct command command;

		if (command_unpack(bytes, text_of(types[i]), &arena, &command, &fault))
			check_taken(&command, &arena);
		else
			check_refused(&command, &fault);
		arena_reset(&arena);
	}
	arena_done(&arena);
	return 0;
}
