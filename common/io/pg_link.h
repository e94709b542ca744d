#ifndef IO_PG_LINK_H
#define IO_PG_LINK_H

#include "base/time.h"
#include "io/pg.h"

#include <libpq-fe.h>

/* The connection itself: made, waited on, given up. Shared by pg.c and pg_link.c, and seen by nobody else. */
enum { PATIENCE_MS = 30000, STATEMENTS_MOST = 96 };

struct pg {
	PGconn *conn;
	bool dead;
	bool warned; /* a WARNING came since the last look */
	const struct pg_statement *prepared[STATEMENTS_MOST];
	size_t prepared_count;
};

/* Sends what is left to send and waits until a result is there; ERR_RETRY, and the connection is dead, otherwise. */
bool pg_ready(struct pg *pg, struct mono deadline, struct err *err);
/* The connection is dead; tells libpq's reason. Returns false. */
bool pg_lost(struct pg *pg, const char *what, struct err *err);
/* The server said no; the connection may be dead or not. Returns false. */
bool pg_refused(struct pg *pg, const PGresult *result, struct err *err);

#endif
