#include "service/environment.h"
#include "base/log.h"
#include "io/file.h"
#include "io/file_watch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What a setting's file may hold: far more than any list of keys or accounts needs. */
enum { FILE_MOST = 4 << 20, REPORT_MOST = 64 << 10, DRAIN_MOST_MS = 10 * 60 * 1000 };

#define AT(field) .at = offsetof(struct service_common, field)

/* The choices of the log's level and the admin port's default are filled in when the rows are copied. */
static const struct conf_row common_rows[] = {
	{.name = "MKONDO_ADMIN_LISTEN",
		.type = CONF_ADDRESS,
		AT(admin),
		.about = "Where /livez, /readyz and /metrics are served."},
	{.name = "MKONDO_LOG_LEVEL",
		.type = CONF_CHOICE,
		AT(log_level),
		.fallback = "info",
		.about = "The least level of events that are printed; all are counted."},
	{.name = "MKONDO_TIME_SCALE",
		.type = CONF_SCALE,
		AT(time_scale),
		.fallback = "1",
		.about = "Multiplies every wait of the payments' life, so that tests need not wait; only 1 "
			 "with production."},
	{.name = "MKONDO_DRAIN",
		.type = CONF_MS,
		AT(drain_ms),
		.fallback = "40s",
		.least = 100,
		.most = DRAIN_MOST_MS,
		.about = "How long stopping may take before the process ends itself."},
	{.name = "MKONDO_INSTANCE",
		.type = CONF_STRING,
		AT(instance),
		.fallback = "",
		.about =
			"What this process calls itself in logs and records; its host and pid when not set."},
	{0},
};

static struct conf_row *copy_rows(const struct service *service, struct arena *arena)
{
	struct conf_row *rows = arena_alloc(arena, sizeof(common_rows));

	memcpy(rows, common_rows, sizeof(common_rows));
	for (struct conf_row *row = rows; row->name != NULL; row++) {
		if (row->type == CONF_ADDRESS)
			row->fallback = service->admin_default;
		if (row->type == CONF_CHOICE)
			row->choices = log_level_names();
	}
	return rows;
}

const struct conf_group *environment_groups(
	const struct service *service, struct service_common *common, struct arena *arena)
{
	struct conf_group *groups;
	size_t count = 0;

	while (service->conf != NULL && service->conf[count].rows != NULL)
		count++;
	groups = ARENA_ARRAY(arena, struct conf_group, count + 2);
	groups[0] = (struct conf_group){copy_rows(service, arena), common};
	for (size_t i = 0; i < count; i++)
		groups[i + 1] = service->conf[i];
	return groups;
}

static bool read_file(const char *path, struct arena *arena, struct text *ret)
{
	struct err err;

	return file_read(path, FILE_MOST, arena, ret, &err);
}

static bool has_dir(const char *path)
{
	struct stat stat_of;

	return stat(path, &stat_of) == 0 && S_ISDIR(stat_of.st_mode);
}

static bool is_listed(const char *name)
{
	for (const char *const *known = service_known_settings(); *known != NULL; known++)
		if (strcmp(*known, name) == 0)
			return true;
	return false;
}

/* A row that is missing from the release's list would be refused by every other program. */
static bool check_list(const struct conf_group *groups, struct buf *report)
{
	bool whole = true;

	for (const struct conf_group *group = groups; group->rows != NULL; group++) {
		for (const struct conf_row *row = group->rows; row->name != NULL; row++) {
			if (is_listed(row->name))
				continue;
			buf_print(report,
				"%s is not in the release's list of settings (common/service/settings.c).\n",
				row->name);
			whole = false;
		}
	}
	return whole;
}

static const char *find_value(const char *name)
{
	size_t len = strlen(name);

	for (char **at = environ; at != NULL && *at != NULL; at++)
		if (strncmp(*at, name, len) == 0 && (*at)[len] == '=')
			return *at + len + 1;
	return NULL;
}

/* Shortened waits would give up on payments that M-PESA still works on. */
static bool check_scale(const struct conf_group *groups, struct buf *report)
{
	const char *environment = find_value("MPESA_ENVIRONMENT");

	for (const struct conf_group *group = groups; group->rows != NULL; group++) {
		for (const struct conf_row *row = group->rows; row->name != NULL; row++) {
			if (row->type != CONF_SCALE || environment == NULL ||
				strcmp(environment, "production") != 0)
				continue;
			if (*(const double *)((const char *)group->into + row->at) == 1)
				continue;
			buf_print(report,
				"%s: \"%s\" is not allowed with MPESA_ENVIRONMENT=production; it must be 1. "
				"%s\n",
				row->name, find_value(row->name), row->about);
			return false;
		}
	}
	return true;
}

bool environment_read(const struct conf_group *groups, struct arena *arena, struct buf *report)
{
	const struct conf_source source = {
		.environ = (const char *const *)environ,
		.read_file = read_file,
		.known = service_known_settings(),
		.has_dir = has_dir,
	};

	if (!check_list(groups, report))
		return false;
	return conf_read(groups, &source, arena, report) && check_scale(groups, report);
}

bool service_read_settings(const struct conf_group *groups, struct arena *arena)
{
	char *space = arena_alloc(arena, REPORT_MOST);
	struct buf report = {.at = space, .cap = REPORT_MOST};

	if (environment_read(groups, arena, &report))
		return true;
	for (size_t done = 0; done < report.len;) {
		ssize_t got = write(STDERR_FILENO, report.at + done, report.len - done);

		if (got < 0 && errno != EINTR)
			break;
		done += got > 0 ? (size_t)got : 0;
	}
	return false;
}

bool service_secrets_again(const struct conf_row *rows, void *into, struct arena *arena,
	struct file_watch *files, struct err *err)
{
	const struct conf_source source = {
		.environ = (const char *const *)environ, .read_file = read_file, .has_dir = has_dir};
	char space[1024];
	struct buf report = BUF(space);
	struct conf_row *again;
	size_t count = 0;

	while (rows[count].name != NULL)
		count++;
	again = ARENA_ARRAY(arena, struct conf_row, count + 1);
	count = 0;
	for (const struct conf_row *row = rows; row->name != NULL; row++) {
		const char *path = row->type == CONF_SECRET
					   ? find_value(arena_print(arena, "%s_FILE", row->name))
					   : NULL;

		if (path == NULL || path[0] == '\0')
			continue;
		file_watch_add(files, path);
		again[count++] = *row;
	}
	if (conf_read((const struct conf_group[]){{again, into}, {0}}, &source, arena, &report))
		return true;
	return err_set(err, ERR_BROKEN, 0, "%.*s", TEXT_ARG(text_trim(buf_as_text(&report))));
}

const char *service_user(void)
{
	enum { NAME_MOST = 64 };
	static char number[32];
	const char *name = getenv("USER");
	struct text text = text_of(name);

	if (text.len > 0 && text.len <= NAME_MOST && text_is_utf8(text))
		return name;
	snprintf(number, sizeof(number), "uid %ld", (long)getuid());
	return number;
}
