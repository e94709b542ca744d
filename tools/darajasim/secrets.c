#include "darajasim/secrets.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>

struct secret {
	char key[APP_TEXT], text[APP_TEXT];
	UT_hash_handle hh;
};

void secrets_change(struct secrets *secrets, const char *key, const char *text)
{
	struct secret *secret;

	must(strlen(key) < APP_TEXT && strlen(text) < APP_TEXT);
	HASH_FIND_STR(secrets->by_key, key, secret);
	if (secret == NULL) {
		secret = calloc(1, sizeof(*secret));
		must(secret != NULL);
		memcpy(secret->key, key, strlen(key) + 1);
		HASH_ADD_STR(secrets->by_key, key, secret);
	}
	memcpy(secret->text, text, strlen(text) + 1);
}

const char *secrets_find(const struct secrets *secrets, const char *key)
{
	struct secret *secret;

	HASH_FIND_STR(secrets->by_key, key, secret);
	return secret != NULL ? secret->text : NULL;
}

void secrets_done(struct secrets *secrets)
{
	struct secret *secret, *next;

	HASH_ITER (hh, secrets->by_key, secret, next) {
		HASH_DEL(secrets->by_key, secret);
		free(secret);
	}
}
