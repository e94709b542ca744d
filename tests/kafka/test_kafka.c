/*
 * Consumer, reader, producer and topic creation against a broker: TEST_KAFKA. The topics are those of
 * deploy/topics.txt under a prefix of this run, or under TEST_KAFKA_PREFIX where the broker has them already
 * (devbroker knows no CreateTopics) and is fresh. Each test has topics of its own.
 */
#include "../unit/check.h"

#include "base/log.h"
#include "io/clock.h"
#include "io/kafka_consumer.h"
#include "io/kafka_producer.h"
#include "io/random.h"

#include <librdkafka/rdkafka.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

enum { PATIENCE_MS = 30000, JOIN_MS = 20000, RECORDS_MOST = 4096, TOPICS_FILE_MOST = 65536 };

static struct kafka_conf conf = {.properties_file = ""};
static struct arena memory; /* for one test */
static rd_kafka_t *last_handle;

/* The linker sends the library's callers here, so that a test can break the handle that a producer hides. */
rd_kafka_t *__real_rd_kafka_new(rd_kafka_type_t type, rd_kafka_conf_t *rd_conf, char *why, size_t size);
rd_kafka_t *__wrap_rd_kafka_new(rd_kafka_type_t type, rd_kafka_conf_t *rd_conf, char *why, size_t size);
rd_kafka_t *__wrap_rd_kafka_new(rd_kafka_type_t type, rd_kafka_conf_t *rd_conf, char *why, size_t size)
{
	last_handle = __real_rd_kafka_new(type, rd_conf, why, size);
	return last_handle;
}

/* ---- what tests say */

static const char *topic(const char *name)
{
	return kafka_topic(&conf, name, &memory);
}

struct reports {
	size_t good, bad;
	void *last_cookie;
};

static void on_report(void *self, void *cookie, bool delivered)
{
	struct reports *reports = self;

	*(delivered ? &reports->good : &reports->bad) += 1;
	reports->last_cookie = cookie;
}

static struct kafka_producer *new_producer(const struct kafka_conf *to, struct reports *reports)
{
	const struct kafka_delivery delivery = {on_report, reports};
	struct kafka_producer *producer;
	struct err err = {0};

	CHECK(kafka_producer_new(&producer, to, &delivery, &err), "%s", err.text);
	return producer;
}

static void send_one(struct kafka_producer *producer, const char *to, const char *key, const char *value)
{
	const struct kafka_record record = {.topic = to, .key = text_of(key), .value = text_of(value)};
	struct err err = {0};

	CHECK(kafka_producer_send(producer, &record, NULL, &err), "%s", err.text);
}

/* `count` records "0", "1", ... with one key, so in one partition; or with a key each. */
static void produce_numbers(const char *to, const char *key, size_t first, size_t count)
{
	struct reports reports = {0};
	struct kafka_producer *producer = new_producer(&conf, &reports);

	for (size_t i = first; i < first + count; i++) {
		const char *number = arena_print(&memory, "%zu", i);

		send_one(producer, to, key != NULL ? key : number, number);
	}
	CHECK(kafka_producer_wait(producer, PATIENCE_MS), "not delivered");
	CHECK(reports.good == count, "%zu of %zu delivered", reports.good, count);
	kafka_producer_free(&producer);
}

static struct kafka_consumer *join(const char *group, const char *one, const char *other)
{
	const char *const topics[] = {one, other, NULL};
	struct kafka_consumer *consumer;
	struct err err = {0};

	CHECK(kafka_consumer_new(&consumer, &conf, group, topics, &err), "%s", err.text);
	return consumer;
}

static struct kafka_batch next(struct kafka_consumer *consumer, size_t most, int wait_ms)
{
	struct kafka_batch batch = {0};
	struct err err = {0};

	CHECK(kafka_consumer_next(consumer, most, wait_ms, &memory, &batch, &err), "%s", err.text);
	return batch;
}

/* The first batch that is not empty. */
static struct kafka_batch first(struct kafka_consumer *consumer, size_t most)
{
	struct mono end = mono_add_ms(clock_mono(), PATIENCE_MS);
	struct kafka_batch batch = {0};

	while (batch.count == 0 && mono_ms_between(clock_mono(), end) > 0)
		batch = next(consumer, most, 100);
	CHECK(batch.count > 0, "nothing came");
	return batch;
}

