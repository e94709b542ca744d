#include "io/notice_store.h"

#include "core/api.h"
#include "io/store_sql.h"

#include <stdlib.h>
#include <string.h>

struct entry {
	struct notice_row row;
	struct notice_row *caller;
	enum api api;
	struct text sealed;
	size_t turn;
};

static int compare(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	int order = strcmp(x->row.receipt, y->row.receipt);

	return order != 0 ? order : (x->turn > y->turn) - (x->turn < y->turn);
}

#define OF_ENTRY(kind, field)                                                                                \
	{                                                                                                    \
		kind, offsetof(struct entry, field)                                                          \
	}
static const struct pg_column columns[] = {
	OF_ENTRY(PG_STRING, row.receipt),
	OF_ENTRY(PG_DIGEST, row.record),
	OF_ENTRY(PG_AMOUNT, row.amount),
	OF_ENTRY(PG_INSTANT, row.paid_at),
	OF_ENTRY(PG_INSTANT, row.received_at),
	OF_ENTRY(PG_STRING, row.account),
	OF_ENTRY(PG_STRING, row.shortcode),
	OF_ENTRY(PG_STRING, row.bill_reference),
	OF_ENTRY(PG_STRING, row.customer),
	OF_ENTRY(PG_BYTES, sealed),
	OF_ENTRY(PG_SMALL, api),
};

/* A receipt is fresh while no transaction has updated its row (xmax is 0): then this statement has entered it. */
static const struct pg_statement add_notices = {"add_notices",
	"with heard as (select * from unnest($1::text[], $2::bytea[], $3::bigint[], $4::timestamptz[], "
	"$5::timestamptz[], $6::text[], $7::text[], $8::text[], $9::text[], $10::bytea[], $11::smallint[]) "
	"t(receipt, record, amount, paid_at, received_at, account, shortcode, bill_reference, customer, "
	"body, "
	"api)), claimed as (insert into receipt (receipt, payment_id, amount, api) select receipt, "
	"null::uuid, "
	"amount, api from heard on conflict (receipt) do update set payment_id = receipt.payment_id "
	"returning "
	"receipt, payment_id, xmax = 0 as fresh), tallied as (insert into tally (what, n) select 100, "
	"count(*) "
	"from claimed where fresh having count(*) > 0), noted as (insert into c2b_notice (receipt, record, "
	"is_new, amount, paid_at, received_at, account, shortcode, bill_reference, customer, body) select "
	"h.receipt, h.record, c.fresh, h.amount, h.paid_at, h.received_at, h.account, h.shortcode, "
	"h.bill_reference, h.customer, h.body from heard h join claimed c using (receipt) on conflict "
	"(receipt) "
	"do update set at = c2b_notice.at returning receipt, record, is_new) select n.receipt, n.record, "
	"n.is_new, c.payment_id from noted n join claimed c using (receipt) order by n.receipt"};

static bool prepare(
	struct store *store, struct notice_row *rows, size_t count, struct entry *entries, struct err *err)
{
	struct arena *tmp = &store->scratch;

	for (size_t i = 0; i < count; i++) {
		struct text context = text_of(arena_print(tmp, "c2b|%s", rows[i].receipt));

		entries[i] = (struct entry){
			.row = rows[i], .caller = &rows[i], .api = API_C2B_REGISTER, .turn = i};
		if (!seal(&store->keys, rows[i].body, context, tmp, &entries[i].sealed, err)) {
			store_rollback(store);
			return false;
		}
	}
	qsort(entries, count, sizeof(*entries), compare);
	return true;
}

/* Only the first notice of each receipt goes into the statement. */
static size_t fold(const struct entry *entries, size_t count, const void **ret)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++)
		if (i == 0 || strcmp(entries[i - 1].row.receipt, entries[i].row.receipt) != 0)
			ret[kept++] = &entries[i];
	return kept;
}

static void tell(const struct pg_result *result, struct entry *entries, size_t count, struct arena *tmp)
{
	size_t at = 0;

	for (size_t i = 0; i < pg_rows(result); i++) {
		const char *receipt;
		struct digest record;
		struct uuid payment;
		bool is_new;

		pg_get(result, i, 0, PG_STRING, tmp, &receipt);
		pg_get(result, i, 1, PG_DIGEST, NULL, &record);
		pg_get(result, i, 2, PG_BOOL, NULL, &is_new);
		pg_get(result, i, 3, PG_UUID, NULL, &payment);
		for (; at < count && strcmp(entries[at].row.receipt, receipt) <= 0; at++) {
			struct notice_row *caller = entries[at].caller;

			if (strcmp(caller->receipt, receipt) != 0)
				continue;
			caller->payment = payment;
			caller->is_new = is_new && memcmp(&caller->record, &record, sizeof(record)) == 0;
		}
	}
}

bool notice_store_add(struct store *store, struct notice_row *rows, size_t count, struct err *err)
{
	struct arena *tmp = &store->scratch;
	struct pg_params params = PG_PARAMS(tmp);
	STORE_RESULT result = NULL;
	struct entry *entries;
	const void **first;

	if (count == 0)
		return true;
	must(store->in_transaction);
	arena_reset(tmp);
	entries = ARENA_ARRAY(tmp, struct entry, count);
	first = ARENA_ARRAY(tmp, const void *, count);
	if (!prepare(store, rows, count, entries, err))
		return false;
	pg_arrays(&params, columns, COUNT_OF(columns), first, fold(entries, count, first));
	if (!store_query(store, &add_notices, &params, &result, err))
		return false;
	tell(result, entries, count, tmp);
	return true;
}
