#ifndef DARAJASIM_INITIATOR_H
#define DARAJASIM_INITIATOR_H

#include "base/err.h"

#include <stdbool.h>

/* The key that belongs to the certificate which clients encrypt the operator's password with. */
struct initiator;

/* key_file "": NULL, for which every credential is right. */
bool initiator_load(struct initiator **ret, const char *key_file, const char *password, struct err *err);
/* Base64 of one RSA block, PKCS #1 v1.5, that holds the password and nothing else. */
bool initiator_knows(const struct initiator *initiator, const char *credential);
void initiator_free(struct initiator **initiator);

#endif