static size_t number_of(const struct kafka_message *message)
{
	int64_t number = -1;

	CHECK(text_to_int64(message->value, &number) && number >= 0 && number < RECORDS_MOST, "%.*s",
		TEXT_ARG(message->value));
	return (size_t)number;
}

/* Reads until each number below `count` was seen; ret_times: how often. */
static void read_numbers(struct kafka_consumer *consumer, size_t count, unsigned ret_times[RECORDS_MOST])
{
	struct mono end = mono_add_ms(clock_mono(), PATIENCE_MS);
	size_t seen = 0;

	while (seen < count && mono_ms_between(clock_mono(), end) > 0) {
		struct kafka_batch batch = next(consumer, 100, 100);

		for (size_t i = 0; i < batch.count; i++)
			seen += ret_times[number_of(&batch.messages[i])]++ == 0;
		kafka_batch_free(&batch);
	}
	CHECK(seen == count, "%zu of %zu came", seen, count);
}

static void commit(struct kafka_consumer *consumer, const struct kafka_batch *batch)
{
	struct err err = {0};

	CHECK(kafka_consumer_commit(consumer, batch, true, &err), "%s", err.text);
}

static bool is_readable(int fd, int wait_ms)
{
	struct pollfd one = {.fd = fd, .events = POLLIN};

	return poll(&one, 1, wait_ms) == 1;
}

static void write_file(char path[64], const char *content)
{
	int fd;

	(void)snprintf(path, 64, "/tmp/mkondo-test-kafka.XXXXXX");
	fd = mkstemp(path);
	CHECK(fd >= 0 && write(fd, content, strlen(content)) == (ssize_t)strlen(content), "%s", path);
	close(fd);
}

/* ---- nobody there */

static void test_a_record_that_no_broker_takes_is_reported_as_failed(void **state)
{
	char path[64];
	struct kafka_conf nowhere = {
		.bootstrap = "127.0.0.1:1", .prefix = conf.prefix, .properties_file = path};
	struct reports reports = {0};
	struct kafka_producer *producer;
	int cookie;

	(void)state;
	write_file(path, "# a second is long here\nmessage.timeout.ms = 1000\n");
	producer = new_producer(&nowhere, &reports);
	const struct kafka_record record = {.topic = "nowhere", .value = TEXT("x")};
	struct err err = {0};
	CHECK(kafka_producer_send(producer, &record, &cookie, &err), "%s", err.text);
	CHECK(!kafka_producer_wait(producer, 10), "reported at once");
	CHECK(kafka_producer_wait(producer, 10000), "no report");
	CHECK(reports.good == 0 && reports.bad == 1 && reports.last_cookie == &cookie, "%zu %zu",
		reports.good, reports.bad);
	kafka_producer_free(&producer);
	unlink(path);
}

static void test_a_full_queue_takes_nothing_and_reports_nothing(void **state)
{
	char path[64];
	struct kafka_conf nowhere = {
		.bootstrap = "127.0.0.1:1", .prefix = conf.prefix, .properties_file = path};
	const struct kafka_record record = {.topic = "nowhere", .value = TEXT("x")};
	struct reports reports = {0};
	struct kafka_producer *producer;
	struct err err = {0};

	(void)state;
	write_file(path, "queue.buffering.max.messages=2\nmessage.timeout.ms=1000\n");
	producer = new_producer(&nowhere, &reports);
	send_one(producer, "nowhere", NULL, "1");
	send_one(producer, "nowhere", NULL, "2");
	CHECK(!kafka_producer_send(producer, &record, NULL, &err), "a third was taken");
	CHECK(err.class == ERR_RETRY, "%s", err.text);
	CHECK(kafka_producer_wait(producer, 10000), "no reports");
	CHECK(reports.bad == 2, "%zu reports", reports.bad);
	kafka_producer_free(&producer);
	unlink(path);
}

static void test_a_record_that_is_too_large_is_refused(void **state)
{
	static char large[2000000];
	struct reports reports = {0};
	struct kafka_producer *producer = new_producer(&conf, &reports);
	const struct kafka_record record = {.topic = topic("dlq.v1"), .value = {large, sizeof(large)}};
	struct err err = {0};

	(void)state;
	CHECK(!kafka_producer_send(producer, &record, NULL, &err), "it was taken");
	CHECK(err.class == ERR_REFUSED, "%s: %s", err_class_name(err.class), err.text);
	CHECK(kafka_producer_poll(producer, 0) == 0 && reports.bad == 0, "counted");
	kafka_producer_free(&producer);
}

