#include "database.h"

#include "io/timer_store.h"

#include <pthread.h>

static struct store *store;

static void same_text(const char *what, const char *got, const char *want)
{
	CHECK(strcmp(got, want) == 0, "%s: '%s', not '%s'", what, got, want);
}

#define SAME(what, got, want)                                                                                \
	CHECK((got) == (want), "%s: %lld, not %lld", what, (long long)(got), (long long)(want))

static void same_payment(const struct payment *got, const struct payment *want)
{
	CHECK(uuid_cmp(&got->id, &want->id) == 0, "id");
	CHECK(memcmp(&got->fingerprint, &want->fingerprint, DIGEST_SIZE) == 0, "fingerprint");
	same_text("tenant", got->tenant, want->tenant);
	same_text("account", got->account, want->account);
	SAME("api", got->api, want->api);
	SAME("lane", got->lane, want->lane);
	SAME("priority", got->priority, want->priority);
	SAME("rejected", got->rejected, want->rejected);
	SAME("amount", amount_cents(got->amount), amount_cents(want->amount));
	same_text("party", got->party, want->party);
	same_text("reference", got->reference, want->reference);
	SAME("valid_until", got->valid_until.us, want->valid_until.us);
	SAME("created_at", got->created_at.us, want->created_at.us);
	CHECK(text_same(got->command, want->command), "command");
	same_text("traceparent", got->traceparent, want->traceparent);
}

static void same_state(const struct payment_state *got, const struct payment_state *want)
{
	CHECK(uuid_cmp(&got->id, &want->id) == 0, "id");
	SAME("state", got->state, want->state);
	SAME("attempt", got->attempt, want->attempt);
	SAME("gen", got->gen, want->gen);
	SAME("due_at", got->due_at.us, want->due_at.us);
	SAME("fence_at", got->fence_at.us, want->fence_at.us);
	SAME("horizon_at", got->horizon_at.us, want->horizon_at.us);
	SAME("asked_at", got->asked_at.us, want->asked_at.us);
	SAME("decided_at", got->decided_at.us, want->decided_at.us);
	SAME("token_no", got->token_no, want->token_no);
	SAME("query_no", got->query_no, want->query_no);
	SAME("asks", got->asks, want->asks);
	SAME("put_offs", got->put_offs, want->put_offs);
	SAME("heard", got->heard, want->heard);
	same_text("heard_receipt", got->heard_receipt, want->heard_receipt);
	SAME("result_ver", got->result_ver, want->result_ver);
	same_text("checkout", got->ids.checkout, want->ids.checkout);
	same_text("merchant", got->ids.merchant, want->ids.merchant);
	same_text("conversation", got->ids.conversation, want->ids.conversation);
	same_text("originator", got->ids.originator, want->ids.originator);
	same_text("receipt", got->receipt, want->receipt);
	SAME("moved", amount_cents(got->moved), amount_cents(want->moved));
	same_text("cause_code", got->cause_code, want->cause_code);
	CHECK(text_same(got->frozen, want->frozen), "frozen");
}

static void test_every_column_comes_back_as_it_was(void **unused)
{
	struct payment full, plain;
	struct payment_state full_state, plain_state;
	struct payment_new news[2];
	struct payment_row row;
	struct instant now;
	struct err err;

	(void)unused;
	payment_full(1, &full, &full_state);
	payment_plain(2, &plain, &plain_state);
	news[0] = (struct payment_new){.payment = &full, .state = &full_state};
	news[1] = (struct payment_new){.payment = &plain, .state = &plain_state};
	CHECK(store_begin(store, &now, &err) && payment_store_insert(store, news, 2, &err) &&
			store_commit(store, &err),
		"%s", err.text);
	assert_true(news[0].inserted && news[1].inserted);
	row = read_one(store, 1);
	same_payment(&row.payment, &full);
	same_state(&row.state, &full_state);
	SAME("updated_at", row.state.updated_at.us, now.us);
	row = read_one(store, 2);
	same_payment(&row.payment, &plain);
	same_state(&row.state, &plain_state);
}

