#ifndef SERVICE_COMMAND_LINE_H
#define SERVICE_COMMAND_LINE_H

#include "service/service.h"

/* What a service's command line asks for. Inside service only. */

enum command {
	COMMAND_RUN,
	COMMAND_HELP,
	COMMAND_VERSION,
	COMMAND_CHECK_CONFIG,
	COMMAND_PRINT_CONFIG,
	COMMAND_DOCUMENT_CONFIG,
	COMMAND_DOCUMENT_METRICS,
	COMMAND_BAD, /* not understood; what is was told on stderr */
};

enum command command_line_parse(const struct service *service, int argc, char **argv);
/* Prints what was asked for to stdout; --check-config and --print-config after the settings were read. */
void command_line_tell(enum command command, const struct service *service, const struct conf_group *groups);
/* Writes all of it to the file descriptor. */
void command_line_say(int fd, struct text text);
const char *command_line_version(void);

#endif
