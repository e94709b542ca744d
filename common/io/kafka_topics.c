#include "io/kafka_client.h"

#include "base/fault.h"
#include "io/clock.h"

#include <stdio.h>
#include <string.h>

enum { NAME_MOST = 200, PARTITIONS_MOST = 1000, ANSWER_MS = 10000, SETTLE_MS = 10000, LOOK_AGAIN_MS = 50 };

/* What creation has in hand. */
struct creation {
	rd_kafka_t *rk;
	const struct kafka_conf *conf;
	const struct kafka_topic_plan *plan;
	size_t count;
};

static bool is_name(struct text text)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.at[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
			    c == '.' || c == '_' || c == '-'))
			return false;
	}
	return text.len > 0 && text.len <= NAME_MOST;
}

/* "7d", "12h", "30m", "45s" */
static bool parse_retention(struct text text, int64_t *ret)
{
	static const struct {
		char letter;
		int64_t ms;
	} units[] = {{'s', 1000}, {'m', 60000}, {'h', 3600000}, {'d', 86400000}};
	int64_t number;

	for (size_t i = 0; i < COUNT_OF(units); i++) {
		if (text.len < 2 || text.at[text.len - 1] != units[i].letter)
			continue;
		if (!text_to_int64((struct text){text.at, text.len - 1}, &number) || number < 1 ||
			number > INT64_MAX / units[i].ms)
			return false;
		*ret = number * units[i].ms;
		return true;
	}
	return false;
}

/* Takes the first word off the text; none when there is no more. */
static struct text next_word(struct text *rest)
{
	struct text word;

	*rest = text_trim(*rest);
	word = *rest;
	for (word.len = 0; word.len < rest->len; word.len++)
		if (strchr(" \t\r\n\v\f", word.at[word.len]) != NULL)
			break;
	rest->at += word.len;
	rest->len -= word.len;
	return word;
}

static bool parse_line(
	struct text line, struct arena *arena, struct kafka_topic_plan *ret, const char **ret_fault)
{
	struct text name = next_word(&line), partitions = next_word(&line), retention = next_word(&line);
	int64_t number;

	if (!is_name(name))
		*ret_fault = "the name of a topic is letters, digits, '.', '_' and '-'";
	else if (!text_to_int64(partitions, &number) || number < 1 || number > PARTITIONS_MOST)
		*ret_fault = "partitions must be 1 to 1000";
	else if (!parse_retention(retention, &ret->retention_ms))
		*ret_fault = "retention must be a number and s, m, h or d";
	else if (next_word(&line).len > 0)
		*ret_fault = "three columns are wanted: name, partitions, retention";
	else {
		ret->name = arena_string(arena, name);
		ret->partitions = (int)number;
		return true;
	}
	return false;
}

static bool is_twice(const struct kafka_topic_plan *plan, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(plan[i].name, plan[count].name) == 0)
			return true;
	return false;
}

static size_t count_lines(struct text file)
{
	size_t lines = 1;

	for (size_t i = 0; i < file.len; i++)
		lines += file.at[i] == '\n';
	return lines;
}

bool kafka_topics_parse(struct text file, struct arena *arena, struct kafka_topic_plan **ret,
	size_t *ret_count, struct err *err)
{
	struct kafka_topic_plan *plan = ARENA_ARRAY(arena, struct kafka_topic_plan, count_lines(file));
	size_t count = 0;

	for (int number = 1; file.len > 0; number++) {
		const char *end = memchr(file.at, '\n', file.len), *fault = NULL;
		size_t len = end != NULL ? (size_t)(end - file.at) : file.len;
		struct text line = text_trim((struct text){file.at, len});

		file.at += end != NULL ? len + 1 : len;
		file.len -= end != NULL ? len + 1 : len;
		if (line.len == 0 || line.at[0] == '#')
			continue;
		if (!parse_line(line, arena, &plan[count], &fault))
			return err_set(err, ERR_BROKEN, number, "line %d of the topics: %s", number, fault);
		if (is_twice(plan, count))
			return err_set(err, ERR_BROKEN, number, "line %d of the topics: %s is there twice",
				number, plan[count].name);
		count++;
	}
	*ret = plan;
	*ret_count = count;
	return true;
}

