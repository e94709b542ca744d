#include "io/spool.h"

#include "base/fault.h"
#include "io/spool_folder.h"
#include "io/spool_window.h"
#include "io/spool_writer.h"

#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

/*
 * Owns: the folder, its lock, and which of its records are needed.
 * Never: says that a record is durable before its sync has come back without an error; forgets one that the broker has not acknowledged.
 */
struct spool {
	struct spool_conf conf;
	struct spool_folder folder;
	struct spool_writer *writer;
	struct spool_window window;
	uint64_t settled; /* numbers below it are written, or never will be */
	uint64_t remembered; /* what the folder knows to be freed */
	uint64_t damaged;
	struct {
		int fd; /* -1: none is open */
		uint64_t segment;
		struct spool_reader reader;
		struct spool_record found; /* read already; its number is 0 when there is none */
		unsigned char *bytes; /* SPOOL_LOOK of them */
	} replay;
};

/* ---- reading back what waits */

/* Counted once for a segment, however often it is read. */
static void is_bad(struct spool *spool, uint64_t segment, uint64_t places)
{
	struct spool_part *part = &spool->folder.segments[spool_folder_find(&spool->folder, segment)];

	if (part->first != segment || part->bad)
		return;
	part->bad = true;
	spool->damaged += places;
}

static void replay_close(struct spool *spool)
{
	const struct spool_reader *reader = &spool->replay.reader;

	if (spool->replay.fd >= 0) {
		if (reader->damaged > 0 || reader->trouble != 0)
			is_bad(spool, spool->replay.segment, reader->damaged + (reader->trouble != 0));
		close(spool->replay.fd);
	}
	spool->replay.fd = -1;
	spool->replay.found.number = 0;
}

static bool replay_open(struct spool *spool, uint64_t segment)
{
	struct err err;

	replay_close(spool);
	if (!spool_segment_open(spool->folder.fd, segment, &spool->replay.fd, &err)) {
		spool->replay.fd = -1;
		is_bad(spool, segment, 1);
		return false;
	}
	spool->replay.segment = segment;
	spool_reader_init(&spool->replay.reader, spool->replay.fd, segment, spool->replay.bytes);
	return true;
}

/* The first record that is not below `number` in the segment that is open. */
static bool replay_find(struct spool *spool, uint64_t number)
{
	struct spool_record *found = &spool->replay.found;

	while (found->number < number) {
		if (!spool_reader_next(&spool->replay.reader, found)) {
			found->number = 0;
			return false;
		}
	}
	return true;
}

/* The first record on the disk that is not below `number`. False: there is none, or none that can be read. */
static bool replay_seek(struct spool *spool, uint64_t number)
{
	size_t at = spool_folder_find(&spool->folder, number);

	if (spool->replay.found.number > number ||
		(spool->replay.fd >= 0 && at < spool->folder.count &&
			spool->folder.segments[at].first != spool->replay.segment))
		replay_close(spool);
	for (; at < spool->folder.count; at++) {
		uint64_t segment = spool->folder.segments[at].first;

		if (spool->replay.fd < 0 || spool->replay.segment != segment)
			if (!replay_open(spool, segment))
				continue;
		if (replay_find(spool, number))
			return true;
	}
	replay_close(spool);
	return false;
}

/* What is not on the disk is not kept: it was never said to be durable, or the disk lost it, which `damaged` counts. */
static void skip_until(struct spool *spool, uint64_t number)
{
	while (spool->window.cursor < number && spool->window.cursor < spool->settled &&
		spool->window.cursor - spool->window.freed < SPOOL_WINDOW)
		spool_window_skip(&spool->window, spool->window.cursor);
}

bool spool_next(struct spool *spool, struct spool_record *ret)
{
	for (;;) {
		uint64_t wanted = spool->window.cursor, number;

		if (wanted >= spool->settled || wanted - spool->window.freed >= SPOOL_WINDOW)
			return false;
		if (spool->replay.found.number != wanted && !replay_seek(spool, wanted)) {
			if (spool->replay.fd < 0)
				skip_until(spool, spool->settled);
			continue;
		}
		if (spool->replay.found.number != wanted) {
			skip_until(spool, spool->replay.found.number);
			continue;
		}
		must(spool_window_take(&spool->window, spool->settled, &number) && number == wanted);
		*ret = spool->replay.found;
		return true;
	}
}

/* ---- keeping */

bool spool_keep(
	struct spool *spool, struct text bytes, struct instant at, uint64_t *ret_number, bool *ret_hand)
{
	const struct spool_record record = {.number = spool->window.next, .at = at, .bytes = bytes};

