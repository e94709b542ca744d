#include "io/pg_error.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <string.h>

/* What an SQLSTATE means for the caller's next move: the longest prefix counts. */
static const struct {
	const char *prefix;
	enum err_class class;
	bool drop; /* this session cannot go on */
} classes[] = {
	{"08", ERR_RETRY, true}, /* connection */
	{"0A", ERR_RETRY, true}, /* a cached plan met a changed table */
	{"22", ERR_REFUSED, false}, /* data */
	{"23", ERR_REFUSED, false}, /* constraints */
	{"25006", ERR_RETRY, true}, /* read-only: an old primary */
	{"25P03", ERR_RETRY, true}, /* idle in a transaction for too long */
	{"26", ERR_RETRY, true}, /* prepared statements are gone: a pooler changed the session */
	{"40", ERR_RETRY, false}, /* deadlock, serialization */
	{"40003", ERR_RETRY, true}, /* even the server does not know */
	{"53", ERR_RETRY, false}, /* disk or memory is full */
	{"54", ERR_REFUSED, false}, /* too large */
	{"55P03", ERR_RETRY, false}, /* lock_timeout */
	{"57", ERR_RETRY, false}, /* an operator cancelled it, shutdown */
	{"58", ERR_RETRY, true}, /* the server's system */
};

bool pg_error(const struct pg_result *result, struct err *err)
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
	/* Without DETAIL: it quotes rows, and they hold phone numbers. */
	err_set(err, class, 0, "PostgreSQL: %s%s%s", text != NULL ? text : "the connection was lost",
		constraint != NULL ? ": " : "", constraint != NULL ? constraint : "");
	if (err != NULL && state != NULL)
		snprintf(err->state, sizeof(err->state), "%.5s", state);
	return drop;
}
