#include "io/spool_segment.h"

#include "base/crc32c.h"
#include "base/fault.h"
#include "base/hex.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { MAGIC_LEN = 8, HEAD_SUMMED = 16, NUMBER_HEX = 16, NAME_SIZE = 32, LENGTH_SIZE = 4 };

static const char magic[MAGIC_LEN + 1] = "mkspool1";
static const char suffix[] = ".spool";
/* A segment has this name until it is whole: a process that dies over one leaves nothing behind that looks like damage. */
static const char unnamed[] = "unnamed";

static void put(unsigned char **at, uint64_t number, unsigned size)
{
	for (unsigned i = 0; i < size; i++)
		*(*at)++ = (unsigned char)(number >> (8 * i));
}

static uint64_t get(const unsigned char **at, unsigned size)
{
	uint64_t number = 0;

	for (unsigned i = 0; i < size; i++)
		number |= (uint64_t) * (*at)++ << (8 * i);
	return number;
}

/* ---- records */

size_t spool_record_size(size_t len)
{
	return (size_t)SPOOL_RECORD_HEAD + SPOOL_RECORD_FIXED + len;
}

void spool_record_build(const struct spool_record *record, unsigned char *out)
{
	const size_t size = SPOOL_RECORD_FIXED + record->bytes.len;
	unsigned char *at = out + SPOOL_RECORD_HEAD;

	put(&at, record->number, 8);
	put(&at, (uint64_t)record->at.us, 8);
	if (record->bytes.len > 0)
		memcpy(at, record->bytes.at, record->bytes.len);
	at = out;
	put(&at, size, 4);
	put(&at, crc32c(out + SPOOL_RECORD_HEAD, size), 4);
}

bool spool_record_parse(struct text bytes, struct spool_record *ret, size_t *ret_size)
{
	const unsigned char *at = (const unsigned char *)bytes.at;
	uint64_t size, sum;

	if (bytes.len < SPOOL_RECORD_HEAD + SPOOL_RECORD_FIXED)
		return false;
	size = get(&at, 4);
	sum = get(&at, 4);
	if (size < SPOOL_RECORD_FIXED || size > SPOOL_RECORD_FIXED + SPOOL_BYTES_MOST ||
		size > bytes.len - SPOOL_RECORD_HEAD || crc32c(at, size) != sum)
		return false;
	ret->number = get(&at, 8);
	ret->at.us = (int64_t)get(&at, 8);
	ret->bytes = (struct text){(const char *)at, size - SPOOL_RECORD_FIXED};
	*ret_size = SPOOL_RECORD_HEAD + size;
	return true;
}

/* ---- files */

static const char *name_of(uint64_t first, char out[NAME_SIZE])
{
	snprintf(out, NAME_SIZE, "%016llx%s", (unsigned long long)first, suffix);
	return out;
}

bool spool_segment_number(const char *name, uint64_t *ret)
{
	unsigned char bytes[NUMBER_HEX / 2];
	uint64_t number = 0;

	if (strlen(name) != NUMBER_HEX + strlen(suffix) || strcmp(name + NUMBER_HEX, suffix) != 0 ||
		!hex_parse((struct text){name, NUMBER_HEX}, bytes, sizeof(bytes)))
		return false;
	for (size_t i = 0; i < sizeof(bytes); i++)
		number = number << 8 | bytes[i];
	*ret = number;
	return number > 0;
}

static bool fail(struct err *err, const char *what, uint64_t first)
{
	char name[NAME_SIZE];

	return err_set(err, ERR_BROKEN, errno, "%s: %s: %s", name_of(first, name), what, strerror(errno));
}

static void build_head(uint64_t first, unsigned char out[SPOOL_HEAD])
{
	unsigned char *at = out;

	memset(out, 0, SPOOL_HEAD);
	memcpy(at, magic, MAGIC_LEN);
	at += MAGIC_LEN;
	put(&at, first, 8);
	put(&at, crc32c(out, HEAD_SUMMED), 4);
}

static bool write_whole(int fd, const void *bytes, size_t len, off_t at)
{
	ssize_t done = pwrite(fd, bytes, len, at);

	if (FAULT_ERRNO("spool.head", EIO))
		return false;
	if (done >= 0 && (size_t)done != len)
		errno = ENOSPC;
	return done >= 0 && (size_t)done == len;
}

static bool fill_new(int fd, uint64_t first, size_t size)
{
	unsigned char head[SPOOL_HEAD];
	int code = FAULT_ERRNO("spool.allocate", ENOSPC) ? errno : posix_fallocate(fd, 0, (off_t)size);

	build_head(first, head);
	if (code != 0)
		errno = code;
	return code == 0 && write_whole(fd, head, sizeof(head), 0) && !FAULT_ERRNO("spool.make_sync", EIO) &&
	       fsync(fd) == 0;
}

/* One process has the folder, so nobody else takes the name in between. */
static bool name_new(int folder, const char *name)
{
	if (faccessat(folder, name, F_OK, 0) == 0) {
		errno = EEXIST;
		return false;
	}
	if (FAULT_ERRNO("spool.name", EIO) || renameat(folder, unnamed, folder, name) != 0)
		return false;
	if (fsync(folder) == 0)
		return true;
	unlinkat(folder, name, 0);
	return false;
}

