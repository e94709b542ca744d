#include "check.h"

#include "darajasim/ledger.h"

#include <stdlib.h>
#include <unistd.h>

struct seen {
	unsigned lines;
	int64_t last;
};

static void on_line(void *self, const json_t *line)
{
	struct seen *seen = self;

	seen->lines++;
	seen->last = json_integer_value(json_object_get(line, "n"));
}

static const struct instant now = {INT64_C(1795418100000000)};

static struct ledger *open_at(const char *path, struct seen *seen)
{
	struct ledger *ledger = NULL;
	struct err err = {0};

	*seen = (struct seen){0};
	CHECK(ledger_open(&ledger, path, true, on_line, seen, &err), "%s", err.text);
	return ledger;
}

static void add(struct ledger *ledger, const char *value)
{
	ledger_begin(ledger, now, "request");
	ledger_text(ledger, "value", value);
	ledger_text(ledger, "empty", "");
	ledger_text(ledger, "none", NULL);
	ledger_number(ledger, "shillings", 350);
	ledger_flag(ledger, "yes", true);
	ledger_end(ledger);
}

static json_t *read_all(const struct ledger *ledger)
{
	struct text text;
	struct err err;
	json_t *json;

	assert_true(ledger_read(ledger, &text, &err));
	json = json_loadb(text.at, text.len, 0, NULL);
	free((void *)text.at);
	CHECK(json_is_array(json), "%s", "the ledger is no array");
	return json;
}

static void test_lines_are_there_after_the_flush_and_not_before(void **state)
{
	char path[] = "/tmp/test_ledger.XXXXXX";
	struct seen seen;
	struct ledger *ledger;
	struct err err;
	json_t *json;

	(void)state;
	close(mkstemp(path));
	ledger = open_at(path, &seen);
	add(ledger, "a \"quoted\"\n\xff value");
	json = read_all(ledger);
	assert_int_equal(json_array_size(json), 0);
	json_decref(json);
	assert_true(ledger_is_dirty(ledger) && ledger_flush(ledger, &err) && !ledger_is_dirty(ledger));
	json = read_all(ledger);
	assert_int_equal(json_array_size(json), 1);
	assert_int_equal(json_object_size(json_array_get(json, 0)), 6);
	json_decref(json);
	ledger_close(&ledger);
	unlink(path);
}

static void test_many_lines_go_out_in_one_flush(void **state)
{
	char path[] = "/tmp/test_ledger.XXXXXX";
	struct seen seen;
	struct ledger *ledger;
	struct err err;

	(void)state;
	close(mkstemp(path));
	ledger = open_at(path, &seen);
	for (unsigned i = 0; i < 20000; i++)
		add(ledger, "a value that takes some room, so that the memory has to grow");
	assert_true(ledger_flush(ledger, &err));
	ledger_close(&ledger);
	ledger = open_at(path, &seen);
	assert_int_equal(seen.lines, 20000);
	assert_int_equal(seen.last, 20000);
	ledger_close(&ledger);
	unlink(path);
}

static void test_a_torn_line_costs_nobody_else(void **state)
{
	char path[] = "/tmp/test_ledger.XXXXXX";
	struct seen seen;
	struct ledger *ledger;
	struct err err;
	int fd = mkstemp(path);
	json_t *json;

	(void)state;
	assert_true(dprintf(fd, "{\"n\":7}\n{\"n\":8,\"kin") > 0);
	close(fd);
	ledger = open_at(path, &seen);
	assert_int_equal(seen.lines, 1);
	add(ledger, "after");
	assert_true(ledger_flush(ledger, &err));
	json = read_all(ledger);
	assert_int_equal(json_array_size(json), 2);
	assert_int_equal(json_integer_value(json_object_get(json_array_get(json, 1), "n")), 8);
	json_decref(json);
	ledger_close(&ledger);
	unlink(path);
}

static void test_a_place_that_cannot_be_written_is_an_error(void **state)
{
	struct ledger *ledger = NULL;
	struct seen seen = {0};
	struct err err = {0};

	(void)state;
	assert_false(ledger_open(&ledger, "/nonexistent/ledger", true, on_line, &seen, &err));
	assert_null(ledger);
	assert_int_equal(err.class, ERR_BROKEN);
	assert_true(ledger_open(&ledger, "/dev/full", true, on_line, &seen, &err));
	add(ledger, "lost");
	assert_false(ledger_flush(ledger, &err));
	ledger_close(&ledger);
	ledger_close(&ledger);
}

/* /dev/null takes every line and cannot be synced. */
static void test_the_disk_is_waited_for_unless_told_otherwise(void **state)
{
	(void)state;
	for (int sync = 0; sync <= 1; sync++) {
		struct ledger *ledger = NULL;
		struct seen seen = {0};
		struct err err = {0};

		assert_true(ledger_open(&ledger, "/dev/null", sync, on_line, &seen, &err));
		add(ledger, "taken");
		assert_int_equal(ledger_flush(ledger, &err), sync == 0);
		ledger_close(&ledger);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines_are_there_after_the_flush_and_not_before),
		cmocka_unit_test(test_many_lines_go_out_in_one_flush),
		cmocka_unit_test(test_a_torn_line_costs_nobody_else),
		cmocka_unit_test(test_the_disk_is_waited_for_unless_told_otherwise),
		cmocka_unit_test(test_a_place_that_cannot_be_written_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
