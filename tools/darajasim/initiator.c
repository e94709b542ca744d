#include "darajasim/initiator.h"

#include "base/attr.h"
#include "base/base64.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_MOST = 1024 };

struct initiator {
	EVP_PKEY *key;
	const char *password;
};

bool initiator_load(struct initiator **ret, const char *key_file, const char *password, struct err *err)
{
	EVP_PKEY *key;
	FILE *file;

	*ret = NULL;
	if (key_file[0] == '\0')
		return true;
	file = fopen(key_file, "re");
	if (file == NULL)
		return err_set(err, ERR_REFUSED, 0, "cannot read %s", key_file);
	key = PEM_read_PrivateKey(file, NULL, NULL, NULL);
	fclose(file);
	ERR_clear_error();
	if (key == NULL || EVP_PKEY_get_size(key) > BLOCK_MOST)
		return err_set(err, ERR_REFUSED, 0, "%s holds no private key", key_file);
	*ret = malloc(sizeof(**ret));
	must(*ret != NULL);
	**ret = (struct initiator){key, password};
	return true;
}

static bool decrypt(EVP_PKEY *key, const char *block, size_t len, char out[BLOCK_MOST], size_t *ret_len)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key, NULL);
	bool good;

	must(context != NULL);
	*ret_len = BLOCK_MOST;
	good = EVP_PKEY_decrypt_init(context) > 0 &&
	       EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) > 0 &&
	       EVP_PKEY_decrypt(context, (unsigned char *)out, ret_len, (const unsigned char *)block, len) >
		       0;
	EVP_PKEY_CTX_free(context);
	ERR_clear_error();
	return good;
}

bool initiator_knows(const struct initiator *initiator, const char *credential)
{
	char block[BLOCK_MOST], plain[BLOCK_MOST];
	size_t len, plain_len;

	if (initiator == NULL)
		return true;
	return base64_parse(text_of(credential), block, sizeof(block), &len) &&
	       len == (size_t)EVP_PKEY_get_size(initiator->key) &&
	       decrypt(initiator->key, block, len, plain, &plain_len) &&
	       plain_len == strlen(initiator->password) && memcmp(plain, initiator->password, plain_len) == 0;
}

void initiator_free(struct initiator **initiator)
{
	if (*initiator != NULL)
		EVP_PKEY_free((*initiator)->key);
	free(*initiator);
	*initiator = NULL;
}
