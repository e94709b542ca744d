#include "database.h"

#include "io/evidence_store.h"

static struct store *store;
static PGconn *conn;

#define SAME(what, got, want)                                                                                \
	CHECK((got) == (want), "%s: %lld, not %lld", what, (long long)(got), (long long)(want))

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

static struct evidence_row evidence_of(unsigned number, const char *body, enum strength strength)
{
	return (struct evidence_row){.payment = id_of(number),
		.gen = 2,
		.query_no = 3,
		.purpose = API_B2C,
		.strength = strength,
		.peer = "196.201.214.200",
		.received_at = {1700000000000000},
		.says = "PAID",
		.body = text_of(body),
		.http_status = 200};
}

static void add(struct evidence_row *rows, size_t count)
{
	struct err err;

	begin(store);
	CHECK(evidence_store_add(store, rows, count, &err), "%s", err.text);
	commit(store);
}

static struct evidence_row *list(unsigned number, size_t *ret_count)
{
	const struct uuid id = id_of(number);
	struct evidence_row *rows;
	struct err err;

	CHECK(evidence_store_list(store, &id, &database.arena, &rows, ret_count, &err), "%s", err.text);
	return rows;
}

static void test_evidence_is_stored_once_per_strength(void **unused)
{
	struct evidence_row first[] = {evidence_of(2, "{\"b\":1}", STRENGTH_SIGNED),
		evidence_of(1, "{\"a\":1}", STRENGTH_SIGNED), evidence_of(2, "{\"b\":1}", STRENGTH_SIGNED)};
	struct evidence_row again[] = {evidence_of(2, "{\"b\":1}", STRENGTH_SIGNED),
		evidence_of(2, "{\"b\":1}", STRENGTH_ASKED), evidence_of(2, "{\"b\":2}", STRENGTH_SIGNED)};

	(void)unused;
	add(first, COUNT_OF(first));
	assert_true(first[0].is_new && first[1].is_new && !first[2].is_new);
	assert_true(first[0].no > 0 && first[0].no == first[2].no && first[0].no != first[1].no);
	add(again, COUNT_OF(again));
	assert_true(!again[0].is_new && again[1].is_new && again[2].is_new);
	SAME("the number it has", again[0].no, first[0].no);
	assert_true(again[1].no > first[0].no && again[2].no > first[0].no && again[1].no != again[2].no);
	add(again, COUNT_OF(again));
	assert_true(!again[0].is_new && !again[1].is_new && !again[2].is_new);
	SAME("rows", atoi(sql(conn, "select count(*) from evidence")), 4);
}

static void test_evidence_comes_back_as_it_was_and_lies_there_sealed(void **unused)
{
	struct evidence_row row = evidence_of(10, "{\"phone\":254708374149}", STRENGTH_SIGNED_LISTED),
			    empty = evidence_of(10, "", STRENGTH_PLAIN);
	struct evidence_row *rows;
	size_t count;

	(void)unused;
	add(&row, 1);
	add(&empty, 1);
	rows = list(10, &count);
	SAME("rows", count, 2);
	assert_true(uuid_cmp(&rows[0].payment, &row.payment) == 0 && rows[0].no == row.no);
	SAME("gen", rows[0].gen, 2);
	SAME("query_no", rows[0].query_no, 3);
	SAME("purpose", rows[0].purpose, API_B2C);
	SAME("strength", rows[0].strength, STRENGTH_SIGNED_LISTED);
	SAME("received_at", rows[0].received_at.us, 1700000000000000);
	SAME("http_status", rows[0].http_status, 200);
	assert_string_equal(rows[0].peer, "196.201.214.200");
	assert_string_equal(rows[0].says, "PAID");
	assert_true(text_same(rows[0].body, row.body));
	SAME("empty", rows[1].body.len, 0);
	SAME("in the clear",
		atoi(sql(conn,
			"select count(*) from evidence where position('254708374149'::bytea in body) > 0")),
		0);
}

