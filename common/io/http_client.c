#include "io/http_call.h"

#include "base/fault.h"

#include <stdlib.h>
#include <string.h>
#include <utlist.h>

/* curl's multi interface on a libuv loop: its sockets are uv_poll handles, its one timer is a uv_timer. */

struct http_client {
	uv_loop_t *loop;
	CURLM *multi;
	CURLSH *share; /* TLS sessions: 7.88 does not share them between the easy handles of a multi */
	uv_timer_t timer;
	struct http_call *calls;
	unsigned in_flight, most;
	unsigned handles; /* that libuv has not closed yet */
	bool freed;
	char *ca_file;
};

struct watch { /* one socket of curl's */
	uv_poll_t poll;
	struct http_client *client;
	curl_socket_t socket;
};

static void free_when_closed(struct http_client *client)
{
	if (!client->freed || client->handles > 0)
		return;
	free(client->ca_file);
	free(client);
}

static void on_timer_closed(uv_handle_t *handle)
{
	struct http_client *client = handle->data;

	client->handles--;
	free_when_closed(client);
}

static void on_watch_closed(uv_handle_t *handle)
{
	struct watch *watch = handle->data;
	struct http_client *client = watch->client;

	free(watch);
	client->handles--;
	free_when_closed(client);
}

static void finish(struct http_call *call, CURLcode code)
{
	struct http_client *client = call->client;
	struct http_reply reply;

	http_call_judge(call, code, &reply);
	curl_multi_remove_handle(client->multi, call->easy);
	DL_DELETE(client->calls, call);
	client->in_flight--;
	call->done(call->cookie, &reply);
	http_call_free(call);
}

static void finish_all_done(struct http_client *client)
{
	CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(client->multi, &left)) != NULL) {
		struct http_call *call = NULL;
		CURLcode code = message->data.result;

		if (message->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &call);
		finish(call, code);
	}
}

static void act(struct http_client *client, curl_socket_t socket, int events)
{
	int running;

	curl_multi_socket_action(client->multi, socket, events, &running);
	finish_all_done(client);
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
	struct watch *watch = poll->data;
	int flags = status < 0 || FAULT("http.poll", FAULT_FAILED) ? CURL_CSELECT_ERR : 0;

	if (events & UV_READABLE)
		flags |= CURL_CSELECT_IN;
	if (events & UV_WRITABLE)
		flags |= CURL_CSELECT_OUT;
	act(watch->client, watch->socket, flags);
}

static void on_timer(uv_timer_t *timer)
{
	act(timer->data, CURL_SOCKET_TIMEOUT, 0);
}

static int on_curl_timer(CURLM *multi, long ms, void *cookie)
{
	struct http_client *client = cookie;

	(void)multi;
	if (ms < 0)
		uv_timer_stop(&client->timer);
	else
		uv_timer_start(&client->timer, on_timer, (uint64_t)ms, 0);
	return 0;
}

static void unwatch(struct http_client *client, struct watch *watch)
{
	if (watch == NULL)
		return;
	curl_multi_assign(client->multi, watch->socket, NULL);
	uv_poll_stop(&watch->poll);
	uv_close((uv_handle_t *)&watch->poll, on_watch_closed);
}

static struct watch *watch_new(struct http_client *client, curl_socket_t socket)
{
	struct watch *watch = calloc(1, sizeof(*watch));

	must(watch != NULL);
	if (FAULT("http.watch", FAULT_FAILED) ||
		uv_poll_init_socket(client->loop, &watch->poll, socket) != 0) {
		free(watch);
		return NULL;
	}
	watch->poll.data = watch;
	watch->client = client;
	watch->socket = socket;
	client->handles++;
	curl_multi_assign(client->multi, socket, watch);
	return watch;
}

