#ifndef TESTS_UNIT_IO_CERTIFICATES_H
#define TESTS_UNIT_IO_CERTIFICATES_H

/* Certificates that sign themselves, for 127.0.0.1, in a folder of the test's own. */
#include "check.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <unistd.h>

static char certificates[64];

/* One of a few that last until the next ones. */
static inline const char *certificate_path(const char *name)
{
	static char paths[8][128];
	static unsigned next;
	char *path = paths[next++ % 8];

	if (certificates[0] == '\0') {
		snprintf(certificates, sizeof(certificates), "/tmp/mkondo-test.XXXXXX");
		assert_non_null(mkdtemp(certificates));
	}
	snprintf(path, sizeof(paths[0]), "%s/%s", certificates, name);
	return path;
}

static inline void certificates_remove(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -r %s", certificates);
	assert_int_equal(system(command), 0);
	certificates[0] = '\0';
}

static inline FILE *certificate_file(const char *name)
{
	FILE *file = fopen(certificate_path(name), "w");

	assert_non_null(file);
	return file;
}

/* Takes the key. The path of the certificate. */
static inline const char *certificate_write(const char *name, const char *key_name, EVP_PKEY *key)
{
	X509 *x509 = X509_new();
	X509_EXTENSION *san = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, "IP:127.0.0.1");
	static long serial;
	FILE *file;

	assert_true(key != NULL && x509 != NULL && san != NULL);
	X509_set_version(x509, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(x509), ++serial);
	X509_gmtime_adj(X509_getm_notBefore(x509), -3600);
	X509_gmtime_adj(X509_getm_notAfter(x509), 3600);
	X509_NAME_add_entry_by_txt(
		X509_get_subject_name(x509), "CN", MBSTRING_ASC, (const unsigned char *)name, -1, -1, 0);
	X509_set_issuer_name(x509, X509_get_subject_name(x509));
	X509_set_pubkey(x509, key);
	X509_add_ext(x509, san, -1);
	assert_true(X509_sign(x509, key, EVP_sha256()) > 0);
	file = certificate_file(name);
	assert_int_equal(PEM_write_X509(file, x509), 1);
	fclose(file);
	file = certificate_file(key_name);
	assert_int_equal(PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL), 1);
	fclose(file);
	X509_EXTENSION_free(san);
	X509_free(x509);
	EVP_PKEY_free(key);
	return certificate_path(name);
}

#endif
