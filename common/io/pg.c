/* Statements over a connection: prepared once, run in pipelines, committed with suspicion. */
#include "io/pg.h"

#include "base/fault.h"
#include "io/clock.h"
#include "io/pg_fault.h"
#include "io/pg_link.h"

#include <stdlib.h>
#include <string.h>

/* NULL: the connection was lost, or the deadline passed. */
static PGresult *next_result(struct pg *pg, struct mono deadline, struct err *err)
{
	PGresult *result;

	if (!pg_ready(pg, deadline, err))
		return NULL;
	result = PQgetResult(pg->conn);
	if (result == NULL ||
		(PQstatus(pg->conn) == CONNECTION_BAD && PQresultStatus(result) == PGRES_FATAL_ERROR)) {
		if (result == NULL)
			pg_lost(pg, "reading", err);
		else
			pg_refused(pg, result, err);
		pg->dead = true;
		PQclear(result);
		return NULL;
	}
	return result;
}

/* One statement's result and the NULL that ends it. */
static PGresult *statement_result(struct pg *pg, struct mono deadline, struct err *err)
{
	PGresult *result = next_result(pg, deadline, err), *end;

	if (result == NULL || !pg_ready(pg, deadline, err)) {
		PQclear(result);
		return NULL;
	}
	end = PQgetResult(pg->conn);
	must(end == NULL);
	return result;
}

static size_t prepared_at(const struct pg *pg, const struct pg_statement *statement)
{
	size_t i = 0;

	while (i < pg->prepared_count && pg->prepared[i] != statement)
		i++;
	return i;
}

static void forget(struct pg *pg, const struct pg_statement *statement)
{
	size_t i = prepared_at(pg, statement);

	if (i < pg->prepared_count)
		pg->prepared[i] = pg->prepared[--pg->prepared_count];
}

/* *ret_prepares: a Parse goes ahead of it, whose result comes first. */
static bool send_call(struct pg *pg, const struct pg_call *call, bool *ret_prepares, struct err *err)
{
	int binary[PG_PARAMS_MOST];
	static const struct pg_params none = {0};
	const struct pg_params *params = call->params != NULL ? call->params : &none;
	const char *name = call->statement->name;

	for (size_t i = 0; i < COUNT_OF(binary); i++)
		binary[i] = 1;
	*ret_prepares = prepared_at(pg, call->statement) == pg->prepared_count;
	if (*ret_prepares) {
		must(pg->prepared_count < STATEMENTS_MOST);
		if (!PQsendPrepare(pg->conn, name, call->statement->sql, params->count, params->types))
			return pg_lost(pg, "sending", err);
		pg->prepared[pg->prepared_count++] = call->statement;
	}
	if (!PQsendQueryPrepared(pg->conn, name, params->count, params->values, params->lengths, binary, 1))
		return pg_lost(pg, "sending", err);
	return true;
}

/* Keeps the first error; what was aborted because of it is no error of its own. */
static bool take(struct pg *pg, const PGresult *result, struct pg_call *call, bool failed, struct err *err)
{
	ExecStatusType status = PQresultStatus(result);

	if (status == PGRES_TUPLES_OK) {
		call->rows = (size_t)PQntuples(result);
		return true;
	}
	if (status == PGRES_COMMAND_OK) {
		call->rows = (size_t)strtoull(PQcmdTuples((PGresult *)result), NULL, 10);
		return true;
	}
	if (failed)
		return false;
	if (status == PGRES_PIPELINE_ABORTED)
		return err_set(err, ERR_BROKEN, 0, "PostgreSQL: a pipeline was aborted before its error");
	pg_refused(pg, result, err);
	return err_while(err, "%s", call->statement->name);
}

static bool take_all(
	struct pg *pg, struct pg_call *calls, const bool *prepares, size_t count, struct err *err)
{
	struct mono deadline = mono_add_ms(clock_mono(), PATIENCE_MS);
	bool failed = false;
	PGresult *result;

	for (size_t i = 0; i < count; i++) {
		if (prepares[i]) {
			result = statement_result(pg, deadline, failed ? NULL : err);
			if (result == NULL)
				return false;
			if (!take(pg, result, &calls[i], failed, err)) {
				failed = true;
				forget(pg, calls[i].statement);
			}
			PQclear(result);
		}
		calls[i].result = statement_result(pg, deadline, failed ? NULL : err);
		if (calls[i].result == NULL)
			return false;
		if (!take(pg, calls[i].result, &calls[i], failed, err))
			failed = true;
	}
	result = next_result(pg, deadline, failed ? NULL : err);
	if (result == NULL)
		return false;
	must(PQresultStatus(result) == PGRES_PIPELINE_SYNC);
	PQclear(result);
	return !failed;
}

static bool run(struct pg *pg, struct pg_call *calls, size_t count, struct err *err)
{
	bool prepares[32];

	must(count <= COUNT_OF(prepares));
	if (pg->dead)
		return err_set(err, ERR_RETRY, 0, "PostgreSQL: the connection was lost");
	for (size_t i = 0; i < count; i++)
		if (!send_call(pg, &calls[i], &prepares[i], err))
			return false;
	if (!PQpipelineSync(pg->conn))
		return pg_lost(pg, "sending", err);
	if (take_all(pg, calls, prepares, count, err))
		return true;
	pg_calls_clear(calls, count);
	return false;
}

bool pg_run(struct pg *pg, struct pg_call *calls, size_t count, struct err *err)
{
	unsigned fault = FAULT_OF("pg.run", PG_RUN_FAULTS, calls[0].statement->name);

	FAULT_NOTE(calls[0].statement->name);
	if (fault != 0)
		return pg_fault_run(pg, fault, run, calls, count, err);
	return run(pg, calls, count, err);
}

void pg_calls_clear(struct pg_call *calls, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		PQclear(calls[i].result);
		calls[i].result = NULL;
	}
}

bool pg_commit(struct pg *pg, struct err *err)
{
	static const struct pg_statement statement = {"commit", "commit"},
					 UNUSED instead = {"instead", "rollback"};
	struct pg_call call = {.statement = &statement};
	unsigned fault = FAULT_OF("pg.commit", PG_COMMIT_FAULTS, FAULT_NOTED);
	bool rolled_back, done;

	pg->warned = false;
	if (fault == FAULT_FAILED)
		call.statement = &instead;
	done = fault == FAULT_HANG || fault == FAULT_CLASHED ? pg_fault_run(pg, fault, run, &call, 1, err)
							     : run(pg, &call, 1, err);
	if (!done) {
		/* An ERROR that left the session whole rolled the transaction back. Anything else: nobody knows. */
		if (pg->dead && err != NULL)
			err->class = ERR_UNKNOWN;
		return false;
	}
	rolled_back = strcmp(PQcmdStatus(call.result), "COMMIT") != 0;
	pg_calls_clear(&call, 1);
	pg->warned |= fault == FAULT_WARNED;
	if (fault == FAULT_LOST)
		return pg_fault_lost(pg, err);
	if (rolled_back)
		return err_set(err, ERR_RETRY, 0, "PostgreSQL: COMMIT of a failed transaction");
	if (pg->warned) {
		/* It stands here, and may be lost with this server: no standby has confirmed it. */
		pg->dead = true;
		return err_set(err, ERR_UNKNOWN, 0, "PostgreSQL: COMMIT came with a warning");
	}
	return true;
}
