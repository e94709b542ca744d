#include "dispatcher/worker.h"

#include "base/log.h"
#include "io/clock.h"
#include "io/lane_store.h"
#include "wire/daraja_answer.h"

#include <string.h>

/*
 * One token per app, numbered, shared by all replicas in one row: every new token kills the old one, so whoever finds it
 * old, or refused, takes the right to refresh *that number*, and one does. When the secret of an app changes, each process makes one
 * token with the new one, which shows whether it is right; the token that there is serves until then, and when the secret is wrong,
 * until it is old. One that the gateway refuses since it is of the old secret is replaced like any other.
 */
enum { LOOK_AGAIN_MS = 200, CALL_AGAIN_MS = 1000, CALL_AGAIN_MOST_MS = 60000, UNHEARD_MOST = 3 };

static bool is_old(const struct token_cache *token, struct instant now)
{
	int64_t life = instant_ms_between(token->made_at, token->use_until);

	return !instant_before(now, instant_add_ms(token->made_at, life * 8 / 10));
}

static bool wants_refresh(const struct token_cache *token, struct instant now)
{
	return token->no == 0 || token->refused_no == token->no || token->renew || is_old(token, now);
}

bool worker_token(struct worker *worker, size_t app, struct instant now)
{
	const struct token_cache *token = &worker->apps.tokens[app];

	return token->account != NULL && token->no != 0 && token->refused_no != token->no &&
	       instant_before(now, token->use_until);
}

void worker_token_refused(struct worker *worker, size_t app, int64_t no)
{
	struct token_cache *token = &worker->apps.tokens[app];

	if (token->no == no && token->refused_no != no) {
		token->refused_no = no;
		token->not_before = (struct mono){0};
	}
}

static bool load(struct worker *worker, size_t app, struct err *err)
{
	struct token_cache *cache = &worker->apps.tokens[app];
	struct token token = {0};

	if (!token_store_get(worker->store, cache->app, &worker->tmp, &token, err))
		return false;
	if (token.no == cache->no)
		return true;
	if (strlen(token.text) >= sizeof(cache->text))
		return err_set(err, ERR_BROKEN, 0, "the stored token of %s is too long", cache->app);
	struct buf text = BUF(cache->text);
	buf_str(&text, token.text);
	buf_end(&text);
	cache->no = token.no;
	cache->made_at = token.made_at;
	cache->use_until = token.use_until;
	cache->expires = token.expires;
	cache->worked = false;
	atomic_store(&worker->token_no[app], token.no);
	return true;
}

static void call_for_token(struct worker *worker, size_t app)
{
	struct call *call = call_new(CALL_TOKEN);

	worker_call_account(worker, call, worker->apps.tokens[app].account);
	call->token_no = worker->apps.tokens[app].no;
	call->begun = clock_mono();
	worker->apps.tokens[app].asked = true;
	worker_send(worker, call);
	worker->wake_loop(worker->loop);
}

static bool look_after(struct worker *worker, size_t app, struct err *err)
{
	struct token_cache *token = &worker->apps.tokens[app];
	struct mono now = clock_mono();
	bool mine = false;

	if (token->account == NULL || token->asked || token->not_before.us > now.us ||
		!wants_refresh(token, clock_wall()))
		return true;
	token->not_before = mono_add_ms(now, LOOK_AGAIN_MS);
	if (!load(worker, app, err))
		return false;
	if (!wants_refresh(token, clock_wall())) {
		worker_probe_token_found(worker, app);
		return true;
	}
	if (!token_store_refresh(worker->store, token->app, token->no, &mine, err))
		return false;
	if (mine)
		call_for_token(worker, app);
	return true;
}

bool worker_tokens(struct worker *worker, struct err *err)
{
	for (size_t app = 0; app < worker->apps.count; app++)
		if (!look_after(worker, app, err))
			return false;
	return true;
}

static enum breaker_saw saw_of(struct worker *worker, const struct call *call)
{
	struct answer answer = {.transport = call->transport, .trouble = call->trouble};

	if (call->transport == TRANSPORT_ANSWERED)
		daraja_answer_parse(API_NONE, call->http, call->reply, &worker->tmp, &answer);
	answer.transport = call->transport;
	answer.http = call->http;
	return answer_token_saw(&answer);
}

static void refused(struct worker *worker, size_t app, const struct call *call)
{
	struct token_cache *token = &worker->apps.tokens[app];
	int64_t wait_ms = CALL_AGAIN_MS;

	if (call->book != worker->accounts) /* asked with what has changed meanwhile: the next call tells */
		return;

	for (unsigned i = 0; i < token->failures && wait_ms < CALL_AGAIN_MOST_MS; i++)
		wait_ms *= 2;
	token->failures++;
	token->not_before = mono_add_ms(clock_mono(), scaled_ms(wait_ms, worker->time_scale));
	if (call->http == 0 && token->failures < UNHEARD_MOST) /* the network's fault so far, not the keys' */
		LOG(WARN, "token.not_answered", LOG_STR("app", token->app), LOG_STR("trouble", call->trouble),
			LOG_NUM("failures", token->failures));
	else
		LOG(ALARM, "token.refused", LOG_STR("app", token->app), LOG_NUM("http", call->http),
			LOG_STR("trouble", call->trouble), LOG_NUM("failures", token->failures));
	worker_probe_token(worker, app, saw_of(worker, call));
}

void worker_token_answered(struct worker *worker, struct call *call)
{
	const size_t app = call->app;
	struct token_cache *cache = &worker->apps.tokens[app];
	struct instant now = clock_wall();
	struct token token = {0};
	int64_t life_ms;
	bool stored = false;
	struct err err;

	cache->asked = false;
	if (call->transport != TRANSPORT_ANSWERED || call->http != 200 ||
		!daraja_token_parse(call->reply, &worker->tmp, &token.text, &life_ms)) {
		refused(worker, app, call);
		return;
	}
	token.expires = instant_add_ms(now, life_ms);
	token.made_at = instant_add_ms(now, -(call->took_us / 1000));
	token.use_until = instant_add_ms(token.made_at, life_ms);
	if (!token_store_put(worker->store, cache->app, call->token_no, &token, &stored, &err)) {
		LOG(WARN, "token.not_stored", LOG_STR("app", cache->app), LOG_ERR(&err));
		return;
	}
	cache->failures = 0;
	cache->renew = cache->renew && call->book != worker->accounts;
	LOG(INFO, "token.refreshed", LOG_STR("app", cache->app), LOG_NUM("no", call->token_no + 1),
		LOG_YES("stored", stored));
	worker_probe_token(worker, app, SAW_ANSWER);
	if (!load(worker, app, &err))
		LOG(WARN, "token.not_read", LOG_STR("app", cache->app), LOG_ERR(&err));
}
