#include "base/digest.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

static const unsigned char *bytes_of(struct text text)
{
	return (const unsigned char *)(text.at != NULL ? text.at : "");
}

struct digest sha256(struct text bytes)
{
	struct digest digest;

	must(SHA256(bytes_of(bytes), bytes.len, digest.b) != NULL);
	return digest;
}

struct digest hmac_sha256(struct text key, struct text bytes)
{
	struct digest digest;
	unsigned len = 0;

	must(key.len <= INT32_MAX);
	must(HMAC(EVP_sha256(), bytes_of(key), (int)key.len, bytes_of(bytes), bytes.len, digest.b, &len) !=
		NULL);
	must(len == DIGEST_SIZE);
	return digest;
}

bool digest_same(const void *a, const void *b, size_t len)
{
	return CRYPTO_memcmp(a, b, len) == 0;
}
