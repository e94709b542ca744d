#include "database.h"

#include "io/clock.h"

#include <pthread.h>
#include <sys/stat.h>

static struct store *store;

#define SAME(what, got, want)                                                                                \
	CHECK((got) == (want), "%s: %lld, not %lld", what, (long long)(got), (long long)(want))

/* Begins, and writes one payment; nothing is committed yet. */
static void write_one(unsigned number)
{
	struct payment payment;
	struct payment_state state;
	struct payment_new new = {.payment = &payment, .state = &state};
	struct err err;

	payment_plain(number, &payment, &state);
	CHECK(store_begin(store, NULL, &err) && payment_store_insert(store, &new, 1, &err), "%s", err.text);
}

static void test_a_poison_row_is_refused_and_the_connection_goes_on(void **unused)
{
	static const struct {
		const char *what, *party, *state;
	} cases[] = {
		{"bad UTF-8", "\xff\xfe", "22021"},
		{"an overlong form", "\xc0\x80", "22021"},
	};
	PGconn *conn = database_sql();

	(void)unused;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct payment payment;
		struct payment_state state;
		struct payment_new new = {.payment = &payment, .state = &state};
		const char *before =
			sql(conn, "select count(*) from pg_stat_activity where application_name = 'test'");
		struct err err;

		payment_plain(1, &payment, &state);
		payment.party = cases[i].party;
		CHECK(store_begin(store, NULL, &err), "%s", err.text);
		CHECK(!payment_store_insert(store, &new, 1, &err), "%s: inserted", cases[i].what);
		SAME(cases[i].what, err.class, ERR_REFUSED);
		CHECK(strcmp(err.state, cases[i].state) == 0, "%s: %s", cases[i].what, err.state);
		CHECK(store_is_up(store), "%s", cases[i].what);
		CHECK(!store_commit(store, &err), "%s: a failed transaction was committed", cases[i].what);
		CHECK(strcmp(before, "1") == 0, "%s connections", before);
	}
	assert_false(read_one(store, 1).found);
	insert_plain(store, 2, 1);
	assert_true(read_one(store, 2).found);
	PQfinish(conn);
}

static void kill_backend(void)
{
	PGconn *conn = database_sql();

	sql(conn, "select pg_terminate_backend(pid, 5000) from pg_stat_activity where application_name = "
		  "'test'");
	PQfinish(conn);
}

static void test_a_commit_over_a_lost_connection_is_not_known(void **unused)
{
	struct err err;

	(void)unused;
	write_one(10);
	kill_backend();
	assert_false(store_commit(store, &err));
	SAME("class", err.class, ERR_UNKNOWN);
	assert_false(store_is_up(store));
	/* The next transaction makes the connection anew. */
	insert_plain(store, 11, 1);
	assert_false(read_one(store, 10).found);
	assert_true(read_one(store, 11).found);
}

static void test_a_statement_over_a_lost_connection_may_be_repeated(void **unused)
{
	const struct uuid id = id_of(12);
	struct payment_row row;
	struct err err;

	(void)unused;
	CHECK(store_begin(store, NULL, &err), "%s", err.text);
	kill_backend();
	assert_false(payment_store_lock(store, &id, 1, &database.arena, &row, &err));
	SAME("class", err.class, ERR_RETRY);
	CHECK(!store_commit(store, &err), "committed without a connection");
	insert_plain(store, 12, 1);
}

static void test_a_rolled_back_transaction_leaves_nothing(void **unused)
{
	struct err err;

	(void)unused;
	write_one(15);
	store_rollback(store);
	assert_false(read_one(store, 15).found);
	assert_false(store_commit(store, &err));
	store_rollback(store);
	assert_true(store_is_up(store));
}

struct committing {
	bool done;
	struct err err;
};

static void *commit_it(void *self)
{
	struct committing *committing = self;

	committing->done = store_commit(store, &committing->err);
	return NULL;
}

