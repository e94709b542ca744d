#ifndef IO_CREDENTIAL_H
#define IO_CREDENTIAL_H

#include "base/arena.h"
#include "base/err.h"
#include "base/text.h"

/* SecurityCredential: base64(RSA PKCS#1 v1.5 of the password under the certificate's key). Expired certificates are
   accepted: those in use at Safaricom are all expired (daraja.md 7). `certificate`: PEM or DER bytes. */
bool credential_build(struct text certificate, struct text password, struct arena *arena, const char **ret,
	struct err *err);

#endif
