#include "io/kafka.h"
#include "io/kafka_client.h"

const struct conf_row kafka_conf_rows[] = {
	{.name = "MKONDO_KAFKA_BOOTSTRAP",
		.type = CONF_STRING,
		.at = offsetof(struct kafka_conf, bootstrap),
		.fallback = NULL,
		.about = "Kafka brokers to start from, host:port separated by commas."},
	{.name = "MKONDO_KAFKA_PROPERTIES_FILE",
		.type = CONF_FILE,
		.at = offsetof(struct kafka_conf, properties_file),
		.fallback = "",
		.about = "File of name=value lines that are passed to librdkafka as they are (TLS, SASL and "
			 "the like)."},
	{.name = "MKONDO_TOPIC_PREFIX",
		.type = CONF_STRING,
		.at = offsetof(struct kafka_conf, prefix),
		.fallback = "mkondo.",
		.about = "What the names of all topics and consumer groups begin with."},
	{.name = NULL},
};

const char *kafka_topic(const struct kafka_conf *conf, const char *name, struct arena *arena)
{
	return arena_print(arena, "%s%s", conf->prefix, name);
}

struct text kafka_message_header(const struct kafka_message *message, const char *name)
{
	rd_kafka_headers_t *headers;
	const void *value;
	size_t size;

	if (message->handle == NULL ||
		rd_kafka_message_headers(message->handle, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR ||
		rd_kafka_header_get_last(headers, name, &value, &size) != RD_KAFKA_RESP_ERR_NO_ERROR)
		return (struct text){NULL, 0};
	return (struct text){value, size};
}
