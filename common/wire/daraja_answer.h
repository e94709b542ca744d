#ifndef WIRE_DARAJA_ANSWER_H
#define WIRE_DARAJA_ANSWER_H

#include "base/arena.h"
#include "core/answer.h"

/*
 * The body of a synchronous reply -> struct answer. Reads every documented shape: errorCode/errorMessage,
 * Apigee's fault, ResponseCode/ResponseDescription, Bill Manager's and USSD's own. Anything that is no valid JSON object
 * gives json = false. Never fails: what cannot be read is what the dictionary then calls in doubt.
 */
void daraja_answer_parse(enum api api, int http, struct text body, struct arena *arena, struct answer *ret);

/* oauth: token and life ("3599" or 3599); false when either is missing or out of range. */
bool daraja_token_parse(struct text body, struct arena *arena, const char **ret_token, int64_t *ret_life_ms);

/* The body without what must not be stored: our SecurityCredential and Password values, and access tokens that
   an error text repeats, become "***". A copy in the arena; the same bytes when there is nothing to hide. */
struct text daraja_redacted(struct text body, struct arena *arena);
/* The body as a log may have it: values of names on a list of what is nobody's secret and nobody's person, and of all others their size.
   Phones are masked wherever they stand. What is no JSON object is only counted. */
struct text daraja_logged(struct text body, struct arena *arena);

#endif