static void test_every_column_of_a_saved_row_comes_back(void **unused)
{
	const struct uuid id = id_of(10);
	struct payment ignored;
	struct payment_state want;
	struct payment_row row;
	struct changes changes;
	struct instant now;
	struct err err;

	(void)unused;
	insert_plain(store, 10, 1);
	payment_full(10, &ignored, &want);
	want.state = STATE_SUCCEEDED;
	CHECK(store_begin(store, &now, &err) &&
			payment_store_lock(store, &id, 1, &database.arena, &row, &err),
		"%s", err.text);
	assert_true(row.found);
	changes_init(&changes, &database.arena);
	changes_state(&changes, &want);
	changes_state(&changes, &want);
	changes_line(&changes, &(struct journal_line){.payment = id,
				       .from = STATE_ACCEPTED,
				       .to = STATE_SUCCEEDED,
				       .event = "CONFIRMED",
				       .attempt = 2,
				       .gen = 3,
				       .cause = "cause",
				       .by = "test",
				       .detail = "detail",
				       .evidence_no = 77});
	CHECK(changes_save(store, &changes, &err) && store_commit(store, &err), "%s", err.text);
	row = read_one(store, 10);
	same_state(&row.state, &want);
	SAME("updated_at", row.state.updated_at.us, now.us);
}

static void test_a_second_insert_of_an_id_inserts_nothing(void **unused)
{
	struct payment payments[3];
	struct payment_state states[3];
	struct payment_new news[3];
	struct err err;

	(void)unused;
	insert_plain(store, 21, 1);
	for (unsigned i = 0; i < 3; i++) {
		payment_plain(20 + i, &payments[i], &states[i]);
		payments[i].reference = "second";
		states[i].state = STATE_FAILED;
		news[i] = (struct payment_new){
			.payment = &payments[i], .state = &states[i], .inserted = i == 1};
	}
	CHECK(store_begin(store, NULL, &err) && payment_store_insert(store, news, 3, &err) &&
			store_commit(store, &err),
		"%s", err.text);
	assert_true(news[0].inserted && !news[1].inserted && news[2].inserted);
	same_text("reference", read_one(store, 21).payment.reference, "r");
	SAME("state", read_one(store, 21).state.state, STATE_ACCEPTED);
	same_text("reference", read_one(store, 22).payment.reference, "second");
}

static void test_a_payment_has_both_halves_or_none(void **unused)
{
	struct payment payment;
	struct payment_state state;
	struct payment_new new = {.payment = &payment, .state = &state};
	PGconn *conn = database_sql();
	struct err err;

	(void)unused;
	payment_plain(30, &payment, &state);
	state.state = (enum state)99;
	CHECK(store_begin(store, NULL, &err), "%s", err.text);
	assert_false(payment_store_insert(store, &new, 1, &err));
	SAME("class", err.class, ERR_REFUSED);
	same_text("state", err.state, "23514");
	assert_false(read_one(store, 30).found);
	same_text("payments",
		sql(conn, "select count(*) from payment where id not in (select id from payment_state)"),
		"0");

	/* Somebody made one half by hand. */
	sql(conn, "insert into payment_state select '018f0000-0000-7000-8000-000000000032', due_at, "
		  "fence_at, horizon_at, "
		  "asked_at, decided_at, updated_at, token_no, moved, attempt, gen, query_no, asks, "
		  "put_offs, result_ver, "
		  "state, heard, heard_receipt, checkout_id, merchant_id, conversation_id, originator_id, "
		  "receipt, "
		  "cause_code, frozen from payment_state limit 1");
	payment_plain(0x32, &payment, &state);
	CHECK(store_begin(store, NULL, &err), "%s", err.text);
	assert_false(payment_store_insert(store, &new, 1, &err));
	SAME("class", err.class, ERR_BROKEN);
	sql(conn, "delete from payment_state where id = '018f0000-0000-7000-8000-000000000032'");
	PQfinish(conn);
}

/* A step of one payment by hand: from where it is to `to`. */
static bool step(struct store *by, unsigned number, enum state to, bool with_line, int attempt, int version,
	struct err *err)
{
	const struct uuid id = id_of(number);
	struct payment_row row;
	struct changes changes;
	struct journal_line line = {.payment = id, .event = "TAKEN", .cause = "", .by = "test", .detail = ""};

