#include "folder.h"

#include "io/clock.h"
#include "io/spool.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static struct arena arena;
static struct spool *spool;
static atomic_uint woken;

static void on_wake(void *self)
{
	(void)self;
	atomic_fetch_add(&woken, 1);
}

static struct spool_conf conf_of(void)
{
	return (struct spool_conf){.folder = folder,
		.segment_size = SPOOL_SEGMENT_LEAST,
		.most = 64u << 20,
		.group_ms = 2,
		.group_records = 64,
		.wake = on_wake};
}

static void reopen(void)
{
	const struct spool_conf conf = conf_of();
	struct err err = {0};

	spool_close(&spool);
	CHECK(spool_open(&spool, &conf, &err), "%s", err.text);
}

static int begin(void **state)
{
	(void)state;
	arena_init(&arena);
	folder_make();
	reopen();
	return 0;
}

static int end(void **state)
{
	(void)state;
	spool_close(&spool);
	folder_remove();
	arena_done(&arena);
	return 0;
}

static struct text body_of(uint64_t seed, size_t len)
{
	char *bytes = arena_alloc(&arena, len + 1);

	for (size_t i = 0; i < len; i++)
		bytes[i] = (char)('a' + (seed * 31 + i) % 26);
	return (struct text){bytes, len};
}

static uint64_t keep(size_t len, bool wants_hand)
{
	uint64_t number;
	bool hand;

	assert_true(spool_keep(spool, body_of(1, len), clock_wall(), &number, &hand));
	CHECK(hand == wants_hand, "%llu", (unsigned long long)number);
	return number;
}

/* Waits until all numbers below `end` have an outcome. */
static void settle(uint64_t end, bool wants_durable)
{
	uint64_t first, until = 0;
	bool durable;
	int code;

	for (unsigned i = 0; i < 10000 && until < end; i++) {
		while (spool_outcome(spool, &first, &until, &durable, &code))
			CHECK(durable == wants_durable, "%llu..%llu: %s", (unsigned long long)first,
				(unsigned long long)until, strerror(code));
		usleep(500);
	}
	CHECK(until >= end, "told until %llu", (unsigned long long)until);
}

static uint64_t next_number(void)
{
	struct spool_record record;

	return spool_next(spool, &record) ? record.number : 0;
}

static struct spool_state look(void)
{
	struct spool_state state;

	spool_look(spool, &state);
	return state;
}

static unsigned files(const char *suffix)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;
	unsigned count = 0;

	assert_non_null(dir);
	while ((entry = readdir(dir)) != NULL)
		count += strlen(entry->d_name) > strlen(suffix) &&
			 strcmp(entry->d_name + strlen(entry->d_name) - strlen(suffix), suffix) == 0;
	closedir(dir);
	return count;
}

static void test_what_the_broker_has_not_is_there_after_a_restart(void **state)
{
	struct spool_record record;
	struct text body = text_of("{\"Body\":1}");
	uint64_t number;
	bool hand;

	(void)state;
	keep(100, true);
	keep(0, true);
	assert_true(spool_keep(spool, body, (struct instant){1234567}, &number, &hand));
	settle(4, true);
	spool_report(spool, 1, true);
	spool_report(spool, 2, true);
	reopen();
	assert_int_equal(look().kept, 1);
	assert_true(spool_next(spool, &record));
	assert_int_equal(record.number, 3);
	assert_int_equal(record.at.us, 1234567);
	assert_true(text_same(record.bytes, body));
	assert_false(spool_next(spool, &record));
	spool_report(spool, 3, true);
	reopen();
	assert_int_equal(look().kept, 0);
	assert_int_equal(keep(10, true), 4);
}

static void test_what_the_broker_did_not_take_comes_from_the_disk(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 10; i++)
		keep(1000, true);
	settle(11, true);
	spool_report(spool, 4, false);
	spool_report(spool, 2, false);
	spool_report(spool, 1, true);
	keep(10, false);
	assert_int_equal(next_number(), 2);
	assert_int_equal(next_number(), 4);
	settle(12, true);
	assert_int_equal(next_number(), 11);
	assert_int_equal(next_number(), 0);
	spool_report(spool, 2, false);
	assert_int_equal(next_number(), 2);
}