static void test_leaving_has_an_end_where_no_broker_answers(void **state)
{
	struct kafka_conf nowhere = {.bootstrap = "127.0.0.1:1", .prefix = conf.prefix};
	const char *const topics[] = {"nowhere", NULL};
	struct mono begin = clock_mono();
	struct kafka_consumer *consumer;
	struct kafka_batch batch;
	struct err err = {0};

	(void)state;
	CHECK(kafka_consumer_new(&consumer, &nowhere, "left", topics, &err), "%s", err.text);
	CHECK(kafka_consumer_next(consumer, 10, 200, &memory, &batch, &err), "%s", err.text);
	CHECK(batch.count == 0 && !kafka_consumer_assigned(consumer), "%zu records", batch.count);
	kafka_consumer_free(&consumer);
	CHECK(mono_ms_between(begin, clock_mono()) < 8000, "%lld ms",
		(long long)mono_ms_between(begin, clock_mono()));
}

static void test_topics_of_an_absent_broker_are_a_retry(void **state)
{
	struct kafka_conf nowhere = {.bootstrap = "127.0.0.1:1", .prefix = conf.prefix};
	const struct kafka_topic_plan plan = {.name = "x", .partitions = 1, .retention_ms = 1000};
	struct err err = {0};
	size_t created = 77;

	(void)state;
	CHECK(!kafka_topics_create(&nowhere, &plan, 1, &created, &err), "created");
	CHECK(err.class == ERR_RETRY && created == 77, "%s", err.text);
}

/* ---- records */

static void test_key_value_headers_and_time_come_out_as_they_went_in(void **state)
{
	const struct header headers[] = {
		{"content-type", TEXT("application/json")},
		{"twice", TEXT("first")},
		{"twice", TEXT("last")},
		{"bytes", {"\0\1\2", 3}},
		{"empty", TEXT("")},
	};
	const struct kafka_record record = {.topic = topic("dlq.v1"),
		.key = {"k\0y", 3},
		.value = {"v\0", 2},
		.headers = headers,
		.header_count = COUNT_OF(headers)};
	struct reports reports = {0};
	struct kafka_producer *producer = new_producer(&conf, &reports);
	struct kafka_consumer *reader;
	struct kafka_batch batch;
	struct err err = {0};

	(void)state;
	CHECK(kafka_producer_send(producer, &record, NULL, &err), "%s", err.text);
	CHECK(kafka_producer_wait(producer, PATIENCE_MS) && reports.good == 1, "%zu", reports.good);
	kafka_producer_free(&producer);

	CHECK(kafka_reader_new(&reader, &conf, topic("dlq.v1"), true, &err), "%s", err.text);
	batch = first(reader, 10);
	const struct kafka_message *message = &batch.messages[0];
	CHECK(strcmp(message->topic, topic("dlq.v1")) == 0, "%s", message->topic);
	CHECK(text_same(message->key, record.key) && text_same(message->value, record.value), "%zu",
		message->value.len);
	CHECK(message->timestamp_ms > instant_ms(clock_wall()) - 60000, "%lld",
		(long long)message->timestamp_ms);
	CHECK(text_is(kafka_message_header(message, "content-type"), "application/json"), "content-type");
	CHECK(text_is(kafka_message_header(message, "twice"), "last"), "twice");
	CHECK(text_same(kafka_message_header(message, "bytes"), headers[3].value), "bytes");
	CHECK(kafka_message_header(message, "empty").len == 0, "empty");
	CHECK(kafka_message_header(message, "none").at == NULL, "none");
	kafka_batch_free(&batch);
	kafka_consumer_free(&reader);
}

static void test_a_reader_from_the_end_sees_what_comes_after_it_was_made(void **state)
{
	const char *const where = topic("attempts.v1");
	unsigned times[RECORDS_MOST] = {0};
	struct kafka_consumer *reader;
	struct err err = {0};

	(void)state;
	produce_numbers(where, NULL, 0, 10);
	CHECK(kafka_reader_new(&reader, &conf, where, false, &err), "%s", err.text);
	produce_numbers(where, NULL, 10, 10);
	struct kafka_batch batch = first(reader, 1);
	CHECK(number_of(&batch.messages[0]) >= 10, "%zu", number_of(&batch.messages[0]));
	kafka_batch_free(&batch);
	kafka_consumer_free(&reader);

	CHECK(kafka_reader_new(&reader, &conf, where, true, &err), "%s", err.text);
	read_numbers(reader, 20, times);
	kafka_consumer_free(&reader);
}