	if (!store_begin(by, NULL, err) || !payment_store_lock(by, &id, 1, &database.arena, &row, err))
		return false;
	line.from = row.state.state;
	line.to = to;
	row.state.state = to;
	row.state.attempt += (unsigned)attempt;
	row.state.result_ver += (unsigned)version;
	row.state.due_at = (struct instant){1700000000000000};
	changes_init(&changes, &database.arena);
	changes_state(&changes, &row.state);
	if (with_line)
		changes_line(&changes, &line);
	return changes_save(by, &changes, err) && store_commit(by, err);
}

static void test_no_step_without_its_journal_line(void **unused)
{
	static const struct {
		const char *what;
		enum state to;
		int attempt, version;
		bool line, want;
	} cases[] = {
		{"times alone", STATE_ACCEPTED, 0, 0, false, true},
		{"state without line", STATE_SENDING, 0, 0, false, false},
		{"attempt without line", STATE_ACCEPTED, 1, 0, false, false},
		{"version without line", STATE_ACCEPTED, 0, 1, false, false},
		{"everything with line", STATE_SENDING, 1, 1, true, true},
		{"attempt goes back", STATE_SENDING, -1, 0, true, false},
		{"version goes back", STATE_SENDING, 0, -1, true, false},
	};
	struct err err;

	(void)unused;
	insert_plain(store, 40, 1);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		bool saved =
			step(store, 40, cases[i].to, cases[i].line, cases[i].attempt, cases[i].version, &err);

		CHECK(saved == cases[i].want, "%s: %s", cases[i].what, saved ? "saved" : err.text);
		CHECK(saved || err.class == ERR_BROKEN, "%s: %s", cases[i].what, err.text);
	}
	SAME("attempt", read_one(store, 40).state.attempt, 1);
	SAME("version", read_one(store, 40).state.result_ver, 1);
}

static void test_a_row_that_is_not_there_is_not_saved(void **unused)
{
	struct payment payment;
	struct payment_state state;
	struct changes changes;
	struct err err;

	(void)unused;
	payment_plain(45, &payment, &state);
	CHECK(store_begin(store, NULL, &err), "%s", err.text);
	changes_init(&changes, &database.arena);
	changes_state(&changes, &state);
	changes_timer(&changes, &state.id, (struct instant){1}, TIMER_SEND, LANE_CARE);
	assert_false(changes_save(store, &changes, &err));
	SAME("class", err.class, ERR_BROKEN);
	assert_false(store_commit(store, &err));
}

static void test_the_journal_tells_the_steps_in_order(void **unused)
{
	const struct uuid id = id_of(50);
	struct journal_entry *entries;
	struct payment_row row;
	struct changes changes;
	struct store *late = database_store();
	struct err err;
	size_t count;

	(void)unused;
	insert_plain(store, 50, 1);
	/* This transaction begins first and writes last: its own time must not decide. */
	CHECK(store_begin(late, NULL, &err), "%s", err.text);
	CHECK(step(store, 50, STATE_SENDING, true, 1, 0, &err), "%s", err.text);
	CHECK(step(store, 50, STATE_PENDING, true, 0, 0, &err), "%s", err.text);
	CHECK(payment_store_lock(late, &id, 1, &database.arena, &row, &err), "%s", err.text);
	row.state.state = STATE_FAILED;
	changes_init(&changes, &database.arena);
	changes_state(&changes, &row.state);
	changes_line(&changes, &(struct journal_line){.payment = id,
				       .from = STATE_PENDING,
				       .to = STATE_PENDING,
				       .event = "ASKED",
				       .attempt = 1,
				       .gen = 4,
				       .cause = "c",
				       .by = "poller",
				       .detail = "d",
				       .evidence_no = 9});
	changes_line(&changes, &(struct journal_line){.payment = id,
				       .from = STATE_PENDING,
				       .to = STATE_FAILED,
				       .event = "DECLINED",
				       .cause = "",
				       .by = "",
				       .detail = ""});
	CHECK(changes_save(late, &changes, &err) && store_commit(late, &err), "%s", err.text);
	CHECK(payment_store_journal(store, &id, &database.arena, &entries, &count, &err), "%s", err.text);
	SAME("lines", count, 4);
	same_text("1", entries[0].to, "SENDING");
	same_text("2", entries[1].to, "PENDING");
	same_text("3", entries[2].event, "ASKED");
	same_text("3 from", entries[2].from, "PENDING");
	same_text("3 cause", entries[2].cause, "c");
	same_text("3 by", entries[2].by, "poller");
	same_text("3 detail", entries[2].detail, "d");
	SAME("3 attempt", entries[2].attempt, 1);
	SAME("3 gen", entries[2].gen, 4);
	SAME("3 evidence", entries[2].evidence_no, 9);
	same_text("4", entries[3].to, "FAILED");
	CHECK(instant_before(entries[2].at, entries[0].at), "the test's own premise");
	store_close(&late);
}

