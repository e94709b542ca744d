#ifndef IO_HTTP_CLIENT_H
#define IO_HTTP_CLIENT_H

#include "base/err.h"
#include "base/text.h"
#include "core/answer.h"

#include <uv.h>

/*
 * HTTP/1.1 requests by curl multi on libuv, made so that libcurl cannot send one twice: a body is given by a read function without a
 * seek function (with POSTFIELDS libcurl re-sends by itself on a reused connection that dies; measured), what has no body goes on a
 * new connection; no redirects, no proxy from the environment, no 100-continue, no connection that was idle for 50 s. What happened
 * is told by bytes, not by curl's code: NOT_SENT if and only if CURLINFO_REQUEST_SIZE is 0 and CURLINFO_PRETRANSFER_TIME_T is 0; the
 * rest without a whole reply is NO_ANSWER.
 */
struct http_client;

struct http_client_conf {
	const char *ca_file; /* "" : the system's */
	unsigned
		connections_most; /* at once; further requests are refused by http_client_send (own queues hold them) */
};

struct http_request {
	const char *method; /* "POST", "GET" */
	const char *url;
	const char *const *headers; /* "Name: value", NULL-terminated */
	struct text body; /* copied */
	int64_t connect_ms; /* until the first byte may leave */
	int64_t total_ms;
	bool fresh_connection; /* never on a reused one */
};

struct http_reply {
	enum transport transport;
	int status; /* 0 unless ANSWERED */
	struct text body; /* at most 64 KiB; longer is NO_ANSWER */
	const char *content_type;
	const char *trouble; /* curl's words; "" */
	int curl_code;
	int64_t took_us;
	bool reused; /* the connection */
};

typedef void http_done(
	void *cookie, const struct http_reply *reply); /* reply and its texts live during the call */

bool http_client_new(
	struct http_client **ret, uv_loop_t *loop, const struct http_client_conf *conf, struct err *err);
/* True: `done` is called exactly once, never from inside this call. False: nothing was and will be sent (ERR_RETRY: all connections busy). */
bool http_client_send(struct http_client *client, const struct http_request *request, http_done *done,
	void *cookie, struct err *err);
unsigned http_client_free_connections(const struct http_client *client);
unsigned http_client_in_flight(const struct http_client *client);
/* Abandons what is in flight (each is told as its bytes say, and no further request is taken). NULL is fine. Not from `done`. Run the loop
   afterwards for the close callbacks. */
void http_client_free(struct http_client **client);

#endif