static void test_a_body_that_was_moved_to_another_payment_does_not_open(void **unused)
{
	struct evidence_row row = evidence_of(20, "{}", STRENGTH_ASKED), *rows;
	const struct uuid id = id_of(21);
	struct err err;
	size_t count;

	(void)unused;
	add(&row, 1);
	sql(conn, "update evidence set payment_id = '018f0000-0000-7000-8000-000000000015' where "
		  "payment_id = '018f0000-0000-7000-8000-000000000014'");
	assert_false(evidence_store_list(store, &id, &database.arena, &rows, &count, &err));
	sql(conn, "delete from evidence where payment_id = '018f0000-0000-7000-8000-000000000015'");
}

static struct receipt_claim claim_of(const char *receipt, unsigned number)
{
	struct receipt_claim claim = {
		.receipt = receipt, .amount = amount_of_cents(500), .api = API_STK_PUSH};

	if (number != 0)
		claim.payment = id_of(number);
	return claim;
}

static void claim(struct receipt_claim *claims, size_t count)
{
	struct err err;

	begin(store);
	CHECK(receipt_store_claim(store, claims, count, &err), "%s", err.text);
	commit(store);
}

static void test_the_first_payment_to_claim_a_receipt_keeps_it(void **unused)
{
	struct receipt_claim first[] = {claim_of("RB", 1), claim_of("RA", 2), claim_of("RB", 3),
		claim_of("RB", 1), claim_of("", 4), claim_of("RC", 0)};
	struct receipt_claim then[] = {
		claim_of("RA", 1), claim_of("RB", 1), claim_of("RC", 5), claim_of("RC", 6)};
	struct payment_counts counts;
	struct uuid holder;
	struct err err;
	bool found;

	(void)unused;
	claim(first, COUNT_OF(first));
	SAME("RB of 1", first[0].owner, RECEIPT_OURS);
	SAME("RA of 2", first[1].owner, RECEIPT_OURS);
	SAME("RB of 3", first[2].owner, RECEIPT_OTHERS);
	SAME("RB of 1 again", first[3].owner, RECEIPT_OURS);
	SAME("no receipt", first[4].owner, RECEIPT_NOT_TOLD);
	SAME("RC of a C2B notice", first[5].owner, RECEIPT_OURS);
	CHECK(receipt_store_find(store, "RC", &holder, &found, &err) && !found, "RC has no payment yet");
	claim(then, COUNT_OF(then));
	SAME("RA of 1", then[0].owner, RECEIPT_OTHERS);
	SAME("RB of 1", then[1].owner, RECEIPT_OURS);
	SAME("RC of 5, after the notice", then[2].owner, RECEIPT_OURS);
	SAME("RC of 6", then[3].owner, RECEIPT_OTHERS);
	CHECK(receipt_store_find(store, "RC", &holder, &found, &err) && found, "RC");
	SAME("holder", holder.b[15], 5);
	CHECK(payment_store_counts(store, &counts, &err), "%s", err.text);
	SAME("receipts", counts.receipts, 3);
}

static void test_a_notice_that_comes_after_the_payment_takes_nothing(void **unused)
{
	struct receipt_claim of_payment = claim_of("RN", 7), notice = claim_of("RN", 0),
			     both[] = {claim_of("RM", 0), claim_of("RM", 8)};

	(void)unused;
	claim(&of_payment, 1);
	claim(&notice, 1);
	SAME("the notice", notice.owner, RECEIPT_OTHERS);
	claim(&of_payment, 1);
	SAME("the payment", of_payment.owner, RECEIPT_OURS);
	/* In one batch the payment wins, whichever comes first. */
	claim(both, COUNT_OF(both));
	SAME("the payment of the batch", both[1].owner, RECEIPT_OURS);
}

