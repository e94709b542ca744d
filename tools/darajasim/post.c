#include "darajasim/post.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

enum { AT_ONCE = 256, TIMEOUT_MS = 15000, ANSWER_MOST = 1024 };

struct post {
	struct poster *poster;
	char *url, *source;
	char *body;
	size_t len, given;
	post_done *done;
	void *self;
	CURL *easy;
	char answer[ANSWER_MOST];
	size_t answered;
	struct post *prev, *next;
};

struct watched {
	uv_poll_t poll;
	struct poster *poster;
	curl_socket_t socket;
};

struct poster {
	uv_loop_t *loop;
	uv_timer_t timer;
	CURLM *multi;
	struct curl_slist *headers;
	char *ca_file;
	struct post *queue, *running;
	unsigned under_way, queued;
	bool over;
	struct text answer; /* of the post that is just done */
};

static void free_post(struct post *post)
{
	free(post->url);
	free(post->source);
	free(post->body);
	free(post);
}

/* A body that can be read only once: curl can then never repeat a callback by itself. */
static size_t give_body(char *to, size_t size, size_t count, void *cookie)
{
	struct post *post = cookie;
	size_t left = post->len - post->given, room = size * count, n = left < room ? left : room;

	memcpy(to, post->body + post->given, n);
	post->given += n;
	return n;
}

static size_t keep_answer(char *from, size_t size, size_t count, void *cookie)
{
	struct post *post = cookie;
	size_t room = sizeof(post->answer) - post->answered, n = size * count < room ? size * count : room;

	memcpy(post->answer + post->answered, from, n);
	post->answered += n;
	return size * count;
}

static void start(struct poster *poster, struct post *post)
{
	CURL *easy = curl_easy_init();
	char from[80];
	struct buf buf = BUF(from);

	must(easy != NULL);
	post->easy = easy;
	curl_easy_setopt(easy, CURLOPT_URL, post->url);
	curl_easy_setopt(easy, CURLOPT_PROXY, "");
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_POST, 1L);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, poster->headers);
	curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long)post->len);
	curl_easy_setopt(easy, CURLOPT_READFUNCTION, give_body);
	curl_easy_setopt(easy, CURLOPT_READDATA, post);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, keep_answer);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, post);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)TIMEOUT_MS);
	curl_easy_setopt(easy, CURLOPT_PRIVATE, post);
	if (poster->ca_file[0] != '\0')
		curl_easy_setopt(easy, CURLOPT_CAINFO, poster->ca_file);
	if (post->source[0] != '\0') {
		buf_print(&buf, "host!%s", post->source);
		curl_easy_setopt(easy, CURLOPT_INTERFACE, buf_end(&buf));
	}
	poster->under_way++;
	DL_APPEND(poster->running, post);
	must(curl_multi_add_handle(poster->multi, easy) == CURLM_OK);
}

static void start_some(struct poster *poster)
{
	while (!poster->over && poster->queue != NULL && poster->under_way < AT_ONCE) {
		struct post *post = poster->queue;

		DL_DELETE(poster->queue, post);
		poster->queued--;
		start(poster, post);
	}
}

static void finish(struct post *post, int http, const char *trouble)
{
	struct poster *poster = post->poster;

	curl_multi_remove_handle(poster->multi, post->easy);
	curl_easy_cleanup(post->easy);
	DL_DELETE(poster->running, post);
	poster->under_way--;
	poster->answer = (struct text){post->answer, post->answered};
	post->done(post->self, http, trouble);
	poster->answer = (struct text){NULL, 0};
	free_post(post);
}

static void collect(struct poster *poster)
{
	CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(poster->multi, &left)) != NULL) {
		CURLcode code = message->data.result;
		struct post *post;
		long http = 0;

		if (message->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &post);
		if (code == CURLE_OK)
			curl_easy_getinfo(message->easy_handle, CURLINFO_RESPONSE_CODE, &http);
		finish(post, (int)http, code == CURLE_OK ? "" : curl_easy_strerror(code));
	}
	start_some(poster);
}

