#include "io/pg_fault.h"

#ifdef MKONDO_FAULTS

#include "io/clock.h"

enum { HANG_MS = 300, ANSWER_MS = 5000 };

/* A statement that the server refuses, with everything that comes of it: the transaction has failed there, too. */
static bool raise_error(struct pg *pg, const char *sql, struct err *err)
{
	struct mono deadline = mono_add_ms(clock_mono(), ANSWER_MS);
	bool synced = false;

	if (pg->dead || !PQsendQueryParams(pg->conn, sql, 0, NULL, NULL, NULL, NULL, 0) ||
		!PQpipelineSync(pg->conn))
		return pg_lost(pg, "sending", err);
	while (!synced) {
		if (!pg_ready(pg, deadline, err))
			return false;
		PGresult *result = PQgetResult(pg->conn);
		ExecStatusType status = PQresultStatus(result);

		if (status == PGRES_FATAL_ERROR && result != NULL)
			(void)pg_refused(pg, result, err);
		if (PQstatus(pg->conn) == CONNECTION_BAD)
			return false;
		synced = result != NULL && status == PGRES_PIPELINE_SYNC;
		PQclear(result);
	}
	return false;
}

bool pg_fault_run(
	struct pg *pg, unsigned class, pg_running *run, struct pg_call *calls, size_t count, struct err *err)
{
	if (class == FAULT_REFUSED)
		return raise_error(
			pg, "do $$begin raise exception 'a fault' using errcode = '22003'; end$$", err);
	if (class == FAULT_CLASHED)
		return raise_error(
			pg, "do $$begin raise exception 'a fault' using errcode = '40P01'; end$$", err);
	if (class == FAULT_HANG)
		clock_sleep_ms(HANG_MS);
	if (class == FAULT_LOST) {
		if (!run(pg, calls, count, err))
			return false;
		pg_calls_clear(calls, count);
	}
	pg->dead = true;
	return err_set(err, ERR_RETRY, 0, "PostgreSQL: %s",
		class == FAULT_HANG ? "no answer in time" : "the connection was lost");
}

bool pg_fault_lost(struct pg *pg, struct err *err)
{
	pg->dead = true;
	return err_set(err, ERR_UNKNOWN, 0, "PostgreSQL: the connection was lost");
}

#endif
