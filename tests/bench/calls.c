/*
 * The ceiling of the dispatcher: libcurl alone, with as many calls under way. Bodies are the lines of a file.
 *
 *	bench_calls URL TOKEN BODIES IN_FLIGHT
 *
 * One thread, epoll, curl_multi_socket_action; easy handles and connections are used again. Prints one JSON object: calls, how many of
 * them were answered with 200, seconds, own CPU.
 */
#include "base/attr.h"

#include <curl/curl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <time.h>

struct calls {
	CURLM *multi;
	struct curl_slist *headers;
	FILE *bodies;
	const char *url;
	int epoll;
	int64_t timeout_at_ms; /* -1: none */
	long started, ended, good;
};

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static size_t drop(char *from, size_t size, size_t count, void *cookie)
{
	(void)from;
	(void)cookie;
	return size * count;
}

/* The body is copied, since the line is read over. */
static bool start(struct calls *calls, CURL *easy)
{
	char line[4096];

	if (fgets(line, sizeof(line), calls->bodies) == NULL)
		return false;
	line[strcspn(line, "\n")] = '\0';
	curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long)strlen(line));
	curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, line);
	must(curl_multi_add_handle(calls->multi, easy) == CURLM_OK);
	calls->started++;
	return true;
}

static CURL *new_easy(const struct calls *calls)
{
	CURL *easy = curl_easy_init();

	must(easy != NULL);
	curl_easy_setopt(easy, CURLOPT_URL, calls->url);
	curl_easy_setopt(easy, CURLOPT_PROXY, "");
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, calls->headers);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, drop);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, 30000L);
	return easy;
}

static void collect(struct calls *calls)
{
	CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(calls->multi, &left)) != NULL) {
		CURL *easy = message->easy_handle;
		long http = 0;

		curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &http);
		calls->good += message->data.result == CURLE_OK && http == 200;
		calls->ended++;
		curl_multi_remove_handle(calls->multi, easy);
		if (!start(calls, easy))
			curl_easy_cleanup(easy);
	}
}

static int on_socket(CURL *easy, curl_socket_t socket, int what, void *self, void *known)
{
	struct calls *calls = self;
	struct epoll_event event = {.data.fd = socket,
		.events = (what & CURL_POLL_IN ? EPOLLIN : 0u) | (what & CURL_POLL_OUT ? EPOLLOUT : 0u)};

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		epoll_ctl(calls->epoll, EPOLL_CTL_DEL, socket, NULL);
		curl_multi_assign(calls->multi, socket, NULL);
		return 0;
	}
	epoll_ctl(calls->epoll, known != NULL ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, socket, &event);
	curl_multi_assign(calls->multi, socket, calls);
	return 0;
}

static int on_timer(CURLM *multi, long ms, void *self)
{
	struct calls *calls = self;

	(void)multi;
	calls->timeout_at_ms = ms < 0 ? -1 : now_ms() + ms;
	return 0;
}

static void serve(struct calls *calls)
{
	struct epoll_event events[256];
	int64_t left = calls->timeout_at_ms < 0 ? 1000 : calls->timeout_at_ms - now_ms();
	int count = epoll_wait(calls->epoll, events, 256, left < 0 ? 0 : (int)left), running;

	for (int i = 0; i < count; i++)
		curl_multi_socket_action(calls->multi, events[i].data.fd,
			(events[i].events & EPOLLIN ? CURL_CSELECT_IN : 0) |
				(events[i].events & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
				(events[i].events & (EPOLLERR | EPOLLHUP) ? CURL_CSELECT_ERR : 0),
			&running);
	if (calls->timeout_at_ms >= 0 && calls->timeout_at_ms <= now_ms()) {
		calls->timeout_at_ms = -1; /* one shot: armed again, it would spin */
		curl_multi_socket_action(calls->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	}
	collect(calls);
}

int main(int argc, char **argv)
{
	struct calls calls = {.timeout_at_ms = -1, .epoll = epoll_create1(EPOLL_CLOEXEC)};
	char authorization[4096];
	struct rusage used;
	int64_t begin, deadline;
	long in_flight;

	must(argc == 5 && curl_global_init(CURL_GLOBAL_ALL) == 0 && calls.epoll >= 0);
	calls.url = argv[1];
	calls.bodies = fopen(argv[3], "re");
	in_flight = strtol(argv[4], NULL, 10);
	must(calls.bodies != NULL && in_flight > 0);
	snprintf(authorization, sizeof(authorization), "Authorization: Bearer %s", argv[2]);
	calls.headers = curl_slist_append(NULL, authorization);
	calls.headers = curl_slist_append(calls.headers, "Content-Type: application/json");
	calls.headers = curl_slist_append(calls.headers, "Accept: application/json");
	calls.headers = curl_slist_append(calls.headers, "Expect:");
	calls.multi = curl_multi_init();
	curl_multi_setopt(calls.multi, CURLMOPT_SOCKETFUNCTION, on_socket);
	curl_multi_setopt(calls.multi, CURLMOPT_SOCKETDATA, &calls);
	curl_multi_setopt(calls.multi, CURLMOPT_TIMERFUNCTION, on_timer);
	curl_multi_setopt(calls.multi, CURLMOPT_TIMERDATA, &calls);
	curl_multi_setopt(calls.multi, CURLMOPT_MAXCONNECTS, in_flight + 1);
	begin = now_ms();
	deadline = begin + 120000;
	for (long i = 0; i < in_flight; i++) {
		CURL *easy = new_easy(&calls);

		if (!start(&calls, easy)) {
			curl_easy_cleanup(easy);
			break;
		}
	}
	while (calls.ended < calls.started && now_ms() < deadline)
		serve(&calls);
	getrusage(RUSAGE_SELF, &used);
	printf("{\"calls\":%ld,\"good\":%ld,\"seconds\":%.3f,\"cpu_s\":%.4f}\n", calls.ended, calls.good,
		(double)(now_ms() - begin) / 1e3,
		(double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
			(double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6);
	return calls.good == calls.started ? 0 : 1;
}
