#include "folder.h"

#include "io/clock.h"
#include "io/journal_file.h"
#include "io/send_journal.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

static struct arena arena;
static struct send_journal *journal;

static int begin(void **state)
{
	(void)state;
	arena_init(&arena);
	folder_make();
	return 0;
}

static int end(void **state)
{
	(void)state;
	send_journal_close(&journal);
	folder_remove();
	arena_done(&arena);
	return 0;
}

static void reopen(void)
{
	struct err err = {0};

	send_journal_close(&journal);
	CHECK(send_journal_open(&journal, folder, &err), "%s", err.text);
}

static struct send_record record_of(int kind, unsigned n, unsigned attempt)
{
	struct send_record record = {
		.kind = kind,
		.id = {{1, 2, 3, (uint8_t)(n >> 8), (uint8_t)n}},
		.attempt = attempt,
		.gen = attempt,
		.at = clock_wall(),
	};

	record.fence_at = instant_add_ms(record.at, 3900000);
	return record;
}

static struct send_record answer_of(unsigned n, unsigned attempt, const char *body)
{
	struct send_record record = record_of(JOURNAL_ANSWER, n, attempt);

	record.body = text_of(body);
	return record;
}

static void add(const struct send_record *records, size_t count)
{
	struct err err = {0};

	CHECK(send_journal_add(journal, records, count, &err), "%s", err.text);
}

static void add_one(struct send_record record)
{
	add(&record, 1);
}

static size_t sends_since(struct instant since, struct send_record **ret)
{
	struct err err = {0};
	size_t count;

	CHECK(send_journal_sends(journal, since, &arena, ret, &count, &err), "%s", err.text);
	return count;
}

static size_t unapplied(struct send_record **ret)
{
	struct err err = {0};
	size_t count;

	CHECK(send_journal_unapplied(journal, &arena, ret, &count, &err), "%s", err.text);
	return count;
}

static off_t file_size(void)
{
	struct stat info;

	assert_int_equal(stat(folder_path("send.journal", &arena), &info), 0);
	return info.st_size;
}

static struct text file_bytes(void)
{
	off_t size = file_size();
	char *bytes = arena_alloc(&arena, (size_t)size + 1);
	FILE *file = fopen(folder_path("send.journal", &arena), "rb");

	assert_non_null(file);
	assert_int_equal(fread(bytes, 1, (size_t)size, file), size);
	fclose(file);
	return (struct text){bytes, (size_t)size};
}

static void test_what_was_added_is_there_after_a_restart(void **state)
{
	struct send_record batch[3] = {record_of(JOURNAL_SEND, 1, 1), record_of(JOURNAL_SEND, 2, 65535),
		answer_of(1, 1, "2 200\n{\"a\":\"\\u0000\"}")};
	struct send_record *got;

	(void)state;
	reopen();
	add(batch, 3);
	reopen();
	assert_int_equal(sends_since((struct instant){0}, &got), 2);
	assert_memory_equal(&got[1].id, &batch[1].id, sizeof(got[1].id));
	assert_int_equal(got[1].attempt, 65535);
	assert_int_equal(got[1].gen, 65535);
	assert_int_equal(got[1].at.us, batch[1].at.us);
	assert_int_equal(got[1].fence_at.us, batch[1].fence_at.us);
	assert_int_equal(unapplied(&got), 1);
	assert_true(text_same(got[0].body, batch[2].body));
}

static void test_sends_are_told_since_an_instant(void **state)
{
	struct send_record early = record_of(JOURNAL_SEND, 1, 1), late = record_of(JOURNAL_SEND, 2, 1), *got;

	(void)state;
	early.at = instant_add_ms(late.at, -1000);
	reopen();
	add_one(early);
	add_one(late);
	assert_int_equal(sends_since(late.at, &got), 1);
	assert_memory_equal(&got[0].id, &late.id, sizeof(late.id));
}

