#include "service/command_line.h"
#include "base/metric.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#ifndef MKONDO_VERSION
#define MKONDO_VERSION "0.1.0"
#endif

enum { PAGE_MOST = 256 << 10 };

static const struct {
	const char *option;
	enum command command;
	const char *about;
} options[] = {
	{"--help", COMMAND_HELP, "this text"},
	{"--version", COMMAND_VERSION, "the release"},
	{"--check-config", COMMAND_CHECK_CONFIG, "whether the settings are allowed; all errors at once"},
	{"--print-config", COMMAND_PRINT_CONFIG, "the settings as they were understood, secrets masked"},
	{"--document-config", COMMAND_DOCUMENT_CONFIG, "the settings as a Markdown table"},
	{"--document-metrics", COMMAND_DOCUMENT_METRICS, "the metrics as rows of a Markdown table"},
};

const char *command_line_version(void)
{
	return MKONDO_VERSION;
}

void command_line_say(int fd, struct text text)
{
	while (text.len > 0) {
		ssize_t done = write(fd, text.at, text.len);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return;
		text.at += done;
		text.len -= (size_t)done;
	}
}

enum command command_line_parse(const struct service *service, int argc, char **argv)
{
	char space[512];
	struct buf out = BUF(space);

	if (argc <= 1)
		return COMMAND_RUN;
	for (size_t i = 0; argc == 2 && i < COUNT_OF(options); i++)
		if (strcmp(argv[1], options[i].option) == 0)
			return options[i].command;
	buf_print(&out, "mkondo-%s: ", service->name);
	if (argc > 2)
		buf_str(&out, "one option at a time");
	else
		buf_print(&out, "\"%.200s\" is not an option", argv[1]);
	buf_print(&out, "; mkondo-%s --help tells them.\n", service->name);
	command_line_say(STDERR_FILENO, buf_as_text(&out));
	return COMMAND_BAD;
}

static void print_setting(const struct conf_row *row, struct buf *out)
{
	buf_print(out, "  %s%s\n      %s", row->name,
		row->type == CONF_SECRET ? " or the file in ..._FILE" : "", row->about);
	if (row->fallback == NULL)
		buf_str(out, " Must be set.");
	else if (row->fallback[0] != '\0')
		buf_print(out, " Default: %s.", row->type == CONF_SECRET ? "***" : row->fallback);
	buf_char(out, '\n');
}

static void print_help(const struct service *service, const struct conf_group *groups, struct buf *out)
{
	buf_print(out, "mkondo-%s: %s.\n\nUsage: mkondo-%s [option]\n", service->name, service->about,
		service->name);
	for (size_t i = 0; i < COUNT_OF(options); i++)
		buf_print(out, "  %-19s %s\n", options[i].option, options[i].about);
	buf_str(out, "\nSettings, from the environment:\n");
	for (const struct conf_group *group = groups; group->rows != NULL; group++)
		for (const struct conf_row *row = group->rows; row->name != NULL; row++)
			print_setting(row, out);
	buf_str(out, "\nExit codes: 0 stopped as asked, 1 failed, 2 usage, 75 a dependency is away,\n"
		     "78 settings or schema.\n");
}

void command_line_tell(enum command command, const struct service *service, const struct conf_group *groups)
{
	static char space[PAGE_MOST];
	struct buf out = BUF(space);

	if (command == COMMAND_HELP)
		print_help(service, groups, &out);
	else if (command == COMMAND_VERSION)
		buf_print(&out, "mkondo-%s %s\n", service->name, command_line_version());
	else if (command == COMMAND_DOCUMENT_CONFIG)
		conf_document(groups, &out);
	else if (command == COMMAND_DOCUMENT_METRICS)
		metric_document(&out);
	else if (command == COMMAND_PRINT_CONFIG)
		conf_print(groups, &out);
	else if (command == COMMAND_CHECK_CONFIG)
		buf_str(&out, "The settings are allowed.\n");
	command_line_say(STDOUT_FILENO, buf_as_text(&out));
}
