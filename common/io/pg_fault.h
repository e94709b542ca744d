#ifndef IO_PG_FAULT_H
#define IO_PG_FAULT_H

#include "base/fault.h"
#include "io/pg_link.h"

/* What pg.c does when a fault is played; see base/fault.h. */
#define PG_RUN_FAULTS    (FAULT_FAILED | FAULT_LOST | FAULT_HANG | FAULT_REFUSED | FAULT_CLASHED)
#define PG_COMMIT_FAULTS (FAULT_FAILED | FAULT_LOST | FAULT_HANG | FAULT_CLASHED | FAULT_WARNED)

typedef bool pg_running(struct pg *pg, struct pg_call *calls, size_t count, struct err *err);

#ifdef MKONDO_FAULTS
/* FAILED: the connection is lost before. HANG: later, and before. LOST: after. REFUSED, CLASHED: the server itself says so. Returns false. */
bool pg_fault_run(
	struct pg *pg, unsigned class, pg_running *run, struct pg_call *calls, size_t count, struct err *err);
/* The connection is lost behind a COMMIT that was done. Returns false. */
bool pg_fault_lost(struct pg *pg, struct err *err);
#else
#define pg_fault_run(pg, class, run, calls, count, err) false
#define pg_fault_lost(pg, err)                          false
#endif

#endif
