#include "io/http_call.h"

#include "base/fault.h"

#include <stdlib.h>
#include <string.h>

/* UPLOAD_BUFFER: the least that libcurl takes; its own 64 KiB for each request in flight are most of a dispatcher's memory.
   READ_BUFFER: answers are small, and longer ones are read in pieces. */
enum { CONNECTION_AGE_MOST_S = 50, UPLOAD_BUFFER = 16384, READ_BUFFER = 4096 };

/* Without a seek function beside it libcurl cannot give a body twice: see http_client.h. */
static size_t on_read(char *to, size_t size, size_t count, void *cookie)
{
	struct http_call *call = cookie;
	size_t n = size * count, left = call->body_len - call->body_sent;

	if (n > left)
		n = left;
	if (n > 0)
		memcpy(to, call->body + call->body_sent, n);
	call->body_sent += n;
	return n;
}

static size_t on_body(char *at, size_t size, size_t count, void *cookie)
{
	struct http_call *call = cookie;
	size_t n = size * count, want = call->reply_len + n;

	if (want > HTTP_REPLY_MOST)
		return 0;
	if (want > call->reply_cap) {
		size_t cap = want < 1024 ? 1024 : 2 * want;

		call->reply = realloc(call->reply, cap);
		must(call->reply != NULL);
		call->reply_cap = cap;
	}
	memcpy(call->reply + call->reply_len, at, n);
	call->reply_len = want;
	return n;
}

/* A reply that breaks off among its headers is CURLE_OK with status 200 to libcurl 7.88. */
static size_t on_header(char *at, size_t size, size_t count, void *cookie)
{
	struct http_call *call = cookie;
	struct text line = {at, size * count};

	if (text_starts(line, "HTTP/"))
		call->head_whole = false;
	else if (text_is(line, "\r\n") || text_is(line, "\n"))
		call->head_whole = true;
	return line.len;
}

static bool set_headers(struct http_call *call, const struct http_request *request)
{
	static const char *const none[] = {NULL};
	const char *const *header = request->headers != NULL ? request->headers : none;
	struct curl_slist *list = curl_slist_append(NULL, "Expect:");

	for (; list != NULL && *header != NULL; header++) {
		struct curl_slist *longer = curl_slist_append(list, *header);

		if (longer == NULL)
			curl_slist_free_all(list);
		list = longer;
	}
	call->headers = list;
	return list != NULL && curl_easy_setopt(call->easy, CURLOPT_HTTPHEADER, list) == CURLE_OK;
}

#define SET(option, value) (curl_easy_setopt(call->easy, option, value) == CURLE_OK)

static bool set_body(struct http_call *call, const struct http_request *request)
{
	if (strcmp(request->method, "GET") == 0)
		return request->body.len == 0 && SET(CURLOPT_HTTPGET, 1L);
	if (request->body.len > 0) {
		call->body = malloc(request->body.len);
		must(call->body != NULL);
		memcpy(call->body, request->body.at, request->body.len);
		call->body_len = request->body.len;
	}
	return SET(CURLOPT_POST, 1L) && SET(CURLOPT_CUSTOMREQUEST, request->method) &&
	       SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)call->body_len) &&
	       SET(CURLOPT_UPLOAD_BUFFERSIZE, (long)UPLOAD_BUFFER) && SET(CURLOPT_READFUNCTION, on_read) &&
	       SET(CURLOPT_READDATA, call);
}

static bool set_transport(
	struct http_call *call, const struct http_request *request, const char *ca_file, CURLSH *share)
{
	/* A request without a body needs no rewinding: only a new connection keeps libcurl from repeating it. */
	bool fresh = request->fresh_connection || request->body.len == 0;

	/* QUICK_EXIT: else giving up a name look-up waits for its thread, and the whole loop with it. */
	return SET(CURLOPT_BUFFERSIZE, (long)READ_BUFFER) && SET(CURLOPT_URL, request->url) &&
	       SET(CURLOPT_PROTOCOLS_STR, "http,https") &&
	       SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1) && SET(CURLOPT_HTTP09_ALLOWED, 0L) &&
	       SET(CURLOPT_PROXY, "") && SET(CURLOPT_FOLLOWLOCATION, 0L) && SET(CURLOPT_NOSIGNAL, 1L) &&
	       SET(CURLOPT_NOPROGRESS, 1L) && SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) &&
	       SET(CURLOPT_SHARE, share) && SET(CURLOPT_MAXAGE_CONN, (long)CONNECTION_AGE_MOST_S) &&
	       (ca_file[0] == '\0' || SET(CURLOPT_CAINFO, ca_file)) &&
	       SET(CURLOPT_FRESH_CONNECT, (long)fresh) && SET(CURLOPT_QUICK_EXIT, 1L) &&
	       SET(CURLOPT_CONNECTTIMEOUT_MS, (long)request->connect_ms) &&
	       SET(CURLOPT_TIMEOUT_MS, (long)request->total_ms);
}

