#include "darajasim/call.h"

#include "darajasim/draw.h"

#include "io/clock.h"

#include <string.h>

/* GET /oauth/v1/generate?grant_type=client_credentials with the app's key and secret as Basic. */

static bool is_known(const struct sim *sim, const char *key, const char *secret)
{
	const struct options *options = &sim->options;
	const char *changed = secrets_find(&sim->secrets, key);

	if (changed != NULL)
		return strcmp(changed, secret) == 0;
	return (options->consumer_key[0] == '\0' || strcmp(options->consumer_key, key) == 0) &&
	       (options->consumer_secret[0] == '\0' || strcmp(options->consumer_secret, secret) == 0);
}

/* Nearly all captures have a text in expires_in, the portal's newer page a number. */
static bool life_is_number(const struct call *call)
{
	enum shape shape = call->plan->shape;

	if (shape == SHAPE_ANY)
		return call_luck(call, DRAW_SHAPE) % 2 == 0;
	return shape == SHAPE_OBJECT || shape == SHAPE_SHUFFLED;
}

static void give_token(struct call *call, const char *app)
{
	const struct options *options = &call->sim->options;
	struct mono dies = mono_add_ms(clock_mono(), options->token_life * 1000);
	const char *quote = life_is_number(call) ? "" : "\"";
	char token[TOKEN_TEXT];

	tokens_make(
		&call->sim->tokens, app, dies, options->kill_old_tokens, call_luck(call, DRAW_TOKEN), token);
	buf_print(&call->said, "{\"access_token\":\"%s\",\"expires_in\":%s%lld%s}", token, quote,
		(long long)options->token_life, quote);
	call_accepted(call);
}

void oauth_serve(struct call *call)
{
	char key[APP_TEXT], secret[APP_TEXT];
	struct text target = http_target(call->exchange);

	if (!text_is(http_method(call->exchange), "GET"))
		call_refused_named(call, "wrong_method");
	else if (!tokens_basic(http_header(call->exchange, "authorization"), key, secret))
		call_refused_named(call, "invalid_auth");
	else if (!text_has_nocase(target, "grant_type=client_credentials"))
		call_refused_named(call, "invalid_grant");
	else if (!is_known(call->sim, key, secret))
		/* In production a key of another host is answered with an empty 400. */
		call_refused_as(call, 400, "application/json", "unknown_app");
	else
		give_token(call, key);
}