static void test_an_answer_is_owed_until_it_is_applied(void **state)
{
	struct send_record *got;

	(void)state;
	reopen();
	add_one(answer_of(1, 1, "one"));
	add_one(answer_of(2, 1, "two"));
	add_one(answer_of(1, 2, "one again"));
	add_one(record_of(JOURNAL_APPLIED, 1, 1));
	assert_int_equal(unapplied(&got), 2);
	assert_true(text_is(got[0].body, "two"));
	assert_true(text_is(got[1].body, "one again"));
	/* Before its answer it says nothing about it. */
	add_one(record_of(JOURNAL_APPLIED, 3, 1));
	add_one(answer_of(3, 1, "three"));
	assert_int_equal(unapplied(&got), 3);
	add_one(record_of(JOURNAL_APPLIED, 2, 1));
	add_one(record_of(JOURNAL_APPLIED, 1, 2));
	add_one(record_of(JOURNAL_APPLIED, 3, 1));
	reopen();
	assert_int_equal(unapplied(&got), 0);
}

static void test_a_file_cut_anywhere_keeps_what_is_whole(void **state)
{
	struct send_record *got;
	struct text bytes;
	size_t one;

	(void)state;
	reopen();
	for (unsigned n = 0; n < 3; n++)
		add_one(record_of(JOURNAL_SEND, n, 1));
	bytes = file_bytes();
	one = bytes.len / 3;
	for (size_t len = 0; len <= bytes.len; len++) {
		send_journal_close(&journal);
		folder_write("send.journal", (struct text){bytes.at, len}, &arena);
		reopen();
		CHECK(sends_since((struct instant){0}, &got) == len / one, "%zu bytes", len);
		CHECK((size_t)file_size() == len / one * one, "%zu bytes", len);
		/* And what comes next stands behind it. */
		add_one(record_of(JOURNAL_SEND, 9, 1));
		CHECK(sends_since((struct instant){0}, &got) == len / one + 1, "%zu bytes", len);
	}
}

static void test_zeros_behind_the_end_are_a_torn_tail(void **state)
{
	struct send_record *got;
	struct text bytes;
	char *longer;

	(void)state;
	reopen();
	add_one(record_of(JOURNAL_SEND, 1, 1));
	bytes = file_bytes();
	longer = arena_alloc(&arena, bytes.len + 5000);
	memcpy(longer, bytes.at, bytes.len);
	send_journal_close(&journal);
	folder_write("send.journal", (struct text){longer, bytes.len + 5000}, &arena);
	reopen();
	assert_int_equal(sends_since((struct instant){0}, &got), 1);
	assert_int_equal(file_size(), bytes.len);
}

static void test_damage_with_later_batches_behind_it_is_for_a_person(void **state)
{
	struct send_record *got;
	struct text bytes;
	size_t one;

	(void)state;
	reopen();
	for (unsigned n = 0; n < 4; n++)
		add_one(record_of(JOURNAL_SEND, n, 1));
	bytes = file_bytes();
	one = bytes.len / 4;
	for (size_t at = 0; at < bytes.len; at++) {
		char *changed = arena_string(&arena, bytes);
		struct err err = {0};
		bool opened;

		changed[at] ^= 0x10;
		send_journal_close(&journal);
		folder_write("send.journal", (struct text){changed, bytes.len}, &arena);
		opened = send_journal_open(&journal, folder, &err);
		/* The last record may be a write that never ended; the one before has a later batch behind it. */
		CHECK(opened == (at >= 3 * one), "byte %zu: %s", at, err.text);
		CHECK(opened || err.class == ERR_BROKEN, "byte %zu", at);
		CHECK(!opened || sends_since((struct instant){0}, &got) == 3, "byte %zu", at);
		CHECK(opened || (size_t)file_size() == bytes.len, "byte %zu: it was cut", at);
	}
}

static void test_a_second_process_is_kept_out(void **state)
{
	struct send_journal *other = NULL;
	struct err err = {0};

	(void)state;
	reopen();
	assert_false(send_journal_open(&other, folder, &err));
	assert_int_equal(err.class, ERR_BROKEN);
	assert_null(other);
	send_journal_close(&journal);
	CHECK(send_journal_open(&other, folder, &err), "%s", err.text);
	send_journal_close(&other);
}

static void test_a_folder_that_is_not_there_is_told(void **state)
{
	struct err err = {0};

	(void)state;
	assert_false(send_journal_open(&journal, "/nowhere/at/all", &err));
	assert_int_equal(err.class, ERR_BROKEN);
}

