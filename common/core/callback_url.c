#include "core/callback_url.h"

#include "base/digest.h"
#include "base/hex.h"

#include <string.h>

enum {
	SEGMENT_BYTES = 6,
	SEGMENT_HEX = 2 * SEGMENT_BYTES,
	ID_HEX = UUID_HEX - 1,
	MAC_BYTES = 16,
	MAC_HEX = 2 * MAC_BYTES,
	TAIL = SEGMENT_HEX + 1 + ID_HEX + 1 + MAC_HEX, /* segment, id and MAC with the slashes between them */
	FIELD16_MOST = 0xffff,
	FLAGS_KNOWN = CALLBACK_FLAG_AFTER_FENCE | CALLBACK_FLAG_QUEUE_TIMEOUT,
};

/* The purpose as its four bits; what is not here has no signed URL. 0 is nobody's. */
static const enum api purposes[16] = {
	[1] = API_STK_PUSH,
	[2] = API_B2C,
	[3] = API_B2POCHI,
	[4] = API_B2B,
	[5] = API_TAX_REMITTANCE,
	[6] = API_B2B_EXPRESS,
	[7] = API_REVERSAL,
	[8] = API_STANDING_ORDER,
	[9] = API_TRANSACTION_STATUS,
	[10] = API_ACCOUNT_BALANCE,
	[11] = API_STK_QUERY,
	[12] = API_B2C_V1,
	[13] = API_PULL_REGISTER,
	[14] = API_BILL_OPT_IN,
};

static unsigned purpose_bits(enum api api)
{
	for (unsigned i = 1; i < COUNT_OF(purposes); i++)
		if (purposes[i] == api && api != API_NONE)
			return i;
	return 0;
}

static struct text line_next(struct text *rest)
{
	const char *end = rest->len > 0 ? memchr(rest->at, '\n', rest->len) : NULL;
	struct text line = {rest->at, end != NULL ? (size_t)(end - rest->at) : rest->len};
	size_t used = line.len + (end != NULL);

	*rest = (struct text){rest->at + used, rest->len - used};
	return line;
}

static bool key_parse(struct text line, struct callback_key *ret)
{
	const char *gap = memchr(line.at, ' ', line.len);
	int64_t id;

	if (gap == NULL)
		gap = memchr(line.at, '\t', line.len);
	if (gap == NULL || !text_to_int64((struct text){line.at, (size_t)(gap - line.at)}, &id) || id < 0 ||
		id > 255)
		return false;
	ret->id = (uint8_t)id;
	return hex_parse(text_trim((struct text){gap, line.len - (size_t)(gap - line.at)}), ret->secret,
		sizeof(ret->secret));
}

static const struct callback_key *key_find(const struct callback_keys *keys, uint8_t id)
{
	for (size_t i = 0; i < keys->count; i++)
		if (keys->keys[i].id == id)
			return &keys->keys[i];
	return NULL;
}

bool callback_keys_parse(struct text file, struct callback_keys *ret, unsigned *ret_line)
{
	struct callback_keys found = {0};
	unsigned number = 0;

	while (file.len > 0) {
		struct text line = text_trim(line_next(&file));
		struct callback_key key;

		number++;
		if (line.len == 0 || line.at[0] == '#')
			continue;
		if (found.count == COUNT_OF(found.keys) || !key_parse(line, &key) ||
			key_find(&found, key.id) != NULL) {
			*ret_line = number;
			return false;
		}
		found.keys[found.count++] = key;
	}
	if (found.count == 0) {
		*ret_line = number;
		return false;
	}
	*ret = found;
	return true;
}

static void mac_of(
	const struct callback_key *key, const char *segment, const char *id, uint8_t out[MAC_BYTES])
{
	char signed_text[sizeof("mkondo.callback.v1") + SEGMENT_HEX + ID_HEX];
	struct buf buf = BUF(signed_text);
	struct digest digest;

	buf_str(&buf, "mkondo.callback.v1");
	buf_add(&buf, segment, SEGMENT_HEX);
	buf_add(&buf, id, ID_HEX);
	must(!buf.full);
	digest =
		hmac_sha256((struct text){(const char *)key->secret, sizeof(key->secret)}, buf_as_text(&buf));
	memcpy(out, digest.b, MAC_BYTES);
}

