#include "io/credential.h"

#include "base/base64.h"
#include "base/fault.h"

#include <limits.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <time.h>

static void bio_drop(BIO **bio)
{
	BIO_free_all(*bio);
	*bio = NULL;
}

static void x509_drop(X509 **certificate)
{
	X509_free(*certificate);
	*certificate = NULL;
}

static void context_drop(EVP_PKEY_CTX **context)
{
	EVP_PKEY_CTX_free(*context);
	*context = NULL;
}

/* Safaricom's files are called .cer, which tells nothing about what is inside. */
static X509 *read_certificate(struct text bytes)
{
	CLEANUP(bio_drop) BIO *pem = BIO_new_mem_buf(bytes.at, (int)bytes.len);
	const unsigned char *at = (const unsigned char *)bytes.at;
	X509 *certificate = pem != NULL ? PEM_read_bio_X509(pem, NULL, NULL, NULL) : NULL;

	if (certificate == NULL)
		certificate = d2i_X509(NULL, &at, (long)bytes.len);
	ERR_clear_error();
	return certificate;
}

static bool broken(struct err *err, const char *what)
{
	unsigned long code = ERR_get_error();

	ERR_clear_error();
	return err_set(err, ERR_BROKEN, (int)ERR_GET_REASON(code), "%s", what);
}

/* Its validity is not asked: it only carries a key, and those in use are long expired. */
static bool open_certificate(struct text bytes, X509 **ret, EVP_PKEY **ret_key, struct err *err)
{
	if (bytes.len == 0 || bytes.len > INT_MAX)
		return err_set(err, ERR_BROKEN, 0, "the certificate is empty");
	*ret = read_certificate(bytes);
	if (*ret == NULL)
		return err_set(err, ERR_BROKEN, 0, "the certificate is neither PEM nor DER");
	*ret_key = X509_get0_pubkey(*ret);
	if (*ret_key == NULL || !EVP_PKEY_is_a(*ret_key, "RSA"))
		return broken(err, "the certificate has no RSA key");
	return true;
}

bool credential_certificate(
	struct text certificate, struct arena *arena, struct certificate_facts *ret, struct err *err)
{
	CLEANUP(x509_drop) X509 *x509 = NULL;
	CLEANUP(bio_drop) BIO *name = BIO_new(BIO_s_mem());
	EVP_PKEY *key;
	struct tm until;
	char *bytes;
	long len;

	if (!open_certificate(certificate, &x509, &key, err))
		return false;
	if (name == NULL || X509_NAME_print_ex(name, X509_get_subject_name(x509), 0, XN_FLAG_ONELINE) < 0 ||
		ASN1_TIME_to_tm(X509_get0_notAfter(x509), &until) != 1)
		return broken(err, "the certificate's name or end cannot be read");
	len = BIO_get_mem_data(name, &bytes);
	*ret = (struct certificate_facts){.subject = arena_string(arena, (struct text){bytes, (size_t)len}),
		.until = {(int64_t)timegm(&until) * 1000000},
		.bits = EVP_PKEY_get_bits(key)};
	return true;
}

bool credential_build(
	struct text certificate, struct text password, struct arena *arena, const char **ret, struct err *err)
{
	CLEANUP(x509_drop) X509 *x509 = NULL;
	CLEANUP(context_drop) EVP_PKEY_CTX *context = NULL;
	EVP_PKEY *key;
	unsigned char *block;
	size_t len = 0;

	if (password.len == 0)
		return err_set(err, ERR_BROKEN, 0, "the initiator's password is empty");
	if (!open_certificate(certificate, &x509, &key, err))
		return false;
	context = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
	if (FAULT("credential.encrypt", FAULT_FAILED) || context == NULL ||
		EVP_PKEY_encrypt_init(context) != 1 ||
		EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) != 1 ||
		EVP_PKEY_encrypt(context, NULL, &len, (const unsigned char *)password.at, password.len) != 1)
		return broken(err, "the certificate's key cannot encrypt");
	block = arena_alloc(arena, len);
	if (EVP_PKEY_encrypt(context, block, &len, (const unsigned char *)password.at, password.len) != 1)
		return broken(err, "the password is too long for the certificate's key");
	*ret = base64_build(block, len, arena_alloc(arena, BASE64_SIZE(len)));
	return true;
}