static bool is_settled(const struct rd_kafka_metadata *metadata, const char *name)
{
	for (int i = 0; i < metadata->topic_cnt; i++) {
		const rd_kafka_metadata_topic_t *topic = &metadata->topics[i];

		if (strcmp(topic->topic, name) != 0)
			continue;
		for (int p = 0; p < topic->partition_cnt; p++)
			if (topic->partitions[p].leader < 0)
				return false;
		return topic->err == RD_KAFKA_RESP_ERR_NO_ERROR && topic->partition_cnt > 0;
	}
	return false;
}

/* Which of the plan are there, with a leader for each partition. */
static bool look(const struct creation *creation, struct arena *arena, bool *ret_there, size_t *ret_missing,
	struct err *err)
{
	const struct rd_kafka_metadata *metadata;
	rd_kafka_resp_err_t code = FAULT("topics.look", FAULT_FAILED)
					   ? RD_KAFKA_RESP_ERR__TRANSPORT
					   : rd_kafka_metadata(creation->rk, 1, NULL, &metadata, ANSWER_MS);

	if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
		return kafka_client_failed(err, code, creation->conf->bootstrap);
	*ret_missing = 0;
	for (size_t i = 0; i < creation->count; i++) {
		ret_there[i] =
			is_settled(metadata, kafka_topic(creation->conf, creation->plan[i].name, arena));
		*ret_missing += !ret_there[i];
	}
	rd_kafka_metadata_destroy(metadata);
	return true;
}

static rd_kafka_NewTopic_t *new_topic(
	const struct creation *creation, size_t i, struct arena *arena, struct err *err)
{
	const struct kafka_topic_plan *plan = &creation->plan[i];
	const char *name = kafka_topic(creation->conf, plan->name, arena);
	char why[160];
	rd_kafka_NewTopic_t *topic = rd_kafka_NewTopic_new(name, plan->partitions, -1, why, sizeof(why));

	if (topic == NULL) {
		err_set(err, ERR_BROKEN, 0, "%s: %s", name, why);
		return NULL;
	}
	/* Compaction would keep the last record of a key, and what counts is the one with the highest version. */
	rd_kafka_NewTopic_set_config(topic, "cleanup.policy", "delete");
	rd_kafka_NewTopic_set_config(
		topic, "retention.ms", arena_print(arena, "%lld", (long long)plan->retention_ms));
	return topic;
}

/* What another one created meanwhile is as good as ours. */
static bool judge(rd_kafka_event_t *event, size_t *ret_created, struct err *err)
{
	const rd_kafka_CreateTopics_result_t *result;
	const rd_kafka_topic_result_t **topics;
	size_t count = 0;

	if (event == NULL)
		return kafka_client_failed(err, RD_KAFKA_RESP_ERR__TIMED_OUT, "creating topics");
	if (rd_kafka_event_error(event) != RD_KAFKA_RESP_ERR_NO_ERROR)
		return kafka_client_failed(err, rd_kafka_event_error(event), "creating topics");
	result = rd_kafka_event_CreateTopics_result(event);
	topics = rd_kafka_CreateTopics_result_topics(result, &count);
	for (size_t i = 0; i < count; i++) {
		rd_kafka_resp_err_t code = rd_kafka_topic_result_error(topics[i]);

		if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
			++*ret_created;
		else if (code != RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS)
			return kafka_client_failed(err, code, rd_kafka_topic_result_name(topics[i]));
	}
	return true;
}

