#include "database.h"

#include "io/lane_store.h"
#include "io/operator_store.h"

#include <pthread.h>

static struct store *store, *other;
static PGconn *conn;

#define SAME(what, got, want)                                                                                \
	CHECK((got) == (want), "%s: %lld, not %lld", what, (long long)(got), (long long)(want))

static const struct bucket_limits limits = {.ceiling = 20, .burst = 2, .fill = 18};

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

static struct lane_row lock(struct store *by, const char *app, enum lane lane)
{
	struct lane_row row;
	struct err err;

	CHECK(lane_store_lock(by, app, lane, &limits, &row, &err), "%s", err.text);
	return row;
}

static void test_a_lane_is_made_full_and_closed_when_it_is_missing(void **unused)
{
	struct lane_row row;

	(void)unused;
	begin(store);
	row = lock(store, "made", LANE_PAYOUT);
	commit(store);
	assert_true(row.bucket.rate == 18 && row.bucket.tokens <= limits.burst);
	assert_true(row.retries.tokens == 18 && row.ceiling == 0);
	SAME("breaker", row.breaker.state, BREAKER_CLOSED);
	assert_true(!row.frozen && !row.paused);
}

static void test_every_field_of_a_lane_comes_back(void **unused)
{
	const struct lane_row want = {
		.bucket = {.tokens = 1.25,
			.rate = 7.5,
			.at = {1700000000000001},
			.slowed_at = {1700000000000002}},
		.breaker = {.state = BREAKER_OPEN,
			.reason = BREAKER_QUOTA,
			.until = {1700000000000004},
			.opened = 3,
			.in_a_row = 4,
			.seen = 50,
			.doubtful = 6,
			.window_at = {1700000000000007}},
		.retries = {.tokens = 0.75, .at = {1700000000000008}},
		.ceiling = 12,
		.paused = true,
	};
	struct lane_line *lines;
	struct lane_row got;
	struct err err;
	size_t count;

	(void)unused;
	begin(store);
	lock(store, "kept", LANE_QUERY);
	CHECK(lane_store_save(store, "kept", LANE_QUERY, &want, &err), "%s", err.text);
	commit(store);
	begin(store);
	got = lock(store, "kept", LANE_QUERY);
	commit(store);
	assert_true(got.bucket.tokens == 1.25 && got.bucket.rate == 7.5);
	SAME("at", got.bucket.at.us, want.bucket.at.us);
	SAME("slowed_at", got.bucket.slowed_at.us, want.bucket.slowed_at.us);
	assert_true(got.retries.tokens == 0.75 && got.ceiling == 12);
	SAME("retry_at", got.retries.at.us, want.retries.at.us);
	SAME("state", got.breaker.state, want.breaker.state);
	SAME("reason", got.breaker.reason, want.breaker.reason);
	SAME("until", got.breaker.until.us, want.breaker.until.us);
	SAME("opened", got.breaker.opened, want.breaker.opened);
	SAME("in_a_row", got.breaker.in_a_row, want.breaker.in_a_row);
	SAME("seen", got.breaker.seen, want.breaker.seen);
	SAME("doubtful", got.breaker.doubtful, want.breaker.doubtful);
	SAME("window_at", got.breaker.window_at.us, want.breaker.window_at.us);
	SAME("paused", got.paused, true);
	CHECK(lane_store_list(store, &database.arena, &lines, &count, &err), "%s", err.text);
	for (size_t i = 0; i < count; i++)
		if (strcmp(lines[i].app, "kept") == 0)
			assert_true(lines[i].lane == LANE_QUERY && lines[i].row.bucket.rate == 7.5 &&
				    lines[i].row.paused);
	assert_true(count >= 1);
}

/* Whoever waits for the lock began before the one who holds it, and is told a later time all the same. */
static void *wait_and_look(void *self)
{
	struct instant *times = self;
	struct lane_row row;
	struct err err;

	CHECK(store_begin(other, &times[0], &err), "%s", err.text);
	CHECK(lane_store_lock(other, "timed", LANE_PAYOUT, &limits, &row, &err), "%s", err.text);
	times[1] = row.now;
	store_rollback(other);
	return NULL;
}

