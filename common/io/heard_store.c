#include "io/heard_store.h"

#include "io/store_sql.h"

/* Key id, nonce and tag (io/seal.h): what the sealed body is longer by. The answers of our own requests have no peer. */
#define SEALED "octet_length(body) - 29"
static const struct pg_statement list_heard = {"list_heard",
	"select at, purpose, strength, payment_id, peer, says, verdict, bytes from ("
	"(select e.received_at as at, e.purpose, e.strength, e.payment_id, e.peer, e.says, coalesce((select "
	"j.event from journal j where j.payment_id = e.payment_id and j.evidence_no = e.no order by j.no, "
	"j.line limit 1), 'NOTHING') as verdict, (" SEALED ")::bigint as bytes from (select * from evidence "
	"where peer <> '' order by no desc limit $1) e) union all "
	"(select coalesce(received_at, at), purpose, strength, payment_id, peer, why, 'ORPHAN', (" SEALED
	")::bigint from orphan_evidence order by no desc limit $1) union all "
	"(select received_at, $2, $3, null::uuid, '', receipt, 'RECEIPT', (" SEALED
	")::bigint from c2b_notice order by received_at desc limit $1)) heard order by at desc nulls last, "
	"payment_id limit $1"};
static const struct pg_statement count_heard = {"count_heard",
	"select (select count(*) from evidence where peer <> ''), (select count(*) from evidence where peer "
	"<> "
	"'' and says = 'UNCLEAR '), (select count(*) from orphan_evidence), (select count(*) from "
	"c2b_notice)"};

#define OF_LINE(kind, field)                                                                                 \
	{                                                                                                    \
		kind, offsetof(struct heard_line, field)                                                     \
	}
#define OF_TOTALS(field)                                                                                     \
	{                                                                                                    \
		PG_LONG, offsetof(struct heard_totals, field)                                                \
	}

static bool count_all(struct store *store, struct heard_totals *ret, struct err *err)
{
	static const struct pg_column columns[] = {
		OF_TOTALS(callbacks), OF_TOTALS(unclear), OF_TOTALS(orphans), OF_TOTALS(notices)};
	struct pg_params params = PG_PARAMS(&store->scratch);
	STORE_RESULT result = NULL;

	arena_reset(&store->scratch);
	if (!store_query(store, &count_heard, &params, &result, err))
		return false;
	pg_get_row(result, 0, 0, columns, COUNT_OF(columns), NULL, ret);
	return true;
}

bool heard_store_list(struct store *store, size_t most, struct arena *arena, struct heard_line **ret,
	size_t *ret_count, struct heard_totals *ret_totals, struct err *err)
{
	static const struct pg_column columns[] = {OF_LINE(PG_INSTANT, at), OF_LINE(PG_SMALL, purpose),
		OF_LINE(PG_SMALL, strength), OF_LINE(PG_UUID, payment), OF_LINE(PG_STRING, peer),
		OF_LINE(PG_STRING, says), OF_LINE(PG_STRING, verdict), OF_LINE(PG_LONG, bytes)};
	const int64_t limit = (int64_t)most;
	const int register_api = API_C2B_REGISTER, secret = STRENGTH_C2B_SECRET;
	struct pg_params params = PG_PARAMS(&store->scratch);
	STORE_RESULT result = NULL;

	must(store->in_transaction);
	if (!count_all(store, ret_totals, err))
		return false;
	arena_reset(&store->scratch);
	pg_value(&params, PG_LONG, &limit);
	pg_value(&params, PG_SMALL, &register_api);
	pg_value(&params, PG_SMALL, &secret);
	if (!store_query(store, &list_heard, &params, &result, err))
		return false;
	*ret_count = pg_rows(result);
	*ret = ARENA_ARRAY(arena, struct heard_line, *ret_count + 1);
	for (size_t i = 0; i < *ret_count; i++)
		pg_get_row(result, i, 0, columns, COUNT_OF(columns), arena, &(*ret)[i]);
	return true;
}
