#include "io/pg.h"

#include "base/log.h"
#include "io/clock.h"

#include <errno.h>
#include <libpq-fe.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATIENCE_MS = 30000, STATEMENTS_MOST = 96 };

struct pg {
	PGconn *conn;
	bool dead;
	bool warned; /* a WARNING came since the last look */
	const struct pg_statement *prepared[STATEMENTS_MOST];
	size_t prepared_count;
};

/*
 * For services' sessions. Plans: the batch statements are nested loops over a primary key, which also take their
 * locks in order of ids; whatever else the planner thinks of is worse, or is better only until the tables grow.
 * lock_timeout ends before our own patience does, and leaves the connection whole. No statement_timeout: it would
 * not end the wait of a COMMIT, and our own deadline ends all others.
 */
static const char session[] =
	"set plan_cache_mode = force_generic_plan; set jit = off; set enable_hashjoin = off; set enable_mergejoin = off;"
	"set enable_seqscan = off; set enable_bitmapscan = off; set client_min_messages = warning;"
	"set lock_timeout = '15s'; set idle_in_transaction_session_timeout = '30s';"
	"set client_connection_check_interval = '5s'; set timezone = 'UTC'";

/* What an SQLSTATE means for the caller's next move: the longest prefix counts. */
static const struct {
	const char *prefix;
	enum err_class class;
	bool drop; /* this session cannot go on */
} classes[] = {
	{ "08", ERR_RETRY, true },    /* connection */
	{ "0A", ERR_RETRY, true },    /* a cached plan met a changed table */
	{ "22", ERR_REFUSED, false }, /* data */
	{ "23", ERR_REFUSED, false }, /* constraints */
	{ "25006", ERR_RETRY, true }, /* read-only: an old primary */
	{ "25P03", ERR_RETRY, true }, /* idle in a transaction for too long */
	{ "26", ERR_RETRY, true },    /* prepared statements are gone: a pooler changed the session */
	{ "40", ERR_RETRY, false },   /* deadlock, serialization */
	{ "40003", ERR_RETRY, true }, /* even the server does not know */
	{ "53", ERR_RETRY, false },   /* disk or memory is full */
	{ "54", ERR_REFUSED, false }, /* too large */
	{ "55P03", ERR_RETRY, false },/* lock_timeout */
	{ "57", ERR_RETRY, false },   /* an operator cancelled it, shutdown */
	{ "58", ERR_RETRY, true },    /* the server's system */
};

static bool classify(struct pg *pg, const PGresult *result, struct err *err)
{
	const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
	const char *text = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
	const char *constraint = PQresultErrorField(result, PG_DIAG_CONSTRAINT_NAME);
	const char *severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);
	enum err_class class = state == NULL ? ERR_RETRY : ERR_BROKEN;
	bool drop = state == NULL || severity == NULL || strcmp(severity, "ERROR") != 0;

	for (size_t i = 0; state != NULL && i < COUNT_OF(classes); i++) {
		if (strncmp(state, classes[i].prefix, strlen(classes[i].prefix)) == 0) {
			class = classes[i].class;
			drop = drop || classes[i].drop;
		}
	}
	if (drop)
		pg->dead = true;
	/* Without DETAIL: it quotes rows, and they hold phone numbers. */
	err_set(err, class, 0, "PostgreSQL: %s%s%s", text != NULL ? text : "the connection was lost",
		constraint != NULL ? ": " : "", constraint != NULL ? constraint : "");
	if (err != NULL && state != NULL)
		snprintf(err->state, sizeof(err->state), "%.5s", state);
	return false;
}

static bool lost(struct pg *pg, const char *what, struct err *err)
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

/* Sends what is left to send and waits until a result is there. */
static bool ready(struct pg *pg, struct mono deadline, struct err *err)
{
	for (;;) {
		int unsent = PQflush(pg->conn);
		struct pollfd at = { .fd = PQsocket(pg->conn), .events = POLLIN };
		int64_t left = mono_ms_between(clock_mono(), deadline);

		if (unsent < 0 || at.fd < 0)
			return lost(pg, "sending", err);
		if (!PQisBusy(pg->conn))
			return true;
		if (left <= 0)
			return lost(pg, "no answer in time", err);
		if (unsent > 0)
			at.events |= POLLOUT;
		if (poll(&at, 1, (int)left) < 0 && errno != EINTR)
			return lost(pg, "poll", err);
		if ((at.revents & ~POLLOUT) != 0 && !PQconsumeInput(pg->conn))
			return lost(pg, "reading", err);
	}
}

