#ifndef IO_HTTP_CALL_H
#define IO_HTTP_CALL_H

#include "io/http_client.h"

#include <curl/curl.h>

/*
 * The inside of io/http_client: one request on one easy handle, which is used once and thrown away (libcurl can keep
 * a rewind flag after CURLE_SEND_FAIL_REWIND), and the verdict on what became of it.
 */
enum { HTTP_REPLY_MOST = 64 * 1024 };

struct http_call {
	struct http_client *client;
	struct http_call *prev, *next;
	CURL *easy;
	struct curl_slist *headers;
	http_done *done;
	void *cookie;
	char *body; /* the request's */
	size_t body_len, body_sent;
	char *reply;
	size_t reply_len, reply_cap;
	bool head_whole; /* the empty line after a final status came */
	char trouble[CURL_ERROR_SIZE];
};

/* What a request is for, to hooks of base/fault.h. */
#define HTTP_CALL_TO(url) (strstr((url), "/mpesa/") != NULL ? strstr((url), "/mpesa/") : "token")

/* False: out of words curl understands; nothing was made. */
bool http_call_new(struct http_call **ret, const struct http_request *request, const char *ca_file,
	CURLSH *share, struct err *err);
/* `code`: curl's, or CURLE_ABORTED_BY_CALLBACK for a call that is given up. The reply's texts live as long as the call. */
void http_call_judge(struct http_call *call, CURLcode code, struct http_reply *ret);
void http_call_free(struct http_call *call);

#endif
