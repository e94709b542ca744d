#include "check.h"

#include "io/kafka.h"
#include "io/kafka_client.h"

#include <stdlib.h>
#include <unistd.h>

static struct arena memory;

static void test_the_names_of_topics_begin_with_the_prefix(void **state)
{
	const struct kafka_conf conf = {.prefix = "bank."};

	(void)state;
	CHECK(strcmp(kafka_topic(&conf, "commands.v1", &memory), "bank.commands.v1") == 0, "prefix");
}

static void test_a_message_without_a_handle_has_no_headers(void **state)
{
	const struct kafka_message message = {.topic = "x"};

	(void)state;
	CHECK(kafka_message_header(&message, "any").at == NULL, "header");
}

/* ---- deploy/topics.txt */

static bool parse(const char *file, struct kafka_topic_plan **plan, size_t *count, struct err *err)
{
	return kafka_topics_parse(text_of(file), &memory, plan, count, err);
}

static void test_a_list_of_topics_that_is_not_understood_is_refused_with_its_line(void **state)
{
	static const struct {
		const char *what, *file, *want;
	} rows[] = {
		{"no partitions", "a\n", "line 1"},
		{"no retention", "# c\na 8\n", "line 2"},
		{"no partitions at all", "a 0 7d\n", "partitions"},
		{"negative", "a -1 7d\n", "partitions"},
		{"too many", "a 1001 7d\n", "partitions"},
		{"not a number", "a 8x 7d\n", "partitions"},
		{"no unit", "a 8 7\n", "retention"},
		{"only a unit", "a 8 d\n", "retention"},
		{"an unknown unit", "a 8 7w\n", "retention"},
		{"zero", "a 8 0d\n", "retention"},
		{"overflow", "a 8 999999999999999d\n", "retention"},
		{"a fourth word", "a 8 7d compact\n", "three columns"},
		{"a bad name", "a/b 8 7d\n", "name"},
		{"the same twice", "a 8 7d\n\nb 8 7d\na 8 7d\n", "line 4"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct kafka_topic_plan *plan = (void *)&memory;
		struct err err = {0};
		size_t count = 77;

		CHECK(!parse(rows[i].file, &plan, &count, &err), "%s", rows[i].what);
		CHECK(err.class == ERR_BROKEN && strstr(err.text, rows[i].want) != NULL, "%s: %s",
			rows[i].what, err.text);
		CHECK(count == 77 && plan == (void *)&memory, "%s: outputs were touched", rows[i].what);
	}
}

static void test_a_list_of_topics_is_read_line_by_line(void **state)
{
	struct kafka_topic_plan *plan;
	struct err err = {0};
	size_t count;

	(void)state;
	CHECK(parse("# topics\n\na.v1\t\t8   7d\r\n  b\t1 12h\nc 2 30m\nd 3 45s", &plan, &count, &err), "%s",
		err.text);
	CHECK(count == 4, "%zu", count);
	CHECK(strcmp(plan[0].name, "a.v1") == 0 && plan[0].partitions == 8 &&
			plan[0].retention_ms == 604800000,
		"a");
	CHECK(plan[1].partitions == 1 && plan[1].retention_ms == 43200000, "b");
	CHECK(plan[2].retention_ms == 1800000 && plan[3].retention_ms == 45000, "c d");
	CHECK(parse("", &plan, &count, &err) && count == 0, "empty");
}

static void test_the_list_of_this_release_is_understood(void **state)
{
	static char content[65536];
	FILE *file = fopen(SOURCE_DIR "/deploy/topics.txt", "r");
	struct kafka_topic_plan *plan;
	struct err err = {0};
	size_t count;

	(void)state;
	CHECK(file != NULL, "deploy/topics.txt");
	content[fread(content, 1, sizeof(content) - 1, file)] = '\0';
	(void)fclose(file);
	CHECK(parse(content, &plan, &count, &err), "%s", err.text);
	for (size_t i = 0; i < count; i++)
		if (strcmp(plan[i].name, "commands.v1") == 0)
			return;
	CHECK(false, "commands.v1 is not among %zu topics", count);
}

/* ---- the properties file */

static rd_kafka_conf_t *conf_with(const char *properties, char path[64], struct err *err)
{
	static const struct kafka_setting settings[] = {{"linger.ms", "1"}, {NULL, NULL}};
	struct kafka_conf conf = {.bootstrap = "127.0.0.1:9", .properties_file = path, .prefix = ""};
	int fd;

	(void)snprintf(path, 64, "/tmp/mkondo-test-kafka.XXXXXX");
	fd = mkstemp(path);
	CHECK(fd >= 0 && write(fd, properties, strlen(properties)) == (ssize_t)strlen(properties), "%s",
		path);
	close(fd);
	rd_kafka_conf_t *rd_conf = kafka_client_conf(&conf, settings, err);
	unlink(path);
	return rd_conf;
}

static void test_a_properties_file_with_a_fault_is_refused_with_its_line(void **state)
{
	static const struct {
		const char *what, *file, *want;
	} rows[] = {
		{"an unknown name", "# c\nno.such.setting=1\n", "line 2: No such configuration property"},
		{"a bad value", "linger.ms=soon\n", "line 1"},
		{"no equals sign", "\n\nlinger.ms 5\n", "line 3: no '='"},
		{"commits by itself", "enable.auto.commit=true\n", "mkondo's own"},
		{"stores by itself", " enable.auto.offset.store = true\n", "mkondo's own"},
		{"skips what is there", "auto.offset.reset=latest\n", "mkondo's own"},
		{"weaker acknowledgement", "acks=1\n", "mkondo's own"},
		{"the same by its alias", "request.required.acks=1\n", "mkondo's own"},
		{"doubles", "enable.idempotence=false\n", "mkondo's own"},
		{"a cooperative group", "partition.assignment.strategy=cooperative-sticky\n", "mkondo's own"},
		{"another cluster", "bootstrap.servers=elsewhere:9092\n", "mkondo's own"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct err err = {0};
		char path[64];

		CHECK(conf_with(rows[i].file, path, &err) == NULL, "%s", rows[i].what);
		CHECK(err.class == ERR_BROKEN && strstr(err.text, rows[i].want) != NULL, "%s: %s",
			rows[i].what, err.text);
		CHECK(strstr(err.text, path) != NULL, "%s does not name the file: %s", rows[i].what,
			err.text);
	}
}

static void test_a_properties_file_that_is_not_there_is_refused(void **state)
{
	static const struct kafka_setting none[] = {{NULL, NULL}};
	const struct kafka_conf conf = {
		.bootstrap = "x:9", .properties_file = "/nonexistent/kafka.properties"};
	struct err err = {0};

	(void)state;
	CHECK(kafka_client_conf(&conf, none, &err) == NULL, "taken");
	CHECK(err.class == ERR_BROKEN && strstr(err.text, "/nonexistent/kafka.properties") != NULL, "%s",
		err.text);
}

static void test_the_properties_file_has_the_last_word(void **state)
{
	char path[64], value[64];
	struct err err = {0};
	rd_kafka_conf_t *rd_conf = conf_with(
		"! TLS\nsecurity.protocol = ssl\r\nlinger.ms=7\nssl.key.password = a=b \n", path, &err);
	size_t size;

	(void)state;
	CHECK(rd_conf != NULL, "%s", err.text);
	static const char *const want[][2] = {{"security.protocol", "ssl"}, {"linger.ms", "7"},
		{"ssl.key.password", "a=b"}, {"bootstrap.servers", "127.0.0.1:9"},
		{"socket.nagle.disable", "true"}};
	for (size_t i = 0; i < COUNT_OF(want); i++) {
		size = sizeof(value);
		CHECK(rd_kafka_conf_get(rd_conf, want[i][0], value, &size) == RD_KAFKA_CONF_OK &&
				strcmp(value, want[i][1]) == 0,
			"%s is %s", want[i][0], value);
	}
	rd_kafka_conf_destroy(rd_conf);
}

static void test_codes_mean_what_the_caller_is_to_do(void **state)
{
	static const struct {
		rd_kafka_resp_err_t code;
		enum err_class want;
	} rows[] = {
		{RD_KAFKA_RESP_ERR__TRANSPORT, ERR_RETRY},
		{RD_KAFKA_RESP_ERR__QUEUE_FULL, ERR_RETRY},
		{RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, ERR_RETRY},
		{RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, ERR_RETRY},
		{RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, ERR_REFUSED},
		{RD_KAFKA_RESP_ERR__FATAL, ERR_BROKEN},
		{RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, ERR_BROKEN},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct err err = {0};

		CHECK(!kafka_client_failed(&err, rows[i].code, "doing"), "%s",
			rd_kafka_err2name(rows[i].code));
		CHECK(err.class == rows[i].want && err.code == (int)rows[i].code, "%s",
			rd_kafka_err2name(rows[i].code));
	}
}

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_names_of_topics_begin_with_the_prefix),
		cmocka_unit_test(test_a_message_without_a_handle_has_no_headers),
		cmocka_unit_test(test_a_list_of_topics_that_is_not_understood_is_refused_with_its_line),
		cmocka_unit_test(test_a_list_of_topics_is_read_line_by_line),
		cmocka_unit_test(test_the_list_of_this_release_is_understood),
		cmocka_unit_test(test_a_properties_file_with_a_fault_is_refused_with_its_line),
		cmocka_unit_test(test_a_properties_file_that_is_not_there_is_refused),
		cmocka_unit_test(test_the_properties_file_has_the_last_word),
		cmocka_unit_test(test_codes_mean_what_the_caller_is_to_do),
	};

	return cmocka_run_group_tests_name("kafka", tests, begin, end);
}
