#include "wire/receipt_wire.h"

#include "base/digest.h"
#include "base/hex.h"
#include "wire/proto_json.h"

#include <mkondo/v1/receipt.pb-c.h>

#define RECEIPT (&mkondo__v1__receipt__descriptor)

static int64_t ms_or_0(struct instant instant)
{
	return instant_is_set(instant) ? instant_ms(instant) : 0;
}

struct text receipt_pack(const struct receipt *receipt, enum result_encoding encoding, struct arena *arena)
{
	const struct c2b_notice *notice = &receipt->notice;
	Mkondo__V1__Receipt message = MKONDO__V1__RECEIPT__INIT;
	struct err err = {0};
	char id[UUID_TEXT];
	struct text json;

	message.receipt = proto_string(notice->receipt, arena);
	message.new_ = receipt->is_new;
	message.account = proto_string(receipt->account, arena);
	message.shortcode = proto_string(notice->shortcode, arena);
	message.kind = proto_string(notice->kind, arena);
	message.amount_cents = notice->has_amount ? amount_cents(notice->amount) : 0;
	message.bill_reference = proto_string(notice->bill_reference, arena);
	message.invoice = proto_string(notice->invoice, arena);
	message.third_party_id = proto_string(notice->third_party, arena);
	message.customer = proto_string(notice->customer, arena);
	message.first_name = proto_string(notice->first_name, arena);
	message.paid_at_ms = ms_or_0(notice->paid_at);
	message.received_at_ms = ms_or_0(receipt->received_at);
	if (uuid_is_set(&receipt->payment))
		message.payment_id = proto_string(uuid_text(&receipt->payment, id), arena);
	message.source_listed = receipt->source_listed;
	if (encoding == RESULT_PROTOBUF)
		return proto_pack(&message, arena);
	must(proto_to_json(&message, arena, &json, &err));
	return json;
}

/* Not proto_looks_like_json: most receipts have ten characters, and then the message begins with two newlines. */
static bool is_json(struct text bytes)
{
	return bytes.len > 0 && bytes.at[0] == '{';
}

static bool unpack_any(struct text bytes, struct arena *arena, Mkondo__V1__Receipt **ret, struct err *err)
{
	char field[64];
	void *message;

	if (!(is_json(bytes) ? proto_from_json(RECEIPT, bytes, arena, &message, field, err)
			     : proto_unpack_own(RECEIPT, bytes, arena, &message, err)))
		return false;
	*ret = message;
	return true;
}

bool receipt_unpack(struct text bytes, struct arena *arena, struct receipt *ret, struct err *err)
{
	Mkondo__V1__Receipt *message;
	struct receipt receipt;

	if (!unpack_any(bytes, arena, &message, err))
		return false;
	receipt = (struct receipt){
		.notice = {.read = true,
			.receipt = message->receipt,
			.has_amount = message->amount_cents != 0,
			.amount = amount_of_cents(message->amount_cents),
			.kind = message->kind,
			.shortcode = message->shortcode,
			.bill_reference = message->bill_reference,
			.invoice = message->invoice,
			.third_party = message->third_party_id,
			.customer = message->customer,
			.first_name = message->first_name,
			.paid_at = instant_of_ms(message->paid_at_ms)},
		.account = message->account,
		.is_new = message->new_,
		.received_at = instant_of_ms(message->received_at_ms),
		.source_listed = message->source_listed,
	};
	if (message->payment_id[0] != '\0' && !uuid_parse(text_of(message->payment_id), &receipt.payment))
		return err_set(err, ERR_REFUSED, 0, "the receipt's payment id is no UUID");
	*ret = receipt;
	return true;
}

struct text receipt_json(struct text bytes, struct arena *arena)
{
	Mkondo__V1__Receipt *message;
	struct err err = {0};
	struct text json;

	if (!unpack_any(bytes, arena, &message, &err) || !proto_to_json(message, arena, &json, &err))
		return (struct text){"", 0};
	return json;
}

size_t receipt_headers(const struct receipt *receipt, enum result_encoding encoding, const char *source,
	struct arena *arena, struct header ret[CLOUDEVENT_HEADERS])
{
	const struct c2b_notice *notice = &receipt->notice;
	const struct instant at = instant_is_set(notice->paid_at) ? notice->paid_at : receipt->received_at;
	const char *which = receipt->is_new
				    ? "new"
				    : arena_print(arena, "%lld", (long long)ms_or_0(receipt->received_at));
	const struct digest digest = sha256(text_of(arena_print(arena, "%s|%s", notice->receipt, which)));
	char *id = ARENA_ARRAY(arena, char, UUID_HEX), *time = ARENA_ARRAY(arena, char, INSTANT_TEXT);
	size_t n = 0;

	ret[n++] = (struct header){"ce_specversion", TEXT("1.0")};
	ret[n++] = (struct header){"ce_id", text_of(hex_build(digest.b, 16, id))};
	ret[n++] = (struct header){"ce_type", TEXT("mkondo.receipt.v1")};
	ret[n++] = (struct header){"ce_source", text_of(source)};
	ret[n++] = (struct header){"ce_subject", text_of(notice->receipt)};
	ret[n++] = (struct header){"ce_time", text_of(instant_iso(at, time))};
	ret[n++] = (struct header){"content-type",
		encoding == RESULT_JSON ? TEXT("application/json") : TEXT("application/x-protobuf")};
	return n;
}