static void test_orphans_and_dead_letters_are_added_once(void **unused)
{
	const struct orphan orphans[] = {
		{.payment = id_of(99),
			.purpose = API_B2C,
			.strength = STRENGTH_SIGNED,
			.path = "",
			.peer = "10.0.0.1",
			.why = "no such payment",
			.body = TEXT("{\"x\":1}"),
			.received_at = {1700000000000000}},
		{.purpose = API_STK_PUSH,
			.strength = STRENGTH_PLAIN,
			.path = "/mpesa/stk-push-callback",
			.peer = "",
			.why = "unknown id",
			.body = TEXT("{\"x\":1}"),
			.received_at = {1700000000000000}},
	};
	const struct dead_letter letters[] = {
		{.reason = "undecodable",
			.detail = "byte 3",
			.topic = "commands.v1",
			.partition = 3,
			.offset = 5000000000,
			.key = TEXT("key"),
			.value = TEXT("\0\1\2")},
		{.reason = "id_reused",
			.detail = "",
			.topic = "commands.v1",
			.partition = 3,
			.offset = 5000000001,
			.key = {0},
			.value = {0}},
	};
	struct dead_letter_line *lines;
	struct payment_counts counts;
	struct err err;
	size_t count;

	(void)unused;
	for (int round = 0; round < 2; round++) {
		begin(store);
		CHECK(orphan_store_add(store, orphans, COUNT_OF(orphans), &err) &&
				dead_letter_store_add(store, letters, COUNT_OF(letters), &err),
			"%s", err.text);
		commit(store);
	}
	CHECK(payment_store_counts(store, &counts, &err), "%s", err.text);
	SAME("orphans", counts.orphans, 2);
	SAME("dead letters", counts.dead_letters, 2);
	CHECK(dead_letter_store_list(store, 0, 10, &database.arena, &lines, &count, &err), "%s", err.text);
	SAME("lines", count, 2);
	assert_string_equal(lines[0].letter.reason, "undecodable");
	assert_string_equal(lines[0].letter.detail, "byte 3");
	assert_string_equal(lines[0].letter.topic, "commands.v1");
	SAME("partition", lines[0].letter.partition, 3);
	SAME("offset", lines[0].letter.offset, 5000000000);
	assert_true(text_same(lines[0].letter.key, letters[0].key) &&
		    text_same(lines[0].letter.value, letters[0].value));
	assert_true(instant_is_set(lines[0].at));
	CHECK(dead_letter_store_list(store, lines[0].no, 10, &database.arena, &lines, &count, &err), "%s",
		err.text);
	SAME("after the first", count, 1);
	SAME("in the clear",
		atoi(sql(conn,
			"select count(*) from orphan_evidence where position('\"x\"'::bytea in body) > 0")),
		0);
}

static void test_a_new_key_seals_and_the_old_one_still_opens(void **unused)
{
	struct evidence_row before = evidence_of(30, "{\"old\":1}", STRENGTH_ASKED),
			    after = evidence_of(30, "{\"new\":1}", STRENGTH_ASKED);
	struct evidence_row *rows;
	size_t count;

	(void)unused;
	add(&before, 1);
	database_write_keys("2 ff0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n"
			    "1 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n");
	store_close(&store);
	store = database_store();
	add(&after, 1);
	rows = list(30, &count);
	SAME("rows", count, 2);
	assert_true(text_is(rows[0].body, "{\"old\":1}") && text_is(rows[1].body, "{\"new\":1}"));
	SAME("sealed with key 2",
		atoi(sql(conn, "select get_byte(body, 0) from evidence order by no desc limit 1")), 2);
}

static int setup(void **unused)
{
	(void)unused;
	database_make("evidence");
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
		cmocka_unit_test(test_evidence_is_stored_once_per_strength),
		cmocka_unit_test(test_evidence_comes_back_as_it_was_and_lies_there_sealed),
		cmocka_unit_test(test_a_body_that_was_moved_to_another_payment_does_not_open),
		cmocka_unit_test(test_the_first_payment_to_claim_a_receipt_keeps_it),
		cmocka_unit_test(test_a_notice_that_comes_after_the_payment_takes_nothing),
		cmocka_unit_test(test_orphans_and_dead_letters_are_added_once),
		cmocka_unit_test(test_a_new_key_seals_and_the_old_one_still_opens),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
