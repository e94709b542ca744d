#include "database.h"

#include "io/evidence_store.h"
#include "io/notice_store.h"

static struct store *store;
static PGconn *conn;

#define SAME(what, got, want)                                                                                \
	CHECK((got) == (want), "%s: %lld, not %lld", what, (long long)(got), (long long)(want))

static struct notice_row notice_of(const char *receipt, unsigned record)
{
	return (struct notice_row){.receipt = receipt,
		.record = {{(uint8_t)record}},
		.account = "default",
		.shortcode = "600000",
		.bill_reference = "INV-1001",
		.customer = "2547 ***** 149",
		.amount = amount_of_cents(35000),
		.paid_at = {1700000000000000},
		.received_at = {1700000001000000},
		.body = TEXT("{\"FirstName\":\"ASHA\"}")};
}

static void add(struct notice_row *rows, size_t count)
{
	struct err err;

	CHECK(store_begin(store, NULL, &err) && notice_store_add(store, rows, count, &err) &&
			store_commit(store, &err),
		"%s", err.text);
}

static enum receipt_owner claim(const char *receipt, unsigned payment)
{
	struct receipt_claim row = {.receipt = receipt,
		.payment = id_of(payment),
		.amount = amount_of_cents(35000),
		.api = API_STK_PUSH};
	struct err err;

	CHECK(store_begin(store, NULL, &err) && receipt_store_claim(store, &row, 1, &err) &&
			store_commit(store, &err),
		"%s", err.text);
	return row.owner;
}

static int64_t receipts(void)
{
	struct payment_counts counts;
	struct err err;

	CHECK(payment_store_counts(store, &counts, &err), "%s", err.text);
	return counts.receipts;
}

static void test_the_first_notice_is_new_and_is_so_again(void **unused)
{
	struct notice_row first = notice_of("N1", 1), again = notice_of("N1", 1), second = notice_of("N1", 2);
	const int64_t before = receipts();

	(void)unused;
	again.is_new = second.is_new = false;
	add(&first, 1);
	assert_true(first.is_new && !uuid_is_set(&first.payment));
	SAME("receipts", receipts(), before + 1);
	add(&second, 1);
	assert_false(second.is_new);
	add(&again, 1); /* the same record, read again after a crash */
	assert_true(again.is_new);
	SAME("receipts", receipts(), before + 1);
	SAME("rows", atoi(sql(conn, "select count(*) from c2b_notice where receipt = 'N1'")), 1);
	assert_string_equal(
		sql(conn, "select bill_reference || amount || is_new from c2b_notice where receipt = 'N1'"),
		"INV-100135000true");
	SAME("in the clear",
		atoi(sql(conn, "select count(*) from c2b_notice where position('ASHA'::bytea in body) > 0")),
		0);
}

static void test_a_batch_has_one_first_per_receipt(void **unused)
{
	struct notice_row rows[] = {notice_of("N3", 1), notice_of("N2", 2), notice_of("N3", 3),
		notice_of("N2", 2), notice_of("N4", 5)};

	(void)unused;
	add(rows, COUNT_OF(rows));
	assert_true(rows[0].is_new && rows[1].is_new && !rows[2].is_new && rows[3].is_new && rows[4].is_new);
	rows[0].is_new = rows[2].is_new = true;
	add(rows, COUNT_OF(rows));
	assert_true(rows[0].is_new && rows[1].is_new && !rows[2].is_new && rows[3].is_new && rows[4].is_new);
	add(rows, 0);
}

static void test_a_receipt_of_a_payment_is_joined(void **unused)
{
	struct notice_row row = notice_of("N5", 1), again = notice_of("N5", 1);
	const struct uuid payment = id_of(5);

	(void)unused;
	SAME("claim", claim("N5", 5), RECEIPT_OURS);
	const int64_t before = receipts();
	add(&row, 1);
	assert_true(!row.is_new && uuid_cmp(&row.payment, &payment) == 0);
	add(&again, 1);
	assert_true(!again.is_new && uuid_cmp(&again.payment, &payment) == 0);
	SAME("receipts", receipts(), before);
}

static void test_a_payment_joins_the_notices_receipt(void **unused)
{
	struct notice_row row = notice_of("N6", 1), again = notice_of("N6", 1), repeated = notice_of("N6", 2);
	const struct uuid payment = id_of(6);

	(void)unused;
	add(&row, 1);
	const int64_t before = receipts();
	SAME("claim", claim("N6", 6), RECEIPT_OURS);
	SAME("claim of another", claim("N6", 7), RECEIPT_OTHERS);
	SAME("receipts", receipts(), before);
	add(&again, 1);
	assert_true(again.is_new && uuid_cmp(&again.payment, &payment) == 0);
	add(&repeated, 1);
	assert_true(!repeated.is_new && uuid_cmp(&repeated.payment, &payment) == 0);
}

static void test_what_was_not_committed_was_not_told(void **unused)
{
	struct notice_row row = notice_of("N7", 1), other_row = notice_of("N7", 2);
	struct err err;

	(void)unused;
	CHECK(store_begin(store, NULL, &err) && notice_store_add(store, &row, 1, &err), "%s", err.text);
	assert_true(row.is_new);
	store_rollback(store);
	add(&other_row, 1);
	assert_true(other_row.is_new);
}

static void test_what_the_database_refuses_is_nobodys_first(void **unused)
{
	struct notice_row rows[] = {notice_of("N8", 1), notice_of("N9", 2)};
	struct err err;

	(void)unused;
	rows[1].bill_reference = "\xff\xfe";
	assert_true(store_begin(store, NULL, &err));
	assert_false(notice_store_add(store, rows, 2, &err));
	assert_int_equal(err.class, ERR_REFUSED);
	store_rollback(store);
	SAME("rows", atoi(sql(conn, "select count(*) from c2b_notice where receipt in ('N8', 'N9')")), 0);
}

static int setup(void **unused)
{
	(void)unused;
	database_make("notice");
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
		cmocka_unit_test(test_the_first_notice_is_new_and_is_so_again),
		cmocka_unit_test(test_a_batch_has_one_first_per_receipt),
		cmocka_unit_test(test_a_receipt_of_a_payment_is_joined),
		cmocka_unit_test(test_a_payment_joins_the_notices_receipt),
		cmocka_unit_test(test_what_was_not_committed_was_not_told),
		cmocka_unit_test(test_what_the_database_refuses_is_nobodys_first),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
