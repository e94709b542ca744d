#include "database.h"

#include "io/timer_store.h"

static struct store *store, *other;
static PGconn *conn;

#define SAME(what, got, want)                                                                                \
	CHECK((got) == (want), "%s: %lld, not %lld", what, (long long)(got), (long long)(want))

static int empty(void **unused)
{
	(void)unused;
	sql(conn, "truncate timer, owed");
	return 0;
}

struct want {
	unsigned number;
	int64_t at_ms; /* from now */
	enum timer_what what;
	enum lane lane;
};

static void put_timers(const struct want *wants, size_t count)
{
	struct changes changes;
	struct instant now;
	struct err err;

	CHECK(store_begin(store, &now, &err), "%s", err.text);
	changes_init(&changes, &database.arena);
	for (size_t i = 0; i < count; i++) {
		const struct uuid id = id_of(wants[i].number);

		changes_timer(
			&changes, &id, instant_add_ms(now, wants[i].at_ms), wants[i].what, wants[i].lane);
	}
	CHECK(changes_save(store, &changes, &err) && store_commit(store, &err), "%s", err.text);
}

/* "3 5 7": the payments whose timers were taken. */
static const char *take(struct store *by, int what, int lane, size_t most)
{
	struct buf text = BUF(((char *)arena_alloc(&database.arena, 4096)));
	struct uuid *ids;
	struct err err;
	size_t count;

	text.cap = 4096;
	CHECK(timer_store_take(by, what, lane, most, &database.arena, &ids, &count, &err), "%s", err.text);
	for (size_t i = 0; i < count; i++)
		buf_print(&text, "%s%u", i > 0 ? " " : "", (unsigned)ids[i].b[14] * 256 + ids[i].b[15]);
	return buf_end(&text);
}

static void begin(struct store *by)
{
	struct err err;

	CHECK(store_begin(by, NULL, &err), "%s", err.text);
}

static void commit(struct store *by)
{
	struct err err;

	CHECK(store_commit(by, &err), "%s", err.text);
}

static void test_timers_that_lie_close_share_a_row_and_are_never_early(void **unused)
{
	static const struct want wants[] = {
		{1, 1000, TIMER_LOOK, LANE_PAYOUT},
		{2, 1020, TIMER_LOOK, LANE_PAYOUT},
		{3, 1010, TIMER_LOOK, LANE_PAYOUT},
		{4, 1021, TIMER_LOOK, LANE_PAYOUT},
		{5, 1000, TIMER_SEND, LANE_PAYOUT},
		{6, 1000, TIMER_LOOK, LANE_CARE},
		{1, 1005, TIMER_LOOK, LANE_PAYOUT},
	};
	static const char rows[] = "select string_agg(what || ':' || lane || ':' || cardinality(ids) || ':' "
				   "|| ms, ' ' order by what, lane, due_at) "
				   "from (select *, round(extract(epoch from due_at - (select min(due_at) "
				   "from timer)) * 1000) as ms from timer) t";

	(void)unused;
	put_timers(wants, COUNT_OF(wants));
	/* 1, 3 and 2 share the row of the latest of them, 20 ms after the first; 1 stands in it once. */
	CHECK(strcmp(sql(conn, rows), "0:1:1:0 1:1:3:20 1:1:1:21 1:3:1:0") == 0, "%s", sql(conn, rows));
}