static void test_the_time_is_that_under_the_lock(void **unused)
{
	struct instant begun, held, times[2];
	struct lane_row row;
	pthread_t thread;
	struct err err;

	(void)unused;
	begin(store);
	lock(store, "timed", LANE_PAYOUT);
	commit(store);
	CHECK(store_begin(store, &begun, &err), "%s", err.text);
	lock(store, "timed", LANE_PAYOUT);
	pthread_create(&thread, NULL, wait_and_look, times);
	while (atoi(sql(conn, "select count(*) from pg_locks where not granted")) == 0)
		continue;
	sql(conn, "select pg_sleep(0.05)");
	row = lock(store, "timed", LANE_PAYOUT); /* its own lock, once more */
	held = row.now;
	commit(store);
	pthread_join(thread, NULL);
	CHECK(instant_before(times[0], held) && instant_before(held, times[1]), "%lld %lld %lld",
		(long long)times[0].us, (long long)held.us, (long long)times[1].us);
	assert_true(instant_before(begun, held));
}

static void test_who_looks_sees_the_tokens_of_now(void **unused)
{
	const struct lane_row kept = {.bucket = {.tokens = 0, .rate = 10, .at = {1700000000000000}},
		.retries = {.tokens = 0, .at = {1700000000000000}},
		.ceiling = 100,
		.now = {1700000000200000}};
	struct lane_row row = kept;

	(void)unused;
	lane_row_advance(&row, 100);
	assert_true(row.bucket.tokens > 1.9 && row.bucket.tokens < 2.1);
	assert_true(row.retries.tokens > 0.19 && row.retries.tokens < 0.21);
	row = kept;
	lane_row_advance(&row, 0);
	assert_memory_equal(&row, &kept, sizeof(row));
}

static size_t known(enum lane lane, struct uuid **ret)
{
	struct err err;
	size_t count;

	begin(store);
	CHECK(lane_store_known(store, lane, &database.arena, ret, &count, &err), "%s", err.text);
	commit(store);
	return count;
}

static bool holds(const struct uuid *ids, size_t count, unsigned no)
{
	const struct uuid id = id_of(no);

	for (size_t i = 0; i < count; i++)
		if (uuid_cmp(&ids[i], &id) == 0)
			return true;
	return false;
}

/* 1 and 2 are looked after, 3 waits to be sent; of 11 and 12 only 12 was sent. */
static void test_payments_for_a_question_are_found(void **unused)
{
	struct uuid *ids;
	size_t count;

	(void)unused;
	SAME("none yet", known(LANE_PAYOUT, &ids), 0);
	for (unsigned i = 1; i <= 3; i++)
		sql(conn, arena_print(&database.arena,
				  "insert into timer (due_at, what, lane, ids) values (now() + interval '1 "
				  "h', %d, "
				  "%d, '{018f0000-0000-7000-8000-00000000000%u}')",
				  i != 3, i == 2 ? LANE_CARE : LANE_PAYOUT, i));
	sql(conn, "insert into payment select ('018f0000-0000-7000-8000-0000000000' || i)::uuid, 100, null, "
		  "now(), 3, "
		  "1, 0, false, '', 'default', '', '', '', decode(repeat('00', 32), 'hex'), '' from "
		  "generate_series(11, 12) as i");
	sql(conn, "insert into payment_state select ('018f0000-0000-7000-8000-0000000000' || i)::uuid, null, "
		  "null, "
		  "null, null, null, now(), 0, 0, i - 11, 0, 0, 0, 0, 0, 6, false, '', '', '', '', '', '', "
		  "'', '' "
		  "from generate_series(11, 12) as i");
	count = known(LANE_PAYOUT, &ids);
	SAME("of the lane", count, 2);
	assert_true(holds(ids, count, 1) && holds(ids, count, 0x12));
	count = known((enum lane)LANE_COUNT, &ids);
	SAME("of all lanes", count, 3);
	assert_true(holds(ids, count, 2));
	SAME("of another", known(LANE_INTERACTIVE, &ids), 0);
	sql(conn, "delete from timer; delete from payment; delete from payment_state");
}

static void test_a_lane_that_is_not_there_is_not_saved(void **unused)
{
	const struct lane_row row = {0};
	struct err err;

	(void)unused;
	begin(store);
	assert_false(lane_store_save(store, "nobody", LANE_CARE, &row, &err));
	SAME("class", err.class, ERR_BROKEN);
}

struct spender {
	struct store *store;
	struct err err;
	int spent;
	bool failed;
};

static void *spend(void *self)
{
	struct spender *spender = self;

	for (int i = 0; i < 50 && !spender->failed; i++) {
		struct lane_row row;

		spender->failed =
			!store_begin(spender->store, NULL, &spender->err) ||
			!lane_store_lock(spender->store, "shared", LANE_PAYOUT, &limits, &row, &spender->err);
		if (spender->failed)
			break;
		row.breaker.seen++;
		spender->failed =
			!lane_store_save(spender->store, "shared", LANE_PAYOUT, &row, &spender->err) ||
			!store_commit(spender->store, &spender->err);
		spender->spent++;
	}
	return NULL;
}