/* NULL: the connection was lost, or the deadline passed. */
static PGresult *next_result(struct pg *pg, struct mono deadline, struct err *err)
{
	PGresult *result;

	if (!ready(pg, deadline, err))
		return NULL;
	result = PQgetResult(pg->conn);
	if (result == NULL || (PQstatus(pg->conn) == CONNECTION_BAD && PQresultStatus(result) == PGRES_FATAL_ERROR)) {
		if (result == NULL)
			lost(pg, "reading", err);
		else
			classify(pg, result, err);
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

	if (result == NULL || !ready(pg, deadline, err)) {
		PQclear(result);
		return NULL;
	}
	end = PQgetResult(pg->conn);
	must(end == NULL);
	return result;
}

bool pg_connect(struct pg **ret, const char *conninfo, const char *name, struct err *err)
{
	/* What stands before dbname is a default that the conninfo may change; what stands after it holds. */
	const char *const keys[] = { "connect_timeout", "tcp_user_timeout", "keepalives_idle", "keepalives_interval",
		"keepalives_count", "dbname", "application_name", "client_encoding", NULL };
	const char *const values[] = { "5", "15000", "10", "5", "3", conninfo, name, "UTF8", NULL };
	struct pg *pg = calloc(1, sizeof(*pg));

	must(pg != NULL);
	pg->conn = PQconnectdbParams(keys, values, 1);
	must(pg->conn != NULL);
	PQsetNoticeReceiver(pg->conn, on_notice, pg);
	if (PQstatus(pg->conn) != CONNECTION_OK) {
		lost(pg, "connecting", err);
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
	static const struct pg_params none = { 0 };
	const struct pg_params *params = call->params != NULL ? call->params : &none;
	const char *name = call->statement->name;

	for (size_t i = 0; i < COUNT_OF(binary); i++)
		binary[i] = 1;
	*ret_prepares = prepared_at(pg, call->statement) == pg->prepared_count;
	if (*ret_prepares) {
		must(pg->prepared_count < STATEMENTS_MOST);
		if (!PQsendPrepare(pg->conn, name, call->statement->sql, params->count, params->types))
			return lost(pg, "sending", err);
		pg->prepared[pg->prepared_count++] = call->statement;
	}
	if (!PQsendQueryPrepared(pg->conn, name, params->count, params->values, params->lengths, binary, 1))
		return lost(pg, "sending", err);
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
	classify(pg, result, err);
	return err_while(err, "%s", call->statement->name);
}

static bool take_all(struct pg *pg, struct pg_call *calls, const bool *prepares, size_t count, struct err *err)
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

bool pg_run(struct pg *pg, struct pg_call *calls, size_t count, struct err *err)
{
	bool prepares[32];

	must(count <= COUNT_OF(prepares));
	if (pg->dead)
		return err_set(err, ERR_RETRY, 0, "PostgreSQL: the connection was lost");
	for (size_t i = 0; i < count; i++)
		if (!send_call(pg, &calls[i], &prepares[i], err))
			return false;
	if (!PQpipelineSync(pg->conn))
		return lost(pg, "sending", err);
	if (take_all(pg, calls, prepares, count, err))
		return true;
	pg_calls_clear(calls, count);
	return false;
}

void pg_calls_clear(struct pg_call *calls, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		PQclear(calls[i].result);
		calls[i].result = NULL;
	}
}

bool pg_script(struct pg *pg, const char *sql, int64_t patience_ms, struct err *err)
{
	struct mono deadline = mono_add_ms(clock_mono(), patience_ms);
	bool good = true;

	must(PQexitPipelineMode(pg->conn) == 1);
	if (!PQsendQuery(pg->conn, sql))
		return lost(pg, "sending", err);
	for (;;) {
		PGresult *result;
		ExecStatusType status;

		if (!ready(pg, deadline, err))
			return false;
		result = PQgetResult(pg->conn);
		if (result == NULL)
			break;
		status = PQresultStatus(result);
		if (good && status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
			good = classify(pg, result, err);
		PQclear(result);
	}
	if (PQstatus(pg->conn) != CONNECTION_OK)
		pg->dead = true;
	else
		must(PQenterPipelineMode(pg->conn) == 1);
	return good;
}

bool pg_commit(struct pg *pg, struct err *err)
{
	static const struct pg_statement statement = { "commit", "commit" };
	struct pg_call call = { .statement = &statement };
	bool rolled_back;

	pg->warned = false;
	if (!pg_run(pg, &call, 1, err)) {
		/* An ERROR that left the session whole rolled the transaction back. Anything else: nobody knows. */
		if (pg->dead && err != NULL)
			err->class = ERR_UNKNOWN;
		return false;
	}
	rolled_back = strcmp(PQcmdStatus(call.result), "COMMIT") != 0;
	pg_calls_clear(&call, 1);
	if (rolled_back)
		return err_set(err, ERR_RETRY, 0, "PostgreSQL: COMMIT of a failed transaction");
	if (pg->warned) {
		/* It stands here, and may be lost with this server: no standby has confirmed it. */
		pg->dead = true;
		return err_set(err, ERR_UNKNOWN, 0, "PostgreSQL: COMMIT came with a warning");
	}
	return true;
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
