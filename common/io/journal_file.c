#include "io/journal_file.h"

#include "base/crc32c.h"
#include "base/fault.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

enum { WINDOW = 1 << 20 };

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

size_t journal_record_size(const struct send_record *record)
{
	return (size_t)JOURNAL_HEAD + JOURNAL_FIXED + record->body.len;
}

void journal_record_build(const struct send_record *record, uint32_t batch, unsigned char *out)
{
	size_t size = journal_record_size(record) - JOURNAL_HEAD;
	unsigned char *at = out + JOURNAL_HEAD;

	put(&at, batch, 4);
	put(&at, (uint64_t)record->kind, 1);
	memcpy(at, record->id.b, sizeof(record->id.b));
	at += sizeof(record->id.b);
	put(&at, record->attempt, 4);
	put(&at, record->gen, 4);
	put(&at, (uint64_t)record->at.us, 8);
	put(&at, (uint64_t)record->fence_at.us, 8);
	if (record->body.len > 0)
		memcpy(at, record->body.at, record->body.len);
	at = out;
	put(&at, size, 4);
	put(&at, crc32c(out + JOURNAL_HEAD, size), 4);
}

bool journal_record_parse(struct text bytes, struct send_record *ret, uint32_t *ret_batch, size_t *ret_size)
{
	const unsigned char *at = (const unsigned char *)bytes.at;
	uint64_t size, crc;

	if (bytes.len < JOURNAL_HEAD)
		return false;
	size = get(&at, 4);
	crc = get(&at, 4);
	if (size < JOURNAL_FIXED || size > JOURNAL_FIXED + JOURNAL_BODY_MOST ||
		size > bytes.len - JOURNAL_HEAD)
		return false;
	if (crc32c(at, size) != crc)
		return false;
	*ret_batch = (uint32_t)get(&at, 4);
	*ret = (struct send_record){.kind = (int)get(&at, 1)};
	memcpy(ret->id.b, at, sizeof(ret->id.b));
	at += sizeof(ret->id.b);
	ret->attempt = (unsigned)get(&at, 4);
	ret->gen = (unsigned)get(&at, 4);
	ret->at.us = (int64_t)get(&at, 8);
	ret->fence_at.us = (int64_t)get(&at, 8);
	ret->body = (struct text){(const char *)at, size - JOURNAL_FIXED};
	*ret_size = JOURNAL_HEAD + size;
	return true;
}

void journal_reader_init(struct journal_reader *reader, int fd, struct arena *arena)
{
	*reader = (struct journal_reader){.fd = fd, .window = arena_alloc(arena, WINDOW)};
}

/* Moves the window so that it begins at `at`, and fills it as far as the file goes. */
static void fill(struct journal_reader *reader, off_t at)
{
	ssize_t got;

	reader->window_at = at;
	reader->len = 0;
	while (reader->len < WINDOW) {
		got = pread(reader->fd, reader->window + reader->len, WINDOW - reader->len,
			at + (off_t)reader->len);
		if (FAULT_ERRNO("journal.read", EIO))
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

/* What the window holds from `at` on: at least one whole record, if the file has it. */
static struct text look(struct journal_reader *reader, off_t at)
{
	const size_t record_most = JOURNAL_HEAD + JOURNAL_FIXED + JOURNAL_BODY_MOST;
	size_t skip = (size_t)(at - reader->window_at);

	if (at < reader->window_at || skip > reader->len ||
		(reader->len - skip < record_most && (reader->len == WINDOW || reader->len == 0))) {
		fill(reader, at);
		skip = 0;
	}
	return (struct text){(const char *)reader->window + skip, reader->len - skip};
}

bool journal_reader_next(struct journal_reader *reader, struct send_record *ret)
{
	size_t size;

	if (!journal_record_parse(look(reader, reader->at), ret, &reader->batch, &size) ||
		reader->trouble != 0)
		return false;
	reader->at += (off_t)size;
	return true;
}

bool journal_reader_is_damaged(struct journal_reader *reader)
{
	struct send_record record;
	uint32_t batch;
	size_t size;

	for (off_t at = reader->at + 1;; at++) {
		struct text bytes = look(reader, at);

		if (bytes.len < JOURNAL_HEAD)
			return false;
		if (journal_record_parse(bytes, &record, &batch, &size) && batch > reader->batch + 1)
			return true;
	}
}
