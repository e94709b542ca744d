#include "darajasim/bodies_parts.h"

#include "darajasim/draw.h"

#include <ctype.h>
#include <string.h>

void items_add(struct items *items, bool needed, const char *key, enum value_is is, const char *value)
{
	struct item *item = &items->some[items->count++];
	struct buf buf = BUF(item->text);

	item->key = key;
	item->is = is;
	item->needed = needed;
	buf_str(&buf, value);
	buf_end(&buf);
}

void items_add_shillings(struct items *items, bool needed, const char *key, int64_t shillings)
{
	char text[32];
	struct buf buf = BUF(text);

	buf_print(&buf, "%lld", (long long)shillings);
	items_add(items, needed, key, IS_SHILLINGS, buf_end(&buf));
}

void items_add_time(struct items *items, bool needed, const char *key, struct instant at)
{
	char text[INSTANT_TEXT];

	items_add(items, needed, key, IS_NUMBER, instant_eat(at, text));
}

static bool is_number(const char *text)
{
	if (*text == '-')
		text++;
	if (*text == '\0')
		return false;
	for (; *text != '\0'; text++)
		if (!isdigit((unsigned char)*text))
			return false;
	return true;
}

/* ResultCode and ResultType: a number if it is one, and a string where the shape wants strings. */
void envelope_code(struct buf *out, enum shape shape, const char *code)
{
	if (shape == SHAPE_STRINGS || !is_number(code))
		buf_json_string(out, text_of(code));
	else
		buf_str(out, code);
}

static void put_value(struct buf *out, enum shape shape, const struct item *item)
{
	const char *quote = shape == SHAPE_STRINGS ? "\"" : "";
	/* The shuffled shape writes 350 where the portal writes 350.00. */
	const char *cents = shape == SHAPE_SHUFFLED ? "" : ".00";

	switch (item->is) {
	case IS_STRING:
		buf_json_string(out, text_of(item->text));
		return;
	case IS_NUMBER:
		buf_print(out, "%s%s%s", quote, item->text, quote);
		return;
	case IS_SHILLINGS:
		buf_print(out, "%s%s%s%s", quote, item->text, cents, quote);
		return;
	case IS_NOTHING:
		return;
	}
}

static void put_item(struct buf *out, enum shape shape, const char *key_name, const struct item *item)
{
	buf_print(out, "{\"%s\":\"%s\"", key_name, item->key);
	if (item->is != IS_NOTHING) {
		buf_str(out, ",\"Value\":");
		put_value(out, shape, item);
	}
	buf_char(out, '}');
}

static void shuffle(struct items *items, uint64_t luck)
{
	for (unsigned i = items->count; i > 1; i--) {
		unsigned other = draw_below(luck, i, DRAW_ORDER, i);
		struct item item = items->some[i - 1];

		items->some[i - 1] = items->some[other];
		items->some[other] = item;
	}
}

/* An array; in the object shape a single item stands without one. */
void items_put(struct buf *out, const struct told *told, const char *key_name, struct items *items)
{
	bool bare = told->shape == SHAPE_OBJECT && items->count == 1, first = true;

	if (told->shape == SHAPE_SHUFFLED)
		shuffle(items, told->luck);
	if (!bare)
		buf_char(out, '[');
	for (unsigned i = 0; i < items->count; i++) {
		if (told->shape == SHAPE_MINIMAL && !items->some[i].needed)
			continue;
		if (!first)
			buf_char(out, ',');
		first = false;
		put_item(out, told->shape, key_name, &items->some[i]);
	}
	if (!bare)
		buf_char(out, ']');
}

bool told_success(const struct told *told)
{
	return strcmp(told->code, "0") == 0;
}

void envelope_named(struct buf *out, const char *name, const char *value)
{
	buf_print(out, "\"%s\":", name);
	buf_json_string(out, text_of(value));
}

/* The part that all Result bodies share; the caller goes on with ResultParameters. */
void envelope_begin(const struct told *told, struct buf *out)
{
	buf_str(out, "{\"Result\":{\"ResultType\":");
	envelope_code(out, told->shape, "0");
	buf_str(out, ",\"ResultCode\":");
	envelope_code(out, told->shape, told->code);
	buf_char(out, ',');
	envelope_named(out, "ResultDesc", told->desc);
	buf_char(out, ',');
	envelope_named(out, "OriginatorConversationID", told->originator);
	buf_char(out, ',');
	envelope_named(out, "ConversationID", told->id);
	buf_char(out, ',');
	envelope_named(out, "TransactionID", told->transaction);
}

void envelope_parameters(const struct told *told, struct items *items, struct buf *out)
{
	buf_str(out, ",\"ResultParameters\":{\"ResultParameter\":");
	items_put(out, told, "Key", items);
	buf_char(out, '}');
}

/* Failures carry nothing, or one bare object that says when. */
void envelope_failed(const struct told *told, struct buf *out)
{
	struct items items = {.count = 0};

	if (told->shape != SHAPE_OBJECT && told->shape != SHAPE_STRINGS)
		return;
	items_add_time(&items, true, "BOCompletedTime", told->ended);
	envelope_parameters(told, &items, out);
}

void envelope_end(const struct told *told, const char *address, struct buf *out)
{
	if (told->shape == SHAPE_MINIMAL) {
		buf_str(out, "}}");
		return;
	}
	buf_str(out, ",\"ReferenceData\":{\"ReferenceItem\":");
	if (told->shape == SHAPE_SHUFFLED)
		buf_char(out, '[');
	buf_print(out,
		"{\"Key\":\"QueueTimeoutURL\",\"Value\":\"https://internalsandbox.safaricom.co.ke%s\"}",
		address);
	if (told->shape == SHAPE_SHUFFLED)
		buf_str(out, ",{\"Key\":\"Occasion\"}]");
	buf_str(out, "}}}");
}