static int64_t left_of(struct kafka_consumer *reader);

/* The embedded broker knows no times and says so of any: there the bounds decide alone, and more is read, never less. */
static void test_a_reader_of_the_tail_reads_what_is_new_and_no_more_than_it_may(void **state)
{
	const char *const where = topic("receipts.v1");
	const bool embedded = getenv("TEST_KAFKA_PREFIX") != NULL;
	struct kafka_tail tail = {.since_ms = 0, .least = 0, .most = 1000000, .patience_ms = PATIENCE_MS};
	struct kafka_consumer *reader;
	struct err err = {0};

	(void)state;
	produce_numbers(where, NULL, 0, 400);
	clock_sleep_ms(50);
	int64_t between = instant_ms(clock_wall());
	clock_sleep_ms(50);
	produce_numbers(where, NULL, 400, 80);

	CHECK(kafka_reader_tail(&reader, &conf, where, &tail, &err), "%s", err.text);
	CHECK(left_of(reader) == 480, "all: %lld", (long long)left_of(reader));
	kafka_consumer_free(&reader);

	tail.since_ms = between;
	CHECK(kafka_reader_tail(&reader, &conf, where, &tail, &err), "%s", err.text);
	CHECK(left_of(reader) == (embedded ? 480 : 80), "since: %lld", (long long)left_of(reader));
	kafka_consumer_free(&reader);

	tail = (struct kafka_tail){.since_ms = 0, .least = 0, .most = 80, .patience_ms = PATIENCE_MS};
	CHECK(kafka_reader_tail(&reader, &conf, where, &tail, &err), "%s", err.text);
	CHECK(left_of(reader) <= 80 && left_of(reader) >= 40, "at most: %lld", (long long)left_of(reader));
	kafka_consumer_free(&reader);

	tail = (struct kafka_tail){.since_ms = instant_ms(clock_wall()) + 60000,
		.least = 80,
		.most = 160,
		.patience_ms = PATIENCE_MS};
	CHECK(kafka_reader_tail(&reader, &conf, where, &tail, &err), "%s", err.text);
	CHECK(left_of(reader) <= (embedded ? 160 : 80) && left_of(reader) >= 40, "at least: %lld",
		(long long)left_of(reader));
	size_t seen = 0;
	for (size_t last = 0; left_of(reader) > 0; seen += last) {
		struct kafka_batch batch = first(reader, 100);

		last = batch.count;
		kafka_batch_free(&batch);
		CHECK(seen <= 160, "%zu", seen);
	}
	kafka_consumer_free(&reader);
}

static void test_a_reader_of_the_tail_gives_up_where_no_broker_is(void **state)
{
	const struct kafka_conf nobody = {.bootstrap = "127.0.0.1:9", .properties_file = "", .prefix = "x."};
	const struct kafka_tail tail = {.since_ms = 0, .least = 0, .most = 10, .patience_ms = 500};
	struct mono begun = clock_mono();
	struct kafka_consumer *reader;
	struct err err = {0};

	(void)state;
	CHECK(!kafka_reader_tail(&reader, &nobody, "x.attempts.v1", &tail, &err), "made");
	CHECK(err.class == ERR_RETRY, "%d: %s", err.class, err.text);
	CHECK(mono_ms_between(begun, clock_mono()) < 3000, "%lld ms",
		(long long)mono_ms_between(begun, clock_mono()));
}

static int64_t left_of(struct kafka_consumer *reader)
{
	struct err err = {0};
	int64_t left = -1;

	CHECK(kafka_reader_left(reader, &left, &err), "%s", err.text);
	return left;
}

