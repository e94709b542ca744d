#include "io/send_journal.h"

#include "base/fault.h"
#include "io/clock.h"
#include "io/journal_file.h"
#include "io/journal_index.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * Owns: <dir>/send.journal, and <dir>/send.journal.lock, which is locked and not the file itself, since
 * a rotation puts another file in its place.
 * Never: goes on after a failed write or fdatasync. What the kernel could not write it may have dropped, and a
 * second fdatasync would not tell; the dispatcher must stop sending.
 */
enum { NAME_MOST = 4096, ROTATE_AT = 64 << 20, KEEP_HOURS = 48, BATCH_MOST = 64 << 20 };

struct send_journal {
	int dir, lock, file;
	uint32_t batch;
	off_t size;
	bool broken;
	unsigned char *out;
	size_t out_size;
};

static bool failed(struct err *err, const char *what)
{
	int code = errno;

	return err_set(err, ERR_BROKEN, code, "send journal: %s: %s", what, strerror(code));
}

static bool write_all(int file, const unsigned char *bytes, size_t len)
{
	if (FAULT_ERRNO("journal.write", ENOSPC))
		return false;
	while (len > 0) {
		bool torn = FAULT("journal.write_part", FAULT_SHORT);
		ssize_t put = write(file, bytes, torn ? len / 2 : len);

		if (torn && (errno = ENOSPC) != 0)
			return false;
		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return false;
		bytes += put;
		len -= (size_t)put;
	}
	return true;
}

