/*
 * Upstream and downstream in one: publishes commands and waits for their results. One thread; it is not counted, so it is lean.
 *
 *	bench_client --brokers B --prefix P --payments N [--mix stk|b2c|half] [--window N] [--rate N] [--phone N]
 *		     [--within SECONDS] [--ids FILE] [--send-only yes]
 *
 * Without a rate as many as `window` (0: all) are under way at once. With a rate each has its time, and its latency counts from
 * that time, not from when this program came round to it. Prints one JSON object. Exit 1: not all came in time.
 */
#include "commands.h"
#include "base/attr.h"

#include "mkondo/v1/result.pb-c.h"

#include <librdkafka/rdkafka.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct options {
	const char *brokers, *prefix, *ids, *send_only;
	enum mix mix;
	long payments, window, rate, phone, within;
};

struct payment {
	int64_t sent_us, done_us;
	uint32_t version;
};

struct client {
	struct options options;
	rd_kafka_t *producer, *consumer;
	rd_kafka_topic_t *topic;
	char commands[128], results[128];
	struct payment *payments;
	uint32_t sent, done, succeeded, other, repeated, revised, failed_sends;
	int64_t first_us, last_sent_us, last_done_us;
	FILE *ids;
};

static int64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

NORETURN static void give_up(const char *what, const char *why)
{
	fprintf(stderr, "bench_client: %s: %s\n", what, why);
	exit(1);
}

static void on_delivery(rd_kafka_t *rk, const rd_kafka_message_t *message, void *opaque)
{
	struct client *client = opaque;

	(void)rk;
	client->failed_sends += message->err != 0;
}

static rd_kafka_t *handle(rd_kafka_type_t type, const char *const settings[][2], void *opaque)
{
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	char why[256];
	rd_kafka_t *rk;

	for (; (*settings)[0] != NULL; settings++)
		if (rd_kafka_conf_set(conf, (*settings)[0], (*settings)[1], why, sizeof(why)) !=
			RD_KAFKA_CONF_OK)
			give_up("setting", why);
	rd_kafka_conf_set_opaque(conf, opaque);
	if (type == RD_KAFKA_PRODUCER)
		rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
	rk = rd_kafka_new(type, conf, why, sizeof(why));
	if (rk == NULL)
		give_up("Kafka", why);
	return rk;
}

/* A topic that has just been made has no leader yet. */
static int64_t end_of(struct client *client, int partition)
{
	int64_t low, high, until = now_us() + 20000000;

	while (rd_kafka_query_watermark_offsets(
		       client->consumer, client->results, partition, &low, &high, 5000) != 0) {
		if (now_us() > until)
			give_up(client->results, "its end is not known");
		usleep(100000);
	}
	return high;
}

/* From where the topic ends now. */
static void watch_results(struct client *client)
{
	const char *const settings[][2] = {{"bootstrap.servers", client->options.brokers},
		{"group.id", "not-used"}, {"enable.auto.commit", "false"}, {"fetch.wait.max.ms", "10"},
		{NULL, NULL}};
	const struct rd_kafka_metadata *metadata;
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(8);
	rd_kafka_topic_t *topic;

	client->consumer = handle(RD_KAFKA_CONSUMER, settings, client);
	rd_kafka_poll_set_consumer(client->consumer);
	topic = rd_kafka_topic_new(client->consumer, client->results, NULL);
	if (rd_kafka_metadata(client->consumer, 0, topic, &metadata, 10000) != 0 ||
		metadata->topic_cnt != 1 || metadata->topics[0].partition_cnt == 0)
		give_up(client->results, "no such topic");
	for (int i = 0; i < metadata->topics[0].partition_cnt; i++)
		rd_kafka_topic_partition_list_add(list, client->results, i)->offset = end_of(client, i);
	if (rd_kafka_assign(client->consumer, list) != 0)
		give_up(client->results, "cannot be read");
	rd_kafka_topic_partition_list_destroy(list);
	rd_kafka_metadata_destroy(metadata);
	rd_kafka_topic_destroy(topic);
}