/* An hour without a broker, in small: nothing is given up, and the disk is given back. */
static void test_more_than_the_window_waits_on_the_disk(void **state)
{
	enum { COUNT = 10000 };
	static unsigned char seen[COUNT + 1];
	struct spool_record record;
	unsigned had = 0;

	(void)state;
	for (uint64_t n = 1; n <= COUNT; n++) {
		keep(700 + n % 300, n <= 4096);
		if (n % 1000 == 0) {
			settle(n + 1, true);
			arena_reset(&arena);
		}
	}
	assert_int_equal(look().kept, COUNT);
	assert_int_equal(look().on_their_way, 4096);
	assert_true(files(".spool") > 20);
	for (uint64_t n = 1; n <= 4096; n++)
		spool_report(spool, n, false);
	while (spool_next(spool, &record)) {
		assert_int_equal(record.bytes.len, 700 + record.number % 300);
		seen[record.number]++;
		had++;
		spool_report(spool, record.number, true);
	}
	assert_int_equal(had, COUNT);
	for (uint64_t n = 1; n <= COUNT; n++)
		assert_int_equal(seen[n], 1);
	spool_tidy(spool);
	assert_int_equal(files(".spool"), 1);
	assert_int_equal(look().damaged, 0);
	keep(10, true);
}

static int open_segment(unsigned number)
{
	char name[64];
	int fd;

	snprintf(name, sizeof(name), "%016x.spool", number);
	fd = open(folder_path(name, &arena), O_RDWR);
	assert_true(fd >= 0);
	return fd;
}

static void damage(off_t at)
{
	int fd = open_segment(1);
	unsigned char byte;

	assert_int_equal(pread(fd, &byte, 1, at), 1);
	byte ^= 0x40;
	assert_int_equal(pwrite(fd, &byte, 1, at), 1);
	close(fd);
}

static void test_a_bad_record_costs_only_itself(void **state)
{
	const off_t size = (off_t)spool_record_size(50);

	(void)state;
	for (unsigned i = 0; i < 5; i++)
		keep(50, true);
	settle(6, true);
	spool_close(&spool);
	damage(SPOOL_HEAD + 2 * size + 30); /* in the third */
	reopen();
	assert_int_equal(look().kept, 5);
	for (uint64_t n = 1; n <= 5; n++) {
		if (n == 3)
			continue;
		assert_int_equal(next_number(), n);
		spool_report(spool, n, true);
	}
	assert_int_equal(next_number(), 0);
	assert_int_equal(look().kept, 0);
	assert_int_equal(look().damaged, 1);
	keep(10, true);
	settle(7, true);
	spool_tidy(spool);
	assert_int_equal(files(".bad"), 1);
	assert_int_equal(files(".spool"), 1);
}

static void test_a_bad_length_costs_only_its_record(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 3; i++)
		keep(50, true);
	settle(4, true);
	spool_close(&spool);
	damage(SPOOL_HEAD + (off_t)spool_record_size(50) + 2);
	reopen();
	assert_int_equal(next_number(), 1);
	assert_int_equal(next_number(), 3);
}

static void test_a_torn_end_is_the_end(void **state)
{
	const off_t size = (off_t)spool_record_size(50);
	unsigned char zeros[40] = {0};
	int fd;

	(void)state;
	for (unsigned i = 0; i < 3; i++)
		keep(50, true);
	settle(4, true);
	spool_close(&spool);
	fd = open_segment(1);
	assert_int_equal(pwrite(fd, zeros, sizeof(zeros), SPOOL_HEAD + 3 * size - 40), 40);
	close(fd);
	reopen();
	assert_int_equal(look().kept, 2);
	assert_int_equal(next_number(), 1);
	assert_int_equal(next_number(), 2);
	assert_int_equal(next_number(), 0);
	/* Its number is given again, in a segment of its own. */
	assert_int_equal(keep(10, true), 3);
	settle(4, true);
	reopen();
	assert_int_equal(look().kept, 3);
}

static void test_a_damaged_head_is_no_end(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 3; i++)
		keep(50, true);
	settle(4, true);
	reopen();
	assert_int_equal(keep(50, false), 4);
	settle(5, true);
	spool_close(&spool);
	damage(3);
	reopen();
	assert_int_equal(next_number(), 4);
	assert_int_equal(look().damaged, 1);
}

