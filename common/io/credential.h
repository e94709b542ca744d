#ifndef IO_CREDENTIAL_H
#define IO_CREDENTIAL_H

#include "base/arena.h"
#include "base/err.h"
#include "base/text.h"
#include "base/time.h"

/* SecurityCredential: base64(RSA PKCS#1 v1.5 of the password under the certificate's key). Expired certificates are
   accepted: those in use at Safaricom are all expired (daraja.md 7). `certificate`: PEM or DER bytes. */
bool credential_build(struct text certificate, struct text password, struct arena *arena, const char **ret,
	struct err *err);

/* What a person compares: whose certificate it is, and until when. */
struct certificate_facts {
	const char *subject; /* "CN=..., O=..." */
	struct instant until;
	int bits; /* of its RSA key */
};
bool credential_certificate(
	struct text certificate, struct arena *arena, struct certificate_facts *ret, struct err *err);

#endif
