#ifndef SERVICE_LOOP_H
#define SERVICE_LOOP_H

#include "service/service.h"

/* Starting with patience, and the work loop with its back-off. Inside service only. */

/* Starts, and tries again while a dependency is away. False: nothing of it is left; *ret_code is 0 when stopping came first. */
bool loop_start(const struct service *service, const struct service_common *common, int *ret_code);
/* Works until stopping; the exit code. */
int loop_work(const struct service *service);

#endif
