#ifndef TESTS_UNIT_IO_CERTIFICATE_H
#define TESTS_UNIT_IO_CERTIFICATE_H

#include "base/arena.h"
#include "check.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

/* A certificate like Safaricom's: signed by itself here, and expired. */
static inline X509 *certificate_make(EVP_PKEY *key)
{
	X509 *x509 = X509_new();

	assert_non_null(x509);
	ASN1_INTEGER_set(X509_get_serialNumber(x509), 1);
	X509_gmtime_adj(X509_getm_notBefore(x509), -2L * 365 * 24 * 3600);
	X509_gmtime_adj(X509_getm_notAfter(x509), -365L * 24 * 3600);
	assert_int_equal(X509_set_pubkey(x509, key), 1);
	assert_true(X509_sign(x509, key, EVP_sha256()) > 0);
	return x509;
}

static inline struct text bio_text(BIO *bio, struct arena *arena)
{
	char *bytes;
	long len = BIO_get_mem_data(bio, &bytes);

	return arena_text(arena, (struct text){bytes, (size_t)len});
}

static inline struct text certificate_pem(X509 *x509, struct arena *arena)
{
	BIO *bio = BIO_new(BIO_s_mem());
	struct text text;

	assert_int_equal(PEM_write_bio_X509(bio, x509), 1);
	text = bio_text(bio, arena);
	BIO_free(bio);
	return text;
}

static inline struct text certificate_der(X509 *x509, struct arena *arena)
{
	BIO *bio = BIO_new(BIO_s_mem());
	struct text text;

	assert_int_equal(i2d_X509_bio(bio, x509), 1);
	text = bio_text(bio, arena);
	BIO_free(bio);
	return text;
}

#endif
