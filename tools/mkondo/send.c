#include "mkondo/mkondo.h"

#include "base/base64.h"
#include "io/clock.h"
#include "io/kafka_producer.h"
#include "io/random.h"
#include "wire/command_wire.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * Commands from a file: one JSON object, or one a line. A line may also be an envelope that says how its command travels:
 * {"encoding": "protobuf"|"json", "command": {...}} or {"encoding": "bytes", "key": "...", "base64": "..."}.
 */
static const char usage[] = "send [--protobuf] [--new-id] FILE|-";

struct sending {
	struct tool *tool;
	struct kafka_producer *producer;
	const char *topic;
	bool protobuf, new_id;
	size_t sent, delivered, failed;
};

static void on_report(void *self, void *cookie, bool delivered)
{
	struct sending *sending = self;

	(void)cookie;
	sending->delivered += delivered;
	sending->failed += !delivered;
}

static bool produce(struct sending *sending, const char *key, struct text value, const char *content_type,
	struct err *err)
{
	const struct header headers[] = {{"content-type", text_of(content_type)}};
	const struct kafka_record record = {.topic = sending->topic,
		.key = text_of(key),
		.value = value,
		.headers = headers,
		.header_count = content_type != NULL};

	sending->sent++;
	return kafka_producer_send(sending->producer, &record, NULL, err);
}

/* A command without an id gets one: what is published can always be asked about. */
static const char *give_id(struct sending *sending, json_t *command)
{
	const char *id = json_string_value(json_object_get(command, "id"));
	char text[UUID_TEXT];
	uint8_t random[10];

	if (id != NULL && id[0] != '\0' && !sending->new_id)
		return id;
	random_bytes(random, sizeof(random));
	const struct uuid fresh = uuid_v7(clock_wall(), random);
	json_object_set_new(command, "id", json_string(uuid_text(&fresh, text)));
	return json_string_value(json_object_get(command, "id"));
}

static bool send_command(struct sending *sending, json_t *command, bool protobuf, struct err *err)
{
	struct arena *arena = &sending->tool->arena;
	const char *id = give_id(sending, command);
	char *dump = json_dumps(command, JSON_COMPACT);
	struct text json = arena_text(arena, text_of(dump));
	struct text bytes = json;

	free(dump);
	if (protobuf && !command_json_to_proto(json, arena, &bytes, err))
		return err_while(err, "%s", id);
	printf("%s\n", id);
	return produce(sending, id, bytes, protobuf ? "application/x-protobuf" : "application/json", err);
}

static bool send_bytes(struct sending *sending, json_t *envelope, struct err *err)
{
	const char *text = json_string_value(json_object_get(envelope, "base64"));
	const char *key = json_string_value(json_object_get(envelope, "key"));
	size_t cap = text != NULL ? strlen(text) + 1 : 1, len;
	char *bytes = arena_alloc(&sending->tool->arena, cap);

	if (text == NULL || !base64_parse(text_of(text), bytes, cap, &len))
		return err_set(err, ERR_REFUSED, 0, "\"base64\" is not base64");
	printf("%s (%zu bytes as they are)\n", key != NULL ? key : "-", len);
	return produce(sending, key != NULL ? key : "", (struct text){bytes, len}, NULL, err);
}

static bool send_object(struct sending *sending, json_t *object, struct err *err)
{
	const char *encoding = json_string_value(json_object_get(object, "encoding"));

	if (!json_is_object(object))
		return err_set(err, ERR_REFUSED, 0, "a command is a JSON object");
	if (encoding == NULL)
		return send_command(sending, object, sending->protobuf, err);
	if (strcmp(encoding, "bytes") == 0)
		return send_bytes(sending, object, err);
	if (!json_is_object(json_object_get(object, "command")))
		return err_set(err, ERR_REFUSED, 0, "an envelope holds its command under \"command\"");
	return send_command(
		sending, json_object_get(object, "command"), strcmp(encoding, "protobuf") == 0, err);
}

/* All objects of the file, whatever white space stands between them. */
static bool send_file(struct sending *sending, FILE *file, struct err *err)
{
	size_t number = 0;

	for (;;) {
		json_error_t fault;
		int c = getc(file);

		while (c == ' ' || c == '\n' || c == '\r' || c == '\t')
			c = getc(file);
		if (c == EOF)
			return number > 0 || err_set(err, ERR_REFUSED, 0, "there is no command in it");
		ungetc(c, file);
		json_t *object = json_loadf(file, JSON_REJECT_DUPLICATES | JSON_DISABLE_EOF_CHECK, &fault);
		number++;
		if (object == NULL)
			return err_set(err, ERR_REFUSED, 0, "command %zu, line %d: %s", number, fault.line,
				fault.text);
		bool sent = send_object(sending, object, err);
		json_decref(object);
		if (!sent)
			return err_while(err, "command %zu", number);
		kafka_producer_poll(sending->producer, 0);
	}
}

int tool_send(struct tool *tool)
{
	struct sending sending = {.tool = tool};
	const struct kafka_delivery delivery = {.report = on_report, .self = &sending};
	const char *path = NULL;
	struct err err;

	for (int i = 0; i < tool->argc;) {
		if (tool_flag(tool, &i, "--protobuf"))
			sending.protobuf = true;
		else if (tool_flag(tool, &i, "--new-id"))
			sending.new_id = true;
		else if (path == NULL && (tool->argv[i][0] != '-' || tool->argv[i][1] == '\0'))
			path = tool->argv[i++];
		else
			return tool_usage(usage);
	}
	if (path == NULL)
		return tool_usage(usage);
	if (!tool_read_kafka(tool))
		return 78;
	sending.topic = kafka_topic(&tool->kafka, "commands.v1", &tool->arena);
	FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
	if (file == NULL) {
		fprintf(stderr, "mkondo: %s cannot be read: %m\n", path);
		return 1;
	}
	if (!kafka_producer_new(&sending.producer, &tool->kafka, &delivery, &err))
		return tool_failed(&err);
	bool all = send_file(&sending, file, &err);
	if (file != stdin)
		fclose(file);
	kafka_producer_wait(sending.producer, 30000);
	kafka_producer_free(&sending.producer);
	if (!all)
		return tool_failed(&err);
	if (sending.delivered != sending.sent) {
		fprintf(stderr,
			"mkondo: %zu of %zu commands were not acknowledged by %s; sending them again with "
			"the same ids is safe\n",
			sending.sent - sending.delivered, sending.sent, tool->kafka.bootstrap);
		return 75;
	}
	return 0;
}
