/* Receipts: the first payment to claim one keeps it. */
#include "io/evidence_store.h"

#include "io/store_sql.h"

#include <stdlib.h>
#include <string.h>

struct claim {
	struct receipt_claim row;
	struct receipt_claim *caller;
	size_t turn; /* the caller's order decides between two claims of one call */
};

static int compare_claims(const void *a, const void *b)
{
	const struct claim *x = a, *y = b;
	int order = strcmp(x->row.receipt, y->row.receipt);

	return order != 0 ? order : (x->turn > y->turn) - (x->turn < y->turn);
}

/* The tally counts receipts that are new: those whose row no transaction has updated (xmax is 0). */
static const struct pg_statement claim_receipts = {"claim_receipts",
	"with claimed as (insert into receipt (receipt, payment_id, amount, api) select * from "
	"unnest($1::text[], $2::uuid[], $3::bigint[], $4::smallint[]) on conflict (receipt) do update "
	"set payment_id = coalesce(receipt.payment_id, excluded.payment_id) returning receipt, "
	"payment_id, xmax = 0 as fresh), tallied as (insert into tally (what, n) select 100, count(*) "
	"from claimed where fresh having count(*) > 0) select receipt, payment_id from claimed"};

/* One claim per receipt for the statement: that of the first payment. */
static size_t fold(struct claim *claims, size_t count, struct claim *ret)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++) {
		if (kept == 0 || strcmp(ret[kept - 1].row.receipt, claims[i].row.receipt) != 0)
			ret[kept++] = claims[i];
		else if (!uuid_is_set(&ret[kept - 1].row.payment))
			ret[kept - 1] = claims[i];
	}
	return kept;
}

static void tell_owners(const struct pg_result *result, struct claim *claims, size_t count, struct arena *tmp)
{
	size_t at = 0;

	for (size_t i = 0; i < pg_rows(result); i++) {
		const char *receipt;
		struct uuid payment;

		pg_get(result, i, 0, PG_STRING, tmp, &receipt);
		pg_get(result, i, 1, PG_UUID, NULL, &payment);
		while (at < count && strcmp(claims[at].row.receipt, receipt) < 0)
			at++;
		for (; at < count && strcmp(claims[at].row.receipt, receipt) == 0; at++)
			claims[at].caller->owner = uuid_cmp(&claims[at].row.payment, &payment) == 0
							   ? RECEIPT_OURS
							   : RECEIPT_OTHERS;
	}
}

bool receipt_store_claim(struct store *store, struct receipt_claim *claims, size_t count, struct err *err)
{
	static const struct pg_column columns[] = {{PG_STRING, offsetof(struct claim, row.receipt)},
		{PG_UUID, offsetof(struct claim, row.payment)},
		{PG_AMOUNT, offsetof(struct claim, row.amount)}, {PG_SMALL, offsetof(struct claim, row.api)}};
	struct arena *tmp = &store->scratch;
	struct pg_params params = PG_PARAMS(tmp);
	STORE_RESULT result = NULL;
	struct claim *told, *folded;
	size_t told_count = 0, folded_count;

	must(store->in_transaction);
	arena_reset(tmp);
	told = ARENA_ARRAY(tmp, struct claim, count + 1);
	folded = ARENA_ARRAY(tmp, struct claim, count + 1);
	for (size_t i = 0; i < count; i++) {
		claims[i].owner = RECEIPT_NOT_TOLD;
		if (claims[i].receipt != NULL && *claims[i].receipt != '\0')
			told[told_count++] =
				(struct claim){.row = claims[i], .caller = &claims[i], .turn = i};
	}
	if (told_count == 0)
		return true;
	qsort(told, told_count, sizeof(*told), compare_claims);
	folded_count = fold(told, told_count, folded);
	pg_arrays(&params, columns, COUNT_OF(columns), pg_each(tmp, folded, sizeof(*folded), folded_count),
		folded_count);
	if (!store_query(store, &claim_receipts, &params, &result, err))
		return false;
	tell_owners(result, told, told_count, tmp);
	return true;
}

bool receipt_store_find(
	struct store *store, const char *receipt, struct uuid *ret, bool *ret_found, struct err *err)
{
	static const struct pg_statement statement = {"find_receipt",
		"select payment_id from receipt where receipt = $1 and payment_id is not null"};
	struct pg_params params = PG_PARAMS(&store->scratch);
	STORE_RESULT result = NULL;

	arena_reset(&store->scratch);
	pg_value(&params, PG_STRING, &receipt);
	if (!store_query(store, &statement, &params, &result, err))
		return false;
	*ret_found = pg_rows(result) > 0;
	if (*ret_found)
		pg_get(result, 0, 0, PG_UUID, NULL, ret);
	return true;
}
