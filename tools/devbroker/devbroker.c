/*
 * devbroker: a Kafka broker for one machine, in memory: librdkafka's mock cluster in a process of its own.
 *
 * In:	  deploy/topics.txt.
 * Out:	  a broker on 127.0.0.1 with these topics; one line of JSON when it is ready. SIGTERM or SIGINT ends it.
 * Never: keeps anything. Transactions are accepted and mean nothing, CreateTopics and the other admin requests
 *	  are not known, and a partition forgets its oldest records beyond 5 MiB.
 */
#include "devbroker/port.h"
#include "io/kafka.h"

#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EXIT_USAGE = 2, FILE_MOST = 65536 };

struct options {
	const char *listen, *prefix, *topics;
};

struct broker {
	rd_kafka_t *rk;
	rd_kafka_mock_cluster_t *cluster;
};

static const char usage[] =
	"usage: devbroker [--listen 127.0.0.1:18002] [--prefix mkondo.] [--topics deploy/topics.txt]\n"
	"A Kafka broker in memory for development: no transactions, no admin requests, 5 MiB a partition.\n";

/* False: *ret_exit is what to leave with. */
static bool read_options(int argc, char **argv, struct options *ret, int *ret_exit)
{
	static const struct option known[] = {
		{"listen", required_argument, NULL, 'l'},
		{"prefix", required_argument, NULL, 'p'},
		{"topics", required_argument, NULL, 't'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	int option;

	while ((option = getopt_long(argc, argv, "", known, NULL)) != -1)
		if (option == 'l')
			ret->listen = optarg;
		else if (option == 'p')
			ret->prefix = optarg;
		else if (option == 't')
			ret->topics = optarg;
		else {
			(void)fputs(usage, option == 'h' ? stdout : stderr);
			*ret_exit = option == 'h' ? EXIT_SUCCESS : EXIT_USAGE;
			return false;
		}
	if (optind == argc)
		return true;
	(void)fputs(usage, stderr);
	*ret_exit = EXIT_USAGE;
	return false;
}

/* The mock cluster tells its clients 127.0.0.1, so that is where it can be. */
static bool read_port(const char *listen, uint16_t *ret)
{
	static const char host[] = "127.0.0.1:";
	int64_t port;

	if (strncmp(listen, host, sizeof(host) - 1) != 0 ||
		!text_to_int64(text_of(listen + sizeof(host) - 1), &port) || port < 1 || port > 65535)
		return false;
	*ret = (uint16_t)port;
	return true;
}

static bool read_plan(const char *path, struct arena *arena, struct kafka_topic_plan **ret, size_t *ret_count,
	struct err *err)
{
	char *content = arena_alloc(arena, FILE_MOST);
	FILE *file = fopen(path, "re");
	size_t len;
	bool good;

	if (file == NULL)
		return err_set(err, ERR_BROKEN, errno, "%s: %s", path, strerror(errno));
	len = fread(content, 1, FILE_MOST, file);
	good = !ferror(file) && feof(file);
	(void)fclose(file);
	if (!good)
		return err_set(err, ERR_BROKEN, 0, "%s cannot be read, or is too long", path);
	return kafka_topics_parse((struct text){content, len}, arena, ret, ret_count, err) ||
	       err_while(err, "%s", path);
}

/* A handle without brokers: the cluster needs one to live in. */
static rd_kafka_t *new_handle(struct err *err)
{
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	char why[160] = "";
	rd_kafka_t *rk;

	(void)rd_kafka_conf_set(conf, "log_level", "3", why, sizeof(why));
	rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof(why));
	if (rk == NULL) {
		rd_kafka_conf_destroy(conf);
		err_set(err, ERR_BROKEN, 0, "%s", why);
	}
	return rk;
}

static bool start(struct broker *broker, const struct options *options, const struct kafka_topic_plan *plan,
	size_t count, struct arena *arena, struct err *err)
{
	const struct kafka_conf conf = {.prefix = options->prefix};

	broker->rk = new_handle(err);
	if (broker->rk == NULL)
		return false;
	broker->cluster = rd_kafka_mock_cluster_new(broker->rk, 1);
	if (broker->cluster == NULL)
		return err_set(
			err, ERR_RETRY, port_error(), "%s: %s", options->listen, strerror(port_error()));
	for (size_t i = 0; i < count; i++) {
		const char *topic = kafka_topic(&conf, plan[i].name, arena);
		rd_kafka_resp_err_t code =
			rd_kafka_mock_topic_create(broker->cluster, topic, plan[i].partitions, 1);

		if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
			return err_set(err, ERR_BROKEN, code, "%s: %s", topic, rd_kafka_err2str(code));
	}
	return true;
}

static void stop(struct broker *broker)
{
	if (broker->cluster != NULL)
		rd_kafka_mock_cluster_destroy(broker->cluster);
	if (broker->rk != NULL)
		rd_kafka_destroy(broker->rk);
}

/* Blocked before the library starts its threads, which inherit it: the signals then wait for sigwait. */
static void wait_for_signal(const sigset_t *ends)
{
	int which;

	while (sigwait(ends, &which) != 0)
		;
}

int main(int argc, char **argv)
{
	struct options options = {
		.listen = "127.0.0.1:18002", .prefix = "mkondo.", .topics = "deploy/topics.txt"};
	struct kafka_topic_plan *plan;
	struct broker broker = {0};
	struct err err = {0};
	struct arena arena;
	sigset_t ends;
	uint16_t port;
	size_t count;
	int leave_with;
	bool good;

	if (!read_options(argc, argv, &options, &leave_with))
		return leave_with;
	if (!read_port(options.listen, &port)) {
		(void)fprintf(
			stderr, "devbroker: --listen %s: only 127.0.0.1:port is possible\n", options.listen);
		return EXIT_USAGE;
	}
	port_want(port);
	sigemptyset(&ends);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGINT);
	(void)pthread_sigmask(SIG_BLOCK, &ends, NULL);
	arena_init(&arena);
	good = read_plan(options.topics, &arena, &plan, &count, &err) &&
	       start(&broker, &options, plan, count, &arena, &err);
	if (good) {
		(void)printf("{\"event\":\"devbroker.ready\",\"listen\":\"%s\",\"topics\":%zu}\n",
			options.listen, count);
		(void)fflush(stdout);
		wait_for_signal(&ends);
	} else {
		(void)fprintf(stderr, "devbroker: %s\n", err.text);
	}
	stop(&broker);
	arena_done(&arena);
	return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
