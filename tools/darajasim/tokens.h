#ifndef DARAJASIM_TOKENS_H
#define DARAJASIM_TOKENS_H

#include "base/time.h"

#include <stdint.h>

/*
 * Access tokens. A new one kills the app's old one, unless told otherwise; each dies when its life is over.
 * Pure but for memory: the caller brings time and luck.
 */
enum { TOKEN_TEXT = 29, APP_TEXT = 65 };

struct token;
struct tokens {
	struct token *by_text;
	int64_t made;
};

/* The consumer key of a Basic header, and whether the header could be read at all. */
bool tokens_basic(struct text header, char ret_key[APP_TEXT], char ret_secret[APP_TEXT]);
void tokens_make(struct tokens *tokens, const char *app, struct mono dies, bool kill_old, uint64_t luck,
	char out[TOKEN_TEXT]);
/* The app that a live token belongs to; NULL: unknown, dead or killed. */
const char *tokens_app(const struct tokens *tokens, struct text token, struct mono now);
/* Kills all; returns how many were alive. */
unsigned tokens_kill(struct tokens *tokens, struct mono now);
void tokens_done(struct tokens *tokens);

#endif
