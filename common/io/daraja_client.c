#include "io/daraja_client.h"

#include "base/base64.h"

/* Without the right Content-Type the body is not read, and the first mandatory field is called invalid. */
static const char content_type[] = "Content-Type: application/json";
static const char accept_json[] = "Accept: application/json";
static const char token_path[] = "/oauth/v1/generate?grant_type=client_credentials";

static bool send_request(struct http_client *client, struct arena *arena, const struct http_request *request,
	http_done *done, void *cookie, struct err *err)
{
	bool sent = http_client_send(client, request, done, cookie, err);

	arena_done(arena);
	return sent;
}

bool daraja_client_send(struct http_client *client, const struct daraja_call *call, http_done *done,
	void *cookie, struct err *err)
{
	const char *headers[6] = {0};
	size_t count = 3;
	struct arena arena;
	struct http_request request = {0};

	arena_init(&arena);
	headers[0] = arena_print(&arena, "Authorization: Bearer %s", call->token);
	headers[1] = content_type;
	headers[2] = accept_json;
	if (call->traceparent[0] != '\0')
		headers[count++] = arena_print(&arena, "traceparent: %s", call->traceparent);
	if (call->app_key != NULL && call->app_key[0] != '\0')
		headers[count++] = arena_print(&arena, "appKey: %s", call->app_key);
	request.method = "POST";
	request.url = arena_print(&arena, "%s%s", call->account->api_base, call->path);
	request.headers = headers;
	request.body = call->body;
	request.connect_ms = call->connect_ms;
	request.total_ms = call->total_ms;
	return send_request(client, &arena, &request, done, cookie, err);
}

const char *daraja_client_token_url(const struct account *account, struct arena *arena)
{
	return arena_print(arena, "%s%s", account->api_base, token_path);
}

bool daraja_client_token(struct http_client *client, const struct account *account, int64_t total_ms,
	http_done *done, void *cookie, struct err *err)
{
	const char *headers[3] = {0};
	struct arena arena;
	struct http_request request = {0};
	struct text pair;

	arena_init(&arena);
	pair = text_of(arena_print(&arena, "%s:%s", account->consumer_key, account->consumer_secret));
	headers[0] = arena_print(&arena, "Authorization: Basic %s",
		base64_build(pair.at, pair.len, arena_alloc(&arena, BASE64_SIZE(pair.len))));
	headers[1] = accept_json;
	request.method = "GET";
	request.url = daraja_client_token_url(account, &arena);
	request.headers = headers;
	request.connect_ms = total_ms;
	request.total_ms = total_ms;
	return send_request(client, &arena, &request, done, cookie, err);
}