static bool take_lock(struct send_journal *journal, const char *dir, struct err *err)
{
	journal->dir =
		FAULT_ERRNO("journal.dir", EACCES) ? -1 : open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (journal->dir < 0)
		return failed(err, dir);
	journal->lock = openat(journal->dir, "send.journal.lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (journal->lock < 0)
		return failed(err, "making its lock");
	if (!FAULT_ERRNO("journal.lock", EWOULDBLOCK) && flock(journal->lock, LOCK_EX | LOCK_NB) == 0)
		return true;
	if (errno == EWOULDBLOCK)
		return err_set(err, ERR_BROKEN, errno,
			"send journal: another process works with the one in %s", dir);
	return failed(err, "locking it");
}

/* Finds the end of what was written whole, and cuts off what a crash left behind it. */
static bool cut_tail(struct send_journal *journal, struct err *err)
{
	struct journal_reader reader;
	struct send_record record;
	struct arena arena;
	struct stat stat;
	bool damaged;

	arena_init(&arena);
	journal_reader_init(&reader, journal->file, &arena);
	while (journal_reader_next(&reader, &record))
		;
	journal->batch = reader.batch;
	journal->size = reader.at;
	damaged = reader.trouble == 0 && journal_reader_is_damaged(&reader);
	errno = reader.trouble;
	arena_done(&arena);
	if (errno != 0)
		return failed(err, "reading it");
	if (damaged)
		return err_set(err, ERR_BROKEN, 0,
			"send journal: damaged at byte %lld, with good records behind it",
			(long long)journal->size);
	if (FAULT_ERRNO("journal.stat", EIO) || fstat(journal->file, &stat) != 0)
		return failed(err, "reading it");
	if (stat.st_size > journal->size &&
		(FAULT_ERRNO("journal.cut", EIO) || ftruncate(journal->file, journal->size) != 0 ||
			fdatasync(journal->file) != 0))
		return failed(err, "cutting off its torn end");
	return true;
}

static bool open_file(struct send_journal *journal, struct err *err)
{
	journal->file = openat(journal->dir, "send.journal", O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (journal->file < 0 || FAULT_ERRNO("journal.open", EIO))
		return failed(err, "opening it");
	/* Else the file's name may be gone after a power cut, with all that was fdatasync'ed into it. */
	if (FAULT_ERRNO("journal.dir_sync", EIO) || fsync(journal->dir) != 0)
		return failed(err, "fsync of its folder");
	return cut_tail(journal, err);
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* Copies what is still wanted: answers that were not applied, and sends of the last 48 hours. */
static bool copy_wanted(struct send_journal *journal, int to, struct arena *arena, struct err *err)
{
	struct instant since = instant_add_ms(clock_wall(), -(int64_t)KEEP_HOURS * 3600 * 1000);
	struct journal_index index;
	struct journal_reader reader;
	struct send_record record;
	unsigned char *out = arena_alloc(arena, JOURNAL_HEAD + JOURNAL_FIXED + JOURNAL_BODY_MOST);

	if (!journal_index_read(&index, journal->file, arena, err))
		return false;
	journal_reader_init(&reader, journal->file, arena);
	for (off_t at = 0; journal_reader_next(&reader, &record); at = reader.at) {
		bool young_send = record.kind == JOURNAL_SEND && !instant_before(record.at, since);

		if (!young_send && !journal_index_has(&index, at))
			continue;
		journal_record_build(&record, 1, out);
		if (!write_all(to, out, journal_record_size(&record)))
			return failed(err, "writing its successor");
	}
	errno = reader.trouble;
	return errno == 0 || failed(err, "reading it");
}

static bool rotate(struct send_journal *journal, struct err *err)
{
	struct arena arena;
	bool good;
	int to = openat(
		journal->dir, "send.journal.new", O_RDWR | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);

	if (to < 0)
		return failed(err, "making its successor");
	arena_init(&arena);
	good = copy_wanted(journal, to, &arena, err);
	arena_done(&arena);
	/* The successor is on the disk before its name is; until then the old one stands. */
	if (good && (fsync(to) != 0 ||
			    renameat(journal->dir, "send.journal.new", journal->dir, "send.journal") != 0))
		good = failed(err, "putting its successor in its place");
	close_fd(&to);
	if (!good)
		return false;
	close_fd(&journal->file);
	return open_file(journal, err);
}

bool send_journal_open(struct send_journal **ret, const char *dir, struct err *err)
{
	struct send_journal *journal = calloc(1, sizeof(*journal));

	must(journal != NULL);
	journal->dir = journal->lock = journal->file = -1;
	if (!take_lock(journal, dir, err) || !open_file(journal, err) ||
		(journal->size > ROTATE_AT && !rotate(journal, err))) {
		send_journal_close(&journal);
		return false;
	}
	*ret = journal;
	return true;
}

static bool batch_size(const struct send_record *records, size_t count, size_t *ret, struct err *err)
{
	size_t size = 0;

	for (size_t i = 0; i < count; i++) {
		if (records[i].body.len > JOURNAL_BODY_MOST)
			return err_set(
				err, ERR_BROKEN, 0, "send journal: a body of %zu bytes", records[i].body.len);
		size += journal_record_size(&records[i]);
		if (size > BATCH_MOST)
			return err_set(err, ERR_BROKEN, 0, "send journal: a batch of %zu records", count);
	}
	*ret = size;
	return true;
}

static void make_room(struct send_journal *journal, size_t size)
{
	if (size <= journal->out_size)
		return;
	free(journal->out);
	journal->out = malloc(size);
	must(journal->out != NULL);
	journal->out_size = size;
}

bool send_journal_add(
	struct send_journal *journal, const struct send_record *records, size_t count, struct err *err)
{
	unsigned char *at;
	size_t size = 0;

	if (journal->broken)
		return err_set(
			err, ERR_BROKEN, 0, "send journal: an earlier write failed, so nothing may be sent");
	if (!batch_size(records, count, &size, err))
		return false;
	if (count == 0)
		return true;
	make_room(journal, size);
	at = journal->out;
	for (size_t i = 0; i < count; i++) {
		journal_record_build(&records[i], journal->batch + 1, at);
		at += journal_record_size(&records[i]);
	}
	if (!write_all(journal->file, journal->out, size) || FAULT_ERRNO("journal.sync", EIO) ||
		fdatasync(journal->file) != 0) {
		journal->broken = true;
		return failed(err, "writing it");
	}
	journal->batch++;
	journal->size += (off_t)size;
	return true;
}

bool send_journal_is_broken(const struct send_journal *journal)
{
	return journal->broken;
}

bool send_journal_unapplied(struct send_journal *journal, struct arena *arena, struct send_record **ret,
	size_t *ret_count, struct err *err)
{
	struct journal_index index;

	return journal_index_read(&index, journal->file, arena, err) &&
	       journal_index_answers(&index, journal->file, arena, ret, ret_count, err);
}

bool send_journal_sends(struct send_journal *journal, struct instant since, struct arena *arena,
	struct send_record **ret, size_t *ret_count, struct err *err)
{
	return journal_sends(journal->file, since, arena, ret, ret_count, err);
}

void send_journal_close(struct send_journal **journal)
{
	if (*journal == NULL)
		return;
	close_fd(&(*journal)->file);
	close_fd(&(*journal)->lock);
	close_fd(&(*journal)->dir);
	free((*journal)->out);
	free(*journal);
	*journal = NULL;
}
