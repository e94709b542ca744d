/*
 * The ceiling of the webhook: the least that can be done with a callback. Reads head and body, produces the body to Kafka in batches,
 * and answers 200 when the broker has it. Checks nothing, knows no limits and no deadlines.
 *
 *	bench_floor PORT BROKERS TOPIC		prints "ready"; ends on SIGTERM
 */
#include "base/attr.h"

#include <arpa/inet.h>
#include <librdkafka/rdkafka.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

enum { REQUEST_MOST = 16384 };

struct connection {
	int fd;
	size_t got;
	char request[REQUEST_MOST + 1];
};

static volatile sig_atomic_t ending;

static void on_signal(int number)
{
	(void)number;
	ending = 1;
}

static void on_delivery(rd_kafka_t *rk, const rd_kafka_message_t *message, void *opaque)
{
	static const char good[] =
		"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 40\r\n\r\n"
		"{\"ResultCode\":0,\"ResultDesc\":\"Accepted\"}";
	static const char bad[] = "HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n";
	struct connection *connection = message->_private;

	(void)rk;
	(void)opaque;
	connection->got = 0;
	if (message->err == 0)
		(void)!write(connection->fd, good, sizeof(good) - 1);
	else
		(void)!write(connection->fd, bad, sizeof(bad) - 1);
}

static rd_kafka_t *open_producer(const char *brokers)
{
	const char *const settings[][2] = {{"bootstrap.servers", brokers}, {"acks", "all"},
		{"enable.idempotence", "true"}, {"linger.ms", "1"}, {"partitioner", "murmur2_random"}};
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	char why[256];

	for (size_t i = 0; i < COUNT_OF(settings); i++)
		must(rd_kafka_conf_set(conf, settings[i][0], settings[i][1], why, sizeof(why)) ==
			RD_KAFKA_CONF_OK);
	rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
	rd_kafka_t *rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof(why));
	must(rk != NULL);
	return rk;
}

/* The key is the payment's id, which stands second to last in the path. */
static void produce(rd_kafka_topic_t *topic, struct connection *connection, const char *body, size_t len)
{
	const char *space = strchr(connection->request + 5, ' ');
	const char *key = space - connection->request > 70 ? space - 65 : connection->request;

	must(rd_kafka_produce(topic, RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY, (void *)body, len, key, 32,
		     connection) == 0);
}

static void take(rd_kafka_topic_t *topic, struct connection *connection)
{
	ssize_t got = recv(
		connection->fd, connection->request + connection->got, REQUEST_MOST - connection->got, 0);
	const char *end, *length;

	if (got <= 0) {
		close(connection->fd);
		free(connection);
		return;
	}
	connection->got += (size_t)got;
	connection->request[connection->got] = '\0';
	end = strstr(connection->request, "\r\n\r\n");
	length = end != NULL ? strstr(connection->request, "Content-Length:") : NULL;
	if (length == NULL)
		return;
	size_t len = strtoul(length + 15, NULL, 10),
	       have = connection->got - (size_t)(end + 4 - connection->request);
	if (have >= len)
		produce(topic, connection, end + 4, len);
}

static int listen_at(int port)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), yes = 1;

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	must(fd >= 0 && bind(fd, (struct sockaddr *)&at, sizeof(at)) == 0 && listen(fd, 1024) == 0);
	return fd;
}

static void welcome(int epoll, int listener)
{
	int fd, yes = 1;

	while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
		struct connection *connection = calloc(1, sizeof(*connection));
		struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};

		must(connection != NULL);
		connection->fd = fd;
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
		must(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) == 0);
	}
}

int main(int argc, char **argv)
{
	static char listening, reporting;
	struct epoll_event events[256];
	int epoll = epoll_create1(EPOLL_CLOEXEC), wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC), listener;

	must(argc == 4);
	signal(SIGTERM, on_signal);
	signal(SIGPIPE, SIG_IGN);
	rd_kafka_t *rk = open_producer(argv[2]);
	rd_kafka_topic_t *topic = rd_kafka_topic_new(rk, argv[3], NULL);
	rd_kafka_queue_t *reports = rd_kafka_queue_get_main(rk);
	rd_kafka_queue_io_event_enable(reports, wake, "12345678", 8);
	listener = listen_at((int)strtol(argv[1], NULL, 10));
	struct epoll_event on_listener = {.events = EPOLLIN, .data.ptr = &listening};
	struct epoll_event on_report = {.events = EPOLLIN, .data.ptr = &reporting};
	epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &on_listener);
	epoll_ctl(epoll, EPOLL_CTL_ADD, wake, &on_report);
	printf("ready\n");
	fflush(stdout);
	while (!ending) {
		int count = epoll_wait(epoll, events, 256, 1000);

		for (int i = 0; i < count; i++) {
			uint64_t number;

			if (events[i].data.ptr == &listening) {
				welcome(epoll, listener);
			} else if (events[i].data.ptr == &reporting) {
				(void)!read(wake, &number, sizeof(number));
				rd_kafka_poll(rk, 0);
			} else {
				take(topic, events[i].data.ptr);
			}
		}
	}
	rd_kafka_flush(rk, 5000);
	return 0;
}
