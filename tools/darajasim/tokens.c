#include "darajasim/tokens.h"

#include "base/base64.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>

struct token {
	char text[TOKEN_TEXT];
	char app[APP_TEXT];
	struct mono dies;
	UT_hash_handle hh;
};

static bool copy_part(struct text part, char ret[APP_TEXT])
{
	if (part.len == 0 || part.len >= APP_TEXT || memchr(part.at, '\0', part.len) != NULL)
		return false;
	memcpy(ret, part.at, part.len);
	ret[part.len] = '\0';
	return true;
}

bool tokens_basic(struct text header, char ret_key[APP_TEXT], char ret_secret[APP_TEXT])
{
	char plain[2 * APP_TEXT];
	const char *colon;
	size_t len;

	if (!text_starts(header, "Basic ") ||
		!base64_parse((struct text){header.at + 6, header.len - 6}, plain, sizeof(plain), &len))
		return false;
	colon = memchr(plain, ':', len);
	return colon != NULL && copy_part((struct text){plain, (size_t)(colon - plain)}, ret_key) &&
	       copy_part((struct text){colon + 1, len - (size_t)(colon - plain) - 1}, ret_secret);
}

void tokens_make(struct tokens *tokens, const char *app, struct mono dies, bool kill_old, uint64_t luck,
	char out[TOKEN_TEXT])
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
	struct token *token, *next;

	HASH_ITER (hh, tokens->by_text, token, next) {
		if (kill_old && strcmp(token->app, app) == 0) {
			HASH_DEL(tokens->by_text, token);
			free(token);
		}
	}
	token = calloc(1, sizeof(*token));
	must(token != NULL);
	tokens->made++;
	for (size_t i = 0; i < TOKEN_TEXT - 1; i++) {
		luck = luck * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
		token->text[i] = letters[(luck >> 33) % (sizeof(letters) - 1)];
	}
	memcpy(token->app, app, strlen(app) + 1);
	token->dies = dies;
	HASH_ADD_STR(tokens->by_text, text, token);
	memcpy(out, token->text, TOKEN_TEXT);
}

const char *tokens_app(const struct tokens *tokens, struct text text, struct mono now)
{
	struct token *token;

	if (text.len == 0)
		return NULL;
	HASH_FIND(hh, tokens->by_text, text.at, text.len, token);
	return token != NULL && now.us < token->dies.us ? token->app : NULL;
}

unsigned tokens_kill(struct tokens *tokens, struct mono now)
{
	struct token *token, *next;
	unsigned killed = 0;

	HASH_ITER (hh, tokens->by_text, token, next) {
		killed += now.us < token->dies.us;
		HASH_DEL(tokens->by_text, token);
		free(token);
	}
	return killed;
}

void tokens_done(struct tokens *tokens)
{
	(void)tokens_kill(tokens, (struct mono){0});
}
