#ifndef DISPATCHER_REMEMBER_H
#define DISPATCHER_REMEMBER_H

#include "io/send_journal.h"

#include <stdatomic.h>

/*
 * PostgreSQL may not be the one that it was: restored from a backup, or a standby that had missed commits. On each new connection,
 * before anything is claimed, it is asked for what was sent: by the send journal of this process (48 hours), and by
 * attempts.v1, where all dispatchers note their sends. One that is not found freezes all dispatching, of everyone, until `mkondo
 * recover` has put right what was forgotten.
 *
 * No false alarm: a send is journaled and noted only after its COMMIT came back without a warning; from then on every new
 * snapshot of that server has it, whoever made it, and the question is asked after the note was read. Rows are never deleted
 * and attempts never go down. A standby that lags is read-only: what it seems to have forgotten is asked once more in
 * the transaction that freezes, which only a primary takes.
 *
 * What a restore or a failover loses is the newest part of what was committed. So the newest notes tell, and the bounds are safe:
 * at the start 48 hours, at most the newest million; later what came since the last time, and some thousand before.
 *
 * While Kafka is away: a journal whose newest send is known vouches for all that was committed before it; unknown is only what other
 * dispatchers may have sent since, and each of these asks for its own sends. So a newest send within the last hour is enough: claims
 * go on, and attempts.v1 is looked at when it is back. An empty or older journal may be a new host's: nothing is claimed
 * until Kafka is back. That ends with Kafka's outage, in which no new command can arrive either.
 */
enum { SAMPLE_MOST = 200 };

/* Sends that the database does not know. */
struct finding {
	const char *by; /* who remembers them: "send journal", "attempts.v1" */
	size_t count;
	size_t kept; /* of these, in `some`, without bodies */
	struct send_record some[SAMPLE_MOST];
};

struct memory {
	bool vouches; /* for the connection that was `asked` */
	unsigned asked; /* the store's generation */
	bool tail_owed; /* it vouches, but attempts.v1 could not be read */
	bool told; /* that all is frozen */
	struct mono look_at, vouch_at;
	struct instant tail_read; /* when attempts.v1 was last found known; not set: never */
	struct finding missing; /* while frozen: what must be known before anything else is asked */
	atomic_bool waits_for_kafka;
};

struct worker;
/* attempts.c: the notes on attempts.v1. *ret_read false: they cannot be read now. False: the database is away. */
bool worker_compare_attempts(struct worker *worker, struct finding *ret, bool *ret_read, struct err *err);
/* Sends (put in order by this) that the database does not know are added to *ret. */
bool worker_find_forgotten(
	struct worker *worker, struct send_record *sends, size_t count, struct finding *ret, struct err *err);

#endif