static void test_a_reader_knows_what_it_has_not_read_yet(void **state)
{
	const char *const where = topic("attempts.v1");
	struct kafka_consumer *reader;
	struct err err = {0};

	(void)state;
	produce_numbers(where, NULL, 0, 10);
	CHECK(kafka_reader_new(&reader, &conf, where, false, &err), "%s", err.text);
	CHECK(left_of(reader) == 0, "from the end: %lld", (long long)left_of(reader));
	kafka_consumer_free(&reader);

	CHECK(kafka_reader_new(&reader, &conf, where, true, &err), "%s", err.text);
	int64_t all = left_of(reader);
	CHECK(all >= 10, "%lld", (long long)all);
	struct kafka_batch batch = first(reader, 1);
	CHECK(left_of(reader) == all - 1, "%lld of %lld", (long long)left_of(reader), (long long)all);
	kafka_batch_free(&batch);
	/* What comes later is not waited for. */
	produce_numbers(where, NULL, 2000, 5);
	for (size_t seen = 1; left_of(reader) > 0; seen += batch.count) {
		batch = first(reader, 100);
		kafka_batch_free(&batch);
		CHECK(seen <= (size_t)all + 5, "%zu of %lld", seen, (long long)all);
	}
	kafka_consumer_free(&reader);
}

/* ---- offsets */

static void test_only_what_was_committed_does_not_come_again(void **state)
{
	const char *const where = topic("commands.v1");
	struct kafka_consumer *consumer;
	struct kafka_batch batch;

	(void)state;
	produce_numbers(where, "one key", 0, 10);
	consumer = join("offsets", where, NULL);
	batch = first(consumer, 4);
	CHECK(batch.count <= 4 && number_of(&batch.messages[0]) == 0, "%zu", batch.count);
	kafka_batch_free(&batch);
	kafka_consumer_free(&consumer);

	consumer = join("offsets", where, NULL);
	batch = first(consumer, 1);
	CHECK(number_of(&batch.messages[0]) == 0, "it went on at %zu without a commit",
		number_of(&batch.messages[0]));
	commit(consumer, &batch);
	kafka_batch_free(&batch);
	batch = first(consumer, 5);
	kafka_batch_free(&batch);
	kafka_consumer_free(&consumer);

	consumer = join("offsets", where, NULL);
	batch = first(consumer, 1);
	CHECK(number_of(&batch.messages[0]) == 1, "it went on at %zu", number_of(&batch.messages[0]));
	kafka_batch_free(&batch);
	kafka_consumer_free(&consumer);
}

static void test_a_rewound_batch_comes_again_and_nothing_is_left_out(void **state)
{
	const char *const where = topic("callbacks.v1");
	struct kafka_consumer *consumer;
	struct kafka_batch batch;
	struct err err = {0};

	(void)state;
	produce_numbers(where, "one key", 0, 300);
	consumer = join("rewound", where, NULL);
	batch = first(consumer, 50);
	CHECK(kafka_consumer_rewind(consumer, &batch, &err), "%s", err.text);
	kafka_batch_free(&batch);
	for (size_t expected = 0; expected < 300;) {
		batch = first(consumer, 7);
		for (size_t i = 0; i < batch.count; i++, expected++)
			CHECK(number_of(&batch.messages[i]) == expected, "%zu instead of %zu",
				number_of(&batch.messages[i]), expected);
		kafka_batch_free(&batch);
	}
	kafka_consumer_free(&consumer);
}

static void test_a_paused_topic_is_silent_and_loses_nothing(void **state)
{
	const char *const held = topic("dispatch.payout.v1"), *const other = topic("dispatch.care.v1");
	struct kafka_consumer *consumer = join("paused", held, other);
	unsigned times[RECORDS_MOST] = {0};
	struct kafka_batch batch;
	struct err err = {0};

	(void)state;
	CHECK(kafka_consumer_pause(consumer, held, true, &err), "%s", err.text);
	produce_numbers(held, NULL, 0, 50);
	produce_numbers(other, NULL, 50, 50);
	for (struct mono end = mono_add_ms(clock_mono(), JOIN_MS); mono_ms_between(clock_mono(), end) > 0;) {
		batch = next(consumer, 100, 100);
		for (size_t i = 0; i < batch.count; i++) {
			CHECK(strcmp(batch.messages[i].topic, held) != 0, "a record of the paused topic");
			if (++times[number_of(&batch.messages[i])] == 1 && batch.count > 0)
				end = mono_add_ms(clock_mono(), 1500);
		}
		kafka_batch_free(&batch);
	}
	for (size_t i = 50; i < 100; i++)
		CHECK(times[i] == 1, "record %zu of the other topic came %u times", i, times[i]);
	CHECK(kafka_consumer_pause(consumer, NULL, false, &err), "%s", err.text);
	CHECK(kafka_consumer_pause(consumer, NULL, false, &err), "a second resume: %s", err.text);
	read_numbers(consumer, 50, times);
	for (size_t i = 0; i < 100; i++)
		CHECK(times[i] == 1, "record %zu came %u times", i, times[i]);
	kafka_consumer_free(&consumer);
}