static int on_curl_socket(CURL *easy, curl_socket_t socket, int what, void *cookie, void *of_socket)
{
	struct http_client *client = cookie;
	struct watch *watch = of_socket;

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		unwatch(client, watch);
		return 0;
	}
	if (watch == NULL)
		watch = watch_new(client, socket);
	/* Its call ends by its own time limit. To say -1 would end all calls, also all later ones: libcurl then takes the
	   whole multi handle for dead. */
	if (watch == NULL)
		return 0;
	int events = (what & CURL_POLL_IN ? UV_READABLE : 0) | (what & CURL_POLL_OUT ? UV_WRITABLE : 0);
	uv_poll_start(&watch->poll, events, on_poll);
	return 0;
}

bool http_client_new(
	struct http_client **ret, uv_loop_t *loop, const struct http_client_conf *conf, struct err *err)
{
	if (FAULT("http.init", FAULT_FAILED) || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return err_set(err, ERR_BROKEN, 0, "libcurl does not start");
	struct http_client *client = calloc(1, sizeof(*client));
	must(client != NULL);
	client->multi = curl_multi_init();
	client->share = curl_share_init();
	client->ca_file = strdup(conf->ca_file != NULL ? conf->ca_file : "");
	must(client->multi != NULL && client->share != NULL && client->ca_file != NULL);
	client->loop = loop;
	client->most = conf->connections_most;
	must(uv_timer_init(loop, &client->timer) == 0);
	client->timer.data = client;
	client->handles = 1;
	curl_share_setopt(client->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
	curl_multi_setopt(client->multi, CURLMOPT_SOCKETFUNCTION, on_curl_socket);
	curl_multi_setopt(client->multi, CURLMOPT_SOCKETDATA, client);
	curl_multi_setopt(client->multi, CURLMOPT_TIMERFUNCTION, on_curl_timer);
	curl_multi_setopt(client->multi, CURLMOPT_TIMERDATA, client);
	/* Fewer than are at work at once would close connections that the next request wants. */
	curl_multi_setopt(client->multi, CURLMOPT_MAXCONNECTS, (long)client->most + 1);
	curl_multi_setopt(client->multi, CURLMOPT_PIPELINING, (long)CURLPIPE_NOTHING);
	*ret = client;
	return true;
}

bool http_client_send(struct http_client *client, const struct http_request *request, http_done *done,
	void *cookie, struct err *err)
{
	struct http_call *call;

	if (client->in_flight >= client->most ||
		FAULT_OF("http.send", FAULT_FAILED, HTTP_CALL_TO(request->url)))
		return err_set(err, ERR_RETRY, 0, "all %u connections are busy", client->most);
	/* To libcurl 0 means its own default: minutes. */
	if (request->connect_ms <= 0 || request->total_ms <= 0)
		return err_set(err, ERR_RETRY, 0, "no time is left to send it");
	if (!http_call_new(&call, request, client->ca_file, client->share, err))
		return false;
	call->client = client;
	call->done = done;
	call->cookie = cookie;
	/* Only arms the timer: the transfer starts when the loop runs. */
	CURLMcode code = FAULT("http.add", FAULT_FAILED) ? CURLM_OUT_OF_MEMORY
							 : curl_multi_add_handle(client->multi, call->easy);
	if (code != CURLM_OK) {
		http_call_free(call);
		return err_set(err, ERR_BROKEN, (int)code, "libcurl: %s", curl_multi_strerror(code));
	}
	DL_APPEND(client->calls, call);
	client->in_flight++;
	return true;
}

unsigned http_client_free_connections(const struct http_client *client)
{
	return client->most > client->in_flight ? client->most - client->in_flight : 0;
}

unsigned http_client_in_flight(const struct http_client *client)
{
	return client->in_flight;
}

void http_client_free(struct http_client **ref)
{
	struct http_client *client = *ref;

	if (client == NULL)
		return;
	/* What is complete is told as complete; the rest is given up where it stands. No further request is taken. */
	client->most = 0;
	finish_all_done(client);
	while (client->calls != NULL)
		finish(client->calls, CURLE_ABORTED_BY_CALLBACK);
	curl_multi_cleanup(client->multi);
	curl_share_cleanup(client->share);
	uv_timer_stop(&client->timer);
	uv_close((uv_handle_t *)&client->timer, on_timer_closed);
	client->freed = true;
	*ref = NULL;
}
