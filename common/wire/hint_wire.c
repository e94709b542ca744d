#include "wire/hint_wire.h"
#include "wire/proto_json.h"

#include <mkondo/v1/internal.pb-c.h>

static char *id_text(const struct uuid *id, struct arena *arena)
{
	char *text = ARENA_ARRAY(arena, char, UUID_TEXT);

	uuid_text(id, text);
	return text;
}

struct text hint_pack(const struct hint *hint, struct arena *arena)
{
	Mkondo__V1__Hint message = MKONDO__V1__HINT__INIT;

	message.id = id_text(&hint->id, arena);
	message.what = hint->ask ? MKONDO__V1__HINT__WHAT__ASK : MKONDO__V1__HINT__WHAT__SEND;
	message.query_no = hint->query_no;
	message.after_fence = hint->after_fence;
	message.priority = hint->priority;
	message.account = proto_string(hint->account != NULL ? hint->account : "", arena);
	return proto_pack(&message, arena);
}

bool hint_unpack(struct text bytes, struct arena *arena, struct hint *ret, struct err *err)
{
	const Mkondo__V1__Hint *message;
	struct hint hint = {0};
	void *unpacked;

	if (!proto_unpack_own(&mkondo__v1__hint__descriptor, bytes, arena, &unpacked, err))
		return err_while(err, "a hint");
	message = unpacked;
	if (!uuid_parse(text_of(message->id), &hint.id))
		return err_set(err, ERR_REFUSED, 0, "a hint without a readable id");
	hint.ask = message->what == MKONDO__V1__HINT__WHAT__ASK;
	hint.query_no = message->query_no;
	hint.after_fence = message->after_fence;
	/* One that only a newer release knows is no reason to let the payment wait for its timer. */
	if (message->priority <= PRIORITY_BULK)
		hint.priority = (enum priority)message->priority;
	hint.account = message->account;
	*ret = hint;
	return true;
}

struct text attempt_note_pack(const struct attempt_note *note, struct arena *arena)
{
	Mkondo__V1__Attempt message = MKONDO__V1__ATTEMPT__INIT;

	message.id = id_text(&note->id, arena);
	message.attempt = note->attempt;
	message.gen = note->gen;
	message.at_ms = instant_ms(note->at);
	message.key = proto_string(note->key, arena);
	message.dispatcher = proto_string(note->dispatcher, arena);
	message.fence_at_ms = instant_ms(note->fence_at);
	return proto_pack(&message, arena);
}

bool attempt_note_unpack(struct text bytes, struct arena *arena, struct attempt_note *ret, struct err *err)
{
	const Mkondo__V1__Attempt *message;
	struct attempt_note note = {0};
	void *unpacked;

	if (!proto_unpack_own(&mkondo__v1__attempt__descriptor, bytes, arena, &unpacked, err))
		return err_while(err, "a note of an attempt");
	message = unpacked;
	if (!uuid_parse(text_of(message->id), &note.id))
		return err_set(err, ERR_REFUSED, 0, "a note of an attempt without a readable id");
	note.attempt = message->attempt;
	note.gen = message->gen;
	note.at = instant_of_ms(message->at_ms);
	note.key = message->key;
	note.dispatcher = message->dispatcher;
	note.fence_at = instant_of_ms(message->fence_at_ms);
	*ret = note;
	return true;
}
