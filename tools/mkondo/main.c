#include "mkondo/mkondo.h"

#include "base/fault.h"
#include "base/log.h"
#include "io/clock.h"
#include "service/service.h"

#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

static const struct verb {
	const char *name, *usage, *about;
	int (*run)(struct tool *tool);
} verbs[] = {
	{"migrate", "migrate [DIR]", "bring the database's schema up to this release", tool_migrate},
	{"topics", "topics create [FILE]", "create the topics that are missing", tool_topics},
	{"send", "send [--protobuf] [--new-id] FILE|-", "publish commands: JSON, one or one a line",
		tool_send},
	{"results", "results [--follow] [--json] [--id ID] [--count N] [--for SECONDS]",
		"read the results topic from its start", tool_results},
	{"results", "results --check", "hold the topic against its contract: each violation, a summary",
		tool_results},
	{"receipts", "receipts [--follow] [--json] [--count N] [--for SECONDS]",
		"read what customers paid by themselves from its topic's start", tool_receipts},
	{"find", "find TEXT", "the newest 100 by receipt, M-PESA's id, id or 8 hex; phone, reference: a scan",
		tool_find},
	{"explain", "explain [--bodies] ID", "all that is known about one payment", tool_explain},
	{"dlq", "dlq list", "what could not become a payment", tool_dlq},
	{"recover", "recover [--journal DIR]... [--yes]",
		"after a restore: put what was sent and forgotten into doubt, go on", tool_recover},
	{"credential", "credential --certificate FILE [--password-file FILE]",
		"the initiator's password, encrypted for Safaricom, to keep in its place", tool_credential},
	{"doctor", "doctor [--offline] [--topics FILE]",
		"what is wrong with settings, files and the ways to Daraja, Kafka, PostgreSQL", tool_doctor},
	{"stats", "stats", "payments by state, lanes, what is owed and overdue", tool_stats},
	{"webhooks", "webhooks [--last N]", "the last callbacks with their verdicts, and how many there are",
		tool_webhooks},
	{"pause", "pause LANE [--app NAME]", "nothing of this lane is sent until it is resumed", tool_pause},
	{"resume", "resume LANE [--app NAME]", "the lane sends again", tool_resume},
};

static int help(FILE *to)
{
	fprintf(to, "mkondo: M-PESA payments over Kafka, from the command line\n\n");
	for (size_t i = 0; i < COUNT_OF(verbs); i++)
		fprintf(to, "  mkondo %-72s %s\n", verbs[i].usage, verbs[i].about);
	fprintf(to, "\nSettings come from the environment: MKONDO_PG, MKONDO_STORE_KEYS_FILE, "
		    "MKONDO_KAFKA_BOOTSTRAP, MKONDO_TOPIC_PREFIX "
		    "(docs/configuration.md).\n");
	return to == stdout ? 0 : 2;
}

int main(int argc, char **argv)
{
	FAULT_OPTIONS(&argc, argv);

	struct tool tool = {.argc = argc - 2, .argv = argv + 2};
	int code = 2;

	signal(SIGPIPE, SIG_IGN);
	json_object_seed(0);
	log_start("mkondo", LOG_WARN, clock_wall);
	if (argc >= 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0))
		return help(stdout);
	for (size_t i = 0; argc >= 2 && i < COUNT_OF(verbs); i++) {
		if (strcmp(argv[1], verbs[i].name) != 0)
			continue;
		arena_init(&tool.arena);
		tool.user = service_user();
		code = verbs[i].run(&tool);
		arena_done(&tool.arena);
		return code;
	}
	if (argc >= 2)
		fprintf(stderr, "mkondo: there is no verb \"%s\"\n\n", argv[1]);
	return help(stderr);
}

static bool read_group(struct tool *tool, const struct conf_row *rows, void *into)
{
	const struct conf_group groups[] = {{rows, into}, {NULL, NULL}};

	return service_read_settings(groups, &tool->arena);
}

bool tool_read_kafka(struct tool *tool)
{
	return read_group(tool, kafka_conf_rows, &tool->kafka);
}

bool tool_read_database(struct tool *tool)
{
	return read_group(tool, store_conf_rows, &tool->database);
}

int tool_failed(const struct err *err)
{
	fprintf(stderr, "mkondo: %s\n", err->text);
	switch (err->class) {
	case ERR_RETRY:
	case ERR_UNKNOWN:
		return 75;
	case ERR_BROKEN:
		return 78;
	case ERR_NONE:
	case ERR_REFUSED:
		return 1;
	}
	return 1;
}

int tool_usage(const char *usage)
{
	fprintf(stderr, "usage: mkondo %s\n", usage);
	return 2;
}

bool tool_option(struct tool *tool, int *index, const char *name, const char **ret_value)
{
	const char *word = tool->argv[*index];
	size_t len = strlen(name);

	if (strncmp(word, name, len) != 0)
		return false;
	if (word[len] == '=') {
		*ret_value = word + len + 1;
		(*index)++;
		return true;
	}
	if (word[len] != '\0' || *index + 1 >= tool->argc)
		return false;
	*ret_value = tool->argv[*index + 1];
	*index += 2;
	return true;
}

bool tool_flag(struct tool *tool, int *index, const char *name)
{
	if (strcmp(tool->argv[*index], name) != 0)
		return false;
	(*index)++;
	return true;
}
