#include "io/journal_index.h"

#include "io/journal_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* An answer, or the word that it was applied. */
struct entry {
	struct uuid id;
	unsigned attempt;
	int kind;
	off_t at;
};

static void *grown(struct arena *arena, const void *items, size_t count, size_t *cap, size_t size)
{
	void *more;

	if (count < *cap)
		return NULL;
	*cap = *cap != 0 ? *cap * 2 : 64;
	more = arena_array(arena, *cap, size);
	if (count > 0)
		memcpy(more, items, count * size);
	return more;
}

static bool reader_failed(const struct journal_reader *reader, struct err *err)
{
	return err_set(
		err, ERR_BROKEN, reader->trouble, "send journal: reading it: %s", strerror(reader->trouble));
}

static int by_attempt(const void *one, const void *other)
{
	const struct entry *a = one, *b = other;
	int order = uuid_cmp(&a->id, &b->id);

	if (order != 0)
		return order;
	if (a->attempt != b->attempt)
		return a->attempt < b->attempt ? -1 : 1;
	return a->at < b->at ? -1 : a->at > b->at;
}

static int by_place(const void *one, const void *other)
{
	off_t a = *(const off_t *)one, b = *(const off_t *)other;

	return a < b ? -1 : a > b;
}

static bool same_attempt(const struct entry *a, const struct entry *b)
{
	return a->attempt == b->attempt && uuid_cmp(&a->id, &b->id) == 0;
}

/* Of each attempt's entries, in order of the file, the answers behind the last APPLIED. */
static void pick_unapplied(struct entry *entries, size_t count, struct journal_index *ret)
{
	for (size_t i = 0, end, from; i < count; i = end) {
		from = i;
		for (end = i; end < count && same_attempt(&entries[i], &entries[end]); end++)
			if (entries[end].kind == JOURNAL_APPLIED)
				from = end + 1;
		for (; from < end; from++)
			ret->at[ret->count++] = entries[from].at;
	}
}

bool journal_index_read(struct journal_index *ret, int fd, struct arena *arena, struct err *err)
{
	struct journal_reader reader;
	struct send_record record;
	struct entry *entries = NULL;
	size_t count = 0, cap = 0;

	journal_reader_init(&reader, fd, arena);
	for (off_t at = 0; journal_reader_next(&reader, &record); at = reader.at) {
		struct entry *more;

		if (record.kind != JOURNAL_ANSWER && record.kind != JOURNAL_APPLIED)
			continue;
		more = grown(arena, entries, count, &cap, sizeof(*entries));
		entries = more != NULL ? more : entries;
		entries[count++] = (struct entry){record.id, record.attempt, record.kind, at};
	}
	if (reader.trouble != 0)
		return reader_failed(&reader, err);
	ret->at = ARENA_ARRAY(arena, off_t, count);
	ret->count = 0;
	if (count > 0)
		qsort(entries, count, sizeof(*entries), by_attempt);
	pick_unapplied(entries, count, ret);
	if (ret->count > 0)
		qsort(ret->at, ret->count, sizeof(*ret->at), by_place);
	return true;
}

bool journal_index_has(const struct journal_index *index, off_t at)
{
	return index->count > 0 &&
	       bsearch(&at, index->at, index->count, sizeof(*index->at), by_place) != NULL;
}

bool journal_index_answers(const struct journal_index *index, int fd, struct arena *arena,
	struct send_record **ret, size_t *ret_count, struct err *err)
{
	struct send_record *answers = ARENA_ARRAY(arena, struct send_record, index->count);
	struct journal_reader reader;

	journal_reader_init(&reader, fd, arena);
	for (size_t i = 0; i < index->count; i++) {
		reader.at = index->at[i];
		if (!journal_reader_next(&reader, &answers[i]))
			return err_set(err, ERR_BROKEN, reader.trouble,
				"send journal: an answer cannot be read again");
		answers[i].body = arena_text(arena, answers[i].body);
	}
	*ret = answers;
	*ret_count = index->count;
	return true;
}

bool journal_sends(int fd, struct instant since, struct arena *arena, struct send_record **ret,
	size_t *ret_count, struct err *err)
{
	struct journal_reader reader;
	struct send_record record, *sends = NULL, *more;
	size_t count = 0, cap = 0;

	journal_reader_init(&reader, fd, arena);
	while (journal_reader_next(&reader, &record)) {
		if (record.kind != JOURNAL_SEND || instant_before(record.at, since))
			continue;
		more = grown(arena, sends, count, &cap, sizeof(*sends));
		sends = more != NULL ? more : sends;
		record.body = (struct text){0};
		sends[count++] = record;
	}
	if (reader.trouble != 0)
		return reader_failed(&reader, err);
	*ret = sends;
	*ret_count = count;
	return true;
}
