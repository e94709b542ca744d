#include "io/file_watch.h"

#include "folder.h"
#include "../memory.h"

#include <sys/stat.h>

static struct file_watch watch;

static int setup(void **state)
{
	start_memory(state);
	folder_make();
	watch = (struct file_watch){0};
	return 0;
}

static int teardown(void **state)
{
	file_watch_done(&watch);
	folder_remove();
	return stop_memory(state);
}

static void add(const char *name)
{
	file_watch_add(&watch, folder_path(name, &arena));
}

static void put(const char *name, const char *text)
{
	folder_write(name, text_of(text), &arena);
}

static void test_no_files_are_always_the_same(void **unused)
{
	(void)unused;
	assert_int_equal(file_watch_look(&watch), FILES_SAME);
}

static void test_a_change_is_told_when_it_rests(void **unused)
{
	(void)unused;
	put("one", "1");
	add("one");
	add("one");
	assert_int_equal(watch.count, 1);
	assert_int_equal(file_watch_look(&watch), FILES_SAME);
	put("one", "");
	assert_int_equal(file_watch_look(&watch), FILES_MOVING);
	put("one", "12");
	assert_int_equal(file_watch_look(&watch), FILES_MOVING);
	assert_int_equal(file_watch_look(&watch), FILES_CHANGED);
	assert_int_equal(
		file_watch_look(&watch), FILES_CHANGED); /* until they are read, and so remembered, anew */
}

static void test_one_that_moves_holds_up_the_others(void **unused)
{
	(void)unused;
	for (int i = 0; i < 9; i++) {
		const char *name = arena_print(&arena, "file%d", i);

		put(name, "1");
		add(name);
	}
	put("file0", "22");
	assert_int_equal(file_watch_look(&watch), FILES_MOVING);
	put("file8", "333");
	assert_int_equal(file_watch_look(&watch), FILES_MOVING);
	assert_int_equal(file_watch_look(&watch), FILES_CHANGED);
}

static void test_a_file_that_comes_or_goes_is_a_change(void **unused)
{
	(void)unused;
	put("one", "1");
	add("one");
	add("later");
	assert_int_equal(file_watch_look(&watch), FILES_SAME);
	put("later", "1");
	assert_int_equal(file_watch_look(&watch), FILES_MOVING);
	assert_int_equal(file_watch_look(&watch), FILES_CHANGED);
	unlink(folder_path("later", &arena));
	assert_int_equal(file_watch_look(&watch), FILES_SAME);
	unlink(folder_path("one", &arena));
	assert_int_equal(file_watch_look(&watch), FILES_MOVING);
	assert_int_equal(file_watch_look(&watch), FILES_CHANGED);
}

/* As Kubernetes does it with a mounted secret: the file is a link, and what it leads to is exchanged. */
static void test_a_link_that_leads_elsewhere_is_a_change(void **unused)
{
	(void)unused;
	put("first", "1");
	put("second", "2");
	assert_int_equal(symlink("first", folder_path("link", &arena)), 0);
	add("link");
	assert_int_equal(file_watch_look(&watch), FILES_SAME);
	assert_int_equal(symlink("second", folder_path("next", &arena)), 0);
	assert_int_equal(rename(folder_path("next", &arena), folder_path("link", &arena)), 0);
	assert_int_equal(file_watch_look(&watch), FILES_MOVING);
	assert_int_equal(file_watch_look(&watch), FILES_CHANGED);
}

static void test_a_file_that_becomes_readable_is_a_change(void **unused)
{
	(void)unused;
	put("one", "1");
	assert_int_equal(chmod(folder_path("one", &arena), 0), 0);
	add("one");
	assert_int_equal(chmod(folder_path("one", &arena), 0600), 0);
	assert_int_equal(file_watch_look(&watch), FILES_MOVING);
	assert_int_equal(file_watch_look(&watch), FILES_CHANGED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_no_files_are_always_the_same, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_change_is_told_when_it_rests, setup, teardown),
		cmocka_unit_test_setup_teardown(test_one_that_moves_holds_up_the_others, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_file_that_comes_or_goes_is_a_change, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_a_link_that_leads_elsewhere_is_a_change, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_a_file_that_becomes_readable_is_a_change, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