static void test_two_replicas_never_lose_each_others_change(void **unused)
{
	struct spender spenders[2] = {{.store = store}, {.store = other}};
	pthread_t threads[2];

	(void)unused;
	for (int i = 0; i < 2; i++)
		pthread_create(&threads[i], NULL, spend, &spenders[i]);
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	for (int i = 0; i < 2; i++)
		CHECK(!spenders[i].failed, "%s", spenders[i].err.text);
	SAME("seen", atoi(sql(conn, "select seen from lane where app = 'shared'")), 100);
}

static void test_a_freeze_is_seen_by_the_next_claim_and_keeps_its_first_reason(void **unused)
{
	const struct uuid id = id_of(7), second = id_of(8);
	const char *why;
	struct err err;
	bool frozen;

	(void)unused;
	begin(store);
	CHECK(freeze_store_set(store, "LOST_CLAIM", &id, &err), "%s", err.text);
	begin(other);
	assert_false(lock(other, "made", LANE_PAYOUT).frozen);
	store_rollback(other);
	commit(store);
	begin(other);
	assert_true(lock(other, "made", LANE_PAYOUT).frozen);
	CHECK(freeze_store_set(other, "another", &second, &err), "%s", err.text);
	commit(other);
	CHECK(freeze_store_get(store, &frozen, &database.arena, &why, &err) && frozen, "%s", err.text);
	assert_string_equal(why, "LOST_CLAIM");
	CHECK(strcmp(sql(conn, "select payment_id from dispatch_freeze"),
		      "018f0000-0000-7000-8000-000000000007") == 0,
		"payment");
	begin(store);
	CHECK(freeze_store_lift(store, &err), "%s", err.text);
	commit(store);
	CHECK(freeze_store_get(store, &frozen, &database.arena, &why, &err) && !frozen, "%s", err.text);
	begin(store);
	CHECK(freeze_store_set(store, "without a payment", NULL, &err), "%s", err.text);
	store_rollback(store);
}

static void check_look(struct store *by, bool want_frozen, bool want_vouched)
{
	bool frozen, vouched;
	struct err err;

	CHECK(freeze_store_look(by, &frozen, &vouched, &err), "%s", err.text);
	CHECK(frozen == want_frozen && vouched == want_vouched, "frozen %d, vouched %d", frozen, vouched);
}

static void vouch(struct store *by)
{
	struct err err;

	begin(by);
	CHECK(freeze_store_vouch(by, &err), "%s", err.text);
	commit(by);
}

static void test_a_dispatchers_word_counts_for_the_connections_that_were_there_when_it_was_given(
	void **unused)
{
	struct err err;

	(void)unused;
	sql(conn, "update dispatch_freeze set frozen = false, at = null");
	check_look(store, false, false);
	sql(conn, "update dispatch_freeze set at = now() - interval '1 day'");
	check_look(store, false, false);
	vouch(other);
	check_look(store, false, true);
	check_look(other, false, true);

	/* A new connection may be one to another database, whatever was said before. */
	sql(conn, "select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid()"
		  " and datname = current_database()");
	while (!store_begin(store, NULL, &err))
		store_rollback(store);
	check_look(store, false, false);
	commit(store);
	while (!store_begin(other, NULL, &err))
		store_rollback(other);
	commit(other);
	vouch(other);
	check_look(store, false, true);

	/* Nobody's word counts while all is frozen, and lifting the freeze is one. */
	sql(conn, "update dispatch_freeze set frozen = true, at = now() - interval '1 day'");
	vouch(other);
	check_look(store, true, false);
	begin(store);
	CHECK(freeze_store_lift(store, &err), "%s", err.text);
	commit(store);
	check_look(store, false, true);
}

static void test_what_a_person_did_is_kept_with_what_it_did(void **unused)
{
	const struct operator_action action = {
		.action = "pause", .reference = "kept/query", .by = "amina", .detail = "paused"};
	struct err err;

	(void)unused;
	begin(store);
	CHECK(operator_store_add(store, &action, &err), "%s", err.text);
	store_rollback(store);
	SAME("rolled back", atoi(sql(conn, "select count(*) from operator_action")), 0);
	begin(store);
	CHECK(operator_store_add(store, &action, &err), "%s", err.text);
	commit(store);
	assert_string_equal(sql(conn, "select concat_ws(' ', action, reference, first_by, detail) from "
				      "operator_action where second_by = '' and confirmed_at is null"),
		"pause kept/query amina paused");
}

/* ---- tokens */

static struct token get(const char *app)
{
	struct token token;
	struct err err;

	CHECK(token_store_get(store, app, &database.arena, &token, &err), "%s", err.text);
	return token;
}

