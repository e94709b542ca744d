#include "database.h"

#include "core/result.h"
#include "io/operator_store.h"
#include "io/recovery_store.h"
#include "wire/result_wire.h"

static struct store *store;
static PGconn *conn;

static struct send_record sent(unsigned number, unsigned attempt)
{
	return (struct send_record){.kind = JOURNAL_SEND,
		.id = id_of(number),
		.attempt = attempt,
		.gen = attempt,
		.at = {1780000000000000},
		.fence_at = {1980000000000000}};
}

static size_t forgotten(const struct send_record *sends, size_t count, struct forgotten **ret)
{
	struct err err;
	size_t found;

	CHECK(recovery_store_forgotten(store, sends, count, &database.arena, ret, &found, &err), "%s",
		err.text);
	return found;
}

static void mend(const struct forgotten *list, size_t count, size_t want_mended, size_t want_rowless)
{
	size_t mended, rowless;
	struct err err;

	CHECK(store_begin(store, NULL, &err) &&
			recovery_store_mend(
				store, list, count, 1, &database.arena, &mended, &rowless, &err) &&
			operator_store_add(store,
				&(struct operator_action){.action = "recover",
					.reference = "",
					.by = "someone",
					.detail = "what was done"},
				&err) &&
			store_commit(store, &err),
		"%s", err.text);
	CHECK(mended == want_mended && rowless == want_rowless, "%zu mended, %zu not there", mended, rowless);
}

/* The query ends where the payment's id is to stand. */
static const char *about(unsigned number, const char *query)
{
	char id[UUID_TEXT];
	const struct uuid uuid = id_of(number);

	return sql(conn, arena_print(&database.arena, "%s '%s'", query, uuid_text(&uuid, id)));
}

static void test_what_was_sent_and_forgotten_is_put_into_doubt_once(void **unused)
{
	const struct send_record sends[] = {sent(1, 1), sent(2, 1), sent(3, 1)};
	struct forgotten *list;

	(void)unused;
	insert_plain(store, 1, 2);
	sql(conn, "update payment_state set attempt = 1 where id = '018f0000-0000-7000-8000-000000000002'");
	assert_int_equal(forgotten(sends, COUNT_OF(sends), &list), 2);
	assert_true(!list[0].rowless && list[1].rowless);
	mend(list, 2, 1, 1);

	struct payment_row row = read_one(store, 1);
	assert_int_equal(row.state.state, STATE_UNKNOWN);
	assert_true(row.state.attempt == 1 && row.state.gen == 1);
	assert_int_equal(row.state.fence_at.us, sends[0].fence_at.us);
	assert_int_equal(row.state.result_ver, 0);
	assert_string_equal(about(1, "select event from journal where payment_id ="), "RECOVERED");
	assert_string_equal(about(1, "select what from timer where ids[1] ="), "1");
	assert_string_equal(about(1, "select count(*) from owed where ids[1] ="), "0");
	assert_int_equal(read_one(store, 2).state.state, STATE_ACCEPTED);
	assert_string_equal(sql(conn, "select action || first_by from operator_action"), "recoversomeone");
	mend(list, 2, 0, 1);
	assert_int_equal(forgotten(sends, COUNT_OF(sends), &list), 1);
	assert_true(list[0].rowless);
}

static void test_a_failure_that_was_published_is_told_as_unresolved_under_a_higher_version(void **unused)
{
	const struct send_record send = sent(11, 1);
	struct forgotten *list;
	struct result result;
	struct err err;

	(void)unused;
	insert_plain(store, 11, 1);
	sql(conn, "update payment_state set state = 7, result_ver = 1 where id = "
		  "'018f0000-0000-7000-8000-00000000000b'");
	assert_int_equal(forgotten(&send, 1, &list), 1);
	mend(list, 1, 1, 0);

	struct payment_row row = read_one(store, 11);
	assert_int_equal(row.state.state, STATE_UNRESOLVED);
	assert_int_equal(row.state.result_ver, 1001);
	assert_string_equal(about(11, "select versions[1] from owed where ids[1] ="), "1001");
	row.payment.command = text_of("\x0a\x01x"); /* an id */
	CHECK(result_thaw(&row.payment, &row.state, &database.arena, &result, &err), "%s", err.text);
	assert_true(result.outcome == OUTCOME_UNRESOLVED && result.version == 1001);
	assert_string_equal(result.cause.code, "unresolved.recovered");
}

static void test_another_connection_has_another_generation(void **unused)
{
	struct err err;
	unsigned before = store_generation(store);

	(void)unused;
	sql(conn, "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'test' "
		  "and datname = current_database()");
	while (!store_begin(store, NULL, &err))
		assert_int_equal(store_generation(store), before);
	store_rollback(store);
	assert_int_equal(store_generation(store), before + 1);
}

static int setup(void **unused)
{
	(void)unused;
	database_make("recover");
	database_migrate();
	store = database_store();
	conn = database_sql();
	return 0;
}

static int teardown(void **unused)
{
	(void)unused;
	PQfinish(conn);
	store_close(&store);
	database_drop();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_was_sent_and_forgotten_is_put_into_doubt_once),
		cmocka_unit_test(
			test_a_failure_that_was_published_is_told_as_unresolved_under_a_higher_version),
		cmocka_unit_test(test_another_connection_has_another_generation),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
