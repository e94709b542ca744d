#ifndef SERVICE_ADMIN_H
#define SERVICE_ADMIN_H

#include "base/conf.h"
#include "base/err.h"

/*
 * The admin port: GET /livez, /readyz and /metrics as text, on a thread and loop of its own, so that it answers while the
 * service is busy. It touches no dependency: what the hooks say is what they have in memory.
 */
struct admin;

struct admin_hooks {
	bool (*alive)(void *self);
	bool (*ready)(void *self, struct buf *why);
	void *self;
};

bool admin_start(struct admin **ret, const struct conf_address *listen, const struct admin_hooks *hooks,
	struct err *err);
uint16_t admin_port(const struct admin *admin);
void admin_stop(struct admin **admin); /* NULL is fine */

#endif