static bool set_callbacks(struct http_call *call)
{
	return SET(CURLOPT_PRIVATE, call) && SET(CURLOPT_ERRORBUFFER, call->trouble) &&
	       SET(CURLOPT_WRITEFUNCTION, on_body) && SET(CURLOPT_WRITEDATA, call) &&
	       SET(CURLOPT_HEADERFUNCTION, on_header) && SET(CURLOPT_HEADERDATA, call);
}

bool http_call_new(struct http_call **ret, const struct http_request *request, const char *ca_file,
	CURLSH *share, struct err *err)
{
	struct http_call *call = calloc(1, sizeof(*call));

	must(call != NULL);
	call->easy = curl_easy_init();
	if (!FAULT("http.request", FAULT_FAILED) && call->easy != NULL &&
		set_transport(call, request, ca_file, share) && set_callbacks(call) &&
		set_body(call, request) && set_headers(call, request)) {
		*ret = call;
		return true;
	}
	http_call_free(call);
	return err_set(
		err, ERR_BROKEN, 0, "libcurl refuses this request: %s %s", request->method, request->url);
}

static UNUSED const char *url_of(const struct http_call *call)
{
	char *url = NULL;

	return curl_easy_getinfo(call->easy, CURLINFO_EFFECTIVE_URL, &url) == CURLE_OK && url != NULL ? url
												      : "";
}

/* The fault: the request was read and obeyed, and its answer does not come as it was sent. */
static void fail(struct http_call *call, CURLcode *code, long *status)
{
	switch (FAULT_OF("http.reply", FAULT_LOST | FAULT_HANG | FAULT_SHORT | FAULT_EMPTY,
		HTTP_CALL_TO(url_of(call)))) {
	case FAULT_LOST:
		*code = CURLE_RECV_ERROR;
		return;
	case FAULT_HANG:
		*code = CURLE_OPERATION_TIMEDOUT;
		return;
	case FAULT_SHORT:
		call->reply_len /= 2;
		return;
	case FAULT_EMPTY:
		call->reply_len = 0;
		*status = 200;
		return;
	}
}

void http_call_judge(struct http_call *call, CURLcode code, struct http_reply *ret)
{
	long request_size = 0, status = 0, connects = 0;
	curl_off_t pretransfer = 0, took = 0;
	const char *content_type = NULL;

	/* Read before the handle is reset: both stick through libcurl's own repeat on a new connection (measured). */
	bool told = curl_easy_getinfo(call->easy, CURLINFO_REQUEST_SIZE, &request_size) == CURLE_OK &&
		    curl_easy_getinfo(call->easy, CURLINFO_PRETRANSFER_TIME_T, &pretransfer) == CURLE_OK;
	curl_easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(call->easy, CURLINFO_NUM_CONNECTS, &connects);
	curl_easy_getinfo(call->easy, CURLINFO_TOTAL_TIME_T, &took);
	curl_easy_getinfo(call->easy, CURLINFO_CONTENT_TYPE, &content_type);
	fail(call, &code, &status);
	*ret = (struct http_reply){
		.transport = TRANSPORT_NO_ANSWER,
		.content_type = content_type != NULL ? content_type : "",
		.trouble = call->trouble[0] != '\0' || code == CURLE_OK ? call->trouble
									: curl_easy_strerror(code),
		.curl_code = (int)code,
		.took_us = took,
		.reused = connects == 0 && request_size > 0,
	};
	if (code == CURLE_OK && status >= 200 && call->head_whole) {
		ret->transport = TRANSPORT_ANSWERED;
		ret->status = (int)status;
		ret->body = (struct text){call->reply != NULL ? call->reply : "", call->reply_len};
	} else if (code == CURLE_OK) {
		ret->trouble = "the reply broke off among its headers";
	} else if (told && request_size == 0 && pretransfer == 0) {
		ret->transport = TRANSPORT_NOT_SENT;
	} else if (code == CURLE_SEND_FAIL_REWIND) {
		/* libcurl would have sent it once more; it speaks of a rewind, people of a connection. */
		ret->trouble = "the connection was closed without an answer after the request had been sent";
	}
}

void http_call_free(struct http_call *call)
{
	curl_easy_cleanup(call->easy);
	curl_slist_free_all(call->headers);
	free(call->body);
	free(call->reply);
	free(call);
}
