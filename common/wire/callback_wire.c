#include "wire/callback_wire.h"
#include "wire/proto_json.h"

#include <mkondo/v1/internal.pb-c.h>

struct text callback_pack(const struct callback *callback, struct arena *arena)
{
	Mkondo__V1__Callback message = MKONDO__V1__CALLBACK__INIT;
	char id[UUID_TEXT];

	if (callback->has_payment)
		message.payment_id = (char *)(uintptr_t)uuid_text(&callback->ref.payment, id);
	message.purpose = (uint32_t)callback->ref.purpose;
	message.gen = callback->ref.gen;
	message.query_no = callback->ref.query_no;
	message.after_fence = (callback->ref.flags & CALLBACK_FLAG_AFTER_FENCE) != 0;
	message.queue_timeout = (callback->ref.flags & CALLBACK_FLAG_QUEUE_TIMEOUT) != 0;
	message.strength = (Mkondo__V1__Callback__Strength)callback->strength;
	message.peer = proto_string(callback->peer, arena);
	message.received_at_ms = instant_ms(callback->received_at);
	message.path = proto_string(callback->path, arena);
	message.body.len = callback->body.len;
	message.body.data = (uint8_t *)(uintptr_t)callback->body.at;
	message.traceparent = proto_string(callback->traceparent, arena);
	message.http_status = callback->http_status;
	return proto_pack(&message, arena);
}

static bool take_ref(const Mkondo__V1__Callback *message, struct callback *ret, struct err *err)
{
	ret->has_payment = message->payment_id[0] != '\0';
	if (ret->has_payment && !uuid_parse(text_of(message->payment_id), &ret->ref.payment))
		return err_set(err, ERR_REFUSED, 0, "a callback whose payment id is no UUID");
	if (message->purpose > INT32_MAX ||
		(message->purpose != API_NONE && api_by_number((int)message->purpose) == NULL))
		return err_set(err, ERR_REFUSED, 0, "a callback of the unknown purpose %u",
			(unsigned)message->purpose);
	ret->ref.purpose = (enum api)message->purpose;
	ret->ref.gen = message->gen;
	ret->ref.query_no = message->query_no;
	ret->ref.flags = (message->after_fence ? CALLBACK_FLAG_AFTER_FENCE : 0U) |
			 (message->queue_timeout ? CALLBACK_FLAG_QUEUE_TIMEOUT : 0U);
	return true;
}

bool callback_unpack(struct text bytes, struct arena *arena, struct callback *ret, struct err *err)
{
	const Mkondo__V1__Callback *message;
	struct callback callback = {0};
	void *unpacked;

	if (!proto_unpack_own(&mkondo__v1__callback__descriptor, bytes, arena, &unpacked, err))
		return err_while(err, "a callback");
	message = unpacked;
	if (!take_ref(message, &callback, err))
		return false;
	callback.strength = (enum strength)message->strength;
	callback.peer = message->peer;
	callback.received_at = instant_of_ms(message->received_at_ms);
	callback.path = message->path;
	callback.body = (struct text){(const char *)message->body.data, message->body.len};
	callback.traceparent = message->traceparent;
	callback.http_status = message->http_status;
	*ret = callback;
	return true;
}