/* Without idempotence, which takes up to a second to begin with. It knows the topic before the first command's time has come. */
static void open_producer(struct client *client)
{
	const char *const settings[][2] = {{"bootstrap.servers", client->options.brokers}, {"acks", "all"},
		{"linger.ms", "1"}, {"partitioner", "murmur2_random"}, {NULL, NULL}};
	const struct rd_kafka_metadata *metadata;
	rd_kafka_topic_t *topic;

	client->producer = handle(RD_KAFKA_PRODUCER, settings, client);
	topic = rd_kafka_topic_new(client->producer, client->commands, NULL);
	if (rd_kafka_metadata(client->producer, 0, topic, &metadata, 10000) != 0)
		give_up(client->commands, "no such topic");
	rd_kafka_metadata_destroy(metadata);
	client->topic = topic;
}

/* False: the queue is full, it is sent later. */
static bool send_one(struct client *client, int64_t at)
{
	const uint32_t number = client->sent;
	struct uuid id = payment_id(number);
	uint8_t bytes[COMMAND_MOST];
	char key[UUID_TEXT];
	size_t len = command_bytes(
		&id, client->options.mix, number, (uint32_t)client->options.phone + number, bytes);

	if (rd_kafka_producev(client->producer, RD_KAFKA_V_RKT(client->topic),
		    RD_KAFKA_V_KEY(uuid_text(&id, key), UUID_TEXT - 1), RD_KAFKA_V_VALUE(bytes, len),
		    RD_KAFKA_V_HEADER("content-type", "application/x-protobuf", -1),
		    RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END) != 0)
		return false;
	client->payments[number].sent_us = at;
	client->sent++;
	client->last_sent_us = now_us();
	if (client->ids != NULL)
		fprintf(client->ids, "%s\n", key);
	return true;
}

/* Sends what may go now; how long to wait for the next, in ms. */
static int send_some(struct client *client)
{
	const struct options *options = &client->options;

	while (client->sent < (uint32_t)options->payments) {
		int64_t now = now_us(), due = now;

		if (options->rate > 0) {
			due = client->first_us + (int64_t)client->sent * 1000000 / options->rate;
			if (due > now)
				return 1; /* never spinning: the cores are the services' */
		} else if (options->window > 0 && client->sent - client->done >= (uint32_t)options->window) {
			return 1;
		}
		if (!send_one(client, due))
			return 1;
		if (client->sent % 256 == 0)
			return 0; /* results are read between, too */
	}
	return 5;
}

static void take_result(struct client *client, const rd_kafka_message_t *message)
{
	uint32_t number = payment_number(message->key, message->key_len);
	Mkondo__V1__Result *result;
	struct payment *payment;

	if (number >= client->sent)
		return;
	payment = &client->payments[number];
	result = mkondo__v1__result__unpack(NULL, message->len, message->payload);
	if (result == NULL)
		give_up("a result", "cannot be read");
	if (result->version == 0) {
		/* ACCEPTED is news, not an outcome. */
	} else if (payment->version == 0) {
		client->last_done_us = payment->done_us = now_us();
		client->done++;
		client->succeeded += result->outcome == MKONDO__V1__OUTCOME__SUCCEEDED;
		client->other += result->outcome != MKONDO__V1__OUTCOME__SUCCEEDED;
	} else {
		client->repeated += result->version == payment->version;
		client->revised += result->version > payment->version;
	}
	if (result->version > payment->version)
		payment->version = result->version;
	mkondo__v1__result__free_unpacked(result, NULL);
}

static bool run(struct client *client)
{
	int64_t deadline = now_us() + client->options.within * 1000000;

	client->first_us = now_us();
	while (client->done < (uint32_t)client->options.payments) {
		int wait_ms = send_some(client);
		rd_kafka_message_t *message;

		rd_kafka_poll(client->producer, 0);
		if (client->consumer == NULL) {
			if (client->sent == (uint32_t)client->options.payments || now_us() > deadline)
				break;
			continue;
		}
		message = rd_kafka_consumer_poll(client->consumer, wait_ms);
		while (message != NULL) {
			if (message->err == 0)
				take_result(client, message);
			rd_kafka_message_destroy(message);
			message = rd_kafka_consumer_poll(client->consumer, 0);
		}
		if (now_us() > deadline)
			break;
	}
	return rd_kafka_flush(client->producer, 30000) == 0 && client->failed_sends == 0 &&
	       client->sent == (uint32_t)client->options.payments &&
	       (client->consumer == NULL || client->done == (uint32_t)client->options.payments);
}