static void on_timer(uv_timer_t *timer)
{
	struct poster *poster = timer->data;
	int running;

	curl_multi_socket_action(poster->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	collect(poster);
}

static void on_ready(uv_poll_t *poll, int status, int events)
{
	struct watched *watched = poll->data;
	struct poster *poster = watched->poster;
	int flags = status < 0 ? CURL_CSELECT_ERR : 0, running;

	if (events & UV_READABLE)
		flags |= CURL_CSELECT_IN;
	if (events & UV_WRITABLE)
		flags |= CURL_CSELECT_OUT;
	curl_multi_socket_action(poster->multi, watched->socket, flags, &running);
	collect(poster);
}

static void on_watched_closed(uv_handle_t *handle)
{
	free(handle->data);
}

static int watch(CURL *easy, curl_socket_t socket, int what, void *self, void *of_socket)
{
	struct poster *poster = self;
	struct watched *watched = of_socket;
	int events = (what & CURL_POLL_IN ? UV_READABLE : 0) | (what & CURL_POLL_OUT ? UV_WRITABLE : 0);

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		if (watched != NULL) {
			uv_poll_stop(&watched->poll);
			curl_multi_assign(poster->multi, socket, NULL);
			uv_close((uv_handle_t *)&watched->poll, on_watched_closed);
		}
		return 0;
	}
	if (watched == NULL) {
		watched = calloc(1, sizeof(*watched));
		must(watched != NULL);
		watched->poster = poster;
		watched->socket = socket;
		must(uv_poll_init_socket(poster->loop, &watched->poll, socket) == 0);
		watched->poll.data = watched;
		curl_multi_assign(poster->multi, socket, watched);
	}
	uv_poll_start(&watched->poll, events, on_ready);
	return 0;
}

static int set_timer(CURLM *multi, long ms, void *self)
{
	struct poster *poster = self;

	(void)multi;
	if (ms < 0)
		uv_timer_stop(&poster->timer);
	else
		uv_timer_start(&poster->timer, on_timer, (uint64_t)ms, 0);
	return 0;
}

bool poster_new(struct poster **ret, uv_loop_t *loop, const char *ca_file, struct err *err)
{
	struct poster *poster = calloc(1, sizeof(*poster));

	must(poster != NULL);
	poster->loop = loop;
	poster->ca_file = strdup(ca_file);
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != 0 || (poster->multi = curl_multi_init()) == NULL) {
		free(poster->ca_file);
		free(poster);
		return err_set(err, ERR_BROKEN, 0, "curl cannot be started");
	}
	poster->headers = curl_slist_append(NULL, "Content-Type: application/json");
	poster->headers = curl_slist_append(poster->headers, "Expect:");
	uv_timer_init(loop, &poster->timer);
	poster->timer.data = poster;
	curl_multi_setopt(poster->multi, CURLMOPT_SOCKETFUNCTION, watch);
	curl_multi_setopt(poster->multi, CURLMOPT_SOCKETDATA, poster);
	curl_multi_setopt(poster->multi, CURLMOPT_TIMERFUNCTION, set_timer);
	curl_multi_setopt(poster->multi, CURLMOPT_TIMERDATA, poster);
	*ret = poster;
	return true;
}

void poster_send(struct poster *poster, const char *url, struct text body, const char *source,
	post_done *done, void *self)
{
	struct post *post = calloc(1, sizeof(*post));

	must(post != NULL);
	*post = (struct post){.poster = poster,
		.url = strdup(url),
		.source = strdup(source),
		.body = malloc(body.len + 1),
		.len = body.len,
		.done = done,
		.self = self};
	must(post->url != NULL && post->source != NULL && post->body != NULL);
	memcpy(post->body, body.at, body.len);
	DL_APPEND(poster->queue, post);
	poster->queued++;
	start_some(poster);
}

struct text poster_answer(const struct poster *poster)
{
	return poster->answer;
}

unsigned poster_waiting(const struct poster *poster)
{
	return poster->under_way + poster->queued;
}

static void on_closed(uv_handle_t *handle)
{
	struct poster *poster = handle->data;

	curl_slist_free_all(poster->headers);
	curl_global_cleanup();
	free(poster->ca_file);
	free(poster);
}

void poster_free(struct poster **poster)
{
	struct poster *gone = *poster;

	if (gone == NULL)
		return;
	*poster = NULL;
	gone->over = true;
	while (gone->running != NULL)
		finish(gone->running, 0, "broken off");
	while (gone->queue != NULL) {
		struct post *post = gone->queue;

		DL_DELETE(gone->queue, post);
		post->done(post->self, 0, "broken off");
		free_post(post);
	}
	curl_multi_cleanup(gone->multi);
	uv_close((uv_handle_t *)&gone->timer, on_closed);
}
