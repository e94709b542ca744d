#include "service/service.h"
#include "io/clock.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* A service that does as MKONDO_EVENT_SOURCE says: the skeleton's tests run it. It tells each call on stdout. */
struct sample {
	const char *play, *secret;
	int64_t connections;
	int starts, works;
	int leaked; /* what half a start leaves and stop takes back */
};

static void tell(const char *what)
{
	char line[64];
	int len = snprintf(line, sizeof(line), "%s\n", what);

	if (write(STDOUT_FILENO, line, (size_t)len) < 0)
		_exit(99);
}

static bool plays(const struct sample *sample, const char *play)
{
	return strcmp(sample->play, play) == 0;
}

static bool sample_start(void *self, const struct service_common *common, struct err *err)
{
	struct sample *sample = self;

	tell("start");
	if (sample->leaked++ != 0)
		_exit(98);
	sample->starts++;
	if (plays(sample, "start-refused"))
		return err_set(err, ERR_REFUSED, 0, "the schema is of another release");
	if (plays(sample, "start-broken"))
		return err_set(err, ERR_BROKEN, 0, "no such folder");
	if (plays(sample, "start-away") || (plays(sample, "start-late") && sample->starts < 3))
		return err_set(err, ERR_RETRY, 0, "no answer at %gx", common->time_scale);
	return true;
}

static void sample_stop(void *self)
{
	struct sample *sample = self;

	sample->leaked = 0;
	tell("stop");
	while (plays(sample, "stop-hangs"))
		clock_sleep_ms(1000);
}

static bool sample_work(void *self, struct arena *tmp, struct err *err)
{
	struct sample *sample = self;

	memset(arena_alloc(tmp, 10000), 1, 10000);
	if (sample->works++ == 0)
		tell("work");
	if (plays(sample, "work-broken"))
		return err_set(err, ERR_BROKEN, 0, "it cannot be");
	if (plays(sample, "work-refused"))
		return err_set(err, ERR_REFUSED, 0, "not like this");
	if (plays(sample, "work-retried") && sample->works < 3)
		return err_set(err, sample->works == 1 ? ERR_RETRY : ERR_UNKNOWN, 0, "not yet");
	if (plays(sample, "work-retried") && sample->works == 3)
		tell("recovered");
	do /* in short sleeps: ThreadSanitizer holds a signal back until the next call that it knows */
		clock_sleep_ms(10);
	while (plays(sample, "work-hangs"));
	return true;
}

static bool sample_run(void *self, struct err *err)
{
	const struct sample *sample = self;
	struct pollfd stop = {.fd = service_stop_fd(), .events = POLLIN};

	tell("run");
	if (plays(sample, "run-failed"))
		return err_set(err, ERR_BROKEN, 0, "the loop broke");
	if (plays(sample, "run-ended"))
		return true;
	while (!service_stopping())
		poll(&stop, 1, -1);
	return true;
}

static bool sample_ready(void *self, struct buf *why)
{
	const struct sample *sample = self;

	if (!plays(sample, "unready"))
		return true;
	buf_str(why, "no partition of commands.v1 is assigned\n");
	return false;
}

int main(int argc, char **argv)
{
	static const struct conf_row rows[] = {
		{.name = "MKONDO_EVENT_SOURCE",
			.type = CONF_STRING,
			.at = offsetof(struct sample, play),
			.fallback = "",
			.about = "What to play."},
		{.name = "MKONDO_CONNECTIONS",
			.type = CONF_INT,
			.at = offsetof(struct sample, connections),
			.fallback = "4",
			.least = 1,
			.most = 9,
			.about = "How many."},
		{.name = "MPESA_PASSKEY",
			.type = CONF_SECRET,
			.at = offsetof(struct sample, secret),
			.fallback = "",
			.about = "Hush."},
		{0},
	};
	static const struct conf_row unlisted[] = {
		{.name = "MKONDO_NOT_LISTED",
			.type = CONF_STRING,
			.at = offsetof(struct sample, play),
			.fallback = "",
			.about = "Forgotten."},
		{0},
	};
	bool listed = argc < 2 || strcmp(argv[1], "unlisted") != 0;
	bool running = argc > 1 && strcmp(argv[1], "run") == 0;
	struct sample sample = {0};
	const struct conf_group conf[] = {{rows, &sample}, {listed ? NULL : unlisted, &sample}, {NULL, NULL}};
	const struct service service = {
		.name = "sample",
		.about = "shows the skeleton at work",
		.admin_default = "127.0.0.1:0",
		.conf = conf,
		.start = sample_start,
		.work = running ? NULL : sample_work,
		.run = running ? sample_run : NULL,
		.ready = sample_ready,
		.stop = sample_stop,
		.self = &sample,
		.patience_ms = 700,
	};
	int shift = !listed || running ? 1 : 0;

	return service_main(&service, argc - shift, argv + shift);
}
