#include "mkondo/mkondo.h"

#include "io/file.h"
#include "service/service.h"

#include <stdio.h>
#include <string.h>

enum { FILE_MOST = 1 << 20 };

struct migrate_conf {
	const char *conninfo;
};
static const struct conf_row migrate_rows[] = {
	{.name = "MKONDO_PG",
		.type = CONF_STRING,
		.at = offsetof(struct migrate_conf, conninfo),
		.about = "PostgreSQL's conninfo."},
	{.name = NULL},
};

int tool_migrate(struct tool *tool)
{
	struct migrate_conf conf = {0};
	const struct conf_group groups[] = {{migrate_rows, &conf}, {NULL, NULL}};
	const char *dir = tool->argc > 0 ? tool->argv[0] : "deploy/migrations";
	unsigned from, to;
	struct err err;

	if (tool->argc > 1)
		return tool_usage("migrate [DIR]");
	if (!service_read_settings(groups, &tool->arena))
		return 78;
	if (!store_migrate(conf.conninfo, dir, &from, &to, &err))
		return tool_failed(&err);
	if (from == to)
		printf("schema %u: nothing to do\n", to);
	else
		printf("schema %u -> %u\n", from, to);
	return 0;
}

int tool_topics(struct tool *tool)
{
	const char *path = tool->argc > 1 ? tool->argv[1] : "deploy/topics.txt";
	struct kafka_topic_plan *plan;
	size_t count, created;
	struct text file;
	struct err err;

	if (tool->argc < 1 || tool->argc > 2 || strcmp(tool->argv[0], "create") != 0)
		return tool_usage("topics create [FILE]");
	if (!tool_read_kafka(tool))
		return 78;
	if (!file_read(path, FILE_MOST, &tool->arena, &file, &err) ||
		!kafka_topics_parse(file, &tool->arena, &plan, &count, &err) ||
		!kafka_topics_create(&tool->kafka, plan, count, &created, &err))
		return tool_failed(&err);
	printf("%zu topics: %zu created, %zu were there\n", count, created, count - created);
	return 0;
}
