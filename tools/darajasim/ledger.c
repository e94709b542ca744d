#include "darajasim/ledger.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LINE_MOST = 16384, START_SIZE = 1 << 18 };

struct ledger {
	int fd;
	bool sync;
	char *path;
	int64_t count;
	struct buf pending;
};

static bool fail(struct err *err, const char *what, const char *path)
{
	return err_set(err, ERR_BROKEN, errno, "%s %s: %s", what, path, strerror(errno));
}

static bool read_whole(int fd, const char *path, char **ret, size_t *ret_len, struct err *err)
{
	struct stat status;
	char *bytes;
	size_t len = 0;

	if (fstat(fd, &status) != 0)
		return fail(err, "looking at", path);
	bytes = malloc((size_t)status.st_size + 3);
	must(bytes != NULL);
	while (len < (size_t)status.st_size) {
		ssize_t got = pread(fd, bytes + len, (size_t)status.st_size - len, (off_t)len);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		len += (size_t)got;
	}
	*ret = bytes;
	*ret_len = len;
	return true;
}

static bool show_old(
	struct ledger *ledger, void (*on_line)(void *self, const json_t *line), void *self, struct err *err)
{
	char *bytes, *end;
	size_t len;

	if (!read_whole(ledger->fd, ledger->path, &bytes, &len, err))
		return false;
	for (char *at = bytes; (end = memchr(at, '\n', len - (size_t)(at - bytes))) != NULL; at = end + 1) {
		json_t *line = json_loadb(at, (size_t)(end - at), 0, NULL);
		int64_t n = json_integer_value(json_object_get(line, "n"));

		if (n > ledger->count)
			ledger->count = n;
		if (line != NULL)
			on_line(self, line);
		json_decref(line);
	}
	/* A line that a crash cut off must not swallow the next one. */
	if (len > 0 && bytes[len - 1] != '\n')
		buf_char(&ledger->pending, '\n');
	free(bytes);
	return true;
}

bool ledger_open(struct ledger **ret, const char *path, bool sync,
	void (*on_line)(void *self, const json_t *line), void *self, struct err *err)
{
	struct ledger *ledger = calloc(1, sizeof(*ledger));

	must(ledger != NULL);
	ledger->path = strdup(path);
	ledger->sync = sync;
	ledger->pending = (struct buf){.at = malloc(START_SIZE), .cap = START_SIZE};
	must(ledger->path != NULL && ledger->pending.at != NULL);
	ledger->fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	if (ledger->fd < 0)
		(void)fail(err, "opening", path);
	else if (show_old(ledger, on_line, self, err)) {
		*ret = ledger;
		return true;
	}
	ledger_close(&ledger);
	return false;
}

void ledger_close(struct ledger **ledger)
{
	if (*ledger == NULL)
		return;
	if ((*ledger)->fd >= 0)
		close((*ledger)->fd);
	free((*ledger)->pending.at);
	free((*ledger)->path);
	free(*ledger);
	*ledger = NULL;
}

void ledger_begin(struct ledger *ledger, struct instant at, const char *kind)
{
	struct buf *buf = &ledger->pending;
	char time[INSTANT_TEXT];

	if (buf->cap - buf->len < LINE_MOST) {
		buf->cap *= 2;
		buf->at = realloc(buf->at, buf->cap);
		must(buf->at != NULL);
	}
	buf_print(buf, "{\"n\":%lld,\"at\":\"%s\",\"kind\":\"%s\"", (long long)++ledger->count,
		instant_iso(at, time), kind);
}

void ledger_text(struct ledger *ledger, const char *name, const char *value)
{
	if (value == NULL || value[0] == '\0')
		return;
	buf_print(&ledger->pending, ",\"%s\":", name);
	buf_json_string(&ledger->pending, text_of(value));
}

void ledger_number(struct ledger *ledger, const char *name, int64_t value)
{
	buf_print(&ledger->pending, ",\"%s\":%lld", name, (long long)value);
}

void ledger_flag(struct ledger *ledger, const char *name, bool value)
{
	buf_print(&ledger->pending, ",\"%s\":%s", name, value ? "true" : "false");
}

void ledger_end(struct ledger *ledger)
{
	buf_str(&ledger->pending, "}\n");
	must(!ledger->pending.full);
}

bool ledger_is_dirty(const struct ledger *ledger)
{
	return ledger->pending.len > 0;
}

bool ledger_flush(struct ledger *ledger, struct err *err)
{
	size_t done = 0;

	while (done < ledger->pending.len) {
		ssize_t wrote = write(ledger->fd, ledger->pending.at + done, ledger->pending.len - done);

		if (wrote < 0 && errno == EINTR)
			continue;
		if (wrote < 0)
			return fail(err, "writing", ledger->path);
		done += (size_t)wrote;
	}
	if (done > 0 && ledger->sync && fdatasync(ledger->fd) != 0)
		return fail(err, "syncing", ledger->path);
	ledger->pending.len = 0;
	return true;
}

/* A line that was cut off by a crash is no line. */
static bool is_whole(const char *line, size_t len)
{
	return len >= 2 && line[0] == '{' && line[len - 1] == '}';
}

bool ledger_read(const struct ledger *ledger, struct text *ret, struct err *err)
{
	char *bytes, *end, *out;
	size_t len;

	if (!read_whole(ledger->fd, ledger->path, &bytes, &len, err))
		return false;
	out = malloc(len + 3);
	must(out != NULL);
	*ret = (struct text){out, 1};
	out[0] = '[';
	for (char *at = bytes; (end = memchr(at, '\n', len - (size_t)(at - bytes))) != NULL; at = end + 1) {
		if (!is_whole(at, (size_t)(end - at)))
			continue;
		if (ret->len > 1)
			out[ret->len++] = ',';
		memcpy(out + ret->len, at, (size_t)(end - at));
		ret->len += (size_t)(end - at);
	}
	out[ret->len++] = ']';
	free(bytes);
	return true;
}