/* After a failed write nobody knows what is on the disk: nothing may be sent any more. */
static void test_after_a_failed_write_the_journal_refuses(void **state)
{
	struct rlimit before, little;
	struct send_record record = record_of(JOURNAL_SEND, 2, 1), *got;
	struct err err = {0};

	(void)state;
	reopen();
	add_one(record_of(JOURNAL_SEND, 1, 1));
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	little = before;
	little.rlim_cur = (rlim_t)file_size() + 20;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &little), 0);
	assert_false(send_journal_add(journal, &record, 1, &err));
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(err.class, ERR_BROKEN);
	err = (struct err){0};
	assert_false(send_journal_add(journal, &record, 1, &err));
	assert_int_equal(err.class, ERR_BROKEN);
	/* The half record is cut off by the next start. */
	reopen();
	assert_int_equal(sends_since((struct instant){0}, &got), 1);
}

static void test_a_body_that_is_too_long_is_refused_unwritten(void **state)
{
	struct send_record record = answer_of(1, 1, "");
	struct err err = {0};

	(void)state;
	reopen();
	record.body = (struct text){arena_alloc(&arena, JOURNAL_BODY_MOST + 1), JOURNAL_BODY_MOST + 1};
	assert_false(send_journal_add(journal, &record, 1, &err));
	assert_int_equal(file_size(), 0);
	record.body.len--;
	add_one(record);
	add(NULL, 0);
}

static void test_a_large_file_is_rewritten_with_what_is_wanted(void **state)
{
	enum { ANSWERS = 800 };
	struct send_record old = record_of(JOURNAL_SEND, 1, 1), *got;
	struct text body = {arena_alloc(&arena, 90000), 90000};

	(void)state;
	old.at = instant_add_ms(old.at, -49LL * 3600 * 1000);
	reopen();
	add_one(old);
	add_one(record_of(JOURNAL_SEND, 2, 1));
	for (unsigned n = 0; n < ANSWERS; n++) {
		struct send_record records[2] = {answer_of(n, 1, ""), record_of(JOURNAL_APPLIED, n, 1)};

		records[0].body = body;
		add(records, n == 5 ? 1 : 2);
	}
	assert_true(file_size() > 64 << 20);
	reopen();
	assert_true(file_size() < 100000);
	assert_int_equal(sends_since((struct instant){0}, &got), 1);
	assert_int_equal(got[0].id.b[4], 2);
	assert_int_equal(unapplied(&got), 1);
	assert_int_equal(got[0].id.b[4], 5);
	assert_true(text_same(got[0].body, body));
	add_one(record_of(JOURNAL_SEND, 3, 1));
	reopen();
	assert_int_equal(sends_since((struct instant){0}, &got), 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

static void test_a_tool_reads_it_while_its_owner_has_the_lock(void **state)
{
	struct send_record *sends;
	struct err err;
	size_t count;

	(void)state;
	reopen();
	add_one(record_of(JOURNAL_SEND, 1, 3));
	add_one(answer_of(1, 3, "not a send"));
	CHECK(send_journal_read(folder, (struct instant){0}, &arena, &sends, &count, &err), "%s", err.text);
	assert_true(count == 1 && sends[0].attempt == 3);
	CHECK(send_journal_read(folder, instant_add_ms(clock_wall(), 60000), &arena, &sends, &count, &err),
		"%s", err.text);
	assert_int_equal(count, 0);
	add_one(record_of(JOURNAL_SEND, 2, 1));
}

static void test_a_journal_that_is_not_there_is_not_an_empty_one(void **state)
{
	struct send_record *sends;
	struct err err;
	size_t count;

	(void)state;
	assert_false(send_journal_read(folder, (struct instant){0}, &arena, &sends, &count, &err));
	assert_int_equal(err.class, ERR_BROKEN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_what_was_added_is_there_after_a_restart),
		TEST(test_sends_are_told_since_an_instant),
		TEST(test_an_answer_is_owed_until_it_is_applied),
		TEST(test_a_file_cut_anywhere_keeps_what_is_whole),
		TEST(test_zeros_behind_the_end_are_a_torn_tail),
		TEST(test_damage_with_later_batches_behind_it_is_for_a_person),
		TEST(test_a_second_process_is_kept_out),
		TEST(test_a_tool_reads_it_while_its_owner_has_the_lock),
		TEST(test_a_journal_that_is_not_there_is_not_an_empty_one),
		TEST(test_a_folder_that_is_not_there_is_told),
		TEST(test_after_a_failed_write_the_journal_refuses),
		TEST(test_a_body_that_is_too_long_is_refused_unwritten),
		TEST(test_a_large_file_is_rewritten_with_what_is_wanted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