static void test_only_due_timers_of_the_kind_and_lane_are_taken(void **unused)
{
	static const struct want wants[] = {
		{1, -5000, TIMER_SEND, LANE_INTERACTIVE},
		{2, -4000, TIMER_LOOK, LANE_INTERACTIVE},
		{3, -3000, TIMER_SEND, LANE_PAYOUT},
		{4, 60000, TIMER_SEND, LANE_PAYOUT},
		{5, -3000, TIMER_LOOK, LANE_PAYOUT},
	};
	static const struct {
		const char *what;
		int kind, lane;
		const char *want;
	} cases[] = {
		{"send, payout", TIMER_SEND, LANE_PAYOUT, "3"},
		{"any of interactive", -1, LANE_INTERACTIVE, "1 2"},
		{"look, anywhere", TIMER_LOOK, -1, "2 5"},
		{"all that is due", -1, -1, "1 2 3 5"},
	};

	(void)unused;
	put_timers(wants, COUNT_OF(wants));
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const char *got;

		begin(store);
		got = take(store, cases[i].kind, cases[i].lane, 100);
		store_rollback(store);
		CHECK(strcmp(got, cases[i].want) == 0, "%s: %s", cases[i].what, got);
	}
	begin(store);
	take(store, -1, -1, 100);
	commit(store);
	begin(store);
	CHECK(strcmp(take(store, -1, -1, 100), "") == 0, "taken twice");
	store_rollback(store);
	CHECK(strcmp(sql(conn, "select count(*) from timer"), "1") == 0, "what is not due must stay");
}

static void test_a_timer_is_taken_by_one_taker_only(void **unused)
{
	static const struct want wants[] = {
		{1, -5000, TIMER_SEND, LANE_CARE}, {2, -1000, TIMER_SEND, LANE_CARE}};
	const char *first, *second;

	(void)unused;
	put_timers(wants, COUNT_OF(wants));
	begin(store);
	begin(other);
	first = take(store, -1, -1, 1);
	second = take(other, -1, -1, 100);
	CHECK(strcmp(first, "1") == 0, "the oldest first: %s", first);
	CHECK(strcmp(second, "2") == 0, "the second taker: %s", second);
	/* The first dies: its timer comes back. */
	store_rollback(store);
	commit(other);
	begin(other);
	CHECK(strcmp(take(other, -1, -1, 100), "1") == 0, "the timer was lost");
	commit(other);
}

static void test_many_small_rows_are_taken_up_to_about_the_wanted_number(void **unused)
{
	struct want wants[300];
	struct uuid *ids;
	struct err err;
	size_t count;

	(void)unused;
	for (unsigned i = 0; i < COUNT_OF(wants); i++)
		wants[i] = (struct want){i, -100000 + 100 * (int64_t)i, TIMER_LOOK, LANE_PAYOUT};
	put_timers(wants, COUNT_OF(wants));
	CHECK(strcmp(sql(conn, "select count(*) from timer"), "300") == 0, "rows");
	begin(store);
	CHECK(timer_store_take(store, -1, -1, 200, &database.arena, &ids, &count, &err), "%s", err.text);
	CHECK(count >= 200 && count <= 210, "%zu", count);
	for (size_t i = 1; i < count; i++)
		CHECK(uuid_cmp(&ids[i - 1], &ids[i]) < 0, "sorted and distinct at %zu", i);
	commit(store);
}

static void test_a_large_batch_makes_rows_of_500(void **unused)
{
	struct want wants[1100];

	(void)unused;
	for (unsigned i = 0; i < COUNT_OF(wants); i++)
		wants[i] = (struct want){i, -1000, TIMER_LOOK, LANE_PAYOUT};
	put_timers(wants, COUNT_OF(wants));
	CHECK(strcmp(sql(conn, "select string_agg(cardinality(ids)::text, ' ' order by cardinality(ids)) "
			       "from timer"),
		      "100 500 500") == 0,
		"rows");
	CHECK(strcmp(sql(conn, "select count(distinct id) from timer, unnest(ids) id"), "1100") == 0, "ids");
}

static void test_the_next_timer_is_known(void **unused)
{
	static const struct want wants[] = {
		{1, 90000, TIMER_SEND, LANE_CARE}, {2, 50000, TIMER_LOOK, LANE_CARE}};
	struct instant next = {1};
	struct err err;

	(void)unused;
	CHECK(timer_store_next(store, &next, &err), "%s", err.text);
	assert_false(instant_is_set(next));
	put_timers(wants, COUNT_OF(wants));
	CHECK(timer_store_next(store, &next, &err), "%s", err.text);
	SAME("next", next.us,
		atoll(sql(conn, "select (extract(epoch from min(due_at)) * 1000000)::bigint from timer")));
}

