#ifndef SERVICE_ENVIRONMENT_H
#define SERVICE_ENVIRONMENT_H

#include "service/service.h"

/* The settings that all services share, and reading from the process's environment. Inside service only. */

/* The service's groups with the common one in front, in the arena. */
const struct conf_group *environment_groups(
	const struct service *service, struct service_common *common, struct arena *arena);
/* Reads them all. False: the report tells every error. */
bool environment_read(const struct conf_group *groups, struct arena *arena, struct buf *report);

#endif