static bool request(const struct creation *creation, rd_kafka_NewTopic_t **topics, size_t count,
	size_t *ret_created, struct err *err)
{
	char why[160];
	rd_kafka_queue_t *queue = rd_kafka_queue_new(creation->rk);
	rd_kafka_AdminOptions_t *options =
		rd_kafka_AdminOptions_new(creation->rk, RD_KAFKA_ADMIN_OP_CREATETOPICS);
	rd_kafka_event_t *event;
	bool good;

	rd_kafka_AdminOptions_set_request_timeout(options, ANSWER_MS, why, sizeof(why));
	rd_kafka_AdminOptions_set_operation_timeout(options, ANSWER_MS, why, sizeof(why));
	rd_kafka_CreateTopics(creation->rk, topics, count, options, queue);
	event = rd_kafka_queue_poll(queue, 2 * ANSWER_MS);
	good = judge(FAULT("topics.create", FAULT_LOST) ? NULL : event, ret_created, err);
	if (event != NULL)
		rd_kafka_event_destroy(event);
	rd_kafka_AdminOptions_destroy(options);
	rd_kafka_queue_destroy(queue);
	return good;
}

static bool create_missing(const struct creation *creation, const bool *there, struct arena *arena,
	size_t *ret_created, struct err *err)
{
	rd_kafka_NewTopic_t **topics = ARENA_ARRAY(arena, rd_kafka_NewTopic_t *, creation->count);
	size_t count = 0;
	bool good = true;

	for (size_t i = 0; good && i < creation->count; i++)
		if (!there[i]) {
			topics[count] = new_topic(creation, i, arena, err);
			good = topics[count] != NULL;
			count += good;
		}
	good = good && request(creation, topics, count, ret_created, err);
	rd_kafka_NewTopic_destroy_array(topics, count);
	return good;
}

/* Creates, and waits until the brokers tell of every topic with its leaders: a service that starts now finds them. */
static bool create_and_settle(
	const struct creation *creation, struct arena *arena, size_t *ret_created, struct err *err)
{
	bool *there = ARENA_ARRAY(arena, bool, creation->count);
	struct mono end = mono_add_ms(clock_mono(), SETTLE_MS);
	size_t missing;

	if (!look(creation, arena, there, &missing, err))
		return false;
	if (missing > 0 && !create_missing(creation, there, arena, ret_created, err))
		return false;
	while (missing > 0) {
		if (!look(creation, arena, there, &missing, err))
			return false;
		if (missing > 0 && mono_ms_between(clock_mono(), end) <= 0)
			return err_set(
				err, ERR_RETRY, 0, "%zu topics were created and have no leader yet", missing);
		if (missing > 0)
			clock_sleep_ms(LOOK_AGAIN_MS);
	}
	return true;
}

static bool open_creation(struct creation *creation, struct err *err)
{
	static const struct kafka_setting none[] = {{NULL, NULL}};
	rd_kafka_conf_t *rd_conf = kafka_client_conf(creation->conf, none, err);

	if (rd_conf == NULL)
		return false;
	creation->rk = kafka_client_new(RD_KAFKA_PRODUCER, rd_conf, err);
	return creation->rk != NULL;
}

bool kafka_topics_look(const struct kafka_conf *conf, const struct kafka_topic_plan *plan, size_t count,
	bool *ret_there, struct err *err)
{
	struct creation creation = {.conf = conf, .plan = plan, .count = count};
	struct arena arena;
	size_t missing;
	bool good;

	if (!open_creation(&creation, err))
		return false;
	arena_init(&arena);
	good = look(&creation, &arena, ret_there, &missing, err);
	arena_done(&arena);
	rd_kafka_destroy(creation.rk);
	return good;
}

bool kafka_topics_create(const struct kafka_conf *conf, const struct kafka_topic_plan *plan, size_t count,
	size_t *ret_created, struct err *err)
{
	struct creation creation = {.conf = conf, .plan = plan, .count = count};
	struct arena arena;
	size_t created = 0;
	bool good;

	if (!open_creation(&creation, err))
		return false;
	arena_init(&arena);
	good = create_and_settle(&creation, &arena, &created, err);
	arena_done(&arena);
	rd_kafka_destroy(creation.rk);
	if (good)
		*ret_created = created;
	return good;
}