/* ---- debts */

static void owe(const struct owed *debts, size_t count)
{
	struct changes changes;
	struct err err;

	begin(store);
	changes_init(&changes, &database.arena);
	for (size_t i = 0; i < count; i++)
		changes_owed(&changes, &debts[i].id, debts[i].version);
	CHECK(changes_save(store, &changes, &err), "%s", err.text);
	commit(store);
}

static const char *debts_left(void)
{
	return sql(conn,
		"select coalesce(string_agg(right(id::text, 2)::int || 'v' || v, ' ' order by id, v), '') "
		"from owed, unnest(ids, versions) t(id, v)");
}

static void pay(const struct owed *paid, size_t count)
{
	struct err err;

	CHECK(owed_store_paid(store, paid, count, &err), "%s", err.text);
	CHECK(strcmp(sql(conn, "select count(*) from owed where cardinality(ids) = 0 "
			       "or least <> (select min(id::text)::uuid from unnest(ids) id) "
			       "or most <> (select max(id::text)::uuid from unnest(ids) id)"),
		      "0") == 0,
		"bounds");
}

static void test_what_was_acknowledged_is_no_longer_owed(void **unused)
{
	const struct owed batch[] = {{id_of(3), 1}, {id_of(1), 1}, {id_of(2), 2}, {id_of(4), 1}};
	const struct owed middle[] = {{id_of(3), 1}, {id_of(2), 2}};
	const struct owed rest[] = {{id_of(9), 1}, {id_of(4), 1}, {id_of(1), 1}, {id_of(1), 1}};

	(void)unused;
	owe(batch, COUNT_OF(batch));
	CHECK(strcmp(debts_left(), "1v1 2v2 3v1 4v1") == 0, "%s", debts_left());
	pay(middle, COUNT_OF(middle));
	CHECK(strcmp(debts_left(), "1v1 4v1") == 0, "%s", debts_left());
	pay(rest, COUNT_OF(rest));
	CHECK(strcmp(sql(conn, "select count(*) from owed"), "0") == 0, "an empty row stays");
}

static void test_an_old_acknowledgement_does_not_hide_a_new_version(void **unused)
{
	const struct owed first[] = {{id_of(1), 1}, {id_of(2), 1}}, second[] = {{id_of(1), 2}};
	const struct owed late[] = {{id_of(1), 1}}, newest[] = {{id_of(1), 1}, {id_of(1), 2}};

	(void)unused;
	owe(first, COUNT_OF(first));
	owe(second, COUNT_OF(second));
	pay(late, COUNT_OF(late));
	CHECK(strcmp(debts_left(), "1v2 2v1") == 0, "%s", debts_left());
	/* The newer version pays the older one too. */
	owe(late, COUNT_OF(late));
	CHECK(strcmp(debts_left(), "1v1 1v2 2v1") == 0, "%s", debts_left());
	pay(newest, COUNT_OF(newest));
	CHECK(strcmp(debts_left(), "2v1") == 0, "%s", debts_left());
}

static void test_a_payment_of_debts_is_part_of_the_callers_transaction(void **unused)
{
	const struct owed batch[] = {{id_of(1), 1}};
	struct err err;

	(void)unused;
	owe(batch, COUNT_OF(batch));
	begin(store);
	CHECK(owed_store_paid(store, batch, 1, &err), "%s", err.text);
	store_rollback(store);
	CHECK(strcmp(debts_left(), "1v1") == 0, "%s", debts_left());
}

static size_t take_owed(struct store *by, int64_t older_ms, struct owed **ret)
{
	struct err err;
	size_t count;

	CHECK(owed_store_take(by, older_ms, 100, &database.arena, ret, &count, &err), "%s", err.text);
	return count;
}