enum { CROWD = 60, ROUNDS = 60 };
struct locker {
	unsigned seed;
	const char *failed;
	struct err err;
};

/* Locks and saves batches that overlap, asked for in an order of its own. */
static void *lock_batches(void *self)
{
	struct locker *locker = self;
	struct store *mine = NULL;
	const struct store_conf conf = {.conninfo = database.conninfo, .keys_file = database.keys};
	struct arena arena;

	arena_init(&arena);
	if (!store_open(&mine, &conf, "locker", &locker->err))
		locker->failed = "open";
	for (int round = 0; locker->failed == NULL && round < ROUNDS; round++) {
		struct payment_row rows[CROWD];
		struct uuid ids[CROWD];
		struct changes changes;
		size_t count = 0;

		for (unsigned i = 0; i < CROWD; i++)
			if (rand_r(&locker->seed) % 4 != 0)
				ids[count++] = id_of(100 + (locker->seed % 2 ? i : CROWD - 1 - i));
		count = uuid_sort_distinct(ids, count);
		changes_init(&changes, &arena);
		if (!store_begin(mine, NULL, &locker->err) ||
			!payment_store_lock(mine, ids, count, &arena, rows, &locker->err))
			locker->failed = "lock";
		for (size_t i = 0; locker->failed == NULL && i < count; i++) {
			rows[i].state.asks++;
			changes_state(&changes, &rows[i].state);
		}
		if (locker->failed == NULL &&
			(!changes_save(mine, &changes, &locker->err) || !store_commit(mine, &locker->err)))
			locker->failed = "save";
		arena_reset(&arena);
	}
	store_close(&mine);
	arena_done(&arena);
	return NULL;
}

static void test_batches_over_the_same_payments_never_deadlock(void **unused)
{
	struct locker lockers[3] = {{.seed = 1}, {.seed = 2}, {.seed = 3}};
	pthread_t threads[3];

	(void)unused;
	/* One at a time and backwards: the table's order is not that of the ids. */
	for (unsigned i = CROWD; i > 0; i--)
		insert_plain(store, 100 + i - 1, 1);
	for (size_t i = 0; i < COUNT_OF(lockers); i++)
		pthread_create(&threads[i], NULL, lock_batches, &lockers[i]);
	for (size_t i = 0; i < COUNT_OF(lockers); i++)
		pthread_join(threads[i], NULL);
	for (size_t i = 0; i < COUNT_OF(lockers); i++)
		CHECK(lockers[i].failed == NULL, "%s: %s", lockers[i].failed, lockers[i].err.text);
}

static void test_a_lock_tells_what_is_not_there(void **unused)
{
	struct uuid ids[] = {id_of(60), id_of(61), id_of(62)};
	struct payment_row rows[3];
	struct err err;

	(void)unused;
	insert_plain(store, 61, 1);
	CHECK(store_begin(store, NULL, &err) &&
			payment_store_lock(store, ids, 3, &database.arena, rows, &err),
		"%s", err.text);
	assert_true(!rows[0].found && rows[1].found && !rows[2].found);
	store_rollback(store);
}

