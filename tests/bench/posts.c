/*
 * Callbacks as M-PESA sends them, as fast as they are answered: the load client of the webhook.
 *
 *	bench_posts PORT PATHS BODY CONNECTIONS
 *
 * PATHS: a file with one path a line, each posted once. BODY: a file. Kept connections, one request on each at a time; one thread,
 * epoll. Prints one JSON object: requests, how many of them were answered with 200, seconds, and what they took. Not counted.
 */
#include "base/attr.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { HEAD_MOST = 1024, BODY_MOST = 8192, REPLY_MOST = 4096, CONNECTIONS_MOST = 2048 };

struct connection {
	int fd;
	size_t got;
	int64_t sent_us;
	char reply[REPLY_MOST + 1];
};

struct posts {
	struct connection connections[CONNECTIONS_MOST];
	char body[BODY_MOST];
	size_t body_len;
	FILE *paths;
	int64_t *took_us;
	long started, ended, good, room;
};

static int64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* A request is small enough for the socket's buffer. */
static bool post(struct posts *posts, struct connection *connection)
{
	char path[512], request[HEAD_MOST + BODY_MOST];
	int len;

	if (fgets(path, sizeof(path), posts->paths) == NULL)
		return false;
	path[strcspn(path, "\n")] = '\0';
	len = snprintf(request, HEAD_MOST,
		"POST %s HTTP/1.1\r\nHost: callbacks.example\r\nContent-Type: application/json\r\n"
		"Accept: */*\r\nContent-Length: %zu\r\n\r\n",
		path, posts->body_len);
	must(len > 0 && len < HEAD_MOST);
	memcpy(request + len, posts->body, posts->body_len);
	connection->got = 0;
	connection->sent_us = now_us();
	must(send(connection->fd, request, (size_t)len + posts->body_len, MSG_NOSIGNAL) ==
		len + (ssize_t)posts->body_len);
	posts->started++;
	return true;
}

/* Whether the whole answer is there: its head, and as much body as that says. */
static bool is_whole(const struct connection *connection)
{
	const char *end = strstr(connection->reply, "\r\n\r\n");
	const char *length = strcasestr(connection->reply, "\r\nContent-Length:");

	return end != NULL && (length == NULL || length > end ||
				      connection->got >= (size_t)(end + 4 - connection->reply) +
								 strtoul(length + 17, NULL, 10));
}

/* False: there is nothing left to post on it. */
static bool take(struct posts *posts, struct connection *connection)
{
	ssize_t got =
		recv(connection->fd, connection->reply + connection->got, REPLY_MOST - connection->got, 0);

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return true;
	if (got > 0) {
		connection->got += (size_t)got;
		connection->reply[connection->got] = '\0';
		if (!is_whole(connection))
			return true;
		posts->good += strncmp(connection->reply, "HTTP/1.1 200", 12) == 0;
	}
	if (posts->ended < posts->room)
		posts->took_us[posts->ended] = now_us() - connection->sent_us;
	posts->ended++;
	return got > 0 && post(posts, connection);
}

static int dial(int port)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), yes = 1;

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	must(fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
	return fd;
}

static int by_size(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void run(struct posts *posts, int port, long count)
{
	struct epoll_event events[256];
	int epoll = epoll_create1(EPOLL_CLOEXEC);
	int64_t deadline = now_us() + INT64_C(120000000);

	for (long i = 0; i < count; i++) {
		struct connection *connection = &posts->connections[i];
		struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};

		connection->fd = dial(port);
		must(epoll_ctl(epoll, EPOLL_CTL_ADD, connection->fd, &event) == 0);
	}
	for (long i = 0; i < count; i++)
		if (!post(posts, &posts->connections[i]))
			break;
	while (posts->ended < posts->started && now_us() < deadline) {
		int ready = epoll_wait(epoll, events, 256, 1000);

		for (int i = 0; i < ready; i++) {
			struct connection *connection = events[i].data.ptr;

			if (!take(posts, connection))
				epoll_ctl(epoll, EPOLL_CTL_DEL, connection->fd, NULL);
		}
	}
}

int main(int argc, char **argv)
{
	static struct posts posts; /* large */
	FILE *body;
	long connections;
	int64_t begin;

	must(argc == 5);
	posts.paths = fopen(argv[2], "re");
	body = fopen(argv[3], "re");
	connections = strtol(argv[4], NULL, 10);
	must(posts.paths != NULL && body != NULL && connections > 0 && connections <= CONNECTIONS_MOST);
	posts.body_len = fread(posts.body, 1, BODY_MOST, body);
	posts.room = 10000000;
	posts.took_us = malloc((size_t)posts.room * sizeof(*posts.took_us));
	must(posts.took_us != NULL);
	begin = now_us();
	run(&posts, (int)strtol(argv[1], NULL, 10), connections);
	long known = posts.ended < posts.room ? posts.ended : posts.room;
	qsort(posts.took_us, (size_t)known, sizeof(*posts.took_us), by_size);
	printf("{\"requests\":%ld,\"good\":%ld,\"seconds\":%.3f,\"p50_ms\":%.3f,\"p99_ms\":%.3f}\n",
		posts.started, posts.good, (double)(now_us() - begin) / 1e6,
		known > 0 ? (double)posts.took_us[known / 2] / 1e3 : 0.0,
		known > 0 ? (double)posts.took_us[known * 99 / 100] / 1e3 : 0.0);
	return posts.good == posts.started && posts.ended == posts.started ? 0 : 1;
}