/* An administrator cancels a COMMIT that waits for a standby: the server says COMMIT, and warns. */
static void test_a_commit_that_came_with_a_warning_is_not_durable(void **unused)
{
	static const char waiting[] =
		"select pid from pg_stat_activity where application_name = 'test' and wait_event = 'SyncRep'";
	struct committing committing = {0};
	PGconn *conn = database_sql();
	const char *pid = "";
	pthread_t thread;

	(void)unused;
	sql(conn, "set synchronous_commit = local");
	sql(conn, "alter system set synchronous_standby_names = 'nobody'");
	sql(conn, "select pg_reload_conf()");
	clock_sleep_ms(200);
	write_one(20);
	pthread_create(&thread, NULL, commit_it, &committing);
	for (int tries = 0; tries < 100 && *pid == '\0'; tries++) {
		clock_sleep_ms(50);
		pid = sql(conn, waiting);
	}
	if (*pid != '\0')
		sql(conn, arena_print(&database.arena, "select pg_cancel_backend(%s)", pid));
	sql(conn, "alter system reset synchronous_standby_names");
	sql(conn, "select pg_reload_conf()");
	pthread_join(thread, NULL);
	clock_sleep_ms(200);
	CHECK(*pid != '\0', "the COMMIT did not wait for the standby");
	assert_false(committing.done);
	SAME("class", committing.err.class, ERR_UNKNOWN);
	assert_false(store_is_up(store));
	/* It stands on this server all the same: that is what makes it a trap. */
	assert_true(read_one(store, 20).found);
	PQfinish(conn);
}

static void test_a_database_that_is_away_is_a_reason_to_retry(void **unused)
{
	const struct store_conf conf = {
		.conninfo = "host=/tmp/nobody-listens-here dbname=x", .keys_file = database.keys};
	struct store *none = NULL;
	struct err err;

	(void)unused;
	assert_false(store_open(&none, &conf, "test", &err));
	SAME("class", err.class, ERR_RETRY);
	assert_null(none);
}

static void test_a_store_needs_its_keys(void **unused)
{
	struct store_conf conf = {.conninfo = database.conninfo};
	struct store *none = NULL;
	struct err err;

	(void)unused;
	assert_false(store_open(&none, &conf, "test", &err));
	SAME("class", err.class, ERR_BROKEN);
	conf.keys_file = "/tmp/there-is-no-such-file";
	assert_false(store_open(&none, &conf, "test", &err));
	SAME("class", err.class, ERR_BROKEN);
}

static void test_another_schema_version_is_refused(void **unused)
{
	const struct store_conf conf = {.conninfo = database.conninfo, .keys_file = database.keys};
	PGconn *conn = database_sql();
	struct store *none = NULL;
	struct err err;

	(void)unused;
	sql(conn, "insert into schema_version (version, name, sha256) values (9999, '9999_future.sql', '')");
	assert_false(store_open(&none, &conf, "test", &err));
	SAME("class", err.class, ERR_BROKEN);
	CHECK(strstr(err.text, "mkondo migrate") != NULL, "%s", err.text);
	sql(conn, "delete from schema_version where version = 9999");
	sql(conn, "alter table schema_version rename to schema_version_");
	assert_false(store_open(&none, &conf, "test", &err));
	SAME("class", err.class, ERR_BROKEN);
	CHECK(strstr(err.text, "mkondo migrate") != NULL, "%s", err.text);
	sql(conn, "alter table schema_version_ rename to schema_version");
	PQfinish(conn);
}

static void test_migrating_again_changes_nothing(void **unused)
{
	unsigned from, to;
	struct err err;

	(void)unused;
	CHECK(store_migrate(database.conninfo, MIGRATIONS, &from, &to, &err), "%s", err.text);
	SAME("from", from, SCHEMA_VERSION);
	SAME("to", to, SCHEMA_VERSION);
}

static void write_file(const char *dir, const char *name, const char *text)
{
	FILE *file = fopen(arena_print(&database.arena, "%s/%s", dir, name), "w");

	CHECK(file != NULL, "%s", name);
	fputs(text, file);
	fclose(file);
}