static void test_a_locked_payment_waits_for_its_owner(void **unused)
{
	const struct uuid id = id_of(65);
	PGconn *conn = database_sql();
	struct payment_row row;
	PGresult *result;
	struct err err;

	(void)unused;
	insert_plain(store, 65, 1);
	CHECK(store_begin(store, NULL, &err) &&
			payment_store_lock(store, &id, 1, &database.arena, &row, &err),
		"%s", err.text);
	result = PQexec(conn, "select from payment_state where id = '018f0000-0000-7000-8000-000000000041' "
			      "for update nowait");
	same_text("state", PQresultErrorField(result, PG_DIAG_SQLSTATE), "55P03");
	PQclear(result);
	store_rollback(store);
	PQfinish(conn);
}

static void test_a_payment_is_found_by_what_daraja_called_it(void **unused)
{
	static const struct step_done done = {.from = STATE_ACCEPTED,
		.to = STATE_PENDING,
		.event = EVENT_TAKEN,
		.effects = DO_IDS | DO_ASK_LATER,
		.changed = true,
		.timer_at = {1800000000000000},
		.timer_what = TIMER_LOOK};
	const struct uuid id = id_of(70);
	struct payment_row row;
	struct changes changes;
	struct uuid found_id;
	struct err err;
	bool found;

	(void)unused;
	insert_plain(store, 70, 1);
	CHECK(store_begin(store, NULL, &err) &&
			payment_store_lock(store, &id, 1, &database.arena, &row, &err),
		"%s", err.text);
	row.state.ids = (struct provider_ids){"ws_CO_70", "m", "AG_70", "o"};
	row.state.state = STATE_PENDING;
	changes_init(&changes, &database.arena);
	changes_step(&changes, &row.payment, &row.state, &done, "dispatcher", "", "", 0);
	CHECK(changes_save(store, &changes, &err) && store_commit(store, &err), "%s", err.text);
	CHECK(payment_store_find_provider(store, "ws_CO_70", &found_id, &found, &err) && found, "checkout");
	assert_int_equal(uuid_cmp(&found_id, &id), 0);
	CHECK(payment_store_find_provider(store, "AG_70", &found_id, &found, &err) && found, "conversation");
	CHECK(payment_store_find_provider(store, "AG_71", &found_id, &found, &err) && !found, "another");
	CHECK(payment_store_find_provider(store, "", &found_id, &found, &err) && !found, "none");
}

static size_t search(const struct payment_clue *clue, size_t most, struct uuid **ret)
{
	size_t count;
	struct err err;

	CHECK(payment_store_search(store, clue, most, &database.arena, ret, &count, &err), "%s", err.text);
	return count;
}

/* The one at `first` is the oldest. */
static void insert_dated(unsigned first, unsigned count, const char *party, const char *reference)
{
	struct payment payment;
	struct payment_state state;
	struct err err;

	for (unsigned i = 0; i < count; i++) {
		struct payment_new news = {.payment = &payment, .state = &state};

		payment_plain(first + i, &payment, &state);
		payment.party = party;
		payment.reference = reference;
		payment.created_at = (struct instant){1700000000000000 + (int64_t)i * 1000000};
		CHECK(store_begin(store, NULL, &err) && payment_store_insert(store, &news, 1, &err) &&
				store_commit(store, &err),
			"%s", err.text);
	}
}

static void test_a_phones_payments_are_found_newest_first_and_no_more_than_asked_for(void **unused)
{
	const struct payment_clue clue = {.party = "254711000801", .reference = ""};
	struct uuid *found, newest = id_of(8004), next = id_of(8003);

	(void)unused;
	insert_dated(8000, 5, "254711000801", "r");
	insert_dated(8100, 1, "254711000802", "r");
	SAME("all", search(&clue, 100, &found), 5);
	SAME("two", search(&clue, 2, &found), 2);
	assert_int_equal(uuid_cmp(&found[0], &newest), 0);
	assert_int_equal(uuid_cmp(&found[1], &next), 0);
}

static void test_payments_are_found_by_their_reference(void **unused)
{
	const struct payment_clue clue = {.party = "", .reference = "INV-8200"};
	struct uuid *found, want = id_of(8200);

	(void)unused;
	insert_dated(8200, 1, "254711000803", "INV-8200");
	insert_dated(8201, 1, "254711000803", "INV-82000");
	SAME("found", search(&clue, 100, &found), 1);
	assert_int_equal(uuid_cmp(&found[0], &want), 0);
}

