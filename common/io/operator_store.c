#include "io/operator_store.h"

#include "io/store_sql.h"

bool operator_store_add(struct store *store, const struct operator_action *action, struct err *err)
{
	static const struct pg_statement statement = {"add_operator_action",
		"insert into operator_action (attempt, action, receipt, reference, first_by, second_by, "
		"detail) values (0, $1, '', $2, $3, '', $4)"};
	struct pg_params params = PG_PARAMS(&store->scratch);

	must(store->in_transaction);
	arena_reset(&store->scratch);
	pg_value(&params, PG_STRING, &action->action);
	pg_value(&params, PG_STRING, &action->reference);
	pg_value(&params, PG_STRING, &action->by);
	pg_value(&params, PG_STRING, &action->detail);
	return store_change(store, &statement, &params, 1, err);
}
