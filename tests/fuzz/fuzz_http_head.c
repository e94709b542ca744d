#include "io/http_body.h"
#include "io/http_head.h"

#include "fuzz.h"

#include <string.h>

enum { BODY_MOST = 256 };

static enum http_head_found find_by_bytes(struct text bytes, size_t *ret_len)
{
	size_t seen = 0;

	for (size_t len = 1; len <= bytes.len; len++) {
		enum http_head_found found = http_head_find((struct text){bytes.at, len}, &seen, ret_len);

		if (found != HTTP_HEAD_MORE)
			return found;
	}
	return HTTP_HEAD_MORE;
}

static bool lies_in(struct text part, struct text whole)
{
	return part.len == 0 || (part.at >= whole.at && part.at + part.len <= whole.at + whole.len);
}

static void check_head(const struct http_head *head, struct text block)
{
	must(lies_in(head->method, block) && lies_in(head->target, block));
	must(head->method.len > 0 && head->target.len > 0 && head->target.at[0] == '/');
	must(!(head->chunked && head->length > 0));
	must(head->field_count <= HTTP_FIELDS_MOST);
	for (size_t i = 0; i < head->field_count; i++) {
		struct text value = head->fields[i].value;

		must(lies_in(head->fields[i].name, block) && lies_in(value, block));
		must(head->fields[i].name.len > 0);
		for (size_t at = 0; at < value.len; at++)
			must(value.at[at] == '\t' || (unsigned char)value.at[at] >= ' ');
	}
}

/* All at once when step is 0, else so many bytes at a time. */
static int feed(struct http_body *body, struct text bytes, size_t step)
{
	while (bytes.len > 0 && !body->whole) {
		size_t n = step == 0 || step > bytes.len ? bytes.len : step, used = 0;
		int status = http_body_feed(body, (struct text){bytes.at, n}, &used);

		if (status != 0)
			return status;
		must(used == n || body->whole);
		bytes.at += used;
		bytes.len -= used;
	}
	return 0;
}

static void check_body(const struct http_head *head, struct text bytes)
{
	struct http_body whole, cut;
	int status = http_body_begin(&whole, head->chunked, head->length, BODY_MOST);

	must(status == 0 || (status == 413 && head->length > BODY_MOST));
	if (status != 0)
		return;
	http_body_begin(&cut, head->chunked, head->length, BODY_MOST);
	status = feed(&whole, bytes, 0);
	must(status == 0 || status == 400 || status == 413);
	must(status == feed(&cut, bytes, 1));
	must(whole.len <= BODY_MOST && whole.whole == cut.whole);
	if (status == 0)
		must(whole.len == cut.len && (whole.len == 0 || memcmp(whole.at, cut.at, whole.len) == 0));
	if (whole.whole && !head->chunked)
		must(whole.len == head->length);
	http_body_done(&whole);
	http_body_done(&cut);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text bytes = {(const char *)data, size};
	size_t seen = 0, len = 0, len_by_bytes = 0;
	struct http_head head;

	if (size == 0)
		return 0;
	enum http_head_found found = http_head_find(bytes, &seen, &len);
	must(found == find_by_bytes(bytes, &len_by_bytes) && len == len_by_bytes);
	if (found != HTTP_HEAD_WHOLE)
		return 0;
	must(len <= size);
	int status = http_head_parse((struct text){bytes.at, len}, &head);
	must(status == 0 || status == 400 || status == 417 || status == 431 || status == 505);
	if (status != 0)
		return 0;
	check_head(&head, (struct text){bytes.at, len});
	check_body(&head, (struct text){bytes.at + len, size - len});
	return 0;
}
