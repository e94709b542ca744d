#ifndef IO_RECOVERY_STORE_H
#define IO_RECOVERY_STORE_H

#include "io/send_memory.h"
#include "io/store.h"

/* After a restore, or a failover that lost commits: what was sent and is not known any more. */

/* Which of the sends (folded) the database does not know. In a transaction or not. */
bool recovery_store_forgotten(struct store *store, const struct send_record *sends, size_t count,
	struct arena *arena, struct forgotten **ret, size_t *ret_count, struct err *err);
/* Of these (from recovery_store_forgotten), the rows that are there become UNKNOWN by core's payment_recover, each with a line
   RECOVERED, its timer and what it owes. Inside a transaction. */
bool recovery_store_mend(struct store *store, const struct forgotten *forgotten, size_t count,
	double time_scale, struct arena *arena, size_t *ret_mended, size_t *ret_rowless, struct err *err);

#endif
