#include "io/seal.h"

#include "base/fault.h"
#include "base/hex.h"
#include "io/random.h"

#include <limits.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <string.h>

enum {
	KEY_SIZE = 32,
	NONCE_SIZE = 12,
	TAG_SIZE = 16,
	OVERHEAD = 1 + NONCE_SIZE + TAG_SIZE,
	PLAIN_MOST = 1 << 30
};

static void cipher_drop(EVP_CIPHER_CTX **cipher)
{
	EVP_CIPHER_CTX_free(*cipher);
	*cipher = NULL;
}

/* The next line without its end, trimmed; false at the end of the text. */
static bool next_line(struct text *rest, struct text *ret)
{
	const char *end;

	if (rest->len == 0)
		return false;
	end = memchr(rest->at, '\n', rest->len);
	*ret = (struct text){rest->at, end != NULL ? (size_t)(end - rest->at) : rest->len};
	rest->at += ret->len + (end != NULL);
	rest->len -= ret->len + (end != NULL);
	*ret = text_trim(*ret);
	return true;
}

static bool read_key(struct text line, struct seal_keys *keys, const char **ret_why)
{
	const char *space = memchr(line.at, ' ', line.len);
	struct text id, secret;
	int64_t number;

	*ret_why = "want \"<id 0-255> <64 hex digits>\"";
	if (space == NULL)
		return false;
	id = (struct text){line.at, (size_t)(space - line.at)};
	secret = text_trim((struct text){space, line.len - id.len});
	if (!text_to_int64(id, &number) || number < 0 || number > 255)
		return false;
	if (keys->count == COUNT_OF(keys->keys)) {
		*ret_why = "more than 8 keys";
		return false;
	}
	if (!hex_parse(secret, keys->keys[keys->count].secret, KEY_SIZE))
		return false;
	*ret_why = "this id was used before";
	for (size_t i = 0; i < keys->count; i++)
		if (keys->keys[i].id == (unsigned)number)
			return false;
	keys->keys[keys->count++].id = (unsigned)number;
	return true;
}

bool seal_keys_parse(struct text file, struct seal_keys *ret, struct err *err)
{
	struct seal_keys keys = {0};
	struct text line;
	int number = 0;
	const char *why;
	bool good = true;

	while (good && next_line(&file, &line)) {
		number++;
		if (line.len > 0 && line.at[0] != '#')
			good = read_key(line, &keys, &why);
	}
	if (!good)
		err_set(err, ERR_BROKEN, number, "line %d of the keys: %s", number, why);
	else if (keys.count == 0)
		good = err_set(err, ERR_BROKEN, 0, "the file holds no key");
	else
		*ret = keys;
	OPENSSL_cleanse(&keys, sizeof(keys));
	return good;
}

static bool broken(struct err *err, const char *what)
{
	unsigned long code = ERR_get_error();

	ERR_clear_error();
	return err_set(err, ERR_BROKEN, (int)ERR_GET_REASON(code), "%s failed in libcrypto", what);
}

bool seal(const struct seal_keys *keys, struct text plain, struct text context, struct arena *arena,
	struct text *ret, struct err *err)
{
	CLEANUP(cipher_drop) EVP_CIPHER_CTX *cipher = EVP_CIPHER_CTX_new();
	unsigned char *out, *text;
	int len = 0, more = 0;

	if (keys->count == 0)
		return err_set(err, ERR_BROKEN, 0, "there is no key to seal with");
	if (plain.len > PLAIN_MOST || context.len > PLAIN_MOST)
		return err_set(err, ERR_BROKEN, 0, "too long to seal");
	out = arena_alloc(arena, plain.len + OVERHEAD);
	text = out + 1 + NONCE_SIZE;
	out[0] = (unsigned char)keys->keys[0].id;
	/* A nonce must never come twice under one key; 96 random bits are good for 2^32 texts. */
	random_bytes(out + 1, NONCE_SIZE);
	if (FAULT("seal", FAULT_FAILED) || cipher == NULL ||
		EVP_EncryptInit_ex(cipher, EVP_aes_256_gcm(), NULL, keys->keys[0].secret, out + 1) != 1 ||
		EVP_EncryptUpdate(cipher, NULL, &len, (const unsigned char *)context.at, (int)context.len) !=
			1 ||
		EVP_EncryptUpdate(cipher, text, &len, (const unsigned char *)plain.at, (int)plain.len) != 1 ||
		EVP_EncryptFinal_ex(cipher, text + len, &more) != 1 ||
		EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_GCM_GET_TAG, TAG_SIZE, text + plain.len) != 1)
		return broken(err, "sealing");
	*ret = (struct text){(const char *)out, plain.len + OVERHEAD};
	return true;
}

static const unsigned char *secret_of(const struct seal_keys *keys, unsigned id)
{
	for (size_t i = 0; i < keys->count; i++)
		if (keys->keys[i].id == id)
			return keys->keys[i].secret;
	return NULL;
}

bool seal_open(const struct seal_keys *keys, struct text sealed, struct text context, struct arena *arena,
	struct text *ret, struct err *err)
{
	CLEANUP(cipher_drop) EVP_CIPHER_CTX *cipher = EVP_CIPHER_CTX_new();
	const unsigned char *in = (const unsigned char *)sealed.at, *secret;
	unsigned char *out, tag[TAG_SIZE];
	int len = 0, more = 0;
	size_t size;

	if (sealed.len < OVERHEAD || sealed.len > PLAIN_MOST || context.len > PLAIN_MOST)
		return err_set(err, ERR_BROKEN, 0, "%zu bytes are no sealed text", sealed.len);
	secret = secret_of(keys, in[0]);
	if (secret == NULL)
		return err_set(err, ERR_BROKEN, in[0], "sealed with key %u, which is not in the file", in[0]);
	size = sealed.len - OVERHEAD;
	memcpy(tag, in + sealed.len - TAG_SIZE, TAG_SIZE);
	out = arena_alloc(arena, size + 1);
	if (FAULT("seal.open", FAULT_FAILED) || cipher == NULL ||
		EVP_DecryptInit_ex(cipher, EVP_aes_256_gcm(), NULL, secret, in + 1) != 1 ||
		EVP_DecryptUpdate(cipher, NULL, &len, (const unsigned char *)context.at, (int)context.len) !=
			1 ||
		EVP_DecryptUpdate(cipher, out, &len, in + 1 + NONCE_SIZE, (int)size) != 1 ||
		EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_GCM_SET_TAG, TAG_SIZE, tag) != 1)
		return broken(err, "opening");
	if (EVP_DecryptFinal_ex(cipher, out + len, &more) != 1) {
		OPENSSL_cleanse(out, size);
		ERR_clear_error();
		return err_set(err, ERR_BROKEN, 0, "the sealed text was changed, or belongs elsewhere");
	}
	*ret = (struct text){(const char *)out, size};
	return true;
}
