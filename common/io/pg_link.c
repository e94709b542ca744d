#include "io/pg_link.h"

#include "base/fault.h"
#include "base/log.h"
#include "io/clock.h"
#include "io/pg_error.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

/*
 * For services' sessions. Plans: the batch statements are nested loops over a primary key, which also take their
 * locks in order of ids; whatever else the planner thinks of is worse, or is better only until the tables grow.
 * lock_timeout ends before our own patience does, and leaves the connection whole. No statement_timeout: it would
 * not end the wait of a COMMIT, and our own deadline ends all others.
 */
static const char session[] =
	"set plan_cache_mode = force_generic_plan; set jit = off; set enable_hashjoin = off; set "
	"enable_mergejoin = off;set enable_seqscan = off; set enable_bitmapscan = off; set "
	"client_min_messages = warning;set lock_timeout = '15s'; set idle_in_transaction_session_timeout "
	"= '30s';set client_connection_check_interval = '5s'; set timezone = 'UTC'";

bool pg_refused(struct pg *pg, const PGresult *result, struct err *err)
{
	if (pg_error(result, err))
		pg->dead = true;
	return false;
}

bool pg_lost(struct pg *pg, const char *what, struct err *err)
{
	char text[160];
	size_t len = 0;

	/* libpq's messages end with a newline, and may have several lines. */
	for (const char *at = PQerrorMessage(pg->conn); *at != '\0' && len + 1 < sizeof(text); at++)
		text[len++] = *at == '\n' ? ' ' : *at;
	text[len] = '\0';
	pg->dead = true;
	return err_set(err, ERR_RETRY, 0, "PostgreSQL: %s: %s", what, text);
}

static void on_notice(void *self, const PGresult *notice)
{
	struct pg *pg = self;
	const char *severity = PQresultErrorField(notice, PG_DIAG_SEVERITY_NONLOCALIZED);
	const char *state = PQresultErrorField(notice, PG_DIAG_SQLSTATE);
	const char *text = PQresultErrorField(notice, PG_DIAG_MESSAGE_PRIMARY);

	if (severity == NULL || strcmp(severity, "WARNING") != 0)
		return;
	pg->warned = true;
	LOG(WARN, "store.warned", LOG_STR("state", state != NULL ? state : ""),
		LOG_STR("why", text != NULL ? text : ""));
}

bool pg_ready(struct pg *pg, struct mono deadline, struct err *err)
{
	for (;;) {
		int unsent = PQflush(pg->conn);
		struct pollfd at = {.fd = PQsocket(pg->conn), .events = POLLIN};
		int64_t left = mono_ms_between(clock_mono(), deadline);

		if (unsent < 0 || at.fd < 0)
			return pg_lost(pg, "sending", err);
		if (!PQisBusy(pg->conn))
			return true;
		if (left <= 0)
			return pg_lost(pg, "no answer in time", err);
		if (unsent > 0)
			at.events |= POLLOUT;
		if (poll(&at, 1, (int)left) < 0 && errno != EINTR)
			return pg_lost(pg, "poll", err);
		if ((at.revents & ~POLLOUT) != 0 && !PQconsumeInput(pg->conn))
			return pg_lost(pg, "reading", err);
	}
}

bool pg_connect(struct pg **ret, const char *conninfo, const char *name, struct err *err)
{
	/* What stands before dbname is a default that the conninfo may change; what stands after it holds. */
	const char *const keys[] = {"connect_timeout", "tcp_user_timeout", "keepalives_idle",
		"keepalives_interval", "keepalives_count", "dbname", "application_name", "client_encoding",
		NULL};
	const char *const values[] = {"5", "15000", "10", "5", "3", conninfo, name, "UTF8", NULL};
	/* For the fault: a folder without a socket. */
	const char *const UNUSED nowhere[] = {
		"5", "15000", "10", "5", "3", "host=/nowhere", name, "UTF8", NULL};
	struct pg *pg = calloc(1, sizeof(*pg));

	must(pg != NULL);
	pg->conn = PQconnectdbParams(keys, FAULT("pg.connect", FAULT_FAILED) ? nowhere : values, 1);
	must(pg->conn != NULL);
	PQsetNoticeReceiver(pg->conn, on_notice, pg);
	if (PQstatus(pg->conn) != CONNECTION_OK) {
		pg_lost(pg, "connecting", err);
		pg_close(&pg);
		return false;
	}
	must(PQsetnonblocking(pg->conn, 1) == 0 && PQenterPipelineMode(pg->conn) == 1);
	if (!pg_script(pg, session, PATIENCE_MS, err)) {
		pg_close(&pg);
		return false;
	}
	*ret = pg;
	return true;
}

void pg_close(struct pg **pg)
{
	if (*pg == NULL)
		return;
	PQfinish((*pg)->conn);
	free(*pg);
	*pg = NULL;
}

bool pg_script(struct pg *pg, const char *sql, int64_t patience_ms, struct err *err)
{
	struct mono deadline = mono_add_ms(clock_mono(), patience_ms);
	unsigned fault = FAULT("pg.script", FAULT_FAILED | FAULT_LOST);
	bool good = true;

	if (fault == FAULT_FAILED)
		return pg_lost(pg, "sending", err);
	must(PQexitPipelineMode(pg->conn) == 1);
	if (!PQsendQuery(pg->conn, sql))
		return pg_lost(pg, "sending", err);
	for (;;) {
		PGresult *result;
		ExecStatusType status;

		if (!pg_ready(pg, deadline, err))
			return false;
		result = PQgetResult(pg->conn);
		if (result == NULL)
			break;
		status = PQresultStatus(result);
		if (good && status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
			good = pg_refused(pg, result, err);
		PQclear(result);
	}
	if (PQstatus(pg->conn) != CONNECTION_OK)
		pg->dead = true;
	else
		must(PQenterPipelineMode(pg->conn) == 1);
	if (fault == FAULT_LOST)
		return pg_lost(pg, "reading", err);
	return good;
}

bool pg_is_alive(const struct pg *pg)
{
	return !pg->dead && PQstatus(pg->conn) == CONNECTION_OK;
}

bool pg_in_transaction(const struct pg *pg)
{
	PGTransactionStatusType status = PQtransactionStatus(pg->conn);

	return status == PQTRANS_INTRANS || status == PQTRANS_INERROR;
}