	if (bytes.len > SPOOL_BYTES_MOST ||
		(spool->folder.count + 1) * spool->conf.segment_size > spool->conf.most ||
		!spool_writer_add(spool->writer, &record))
		return false;
	*ret_number = spool_window_keep(&spool->window, ret_hand);
	return true;
}

bool spool_outcome(
	struct spool *spool, uint64_t *ret_first, uint64_t *ret_end, bool *ret_durable, int *ret_code)
{
	struct spool_outcome outcome;

	if (!spool_writer_outcome(spool->writer, &outcome))
		return false;
	if (outcome.durable)
		spool_folder_add(&spool->folder, outcome.segment);
	spool->settled = outcome.end;
	*ret_first = outcome.first;
	*ret_end = outcome.end;
	*ret_durable = outcome.durable;
	*ret_code = outcome.code;
	return true;
}

void spool_report(struct spool *spool, uint64_t number, bool delivered)
{
	spool_window_report(&spool->window, number, delivered);
}

/* ---- tidying */

void spool_tidy(struct spool *spool)
{
	if (spool->remembered != spool->window.freed &&
		spool_folder_remember(&spool->folder, spool->window.freed))
		spool->remembered = spool->window.freed;
	/* The newest is the writer's. What cannot be removed is tried again. */
	while (spool->folder.count > 1 && spool->folder.segments[1].first <= spool->window.freed) {
		if (spool->replay.fd >= 0 && spool->replay.segment == spool->folder.segments[0].first)
			replay_close(spool);
		if (!spool_folder_remove_first(&spool->folder))
			return;
	}
}

void spool_look(struct spool *spool, struct spool_state *ret)
{
	struct statvfs disk;

	*ret = (struct spool_state){
		.kept = spool->window.next - spool->window.freed,
		.on_their_way = spool->window.out,
		.bytes = spool->folder.count * spool->conf.segment_size,
		.damaged = spool->damaged,
		.disk_used = -1,
		.broken = spool_writer_broken(spool->writer),
	};
	if (fstatvfs(spool->folder.fd, &disk) == 0 && disk.f_blocks > 0)
		ret->disk_used = 1 - (double)disk.f_bavail / (double)disk.f_blocks;
}

/* ---- life */

/* Numbers go on behind the last record that can be read: a number is never given twice. */
static uint64_t find_end(struct spool *spool)
{
	size_t count = spool->folder.count;
	uint64_t end = spool->remembered;

	if (count > 0 && replay_open(spool, spool->folder.segments[count - 1].first)) {
		while (spool_reader_next(&spool->replay.reader, &spool->replay.found)) {
		}
		if (end < spool->replay.reader.next)
			end = spool->replay.reader.next;
	}
	/* Its name is taken, even if nothing in it can be read. */
	if (count > 0 && end <= spool->folder.segments[count - 1].first)
		end = spool->folder.segments[count - 1].first + 1;
	replay_close(spool);
	return end;
}

bool spool_open(struct spool **ret, const struct spool_conf *conf, struct err *err)
{
	struct spool *spool = calloc(1, sizeof(*spool));
	struct spool_writer_conf writer = {
		.segment_size = conf->segment_size,
		.group_ms = conf->group_ms,
		.group_records = conf->group_records,
		.wake = conf->wake,
		.self = conf->self,
	};
	uint64_t first, end;

	must(spool != NULL);
	spool->conf = *conf;
	spool->replay.fd = -1;
	spool->folder.fd = -1;
	spool->replay.bytes = malloc(SPOOL_LOOK);
	must(spool->replay.bytes != NULL);
	if (!spool_folder_open(&spool->folder, conf->folder, &spool->remembered, err)) {
		spool_close(&spool);
		return false;
	}
	end = find_end(spool);
	first = spool->folder.count > 0 ? spool->folder.segments[0].first : end;
	spool_window_init(&spool->window, first > spool->remembered ? first : spool->remembered, end);
	spool->settled = end;
	spool_tidy(spool);
	writer.folder = spool->folder.fd;
	if (!spool_writer_new(&spool->writer, &writer, err)) {
		spool_close(&spool);
		return false;
	}
	*ret = spool;
	return true;
}

void spool_close(struct spool **at)
{
	struct spool *spool = *at;

	if (spool == NULL)
		return;
	spool_writer_free(&spool->writer);
	if (spool->window.next > 0)
		spool_tidy(spool);
	replay_close(spool);
	spool_folder_close(&spool->folder);
	free(spool->replay.bytes);
	free(spool);
	*at = NULL;
}