/* A pause that is carried out late, as the library does it when it takes up the partition at that moment. */
static bool pause_is_late;
static unsigned seeks;

rd_kafka_resp_err_t __real_rd_kafka_pause_partitions(rd_kafka_t *rk, rd_kafka_topic_partition_list_t *list);
rd_kafka_resp_err_t __wrap_rd_kafka_pause_partitions(rd_kafka_t *rk, rd_kafka_topic_partition_list_t *list);
rd_kafka_resp_err_t __wrap_rd_kafka_pause_partitions(rd_kafka_t *rk, rd_kafka_topic_partition_list_t *list)
{
	return pause_is_late ? RD_KAFKA_RESP_ERR_NO_ERROR : __real_rd_kafka_pause_partitions(rk, list);
}

rd_kafka_error_t *__real_rd_kafka_seek_partitions(
	rd_kafka_t *rk, rd_kafka_topic_partition_list_t *list, int timeout_ms);
rd_kafka_error_t *__wrap_rd_kafka_seek_partitions(
	rd_kafka_t *rk, rd_kafka_topic_partition_list_t *list, int timeout_ms);
rd_kafka_error_t *__wrap_rd_kafka_seek_partitions(
	rd_kafka_t *rk, rd_kafka_topic_partition_list_t *list, int timeout_ms)
{
	seeks++;
	return __real_rd_kafka_seek_partitions(rk, list, timeout_ms);
}

static void pause_now(const char *where)
{
	rd_kafka_topic_partition_list_t *list = NULL;

	CHECK(rd_kafka_assignment(last_handle, &list) == RD_KAFKA_RESP_ERR_NO_ERROR, "no assignment");
	for (int i = list->cnt - 1; i >= 0; i--)
		if (strcmp(list->elems[i].topic, where) != 0)
			rd_kafka_topic_partition_list_del_by_idx(list, i);
	CHECK(__real_rd_kafka_pause_partitions(last_handle, list) == RD_KAFKA_RESP_ERR_NO_ERROR,
		"not paused");
	rd_kafka_topic_partition_list_destroy(list);
}

static void test_what_comes_of_a_topic_just_paused_goes_back_and_comes_once(void **state)
{
	const char *const held = topic("dispatch.business.v1"), *const other =
									topic("dispatch.interactive.v1");
	struct kafka_consumer *consumer;
	unsigned times[RECORDS_MOST] = {0};
	struct kafka_batch batch;
	struct err err = {0};

	(void)state;
	produce_numbers(held, NULL, 0, 50);
	produce_numbers(other, NULL, 50, 50);
	consumer = join("paused late", held, other);
	seeks = 0;
	pause_is_late = true;
	CHECK(kafka_consumer_pause(consumer, held, true, &err), "%s", err.text);
	for (struct mono end = mono_add_ms(clock_mono(), JOIN_MS);
		mono_ms_between(clock_mono(), end) > 0 && (times[99] == 0 || seeks == 0);) {
		batch = next(consumer, 100, 100);
		for (size_t i = 0; i < batch.count; i++) {
			CHECK(strcmp(batch.messages[i].topic, held) != 0, "a record of the paused topic");
			times[number_of(&batch.messages[i])]++;
		}
		kafka_batch_free(&batch);
	}
	pause_is_late = false;
	CHECK(seeks > 0, "nothing came that had to go back");
	pause_now(held);
	batch = next(consumer, 100, 0);
	kafka_batch_free(&batch);
	seeks = 0;
	for (unsigned i = 0; i < 5; i++) {
		batch = next(consumer, 100, 100);
		for (size_t k = 0; k < batch.count; k++)
			CHECK(strcmp(batch.messages[k].topic, held) != 0, "a record of the paused topic");
		kafka_batch_free(&batch);
	}
	CHECK(seeks <= 1, "%u more had to go back", seeks);
	CHECK(kafka_consumer_pause(consumer, NULL, false, &err), "%s", err.text);
	read_numbers(consumer, 50, times);
	for (size_t i = 0; i < 100; i++)
		CHECK(times[i] == 1, "record %zu came %u times", i, times[i]);
	kafka_consumer_free(&consumer);
}