bool spool_segment_make(int folder, uint64_t first, size_t size, int *ret_fd, struct err *err)
{
	char name[NAME_SIZE];
	int fd;

	if (FAULT_ERRNO("spool.make", EMFILE))
		return fail(err, "making it", first);
	fd = openat(folder, unnamed, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		return fail(err, "making it", first);
	if (!fill_new(fd, first, size) || !name_new(folder, name_of(first, name))) {
		fail(err, "making it", first);
		close(fd);
		unlinkat(folder, unnamed, 0);
		return false;
	}
	*ret_fd = fd;
	return true;
}

bool spool_segment_remove(int folder, uint64_t first, struct err *err)
{
	char name[NAME_SIZE];

	if (FAULT_ERRNO("spool.remove", EIO) ||
		(unlinkat(folder, name_of(first, name), 0) != 0 && errno != ENOENT))
		return fail(err, "removing it", first);
	return true;
}

bool spool_segment_set_aside(int folder, uint64_t first, struct err *err)
{
	char name[NAME_SIZE], aside[NAME_SIZE];

	snprintf(aside, sizeof(aside), "%016llx.bad", (unsigned long long)first);
	if (FAULT_ERRNO("spool.aside", EIO) ||
		(renameat(folder, name_of(first, name), folder, aside) != 0 && errno != ENOENT))
		return fail(err, "setting it aside", first);
	return true;
}

bool spool_segment_open(int folder, uint64_t first, int *ret_fd, struct err *err)
{
	unsigned char head[SPOOL_HEAD], wanted[SPOOL_HEAD];
	char name[NAME_SIZE];
	int fd;

	if (FAULT_ERRNO("spool.open", EIO))
		return fail(err, "opening it", first);
	fd = openat(folder, name_of(first, name), O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return fail(err, "opening it", first);
	build_head(first, wanted);
	if (pread(fd, head, sizeof(head), 0) != (ssize_t)sizeof(head) ||
		memcmp(head, wanted, sizeof(head)) != 0) {
		close(fd);
		return err_set(err, ERR_BROKEN, 0, "%s: its head is not a segment's", name);
	}
	*ret_fd = fd;
	return true;
}

/* ---- reading */

void spool_reader_init(struct spool_reader *reader, int fd, uint64_t first, unsigned char *window)
{
	*reader = (struct spool_reader){.fd = fd, .at = SPOOL_HEAD, .next = first, .window = window};
}

static void fill(struct spool_reader *reader, off_t at)
{
	reader->window_at = at;
	reader->len = 0;
	while (reader->len < SPOOL_LOOK) {
		ssize_t got = pread(reader->fd, reader->window + reader->len, SPOOL_LOOK - reader->len,
			at + (off_t)reader->len);

		if (FAULT_ERRNO("spool.read", EIO))
			got = -1;
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			reader->trouble = errno;
		if (got <= 0)
			return;
		reader->len += (size_t)got;
	}
}

/* What the window holds from `at` on: a whole record at least, if the file has it. */
static struct text look(struct spool_reader *reader, off_t at)
{
	const size_t most = SPOOL_RECORD_HEAD + SPOOL_RECORD_FIXED + SPOOL_BYTES_MOST;
	size_t skip = (size_t)(at - reader->window_at);

	if (reader->len == 0 || at < reader->window_at || skip > reader->len ||
		(reader->len - skip < most && reader->len == SPOOL_LOOK)) {
		fill(reader, at);
		skip = 0;
	}
	return (struct text){(const char *)reader->window + skip, reader->len - skip};
}

/* How many bytes from here on cannot be where a record begins, since its length would be 0. */
static size_t empty(struct text bytes)
{
	size_t zeros = 0;

	while (zeros < bytes.len && bytes.at[zeros] == '\0')
		zeros++;
	return zeros < LENGTH_SIZE ? 0 : zeros - LENGTH_SIZE + 1;
}

/* A segment is used once, so behind its end are zeros: a good record of a later number means that something before it is damaged. */
static bool find_next(struct spool_reader *reader, struct spool_record *ret, size_t *ret_size)
{
	for (off_t at = reader->at + 1;; at++) {
		struct text bytes = look(reader, at);

		if (bytes.len < SPOOL_RECORD_HEAD + SPOOL_RECORD_FIXED)
			return false;
		at += (off_t)empty(bytes);
		bytes = look(reader, at);
		if (spool_record_parse(bytes, ret, ret_size) && ret->number > reader->next) {
			reader->damaged++;
			reader->at = at;
			return true;
		}
	}
}

static bool is_next(struct spool_reader *reader, struct spool_record *ret, size_t *ret_size)
{
	return spool_record_parse(look(reader, reader->at), ret, ret_size) && ret->number == reader->next;
}

bool spool_reader_next(struct spool_reader *reader, struct spool_record *ret)
{
	size_t size;

	if (reader->trouble != 0)
		return false;
	if (!is_next(reader, ret, &size)) {
		/* It may have been written since the window was read. */
		fill(reader, reader->at);
		if (!is_next(reader, ret, &size) && (reader->trouble != 0 || !find_next(reader, ret, &size)))
			return false;
	}
	reader->at += (off_t)size;
	reader->next = ret->number + 1;
	return true;
}