static void test_what_is_empty_fits_nothing(void **unused)
{
	const struct payment_clue clue = {.party = "", .reference = ""};
	struct uuid *found;

	(void)unused;
	insert_dated(8300, 1, "", "");
	SAME("found", search(&clue, 100, &found), 0);
}

static void test_payments_are_found_by_the_bounds_of_their_ids(void **unused)
{
	const struct payment_clue clue = {
		.least = id_of(8401), .last = id_of(8402), .party = "", .reference = ""};
	struct uuid *found, newest = id_of(8402);

	(void)unused;
	insert_dated(8400, 4, "254711000804", "r");
	SAME("found", search(&clue, 100, &found), 2);
	assert_int_equal(uuid_cmp(&found[0], &newest), 0);
}

static void test_a_step_brings_its_line_timer_and_debt(void **unused)
{
	const struct step_done done = {.from = STATE_UNKNOWN,
		.to = STATE_UNRESOLVED,
		.event = EVENT_HORIZON,
		.effects = DO_ASK_RARELY,
		.new_version = true,
		.changed = true,
		.timer_at = {1800000000000000},
		.timer_what = TIMER_LOOK};
	const struct step_done nothing = {
		.from = STATE_FAILED, .to = STATE_FAILED, .event = EVENT_STALE_DECLINED};
	struct payment payment;
	struct payment_state state;
	struct changes changes;

	(void)unused;
	payment_full(75, &payment, &state);
	changes_init(&changes, &database.arena);
	changes_step(&changes, &payment, &state, &nothing, "reconciler", "", "", 3);
	SAME("nothing", changes.state_count + changes.line_count + changes.timer_count + changes.owed_count,
		0);
	changes_step(&changes, &payment, &state, &done, "poller", "unresolved.horizon", "", 0);
	SAME("states", changes.state_count, 1);
	SAME("lines", changes.line_count, 1);
	same_text("event", changes.lines[0].event, "HORIZON");
	SAME("timers", changes.timer_count, 1);
	SAME("lane", changes.timers[0].lane, LANE_PAYOUT);
	SAME("owed", changes.owed_count, 1);
	SAME("version", changes.owed[0].version, 8);
}

static void test_the_database_names_the_states_as_the_program_does(void **unused)
{
	PGconn *conn = database_sql();

	(void)unused;
	for (int state = 0; state < STATE_COUNT; state++)
		same_text("state",
			sql(conn, arena_print(&database.arena, "select name from state_name where no = %d",
					  state)),
			state_name((enum state)state));
	same_text("states", sql(conn, "select count(*) from state_name"), "9");
	PQfinish(conn);
}

static void test_the_counts_are_those_of_the_table(void **unused)
{
	PGconn *conn = database_sql();
	struct payment_counts counts;
	struct err err;

	(void)unused;
	/* Twice: the first reading folds what it has read. */
	for (int round = 0; round < 2; round++) {
		sql(conn, "insert into tally select 0, 0 from generate_series(1, 300)");
		CHECK(payment_store_counts(store, &counts, &err), "%s", err.text);
		for (int state = 0; state < STATE_COUNT; state++)
			SAME(state_name((enum state)state), counts.by_state[state],
				atoll(sql(conn, arena_print(&database.arena,
							"select count(*) from payment_state where state = %d",
							state))));
		CHECK(atoll(sql(conn, "select count(*) from tally")) < 100, "it was not folded");
	}
	PQfinish(conn);
}