static void test_a_second_member_takes_its_share_and_nothing_is_lost(void **state)
{
	const char *const where = topic("results.v1");
	struct kafka_consumer *members[2] = {join("shared", where, NULL), NULL};
	struct mono end = mono_add_ms(clock_mono(), 2 * PATIENCE_MS);
	unsigned times[RECORDS_MOST] = {0};
	bool shared = false;
	size_t seen = 0;

	(void)state;
	produce_numbers(where, NULL, 0, 400);
	struct kafka_batch held = first(members[0], 100);
	for (size_t i = 0; i < held.count; i++)
		seen += times[number_of(&held.messages[i])]++ == 0;
	members[1] = join("shared", where, NULL);
	while ((seen < 1200 || !shared) && mono_ms_between(clock_mono(), end) > 0) {
		for (size_t m = 0; m < 2; m++) {
			struct kafka_batch batch = next(members[m], 50, 20);

			for (size_t i = 0; i < batch.count; i++)
				seen += times[number_of(&batch.messages[i])]++ == 0;
			if (batch.count > 0)
				commit(members[m], &batch);
			kafka_batch_free(&batch);
		}
		if (!shared && kafka_consumer_assigned(members[0]) && kafka_consumer_assigned(members[1])) {
			shared = true;
			/* Half of what this batch covers belongs to the other one by now. */
			commit(members[0], &held);
			produce_numbers(where, NULL, 400, 800);
		}
	}
	CHECK(shared, "the second member got nothing");
	CHECK(seen == 1200, "%zu of 1200 came", seen);
	kafka_batch_free(&held);
	kafka_consumer_free(&members[1]);
	kafka_consumer_free(&members[0]);
}

/* ---- event loops */

static void test_the_descriptor_is_readable_as_long_as_records_wait(void **state)
{
	const char *const where = topic("dispatch.query.v1");
	struct kafka_consumer *consumer = join("woken", where, NULL);
	struct mono end = mono_add_ms(clock_mono(), JOIN_MS);
	struct kafka_batch batch;
	size_t seen = 0;

	(void)state;
	while (!kafka_consumer_assigned(consumer) && mono_ms_between(clock_mono(), end) > 0) {
		batch = next(consumer, 10, 100);
		CHECK(batch.count == 0, "%zu", batch.count);
	}
	while (is_readable(kafka_consumer_fd(consumer), 300))
		next(consumer, 10, 0);
	produce_numbers(where, "one key", 0, 25);
	while (seen < 25) {
		CHECK(is_readable(kafka_consumer_fd(consumer), 5000), "%zu of 25, and it sleeps", seen);
		batch = next(consumer, 10, 0);
		seen += batch.count;
		kafka_batch_free(&batch);
	}
	while (is_readable(kafka_consumer_fd(consumer), 300)) {
		batch = next(consumer, 10, 0);
		CHECK(batch.count == 0, "%zu more", batch.count);
	}
	kafka_consumer_free(&consumer);
}

static void test_the_producers_descriptor_tells_of_reports(void **state)
{
	struct reports reports = {0};
	struct kafka_producer *producer = new_producer(&conf, &reports);

	(void)state;
	for (size_t round = 1; round <= 20; round++) {
		send_one(producer, topic("receipts.v1"), NULL, "x");
		while (reports.good < round) {
			CHECK(is_readable(kafka_producer_fd(producer), 5000), "round %zu sleeps", round);
			kafka_producer_poll(producer, 0);
		}
	}
	CHECK(kafka_producer_poll(producer, 0) == 0 && reports.bad == 0, "%zu", reports.bad);
	kafka_producer_free(&producer);
}

/* ---- the idempotent producer's sudden end */

