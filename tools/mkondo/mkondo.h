#ifndef MKONDO_MKONDO_H
#define MKONDO_MKONDO_H

#include "base/arena.h"
#include "io/kafka_consumer.h"
#include "io/store.h"

#include <signal.h>

/*
 * mkondo: the operator's and developer's command line. Each verb is a file; it reads the settings that it needs from the
 * environment, says what is wrong in one sentence on stderr, and exits with 0, 1 failed, 2 usage, 75 a dependency
 * is away, 78 settings or schema.
 */
struct tool {
	struct arena arena;
	struct kafka_conf kafka;
	struct store_conf database;
	int argc;
	char **argv; /* behind the verb */
	const char *user; /* who calls it, for operator_action */
};

int tool_migrate(struct tool *tool);
int tool_topics(struct tool *tool);
int tool_send(struct tool *tool);
int tool_results(struct tool *tool);
int tool_receipts(struct tool *tool);
int tool_explain(struct tool *tool);
int tool_stats(struct tool *tool);
int tool_webhooks(struct tool *tool);
int tool_find(struct tool *tool);
int tool_pause(struct tool *tool);
int tool_resume(struct tool *tool);
int tool_dlq(struct tool *tool);
/* `results --check`: reads what the reader's topic holds now; the exit code. */
int tool_check_results(struct kafka_consumer *reader, const volatile sig_atomic_t *interrupted);
int tool_recover(struct tool *tool);
int tool_credential(struct tool *tool);
int tool_doctor(struct tool *tool);

bool tool_read_kafka(struct tool *tool); /* false: told on stderr; exit 78 */
bool tool_read_database(struct tool *tool);
int tool_failed(const struct err *err); /* tells it, gives the exit code */
int tool_usage(const char *usage); /* 2 */
/* "--name VALUE" or "--name=VALUE" at *index: true, *index moves behind it. */
bool tool_option(struct tool *tool, int *index, const char *name, const char **ret_value);
bool tool_flag(struct tool *tool, int *index, const char *name);

#endif