static void test_an_overdue_payment_without_a_timer_is_found(void **unused)
{
	const struct uuid timed = id_of(80), at_rest = id_of(81), forgotten = id_of(82);
	const struct uuid *const all[] = {&timed, &at_rest, &forgotten};
	PGconn *conn = database_sql();
	struct changes changes;
	struct uuid *ids;
	struct err err;
	size_t count;

	(void)unused;
	sql(conn, "update payment_state set due_at = null");
	insert_plain(store, 80, 3);
	sql(conn, "update payment_state set due_at = now() - interval '1 hour' where id in "
		  "('018f0000-0000-7000-8000-000000000050', '018f0000-0000-7000-8000-000000000052')");
	CHECK(store_begin(store, NULL, &err), "%s", err.text);
	changes_init(&changes, &database.arena);
	changes_timer(&changes, &timed, (struct instant){1}, TIMER_LOOK, LANE_INTERACTIVE);
	CHECK(changes_save(store, &changes, &err) && store_commit(store, &err), "%s", err.text);
	CHECK(payment_store_forgotten(store, 600000, 10, &database.arena, &ids, &count, &err), "%s",
		err.text);
	SAME("forgotten", count, 1);
	CHECK(uuid_cmp(&ids[0], all[2]) == 0, "which");
	CHECK(payment_store_forgotten(store, 7200000, 10, &database.arena, &ids, &count, &err) && count == 0,
		"not yet");
	PQfinish(conn);
}

static int setup(void **unused)
{
	(void)unused;
	database_make("payment");
	database_migrate();
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

static void test_only_what_is_due_is_looked_at(void **unused)
{
	struct uuid ids[] = {id_of(9001), id_of(9002), id_of(9003), id_of(9004), id_of(9005)}, *missing;
	const struct uuid first = id_of(9001), third = id_of(9003), fifth = id_of(9005);
	size_t count = COUNT_OF(ids), missing_count;
	PGconn *conn = database_sql();
	struct err err;

	(void)unused;
	insert_plain(store, 9001, 4);
	sql(conn,
		arena_print(&database.arena,
			"update payment_state set due_at = case right(id::text, 4) when '%04x' then now() - "
			"interval '1 s' when '%04x' then now() + interval '1 min' when '%04x' then now() end "
			"where right(id::text, 4) in ('%04x', '%04x', '%04x')",
			9001, 9002, 9003, 9001, 9002, 9003));
	CHECK(store_begin(store, NULL, &err), "%s", err.text);
	CHECK(payment_store_due(store, ids, &count, &database.arena, &missing, &missing_count, &err), "%s",
		err.text);
	store_rollback(store);
	PQfinish(conn);
	assert_int_equal(count, 2); /* 9002's is later, 9004 has none */
	assert_int_equal(uuid_cmp(&ids[0], &first), 0);
	assert_int_equal(uuid_cmp(&ids[1], &third), 0);
	assert_int_equal(missing_count, 1);
	assert_int_equal(uuid_cmp(&missing[0], &fifth), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_column_comes_back_as_it_was),
		cmocka_unit_test(test_every_column_of_a_saved_row_comes_back),
		cmocka_unit_test(test_a_second_insert_of_an_id_inserts_nothing),
		cmocka_unit_test(test_a_payment_has_both_halves_or_none),
		cmocka_unit_test(test_no_step_without_its_journal_line),
		cmocka_unit_test(test_a_row_that_is_not_there_is_not_saved),
		cmocka_unit_test(test_the_journal_tells_the_steps_in_order),
		cmocka_unit_test(test_batches_over_the_same_payments_never_deadlock),
		cmocka_unit_test(test_a_lock_tells_what_is_not_there),
		cmocka_unit_test(test_only_what_is_due_is_looked_at),
		cmocka_unit_test(test_a_locked_payment_waits_for_its_owner),
		cmocka_unit_test(test_a_payment_is_found_by_what_daraja_called_it),
		cmocka_unit_test(test_a_phones_payments_are_found_newest_first_and_no_more_than_asked_for),
		cmocka_unit_test(test_payments_are_found_by_their_reference),
		cmocka_unit_test(test_what_is_empty_fits_nothing),
		cmocka_unit_test(test_payments_are_found_by_the_bounds_of_their_ids),
		cmocka_unit_test(test_a_step_brings_its_line_timer_and_debt),
		cmocka_unit_test(test_the_database_names_the_states_as_the_program_does),
		cmocka_unit_test(test_the_counts_are_those_of_the_table),
		cmocka_unit_test(test_an_overdue_payment_without_a_timer_is_found),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