static void test_after_a_fatal_error_a_new_producer_goes_on(void **state)
{
	const char *const where = topic("receipts.v1");
	const struct kafka_record record = {.topic = where, .value = TEXT("x")};
	struct reports reports = {0};
	struct kafka_producer *producer = new_producer(&conf, &reports);
	int fd = kafka_producer_fd(producer);
	struct err err = {0};

	(void)state;
	send_one(producer, where, NULL, "before");
	CHECK(kafka_producer_wait(producer, PATIENCE_MS) && reports.good == 1, "%zu", reports.good);
	for (size_t i = 0; i < 100; i++)
		send_one(producer, where, NULL, "under way");
	rd_kafka_test_fatal_error(last_handle, RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER, "made up");
	CHECK(!kafka_producer_send(producer, &record, NULL, &err), "taken by a dead producer");
	CHECK(err.class == ERR_RETRY, "%s", err.text);
	CHECK(kafka_producer_wait(producer, PATIENCE_MS), "reports are missing");
	CHECK(reports.good + reports.bad == 101, "%zu + %zu reports", reports.good, reports.bad);
	size_t good = reports.good;
	send_one(producer, where, NULL, "after");
	CHECK(kafka_producer_fd(producer) == fd, "another descriptor");
	CHECK(is_readable(fd, PATIENCE_MS), "the new one does not wake");
	CHECK(kafka_producer_wait(producer, PATIENCE_MS) && reports.good == good + 1, "%zu", reports.good);
	kafka_producer_free(&producer);
}

/* ---- set-up */

static int begin(void **state)
{
	(void)state;
	arena_init(&memory);
	return 0;
}

static int end(void **state)
{
	(void)state;
	arena_done(&memory);
	return 0;
}

static bool create_topics(struct err *err)
{
	char *content = arena_alloc(&memory, TOPICS_FILE_MOST);
	FILE *file = fopen(SOURCE_DIR "/deploy/topics.txt", "r");
	struct kafka_topic_plan *plan;
	size_t count, created, again;

	if (file == NULL)
		return err_set(err, ERR_BROKEN, 0, "no deploy/topics.txt");
	struct text text = {content, fread(content, 1, TOPICS_FILE_MOST, file)};
	(void)fclose(file);
	if (!kafka_topics_parse(text, &memory, &plan, &count, err) ||
		!kafka_topics_create(&conf, plan, count, &created, err) ||
		!kafka_topics_create(&conf, plan, count, &again, err))
		return false;
	if ((created != count && getenv("TEST_KAFKA_PREFIX") == NULL) || again != 0)
		return err_set(
			err, ERR_BROKEN, 0, "%zu of %zu topics created, then %zu", created, count, again);
	return true;
}

static int prepare(void **state)
{
	static char prefix[64];
	struct err err = {0};

	(void)state;
	conf.bootstrap = getenv("TEST_KAFKA");
	if (conf.bootstrap == NULL) {
		print_error("TEST_KAFKA is not set: ./run test starts a broker and sets it\n");
		return -1;
	}
	(void)snprintf(prefix, sizeof(prefix), "test-%08x.", (unsigned)random_u32());
	conf.prefix = getenv("TEST_KAFKA_PREFIX") != NULL ? getenv("TEST_KAFKA_PREFIX") : prefix;
	log_start("test_kafka", LOG_ALARM, clock_wall);
	arena_init(&memory);
	bool good = create_topics(&err);
	if (!good)
		print_error("%s\n", err.text);
	arena_done(&memory);
	return good ? 0 : -1;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_record_that_no_broker_takes_is_reported_as_failed),
		TEST(test_a_full_queue_takes_nothing_and_reports_nothing),
		TEST(test_a_record_that_is_too_large_is_refused),
		TEST(test_leaving_has_an_end_where_no_broker_answers),
		TEST(test_topics_of_an_absent_broker_are_a_retry),
		TEST(test_key_value_headers_and_time_come_out_as_they_went_in),
		TEST(test_a_reader_from_the_end_sees_what_comes_after_it_was_made),
		TEST(test_a_reader_knows_what_it_has_not_read_yet),
		TEST(test_a_reader_of_the_tail_reads_what_is_new_and_no_more_than_it_may),
		TEST(test_a_reader_of_the_tail_gives_up_where_no_broker_is),
		TEST(test_only_what_was_committed_does_not_come_again),
		TEST(test_a_rewound_batch_comes_again_and_nothing_is_left_out),
		TEST(test_a_paused_topic_is_silent_and_loses_nothing),
		TEST(test_what_comes_of_a_topic_just_paused_goes_back_and_comes_once),
		TEST(test_a_second_member_takes_its_share_and_nothing_is_lost),
		TEST(test_the_descriptor_is_readable_as_long_as_records_wait),
		TEST(test_the_producers_descriptor_tells_of_reports),
		TEST(test_after_a_fatal_error_a_new_producer_goes_on),
	};

	return cmocka_run_group_tests_name("kafka", tests, prepare, NULL);
}