static bool refresh(struct store *by, const char *app, int64_t no)
{
	struct err err;
	bool mine;

	CHECK(token_store_refresh(by, app, no, &mine, &err), "%s", err.text);
	return mine;
}

static bool put(const char *app, int64_t no, const char *text)
{
	const struct token token = {.text = text,
		.use_until = {1700000000000001},
		.expires = {1700000000000002},
		.made_at = {1700000000000003}};
	struct err err;
	bool stored;

	CHECK(token_store_put(store, app, no, &token, &stored, &err), "%s", err.text);
	return stored;
}

static void test_a_token_is_refreshed_by_one_and_stored_over_its_own_number_only(void **unused)
{
	struct token token;
	struct err err;
	int64_t no;

	(void)unused;
	SAME("none yet", get("app").no, 0);
	CHECK(token_store_number(store, "app", &no, &err) && no == 0, "number");
	assert_false(refresh(store, "app", 4));
	assert_true(refresh(store, "app", 0));
	assert_false(refresh(other, "app", 0));
	SAME("still none", get("app").no, 0);
	assert_false(put("app", 1, "of another number"));
	assert_true(put("app", 0, "secret-1"));
	token = get("app");
	SAME("no", token.no, 1);
	assert_string_equal(token.text, "secret-1");
	SAME("use_until", token.use_until.us, 1700000000000001);
	SAME("expires", token.expires.us, 1700000000000002);
	SAME("made_at", token.made_at.us, 1700000000000003);
	assert_false(put("app", 0, "too late"));
	assert_false(refresh(store, "app", 0));
	assert_true(refresh(other, "app", 1));
	assert_false(refresh(store, "app", 1));
	assert_true(put("app", 1, "secret-2"));
	CHECK(token_store_number(store, "app", &no, &err) && no == 2, "number");
	SAME("in the clear",
		atoi(sql(conn, "select count(*) from token where position('secret'::bytea in sealed) > 0")),
		0);
}

static void test_the_right_to_refresh_passes_on_after_20_s(void **unused)
{
	(void)unused;
	assert_true(refresh(store, "slow", 0));
	assert_false(refresh(other, "slow", 0));
	sql(conn,
		"update token set refresh_until = refresh_until - interval '21 seconds' where app = 'slow'");
	assert_true(refresh(other, "slow", 0));
}

struct racer {
	struct store *store;
	bool mine, good;
	struct err err;
};

static void *race(void *self)
{
	struct racer *racer = self;

	racer->good = token_store_refresh(racer->store, "race", 0, &racer->mine, &racer->err);
	return NULL;
}

static void test_of_two_that_race_for_a_refresh_one_wins(void **unused)
{
	(void)unused;
	for (int round = 0; round < 20; round++) {
		struct racer racers[2] = {{.store = store}, {.store = other}};
		pthread_t threads[2];

		sql(conn, "delete from token where app = 'race'");
		for (int i = 0; i < 2; i++)
			pthread_create(&threads[i], NULL, race, &racers[i]);
		for (int i = 0; i < 2; i++)
			pthread_join(threads[i], NULL);
		for (int i = 0; i < 2; i++)
			CHECK(racers[i].good, "%s", racers[i].err.text);
		CHECK(racers[0].mine != racers[1].mine, "round %d: %s won", round,
			racers[0].mine ? "both" : "none");
	}
}

static int setup(void **unused)
{
	(void)unused;
	database_make("lane");
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
		cmocka_unit_test(test_a_lane_is_made_full_and_closed_when_it_is_missing),
		cmocka_unit_test(test_every_field_of_a_lane_comes_back),
		cmocka_unit_test(test_the_time_is_that_under_the_lock),
		cmocka_unit_test(test_who_looks_sees_the_tokens_of_now),
		cmocka_unit_test(test_payments_for_a_question_are_found),
		cmocka_unit_test(test_a_lane_that_is_not_there_is_not_saved),
		cmocka_unit_test(test_two_replicas_never_lose_each_others_change),
		cmocka_unit_test(test_a_freeze_is_seen_by_the_next_claim_and_keeps_its_first_reason),
		cmocka_unit_test(
			test_a_dispatchers_word_counts_for_the_connections_that_were_there_when_it_was_given),
		cmocka_unit_test(test_what_a_person_did_is_kept_with_what_it_did),
		cmocka_unit_test(test_a_token_is_refreshed_by_one_and_stored_over_its_own_number_only),
		cmocka_unit_test(test_the_right_to_refresh_passes_on_after_20_s),
		cmocka_unit_test(test_of_two_that_race_for_a_refresh_one_wins),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