static void test_debts_are_taken_when_old_by_one_and_then_backed_off(void **unused)
{
	const struct owed batch[] = {{id_of(2), 3}, {id_of(1), 1}};
	struct owed *taken;

	(void)unused;
	owe(batch, COUNT_OF(batch));
	begin(store);
	SAME("too young", take_owed(store, 60000, &taken), 0);
	SAME("old enough", take_owed(store, 0, &taken), 2);
	assert_true(uuid_cmp(&taken[0].id, &batch[1].id) == 0 && taken[0].version == 1);
	assert_true(uuid_cmp(&taken[1].id, &batch[0].id) == 0 && taken[1].version == 3);
	begin(other);
	SAME("another taker", take_owed(other, 0, &taken), 0);
	store_rollback(other);
	commit(store);
	begin(store);
	SAME("backed off", take_owed(store, 0, &taken), 0);
	store_rollback(store);
	CHECK(strcmp(sql(conn, "select count(*) from owed where next_at between now() + interval '1 s' and "
			       "now() + interval '2 s'"),
		      "1") == 0,
		"2 s at first");
	for (int i = 0; i < 12; i++) {
		sql(conn, "update owed set next_at = now() - interval '1 s'");
		begin(store);
		SAME("again", take_owed(store, 0, &taken), 2);
		commit(store);
	}
	CHECK(strcmp(sql(conn, "select count(*) from owed where next_at between now() + interval '4 min' and "
			       "now() + interval '5 min'"),
		      "1") == 0,
		"5 min at most");
}

static void test_debts_and_timers_are_counted(void **unused)
{
	static const struct want wants[] = {{1, -5000, TIMER_SEND, LANE_CARE},
		{2, -5000, TIMER_SEND, LANE_CARE}, {3, 60000, TIMER_SEND, LANE_CARE}};
	const struct owed batch[] = {{id_of(1), 1}, {id_of(2), 1}};
	struct payment_counts counts;
	struct err err;

	(void)unused;
	CHECK(payment_store_counts(store, &counts, &err), "%s", err.text);
	SAME("none", counts.owed + counts.timers_overdue + counts.oldest_due_ms + counts.oldest_owed_ms, 0);
	put_timers(wants, COUNT_OF(wants));
	owe(batch, COUNT_OF(batch));
	CHECK(payment_store_counts(store, &counts, &err), "%s", err.text);
	SAME("owed", counts.owed, 2);
	SAME("overdue", counts.timers_overdue, 2);
	CHECK(counts.oldest_due_ms >= 5000 && counts.oldest_due_ms < 15000, "%lld",
		(long long)counts.oldest_due_ms);
	CHECK(counts.oldest_owed_ms >= 0 && counts.oldest_owed_ms < 10000, "%lld",
		(long long)counts.oldest_owed_ms);
}

static int setup(void **unused)
{
	(void)unused;
	database_make("timer");
	database_migrate();
	store = database_store();
	other = database_store();
	conn = database_sql();
	return 0;
}

static int teardown(void **unused)
{
	(void)unused;
	PQfinish(conn);
	store_close(&other);
	store_close(&store);
	database_drop();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_timers_that_lie_close_share_a_row_and_are_never_early, empty),
		cmocka_unit_test_setup(test_only_due_timers_of_the_kind_and_lane_are_taken, empty),
		cmocka_unit_test_setup(test_a_timer_is_taken_by_one_taker_only, empty),
		cmocka_unit_test_setup(test_many_small_rows_are_taken_up_to_about_the_wanted_number, empty),
		cmocka_unit_test_setup(test_a_large_batch_makes_rows_of_500, empty),
		cmocka_unit_test_setup(test_the_next_timer_is_known, empty),
		cmocka_unit_test_setup(test_what_was_acknowledged_is_no_longer_owed, empty),
		cmocka_unit_test_setup(test_an_old_acknowledgement_does_not_hide_a_new_version, empty),
		cmocka_unit_test_setup(test_a_payment_of_debts_is_part_of_the_callers_transaction, empty),
		cmocka_unit_test_setup(test_debts_are_taken_when_old_by_one_and_then_backed_off, empty),
		cmocka_unit_test_setup(test_debts_and_timers_are_counted, empty),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
