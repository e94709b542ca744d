#include "io/spool_writer.h"

#include "base/fault.h"
#include "io/clock.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Records as they will stand in the file, one after the other. */
struct pile {
	unsigned char *bytes;
	size_t len, size;
	uint64_t first, end;
	struct timespec until; /* when its group is closed, CLOCK_MONOTONIC */
};

struct spool_writer {
	struct spool_writer_conf conf;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	/* under the lock */
	struct pile pending;
	struct spool_outcome *outcomes;
	size_t outcome_count, outcome_size;
	bool stopping;
	int broken;
	/* the thread's */
	struct pile group;
	int fd;
	uint64_t segment, next; /* the segment's name, and the number that would go on in it */
	off_t at;
};

/* ---- the thread */

static void tell(struct spool_writer *writer, uint64_t first, uint64_t end, int code)
{
	pthread_mutex_lock(&writer->lock);
	if (writer->outcome_count == writer->outcome_size) {
		writer->outcome_size = writer->outcome_size == 0 ? 16 : 2 * writer->outcome_size;
		writer->outcomes =
			realloc(writer->outcomes, writer->outcome_size * sizeof(*writer->outcomes));
		must(writer->outcomes != NULL);
	}
	writer->outcomes[writer->outcome_count++] = (struct spool_outcome){
		.first = first, .end = end, .segment = writer->segment, .durable = code == 0, .code = code};
	pthread_mutex_unlock(&writer->lock);
	writer->conf.wake(writer->conf.self);
}

static void close_segment(struct spool_writer *writer)
{
	if (writer->fd >= 0)
		close(writer->fd);
	writer->fd = -1;
}

static int put(struct spool_writer *writer, const unsigned char *bytes, size_t len)
{
	size_t done = 0;

	while (done < len) {
		ssize_t now =
			FAULT_ERRNO("spool.write", ENOSPC)
				? -1
				: pwrite(writer->fd, bytes + done, len - done, writer->at + (off_t)done);

		if (now < 0 && errno == EINTR)
			continue;
		if (now < 0)
			return errno;
		done += (size_t)now;
	}
	writer->at += (off_t)len;
	return 0;
}

static int sync_segment(const struct spool_writer *writer)
{
	return FAULT_ERRNO("spool.sync", EIO) || fdatasync(writer->fd) != 0 ? errno : 0;
}

static void broke(struct spool_writer *writer, int code)
{
	pthread_mutex_lock(&writer->lock);
	writer->broken = code;
	pthread_mutex_unlock(&writer->lock);
}

/* A segment that has room for a record, and whose next number this is. */
static int have_segment(struct spool_writer *writer, uint64_t number, size_t size)
{
	struct err err;

	if (writer->fd >= 0 && writer->next == number &&
		writer->at + (off_t)size <= (off_t)writer->conf.segment_size)
		return 0;
	close_segment(writer);
	if (!spool_segment_make(writer->conf.folder, number, writer->conf.segment_size, &writer->fd, &err))
		return err.code != 0 ? err.code : EIO;
	writer->segment = number;
	writer->at = SPOOL_HEAD;
	return 0;
}

/* As many of the group's records as go into one segment, which is one at least: how many bytes. */
static size_t piece(const struct spool_writer *writer, struct text rest, uint64_t *ret_end)
{
	struct spool_record record;
	size_t len = 0, size;

	while (len < rest.len &&
		spool_record_parse((struct text){rest.at + len, rest.len - len}, &record, &size) &&
		writer->at + (off_t)(len + size) <= (off_t)writer->conf.segment_size) {
		len += size;
		*ret_end = record.number + 1;
	}
	must(len > 0);
	return len;
}

/* A write that fails, for want of room too, leaves the segment behind: what may stand in it is no record, or one that is repeated. A sync that
   fails is the end. */
static int write_piece(struct spool_writer *writer, struct text bytes)
{
	int code = put(writer, (const unsigned char *)bytes.at, bytes.len);

	if (code != 0) {
		close_segment(writer);
		return code;
	}
	code = sync_segment(writer);
	if (code != 0)
		broke(writer, code);
	return code;
}

static void write_group(struct spool_writer *writer)
{
	struct text rest = {(const char *)writer->group.bytes, writer->group.len};
	uint64_t number = writer->group.first;

	while (rest.len > 0) {
		struct spool_record record;
		uint64_t end = writer->group.end;
		size_t len = rest.len, size;
		int code = spool_writer_broken(writer);

		must(spool_record_parse(rest, &record, &size));
		if (code == 0)
			code = have_segment(writer, number, size);
		if (code == 0) {
			len = piece(writer, rest, &end);
			code = write_piece(writer, (struct text){rest.at, len});
		}
		if (code == 0)
			writer->next = end;
		tell(writer, number, end, code);
		rest = (struct text){rest.at + len, rest.len - len};
		number = end;
	}
	writer->group.len = 0;
}