static int by_size(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void print(const struct client *client)
{
	int64_t *took = calloc(client->done + 1, sizeof(*took));
	uint32_t count = 0;

	must(took != NULL);
	for (uint32_t i = 0; i < client->sent; i++)
		if (client->payments[i].done_us != 0)
			took[count++] = client->payments[i].done_us - client->payments[i].sent_us;
	qsort(took, count, sizeof(*took), by_size);
	printf("{\"payments\":%ld,\"sent\":%u,\"done\":%u,\"succeeded\":%u,\"other\":%u,\"repeated\":%u,"
	       "\"revised\":%u,\"send_s\":%.3f,\"seconds\":%.3f,\"p50_ms\":%.3f,\"p99_ms\":%.3f,"
	       "\"most_ms\":%.3f}\n",
		client->options.payments, client->sent, client->done, client->succeeded, client->other,
		client->repeated, client->revised, (double)(client->last_sent_us - client->first_us) / 1e6,
		count > 0 ? (double)(client->last_done_us - client->first_us) / 1e6 : 0.0,
		(double)took[count / 2] / 1e3, (double)took[(size_t)count * 99 / 100] / 1e3,
		count > 0 ? (double)took[count - 1] / 1e3 : 0.0);
	free(took);
}

static void read_options(int argc, char **argv, struct options *ret)
{
	*ret = (struct options){.prefix = "mkondo.", .window = 2000, .within = 120};
	for (int i = 1; i + 1 < argc; i += 2) {
		const struct {
			const char *name;
			const char **text;
			long *number;
		} all[] = {
			{"--brokers", &ret->brokers, NULL},
			{"--prefix", &ret->prefix, NULL},
			{"--ids", &ret->ids, NULL},
			{"--send-only", &ret->send_only, NULL},
			{"--payments", NULL, &ret->payments},
			{"--window", NULL, &ret->window},
			{"--rate", NULL, &ret->rate},
			{"--phone", NULL, &ret->phone},
			{"--within", NULL, &ret->within},
		};
		bool known = strcmp(argv[i], "--mix") == 0;

		if (known)
			ret->mix = mix_of(argv[i + 1]);
		for (size_t k = 0; k < COUNT_OF(all) && !known; k++) {
			known = strcmp(argv[i], all[k].name) == 0;
			if (known && all[k].text != NULL)
				*all[k].text = argv[i + 1];
			else if (known)
				*all[k].number = strtol(argv[i + 1], NULL, 10);
		}
		if (!known)
			give_up(argv[i], "there is no such option");
	}
	if (ret->send_only != NULL)
		ret->window = 0;
	if (ret->brokers == NULL || ret->payments <= 0 || ret->payments > 10000000)
		give_up("--brokers and --payments", "are needed");
}

int main(int argc, char **argv)
{
	struct client client = {0};
	bool all;

	read_options(argc, argv, &client.options);
	snprintf(client.commands, sizeof(client.commands), "%scommands.v1", client.options.prefix);
	snprintf(client.results, sizeof(client.results), "%sresults.v1", client.options.prefix);
	client.payments = calloc((size_t)client.options.payments, sizeof(*client.payments));
	client.ids = client.options.ids != NULL ? fopen(client.options.ids, "we") : NULL;
	must(client.payments != NULL && (client.ids != NULL) == (client.options.ids != NULL));
	open_producer(&client);
	if (client.options.send_only == NULL)
		watch_results(&client);
	all = run(&client);
	if (client.ids != NULL)
		must(fclose(client.ids) == 0);
	print(&client);
	if (client.consumer != NULL)
		rd_kafka_destroy(client.consumer);
	rd_kafka_topic_destroy(client.topic);
	rd_kafka_destroy(client.producer);
	free(client.payments);
	return all ? 0 : 1;
}