static void test_when_nobody_knows_what_is_freed_everything_comes_again(void **state)
{
	int fd;

	(void)state;
	keep(50, true);
	keep(50, true);
	settle(3, true);
	spool_report(spool, 1, true);
	spool_close(&spool);
	fd = open(folder_path("freed", &arena), O_WRONLY | O_TRUNC);
	close(fd);
	reopen();
	assert_int_equal(next_number(), 1);
	assert_int_equal(next_number(), 2);
}

static void test_one_process_has_it(void **state)
{
	const struct spool_conf conf = conf_of();
	struct spool *other = NULL;
	struct err err = {0};

	(void)state;
	assert_false(spool_open(&other, &conf, &err));
	assert_int_equal(err.class, ERR_BROKEN);
	assert_non_null(strstr(err.text, "another process"));
}

static void test_without_a_folder_it_says_which(void **state)
{
	struct spool_conf conf = conf_of();
	struct spool *other = NULL;
	struct err err = {0};

	(void)state;
	conf.folder = "/nowhere/at/all";
	assert_false(spool_open(&other, &conf, &err));
	assert_non_null(strstr(err.text, "/nowhere/at/all: No such file"));
}

static void limit_files(rlim_t size)
{
	struct rlimit limit = {size, RLIM_INFINITY};

	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void test_without_room_nothing_is_called_durable_until_there_is_some(void **state)
{
	(void)state;
	limit_files(SPOOL_SEGMENT_LEAST / 2);
	assert_int_equal(keep(50, true), 1);
	assert_int_equal(keep(50, true), 2);
	settle(3, false);
	spool_report(spool, 1, false);
	spool_report(spool, 2, true);
	assert_int_equal(next_number(),
		0); /* the broker did not take it, and the disk has it not: its sender was told */
	assert_int_equal(look().kept, 0);
	assert_int_equal(look().broken, 0);
	limit_files(RLIM_INFINITY);
	assert_int_equal(keep(50, true), 3);
	settle(4, true);
	reopen();
	assert_int_equal(next_number(), 3);
}

static void test_a_full_spool_takes_no_more(void **state)
{
	struct spool_conf conf = conf_of();
	struct err err = {0};
	uint64_t number = 0;
	bool hand, took = true;

	(void)state;
	spool_close(&spool);
	conf.most = 3 * SPOOL_SEGMENT_LEAST;
	assert_true(spool_open(&spool, &conf, &err));
	for (unsigned i = 0; i < 100 && took; i++) {
		took = spool_keep(spool, body_of(1, 10000), clock_wall(), &number, &hand);
		if (took)
			settle(number + 1, true);
		arena_reset(&arena);
	}
	assert_false(took);
	assert_true(number > 40 && number < 60);
	for (uint64_t n = 1; n <= number; n++)
		spool_report(spool, n, true);
	spool_tidy(spool);
	assert_true(spool_keep(spool, body_of(1, 10000), clock_wall(), &number, &hand));
}

/* A child that keeps, and tells by a pipe what is durable and, before it reports so, what is freed; killed at any moment. */
static void child(int pipe_fd)
{
	uint64_t told[2], first, until = 0, number = 0, delivered = 0;
	struct spool_record record;
	bool hand, durable;
	int code;

	while (spool_next(spool, &record))
		spool_report(spool, record.number, true);
	for (;;) {
		if (number < until + 1000 &&
			spool_keep(spool, body_of(1, 900), clock_wall(), &number, &hand) && delivered == 0)
			until = delivered = number;
		if (number % 50 == 0)
			usleep(300);
		while (spool_outcome(spool, &first, &until, &durable, &code)) {
			for (; delivered + 200 < until; delivered++)
				spool_report(spool, delivered, true);
			told[0] = delivered;
			told[1] = until;
			if (write(pipe_fd, told, sizeof(told)) != (ssize_t)sizeof(told))
				_exit(1);
			spool_tidy(spool);
		}
		arena_reset(&arena);
	}
}

static void test_killed_at_any_moment_it_has_all_that_was_durable(void **state)
{
	(void)state;
	srand(11);
	for (unsigned round = 0; round < 12; round++) {
		uint64_t told[2] = {0, 0}, seen = 0, first = 0;
		struct spool_record record;
		int fds[2], status;
		pid_t pid;

		assert_int_equal(pipe(fds), 0);
		spool_close(&spool);
		pid = fork();
		assert_true(pid >= 0);
		if (pid == 0) {
			reopen();
			child(fds[1]);
		}
		close(fds[1]);
		usleep(20000 + (unsigned)rand() % 60000);
		kill(pid, SIGKILL);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
		while (read(fds[0], told, sizeof(told)) == (ssize_t)sizeof(told)) {
		}
		close(fds[0]);
		reopen();
		while (spool_next(spool, &record)) {
			if (first == 0)
				first = record.number;
			seen = record.number;
			spool_report(spool, record.number, true);
		}
		CHECK(told[1] > 0 && seen + 1 >= told[1] && first <= told[0] + 200,
			"round %u: durable until %llu, freed until %llu; found %llu to %llu", round,
			(unsigned long long)told[1], (unsigned long long)told[0], (unsigned long long)first,
			(unsigned long long)seen);
		assert_int_equal(look().damaged, 0);
	}
}

/* The linker sends the calls here that make a segment, so that the process can be killed between any two of them. */
static enum { NOWHERE, BEFORE_ITS_ROOM, BEFORE_ITS_SYNC, BEFORE_ITS_NAME, BEHIND_ITS_NAME } killed_at;

static void die_if(bool there)
{
	if (there)
		kill(getpid(), SIGKILL);
}

int __real_posix_fallocate(int fd, off_t at, off_t len);
int __wrap_posix_fallocate(int fd, off_t at, off_t len);
int __wrap_posix_fallocate(int fd, off_t at, off_t len)
{
	die_if(killed_at == BEFORE_ITS_ROOM);
	return __real_posix_fallocate(fd, at, len);
}

int __real_fsync(int fd);
int __wrap_fsync(int fd);
int __wrap_fsync(int fd)
{
	die_if(killed_at == BEFORE_ITS_SYNC);
	return __real_fsync(fd);
}

int __real_renameat(int from_folder, const char *from, int to_folder, const char *to);
int __wrap_renameat(int from_folder, const char *from, int to_folder, const char *to);
int __wrap_renameat(int from_folder, const char *from, int to_folder, const char *to)
{
	int code;

	die_if(killed_at == BEFORE_ITS_NAME);
	code = __real_renameat(from_folder, from, to_folder, to);
	die_if(killed_at == BEHIND_ITS_NAME);
	return code;
}

static void test_killed_while_it_makes_a_segment_it_is_whole(void **state)
{
	(void)state;
	for (int at = BEFORE_ITS_ROOM; at <= BEHIND_ITS_NAME; at++) {
		struct spool_record record;
		uint64_t number;
		int status;
		pid_t pid;

		spool_close(&spool);
		pid = fork();
		assert_true(pid >= 0);
		if (pid == 0) {
			reopen();
			while (spool_next(spool, &record)) {
			}
			killed_at = at;
			keep(100, true);
			spool_close(&spool);
			_exit(1);
		}
		assert_int_equal(waitpid(pid, &status, 0), pid);
		CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, "killed at %d: status %d", at,
			status);
		reopen();
		CHECK(look().damaged == 0, "killed at %d: %llu places damaged", at,
			(unsigned long long)look().damaged);
		CHECK(!spool_next(spool, &record), "killed at %d: a record that was not written", at);
		number = keep(100, true);
		settle(number + 1, true);
		spool_report(spool, number, true);
		spool_tidy(spool);
		CHECK(look().kept == 0, "killed at %d: %llu are kept", at, (unsigned long long)look().kept);
	}
}

#define SPOOL_TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SPOOL_TEST(test_what_the_broker_has_not_is_there_after_a_restart),
		SPOOL_TEST(test_what_the_broker_did_not_take_comes_from_the_disk),
		SPOOL_TEST(test_more_than_the_window_waits_on_the_disk),
		SPOOL_TEST(test_a_bad_record_costs_only_itself),
		SPOOL_TEST(test_a_bad_length_costs_only_its_record),
		SPOOL_TEST(test_a_torn_end_is_the_end),
		SPOOL_TEST(test_a_damaged_head_is_no_end),
		SPOOL_TEST(test_when_nobody_knows_what_is_freed_everything_comes_again),
		SPOOL_TEST(test_one_process_has_it),
		SPOOL_TEST(test_without_a_folder_it_says_which),
		SPOOL_TEST(test_without_room_nothing_is_called_durable_until_there_is_some),
		SPOOL_TEST(test_a_full_spool_takes_no_more),
		SPOOL_TEST(test_killed_at_any_moment_it_has_all_that_was_durable),
		SPOOL_TEST(test_killed_while_it_makes_a_segment_it_is_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