/* Under the lock. False: nothing is left to do. */
static bool await_group(struct spool_writer *writer)
{
	while (writer->pending.len == 0 && !writer->stopping)
		pthread_cond_wait(&writer->changed, &writer->lock);
	while (writer->pending.len > 0 && !writer->stopping &&
		writer->pending.end - writer->pending.first < writer->conf.group_records &&
		pthread_cond_timedwait(&writer->changed, &writer->lock, &writer->pending.until) !=
			ETIMEDOUT) {
	}
	return writer->pending.len > 0;
}

static void *run(void *self)
{
	struct spool_writer *writer = self;

	pthread_mutex_lock(&writer->lock);
	while (await_group(writer)) {
		struct pile group = writer->pending;

		writer->pending = writer->group;
		writer->group = group;
		pthread_mutex_unlock(&writer->lock);
		write_group(writer);
		pthread_mutex_lock(&writer->lock);
	}
	pthread_mutex_unlock(&writer->lock);
	return NULL;
}

/* ---- the others' side */

bool spool_writer_new(struct spool_writer **ret, const struct spool_writer_conf *conf, struct err *err)
{
	struct spool_writer *writer = calloc(1, sizeof(*writer));
	pthread_condattr_t clock;
	int code;

	must(writer != NULL);
	must(conf->segment_size >= SPOOL_SEGMENT_LEAST);
	writer->conf = *conf;
	writer->fd = -1;
	pthread_mutex_init(&writer->lock, NULL);
	pthread_condattr_init(&clock);
	pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
	pthread_cond_init(&writer->changed, &clock);
	pthread_condattr_destroy(&clock);
	code = FAULT("spool.thread", FAULT_FAILED) ? EAGAIN
						   : pthread_create(&writer->thread, NULL, run, writer);
	if (code != 0) {
		pthread_cond_destroy(&writer->changed);
		pthread_mutex_destroy(&writer->lock);
		free(writer);
		return err_set(err, ERR_BROKEN, code, "spool: its thread: %s", strerror(code));
	}
	*ret = writer;
	return true;
}

static unsigned char *grow(struct pile *pile, size_t size)
{
	if (pile->size - pile->len < size) {
		pile->size = 2 * pile->size > pile->len + size ? 2 * pile->size : pile->len + size;
		pile->bytes = realloc(pile->bytes, pile->size);
		must(pile->bytes != NULL);
	}
	pile->len += size;
	return pile->bytes + pile->len - size;
}

bool spool_writer_add(struct spool_writer *writer, const struct spool_record *record)
{
	size_t size = spool_record_size(record->bytes.len);
	struct pile *pending = &writer->pending;
	bool taken;

	must(record->bytes.len <= SPOOL_BYTES_MOST);
	pthread_mutex_lock(&writer->lock);
	taken = writer->broken == 0 && pending->len + size <= SPOOL_PENDING_MOST;
	if (taken) {
		bool is_first = pending->len == 0;

		if (is_first) {
			pending->first = record->number;
			pending->until = clock_monotonic_after_ms(writer->conf.group_ms);
		}
		pending->end = record->number + 1;
		spool_record_build(record, grow(pending, size));
		if (is_first || pending->end - pending->first == writer->conf.group_records)
			pthread_cond_signal(&writer->changed);
	}
	pthread_mutex_unlock(&writer->lock);
	return taken;
}

bool spool_writer_outcome(struct spool_writer *writer, struct spool_outcome *ret)
{
	bool is;

	pthread_mutex_lock(&writer->lock);
	is = writer->outcome_count > 0;
	if (is) {
		*ret = writer->outcomes[0];
		writer->outcome_count--;
		memmove(writer->outcomes, writer->outcomes + 1,
			writer->outcome_count * sizeof(*writer->outcomes));
	}
	pthread_mutex_unlock(&writer->lock);
	return is;
}

int spool_writer_broken(struct spool_writer *writer)
{
	int code;

	pthread_mutex_lock(&writer->lock);
	code = writer->broken;
	pthread_mutex_unlock(&writer->lock);
	return code;
}

void spool_writer_free(struct spool_writer **at)
{
	struct spool_writer *writer = *at;

	if (writer == NULL)
		return;
	pthread_mutex_lock(&writer->lock);
	writer->stopping = true;
	pthread_cond_signal(&writer->changed);
	pthread_mutex_unlock(&writer->lock);
	pthread_join(writer->thread, NULL);
	close_segment(writer);
	pthread_cond_destroy(&writer->changed);
	pthread_mutex_destroy(&writer->lock);
	free(writer->pending.bytes);
	free(writer->group.bytes);
	free(writer->outcomes);
	free(writer);
	*at = NULL;
}
