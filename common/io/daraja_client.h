#ifndef IO_DARAJA_CLIENT_H
#define IO_DARAJA_CLIENT_H

#include "core/account.h"
#include "core/answer.h"
#include "io/http_client.h"
#include "wire/daraja_request.h"

/* Daraja's endpoints over http_client: which path, which headers, which time limits. Decides nothing. */
struct daraja_call {
	const struct account *account;
	const char *path;
	const char *token; /* access token */
	struct text body;
	const char *traceparent; /* "" : none is sent */
	int64_t connect_ms, total_ms;
	const char *app_key; /* Bill Manager's header; "" or NULL: none is sent */
};

bool daraja_client_send(struct http_client *client, const struct daraja_call *call, http_done *done,
	void *cookie, struct err *err);
/* Where an account's app gets its token. */
const char *daraja_client_token_url(const struct account *account, struct arena *arena);
/* GET /oauth/v1/generate?grant_type=client_credentials with Basic. */
bool daraja_client_token(struct http_client *client, const struct account *account, int64_t total_ms,
	http_done *done, void *cookie, struct err *err);

#endif