static void test_migrations_are_whole_in_order_and_never_edited(void **unused)
{
	static const struct {
		const char *what, *name, *text;
		bool want;
		unsigned to;
	} cases[] = {
		{"the first", "0001_one.sql", "create table one (a int); create table uno (a int);", true, 1},
		{"not a migration", "README.md", "nothing", true, 1},
		{"fails in its second half", "0002_two.sql",
			"create table two (a int); create table one (a int);", false, 1},
		{"mended", "0002_two.sql", "create table two (a int);", true, 2},
		{"a number is missing", "0004_four.sql", "create table four (a int);", false, 2},
		{"there it is", "0003_three.sql", "create table three (a int);", true, 4},
		{"edited after it was applied", "0001_one.sql", "create table one (a int, b int);", false, 4},
	};
	const char *dir = arena_print(&database.arena, "/tmp/%s.migrations", database.name);
	const char *name = arena_print(&database.arena, "%s_other", database.name);
	const char *other = arena_print(&database.arena, "%s dbname=%s", database.server, name);
	PGconn *server = sql_connect(database.server), *conn;

	(void)unused;
	sql(server, arena_print(&database.arena, "create database %s", name));
	CHECK(mkdir(dir, 0700) == 0, "%s", dir);
	conn = sql_connect(other);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		unsigned from = 0, to = 0;
		struct err err;
		bool done;

		write_file(dir, cases[i].name, cases[i].text);
		done = store_migrate(other, dir, &from, &to, &err);
		CHECK(done == cases[i].want, "%s: %s", cases[i].what, done ? "done" : err.text);
		CHECK(done || err.class == ERR_BROKEN, "%s: %s", cases[i].what, err_class_name(err.class));
		SAME(cases[i].what, atoi(sql(conn, "select max(version) from schema_version")),
			(int)cases[i].to);
		CHECK(strcmp(sql(conn, "select count(*) from pg_class where relname = 'two'"),
			      cases[i].to >= 2 ? "1" : "0") == 0,
			"%s: half of a migration stands", cases[i].what);
	}
	PQfinish(conn);
	sql(server, arena_print(&database.arena, "drop database %s", name));
	PQfinish(server);
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		unlink(arena_print(&database.arena, "%s/%s", dir, cases[i].name));
	rmdir(dir);
}

static void *migrate_it(void *self)
{
	unsigned from, to;
	struct committing *migrating = self;

	migrating->done = store_migrate(database.conninfo, MIGRATIONS, &from, &to, &migrating->err);
	return NULL;
}

static int setup(void **unused)
{
	struct committing both[2] = {{0}};
	pthread_t threads[2];

	(void)unused;
	database_make("commit");
	/* Two jobs of one release at once: the lock makes the second one wait, and find everything done. */
	for (int i = 0; i < 2; i++)
		pthread_create(&threads[i], NULL, migrate_it, &both[i]);
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	for (int i = 0; i < 2; i++)
		CHECK(both[i].done, "%s", both[i].err.text);
	store = database_store();
	return 0;
}

static int teardown(void **unused)
{
	(void)unused;
	store_close(&store);
	database_drop();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_poison_row_is_refused_and_the_connection_goes_on),
		cmocka_unit_test(test_a_commit_over_a_lost_connection_is_not_known),
		cmocka_unit_test(test_a_statement_over_a_lost_connection_may_be_repeated),
		cmocka_unit_test(test_a_rolled_back_transaction_leaves_nothing),
		cmocka_unit_test(test_a_commit_that_came_with_a_warning_is_not_durable),
		cmocka_unit_test(test_a_database_that_is_away_is_a_reason_to_retry),
		cmocka_unit_test(test_a_store_needs_its_keys),
		cmocka_unit_test(test_another_schema_version_is_refused),
		cmocka_unit_test(test_migrating_again_changes_nothing),
		cmocka_unit_test(test_migrations_are_whole_in_order_and_never_edited),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
