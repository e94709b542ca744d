#include "service/service.h"
#include "service/admin.h"
#include "service/command_line.h"
#include "service/environment.h"
#include "service/loop.h"
#include "service/stop.h"
#include "base/fault.h"
#include "base/log.h"
#include "base/metric.h"
#include "io/clock.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

enum { EXIT_USAGE = 2 };

/* Where the process is: the admin thread asks, the main thread moves. `lock` is held while `ready` is asked. */
enum phase { STARTING, RUNNING, STOPPING };

struct process {
	const struct service *service;
	struct service_common common;
	struct admin *admin;
	pthread_mutex_t lock;
	enum phase phase;
};

METRIC(info, .name = "mkondo_service_info", .help = "1; the release is the label.", .label = "version",
	.kind = METRIC_GAUGE);

static const char *given_instance = "";
static char instance[160];
static pthread_once_t instance_once = PTHREAD_ONCE_INIT;

static void name_instance(void)
{
	char host[100] = "";

	if (given_instance[0] != '\0') {
		snprintf(instance, sizeof(instance), "%s", given_instance);
		return;
	}
	gethostname(host, sizeof(host) - 1);
	snprintf(instance, sizeof(instance), "%s.%ld", host, (long)getpid());
}

const char *service_instance(void)
{
	pthread_once(&instance_once, name_instance);
	return instance;
}

static void move_to(struct process *process, enum phase phase)
{
	pthread_mutex_lock(&process->lock);
	process->phase = phase;
	pthread_mutex_unlock(&process->lock);
}

/* While it starts, start's own patience is the bound; while it stops, the drain's. */
static bool is_alive(void *self)
{
	struct process *process = self;
	enum phase phase;

	pthread_mutex_lock(&process->lock);
	phase = process->phase;
	pthread_mutex_unlock(&process->lock);
	return phase != RUNNING || service_stopping() || stop_is_ticking();
}

static bool is_ready(void *self, struct buf *why)
{
	struct process *process = self;
	const struct service *service = process->service;
	bool ready = false;

	pthread_mutex_lock(&process->lock);
	if (service_stopping() || process->phase == STOPPING)
		buf_str(why, "stopping\n");
	else if (process->phase == STARTING)
		buf_str(why, "starting\n");
	else
		ready = service->ready == NULL || service->ready(service->self, why);
	pthread_mutex_unlock(&process->lock);
	return ready;
}

/* Starts, works, stops; the exit code. From stop_now() on, the drain's bound runs: it holds for a failed loop, too. */
static int live(struct process *process)
{
	const struct service *service = process->service;
	int code;

	if (!loop_start(service, &process->common, &code))
		return code;
	service_ticked();
	move_to(process, RUNNING);
	metric_set(&info, command_line_version(), 1);
	LOG(INFO, "service.started", LOG_STR("version", command_line_version()),
		LOG_STR("instance", service_instance()), LOG_NUM("admin_port", admin_port(process->admin)));
	code = loop_work(service);
	stop_now();
	move_to(process, STOPPING);
	if (service->stop != NULL)
		service->stop(service->self);
	return code;
}

static bool open_admin(struct process *process, struct err *err)
{
	const struct admin_hooks hooks = {.alive = is_alive, .ready = is_ready, .self = process};

	return admin_start(&process->admin, &process->common.admin, &hooks, err) ||
	       err_while(err, "opening the admin port, MKONDO_ADMIN_LISTEN");
}

static int run(struct process *process)
{
	struct err err = {0};
	int code;

	if (!stop_open(&err) || !stop_watch(process->common.drain_ms, &err)) {
		LOG(ALARM, "service.not_started", LOG_ERR(&err));
		return EXIT_FAILURE;
	}
	if (open_admin(process, &err)) {
		code = live(process);
	} else {
		LOG(ALARM, "service.not_started", LOG_ERR(&err));
		code = EX_TEMPFAIL;
	}
	stop_now();
	admin_stop(&process->admin);
	stop_done();
	LOG(INFO, "service.stopped", LOG_NUM("code", code));
	return code;
}

static int obey(enum command command, struct process *process, struct arena *arena)
{
	const struct conf_group *groups = environment_groups(process->service, &process->common, arena);

	switch (command) {
	case COMMAND_BAD:
		return EXIT_USAGE;
	case COMMAND_HELP:
	case COMMAND_VERSION:
	case COMMAND_DOCUMENT_CONFIG:
	case COMMAND_DOCUMENT_METRICS:
		command_line_tell(command, process->service, groups);
		return 0;
	case COMMAND_RUN:
	case COMMAND_CHECK_CONFIG:
	case COMMAND_PRINT_CONFIG:
		break;
	}
	if (!service_read_settings(groups, arena))
		return EX_CONFIG;
	if (command != COMMAND_RUN) {
		command_line_tell(command, process->service, groups);
		return 0;
	}
	given_instance = process->common.instance;
	log_start(process->service->name, (enum log_level)process->common.log_level, clock_wall);
	return run(process);
}

int service_main(const struct service *service, int argc, char **argv)
{
	struct process process = {.service = service, .lock = PTHREAD_MUTEX_INITIALIZER};
	struct arena arena;
	int code;

	FAULT_OPTIONS(&argc, argv);
	arena_init(&arena);
	code = obey(command_line_parse(service, argc, argv), &process, &arena);
	arena_done(&arena);
	return code;
}