bool callback_url_build(const struct callback_keys *keys, const char *base, const char *prefix,
	const struct callback_ref *ref, char out[CALLBACK_URL_MOST])
{
	unsigned purpose = purpose_bits(ref->purpose);
	char segment[SEGMENT_HEX + 1], id[UUID_HEX], mac_hex[MAC_HEX + 1];
	uint8_t bytes[SEGMENT_BYTES], mac[MAC_BYTES];
	char url[CALLBACK_URL_MOST];
	struct buf buf = BUF(url);

	if (keys->count == 0 || purpose == 0 || (ref->flags & ~(unsigned)FLAGS_KNOWN) != 0 ||
		ref->gen > FIELD16_MOST || ref->query_no > FIELD16_MOST || !uuid_is_set(&ref->payment))
		return false;
	bytes[0] = keys->keys[0].id;
	bytes[1] = (uint8_t)(purpose << 4 | ref->flags);
	bytes[2] = (uint8_t)(ref->gen >> 8);
	bytes[3] = (uint8_t)ref->gen;
	bytes[4] = (uint8_t)(ref->query_no >> 8);
	bytes[5] = (uint8_t)ref->query_no;
	hex_build(bytes, sizeof(bytes), segment);
	uuid_hex(&ref->payment, id);
	mac_of(&keys->keys[0], segment, id, mac);
	hex_build(mac, sizeof(mac), mac_hex);
	buf_print(&buf, "%s/%s/%s/%s/%s", base, prefix, segment, id, mac_hex);
	if (buf.full || buf.len == buf.cap)
		return false;
	buf_end(&buf);
	memcpy(out, url, buf.len + 1);
	return true;
}

/* The part behind "/<prefix>/"; false when the path does not begin with it or is not as long as it must be. */
static bool tail_of(const char *prefix, struct text path, const char **ret)
{
	size_t len = strlen(prefix);

	if (path.len != len + 2 + TAIL || path.at[0] != '/' || memcmp(path.at + 1, prefix, len) != 0 ||
		path.at[len + 1] != '/')
		return false;
	*ret = path.at + len + 2;
	return (*ret)[SEGMENT_HEX] == '/' && (*ret)[SEGMENT_HEX + 1 + ID_HEX] == '/';
}

bool callback_path_check(
	const struct callback_keys *keys, const char *prefix, struct text path, struct callback_ref *ret)
{
	const struct callback_key *key;
	uint8_t bytes[SEGMENT_BYTES], told[MAC_BYTES], right[MAC_BYTES];
	const char *segment, *id;
	struct callback_ref ref;

	if (!tail_of(prefix, path, &segment))
		return false;
	id = segment + SEGMENT_HEX + 1;
	if (!hex_parse((struct text){segment, SEGMENT_HEX}, bytes, sizeof(bytes)) ||
		!uuid_parse_hex((struct text){id, ID_HEX}, &ref.payment) ||
		!hex_parse((struct text){id + ID_HEX + 1, MAC_HEX}, told, sizeof(told)))
		return false;
	key = key_find(keys, bytes[0]);
	if (key == NULL)
		return false;
	mac_of(key, segment, id, right);
	if (!digest_same(told, right, MAC_BYTES))
		return false;
	ref.purpose = purposes[bytes[1] >> 4];
	ref.flags = bytes[1] & 0xf;
	ref.gen = (unsigned)bytes[2] << 8 | bytes[3];
	ref.query_no = (unsigned)bytes[4] << 8 | bytes[5];
	if (ref.purpose == API_NONE || (ref.flags & ~(unsigned)FLAGS_KNOWN) != 0)
		return false;
	*ret = ref;
	return true;
}

const char *callback_url_forbidden_word(const char *url_path)
{
	/* Those with which a registration was refused, in any case (code 400.003.02); the longer of two first. */
	static const char *const words[] = {
		"mpesa", "m-pesa", "safaricom", "exec", "exe", "cmd", "sql", "query"};

	for (size_t i = 0; i < COUNT_OF(words); i++)
		if (text_has_nocase(text_of(url_path), words[i]))
			return words[i];
	return NULL;
}
