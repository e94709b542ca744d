#include "base/log.h"
#include "base/metric.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* PIPE_BUF: a line of at most this many bytes is written to a pipe whole, not mixed with another process's. */
enum { LINE_MOST = 4096, VALUE_MOST = 1000, PHONE_MOST = 20 };

static const char line_cut[] = ",\"cut\":true";
enum { TAIL_ROOM = sizeof(line_cut) + 2 };

static const char *const level_names[] = {
	[LOG_DEBUG] = "debug",
	[LOG_INFO] = "info",
	[LOG_WARN] = "warn",
	[LOG_ALARM] = "alarm",
	NULL,
};

METRIC(events, .name = "mkondo_events_total",
	.help = "Events, by the name that they have in the log; those below the log's level are counted, "
		"too.",
	.label = "event", .kind = METRIC_COUNTER, .most = 256);
METRIC(lines_lost, .name = "mkondo_log_lines_lost_total",
	.help = "Log lines that stderr did not take, or not wholly.", .kind = METRIC_COUNTER);

static const char *service_name = "";
static enum log_level least_level = LOG_INFO;
static struct instant (*read_clock)(void);

void log_start(const char *service, enum log_level least, struct instant (*clock)(void))
{
	service_name = service;
	least_level = least;
	read_clock = clock;
}

const char *const *log_level_names(void)
{
	return level_names;
}

/* Whether the byte at `len` begins a character, so that a cut there leaves none in two. */
static bool cuts_well(struct text text, size_t len)
{
	return len == text.len || ((unsigned char)text.at[len] & 0xc0) != 0x80;
}

static struct text shorten(struct text text, size_t most)
{
	size_t len = text.len < most ? text.len : most;

	for (int i = 0; i < 3 && len > 0 && !cuts_well(text, len); i++)
		len--;
	return (struct text){text.at, len};
}

/* Adds ,"name":"value", as much of the value as fits; *cut when that is not all. */
static void add_text(struct buf *line, const char *name, struct text value, bool *cut)
{
	struct text part = shorten(value, VALUE_MOST);
	size_t start = line->len;

	for (;; part = shorten(part, part.len / 2)) {
		buf_print(line, ",\"%s\":", name);
		buf_json_string(line, part);
		if (!line->full)
			break;
		line->len = start;
		line->full = false;
		if (part.len == 0) {
			*cut = true;
			return;
		}
	}
	if (part.len < value.len)
		*cut = true;
}

static void add_word(struct buf *line, const char *name, const char *word, bool *cut)
{
	size_t start = line->len;

	buf_print(line, ",\"%s\":%s", name, word);
	if (line->full) {
		line->len = start;
		line->full = false;
		*cut = true;
	}
}

static void add_number(struct buf *line, const char *name, int64_t number, bool *cut)
{
	char digits[24];
	struct buf word = BUF(digits);

	buf_print(&word, "%lld", (long long)number);
	add_word(line, name, buf_end(&word), cut);
}

/* "254708374149" as "2547*****149"; what is too short or too long for a phone shows nothing. */
static void add_phone(struct buf *line, const char *name, const char *phone, bool *cut)
{
	char masked[PHONE_MOST];
	size_t len = strlen(phone);

	if (len < 8 || len > sizeof(masked)) {
		add_text(line, name, TEXT("***"), cut);
		return;
	}
	for (size_t i = 0; i < len; i++)
		masked[i] = i < 4 || i + 3 >= len ? phone[i] : '*';
	add_text(line, name, (struct text){masked, len}, cut);
}

/* "00-<32 hex>-<16 hex>-01": the trace is the 32. */
static void add_trace(struct buf *line, const char *name, struct text parent, bool *cut)
{
	if (parent.len < 36 || parent.at[2] != '-' || parent.at[35] != '-')
		return;
	for (size_t i = 3; i < 35; i++)
		if (strchr("0123456789abcdef", parent.at[i]) == NULL || parent.at[i] == '\0')
			return;
	add_text(line, name, (struct text){parent.at + 3, 32}, cut);
}

static void add_err(struct buf *line, const char *name, const struct err *err, bool *cut)
{
	char key[64];

#define KEY(suffix) (snprintf(key, sizeof(key), "%.40s_" suffix, name), key)
	add_text(line, name, text_of(err->text), cut);
	add_text(line, KEY("class"), text_of(err_class_name(err->class)), cut);
	if (err->code != 0)
		add_number(line, KEY("code"), err->code, cut);
	if (err->state[0] != '\0')
		add_text(line, KEY("state"),
			(struct text){err->state, strnlen(err->state, sizeof(err->state))}, cut);
#undef KEY
}

static void add_field(struct buf *line, const struct log_field *field, bool *cut)
{
	char id[UUID_TEXT];

	switch (field->is) {
	case LOG_IS_STRING:
		if (field->string != NULL)
			add_text(line, field->name, text_of(field->string), cut);
		return;
	case LOG_IS_TEXT:
		if (field->text.at != NULL)
			add_text(line, field->name, field->text, cut);
		return;
	case LOG_IS_INT:
		add_number(line, field->name, field->number, cut);
		return;
	case LOG_IS_BOOL:
		add_word(line, field->name, field->number != 0 ? "true" : "false", cut);
		return;
	case LOG_IS_UUID:
		if (field->uuid != NULL)
			add_text(line, field->name, text_of(uuid_text(field->uuid, id)), cut);
		return;
	case LOG_IS_PHONE:
		if (field->string != NULL && field->string[0] != '\0')
			add_phone(line, field->name, field->string, cut);
		return;
	case LOG_IS_TRACE:
		add_trace(line, field->name, text_of(field->string), cut);
		return;
	case LOG_IS_ERR:
		if (field->err != NULL)
			add_err(line, field->name, field->err, cut);
		return;
	}
}

static void write_line(const struct buf *line)
{
	const char *at = line->at;
	size_t left = line->len;

	while (left > 0) {
		ssize_t done = write(STDERR_FILENO, at, left);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0) {
			metric_add(&lines_lost, NULL, 1);
			return;
		}
		at += done;
		left -= (size_t)done;
	}
}

void log_event(enum log_level level, const char *event, const struct log_field *fields)
{
	char space[LINE_MOST], at[INSTANT_TEXT];
	struct buf line = {.at = space, .cap = sizeof(space) - TAIL_ROOM};
	bool cut = false;
	int saved = errno;

	metric_add(&events, event, 1);
	if (level < least_level)
		return;
	buf_print(&line, "{\"at\":\"%s\"", read_clock != NULL ? instant_iso(read_clock(), at) : "");
	add_text(&line, "level", text_of(level_names[level]), &cut);
	add_text(&line, "service", text_of(service_name), &cut);
	add_text(&line, "event", text_of(event), &cut);
	for (; fields->name != NULL; fields++)
		add_field(&line, fields, &cut);
	line.cap = sizeof(space);
	buf_str(&line, cut ? line_cut : "");
	buf_str(&line, "}\n");
	write_line(&line);
	errno = saved;
}
