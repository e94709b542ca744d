#include "wire/cloudevent.h"

#include "base/digest.h"
#include "base/hex.h"

#include <string.h>

enum { TRACE_HEX = 32, SPAN_HEX = 16, TRACE_AT = 3, SPAN_AT = TRACE_AT + TRACE_HEX + 1, PARENT_LEN = 55 };

static bool is_hex(struct text text)
{
	for (size_t i = 0; i < text.len; i++)
		if (!((text.at[i] >= '0' && text.at[i] <= '9') || (text.at[i] >= 'a' && text.at[i] <= 'f')))
			return false;
	return true;
}

static bool is_zero(struct text text)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.at[i] != '0')
			return false;
	return true;
}

const char *traceparent_check(struct text value, struct arena *arena)
{
	struct text trace = {value.at + TRACE_AT, TRACE_HEX};
	struct text span = {value.at + SPAN_AT, SPAN_HEX};

	if (value.len != PARENT_LEN || !text_starts(value, "00-") || value.at[SPAN_AT - 1] != '-' ||
		value.at[SPAN_AT + SPAN_HEX] != '-')
		return "";
	if (!is_hex(trace) || is_zero(trace) || !is_hex(span) || is_zero(span) ||
		!is_hex((struct text){value.at + PARENT_LEN - 2, 2}))
		return "";
	return arena_string(arena, value);
}

/* SHA-256 of the texts one after the other: "<what><id><number>". */
static struct digest digest_of(const char *what, const struct uuid *id, unsigned number)
{
	char id_text[UUID_TEXT], all[128];
	struct buf buf = BUF(all);

	buf_print(&buf, "%s%s%u", what, uuid_text(id, id_text), number);
	must(!buf.full);
	return sha256(buf_as_text(&buf));
}

const char *traceparent_child(
	const char *parent, const char *what, const struct uuid *id, unsigned number, struct arena *arena)
{
	struct text checked = text_of(parent);
	struct digest digest = digest_of(what, id, number);
	char span[SPAN_HEX + 1];

	if (checked.len != PARENT_LEN)
		return "";
	digest.b[SPAN_HEX / 2 - 1] |= 1; /* a span id of zeros is not allowed */
	hex_build(digest.b, SPAN_HEX / 2, span);
	return arena_print(arena, "%.*s%s%s", SPAN_AT, parent, span, parent + SPAN_AT + SPAN_HEX);
}

static const char *type_of(enum outcome outcome, struct arena *arena)
{
	char *type = arena_print(arena, "mkondo.payment.%s.v1", outcome_name(outcome));

	for (char *at = type; *at != '\0'; at++)
		if (*at >= 'A' && *at <= 'Z')
			*at = (char)(*at - 'A' + 'a');
	return type;
}

static const char *content_type(enum result_encoding encoding)
{
	switch (encoding) {
	case RESULT_PROTOBUF:
		return "application/x-protobuf";
	case RESULT_JSON:
		return "application/json";
	}
	must(!"an encoding of this enum");
}

size_t cloudevent_headers(const struct result *result, enum result_encoding encoding, const char *source,
	const char *traceparent, struct arena *arena, struct header ret[CLOUDEVENT_HEADERS])
{
	struct digest digest = digest_of("", &result->id, result->version);
	struct instant at = result->version == 0 ? result->accepted_at : result->decided_at;
	char *id = ARENA_ARRAY(arena, char, UUID_HEX), *subject = ARENA_ARRAY(arena, char, UUID_TEXT);
	char *time = ARENA_ARRAY(arena, char, INSTANT_TEXT);
	const char *child = traceparent_child(traceparent, "", &result->id, result->version, arena);
	size_t n = 0;

	ret[n++] = (struct header){"ce_specversion", TEXT("1.0")};
	ret[n++] = (struct header){"ce_id", text_of(hex_build(digest.b, 16, id))};
	ret[n++] = (struct header){"ce_type", text_of(type_of(result->outcome, arena))};
	ret[n++] = (struct header){"ce_source", text_of(source)};
	ret[n++] = (struct header){"ce_subject", text_of(uuid_text(&result->id, subject))};
	ret[n++] = (struct header){"ce_time", text_of(instant_iso(at, time))};
	ret[n++] = (struct header){"content-type", text_of(content_type(encoding))};
	if (child[0] != '\0')
		ret[n++] = (struct header){"traceparent", text_of(child)};
	return n;
}
