#ifndef SERVICE_SERVICE_H
#define SERVICE_SERVICE_H

#include "base/arena.h"
#include "base/conf.h"
#include "base/err.h"

#include <stdbool.h>

/*
 * The skeleton that all services share: settings from the environment, --help, --version, --check-config, --print-config,
 * log, signals, the admin port (/livez /readyz /metrics, its own thread), the work loop with back-off, draining on SIGTERM or SIGINT within a
 * bound. main() only hands its tables over. Exit codes: 0, 1 failed, 2 usage, 75 a dependency is away, 78 settings or schema.
 * `ready` is asked only between a start that succeeded and the stop.
 *
 * Either `work` (called again and again; blocks at most about a second; false with ERR_RETRY backs off 100 ms ... 5 s, with ERR_BROKEN ends the
 * process with 78 if the class came from start and with 1 otherwise), or `run` (owns its event loop; returns when `service_stopping`).
 */
struct service_common { /* settings that every service has */
	struct conf_address admin; /* MKONDO_ADMIN_LISTEN, default per service */
	int log_level; /* MKONDO_LOG_LEVEL */
	double time_scale; /* MKONDO_TIME_SCALE */
	int64_t drain_ms; /* MKONDO_DRAIN, default 40s */
	const char *instance; /* MKONDO_INSTANCE; "": host and pid. Read it by service_instance() */
};

struct service {
	const char *name, *about;
	const char *admin_default; /* "127.0.0.1:9101" */
	const struct conf_group *conf; /* ended by a group without rows; the common rows are added */
	bool (*start)(void *self, const struct service_common *common,
		struct err *err); /* ERR_RETRY: a dependency is away (75 after 60 s of tries) */
	bool (*work)(void *self, struct arena *tmp, struct err *err); /* tmp is emptied after each call */
	bool (*run)(void *self, struct err *err);
	bool (*ready)(void *self, struct buf *why); /* any thread; for /readyz; writes what is missing */
	/* Undoes start, also half a one: called after each start that failed (which may then be tried again) and once at the end. */
	void (*stop)(void *self);
	void *self;
	int64_t patience_ms; /* how long a dependency may be away at start; 0: 60 s */
};

int service_main(const struct service *service, int argc, char **argv);
bool service_stopping(void); /* SIGTERM or SIGINT has come; any thread */
int service_stop_fd(void); /* readable once stopping: for event loops */
void service_ticked(void); /* the loop is alive; /livez fails 30 s after the last one */
const char *service_instance(void); /* MKONDO_INSTANCE, or host and pid: for logs and attempts.v1 */
/* Who calls a tool, as the login session says ($USER, else "uid <number>"): a name for the record, and no proof. */
const char *service_user(void);
const char *const *service_known_settings(void); /* every name of the release */
/* Waits until stopping, at most this long; whether it is. What a loop sleeps by. */
bool service_wait_stop(int64_t ms);
/* For tools: reads the groups from the environment; on failure prints all errors to stderr. Unknown names are refused too. */
bool service_read_settings(const struct conf_group *groups, struct arena *arena);
/* Of these rows the secrets that stand in files (NAME_FILE), read once more into `into`, whose other fields are left alone; the rest of
   the environment cannot change. Each file is told to `files` before it is read. False: err names settings and files. */
struct file_watch;
bool service_secrets_again(const struct conf_row *rows, void *into, struct arena *arena,
	struct file_watch *files, struct err *err);

#endif
