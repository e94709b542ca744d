#ifndef DISPATCHER_WORKER_H
#define DISPATCHER_WORKER_H

#include "dispatcher/app_table.h"
#include "dispatcher/backlog.h"
#include "dispatcher/call.h"
#include "dispatcher/gate.h"
#include "dispatcher/remember.h"
#include "dispatcher/runs.h"
#include "core/callback_url.h"
#include "io/payment_store.h"
#include "io/publisher.h"
#include "io/send_journal.h"
#include "io/store.h"
#include "service/accounts.h"

#include <stdatomic.h>

/*
 * The store thread: everything that decides and everything that PostgreSQL hears of. It claims in batches, hands the
 * calls to the loop, and settles their answers in batches.
 */
struct worker_settings {
	const char *callback_base; /* MPESA_CALLBACK_BASE_URL */
	const char *callback_prefix; /* MKONDO_CALLBACK_PREFIX */
	const char *callback_keys_file; /* MKONDO_CALLBACK_KEYS_FILE */
	const char *journal_dir; /* MKONDO_SEND_JOURNAL_DIR */
	int64_t rates
		[LANE_COUNT]; /* MKONDO_RATE_<LANE>, per second; of the query lane 0: gate_ceiling tells */
	int64_t connections; /* MKONDO_CONNECTIONS */
	bool log_bodies; /* MKONDO_LOG_BODIES */
};

/* What the calls of one (app, lane) told since it was last written to the database. */
struct lane_notes {
	struct runs runs;
	unsigned credential_faults, throttled, quotas;
	bool probed; /* what became of this process's question, or of the token call in its place */
	enum breaker_saw probe_saw;
	bool token_called; /* counts for any process's probe, where the credentials are the reason */
	enum breaker_saw token_saw;
	struct mono written;
};

/* The one question that half-opens a lane's breaker, when this process has won the right to ask it. */
struct probing {
	enum { PROBE_NONE, PROBE_WANTED, PROBE_BY_TOKEN } how;
	enum breaker_reason reason;
	struct mono not_before, until; /* later than `until` another process asks */
};

/* A payment that M-PESA surely knows, for the question that half-opens a breaker. */
struct acquaintance {
	struct uuid id;
	bool known;
};

struct worker {
	const struct worker_settings *settings;
	double time_scale;
	struct accounts newest;
	struct account_book *accounts; /* that count now, held; the loop finds their numbers, under `lock` */
	struct callback_keys callback_keys;
	struct store *store;
	struct publisher *publisher;
	struct send_journal *journal;
	struct stk_guard *guard;
	struct backlog lanes[BACKLOG_COUNT];
	atomic_size_t
		account_count; /* of the backlogs: 1, or the configured ones and number 0 for those that are not known */
	struct mono held[APPS_MOST][LANE_COUNT]; /* not claimed before */
	int64_t spacing_us[APPS_MOST][LANE_COUNT]; /* of the latest claim's calls */
	size_t turn; /* which app and lane is tried first the next time */
	struct lane_notes notes[APPS_MOST][LANE_COUNT];
	struct acquaintance known[APPS_MOST][LANE_COUNT];
	struct probing probing[APPS_MOST][LANE_COUNT];
	struct gate_turn query_turn[APPS_MOST];
	struct mono retry_at[APPS_MOST]
			    [LANE_COUNT]; /* when the last retry that was put back may come again */
	struct mono shown_at;
	struct app_table apps;
	struct arena tmp;
	struct mono timers_at;
	const struct kafka_conf *kafka;
	struct memory memory;

	/* between the threads */
	struct call_queue out, done; /* to the loop, from the loop */
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool woken;
	struct waiting *hints; /* from the loop; the lane in `probed` */
	size_t hint_count, hint_cap;
	atomic_uint free_connections;
	atomic_uint in_flight; /* calls made and not yet settled */
	atomic_uint
		unsent; /* of these, the ones that the loop has not sent yet: each needs a free connection */
	atomic_size_t backlog_size[LANE_COUNT]; /* the query lane's with the questions */
	atomic_uint unsent_of[APPS_MOST][LANE_COUNT]; /* the same, by app and lane */
	_Atomic int64_t hinted_at; /* mono, us: the last hint */
	_Atomic int64_t token_no[APPS_MOST];
	atomic_bool journal_broken; /* nothing is claimed any more */
	atomic_bool stopping, stop_now, database_up, ended;
	void (*wake_loop)(void *loop);
	void *loop;
	pthread_t thread;
	bool made; /* what start makes in memory */
	bool running;
};

bool worker_start(struct worker *worker, const struct store_conf *database, const struct kafka_conf *kafka,
	const struct publisher_conf *publishing, struct err *err);
/* Ends the thread once all answers are settled, or at once when `now`. */
void worker_stop(struct worker *worker);
/* From the loop. */
void worker_wake(struct worker *worker);
bool worker_hint(struct worker *worker, enum lane lane, const struct hint *hint);
/* How many hints the store thread has not taken yet. */
size_t worker_hints_handed(struct worker *worker);

/* Inside the store thread; each is one concept and one file. */
size_t worker_app(const struct worker *worker, const struct account *account);
/* follow.c: the book at the start, and the next one when the files have changed. Calls under way keep theirs. */
bool worker_open_accounts(struct worker *worker, const struct account_conf *conf, struct err *err);
void worker_follow_accounts(struct worker *worker);
/* The account of a call that is being made, with its book and its app. */
void worker_call_account(struct worker *worker, struct call *call, const struct account *account);
/* remember.c: whether PostgreSQL knows all that was sent; nothing is claimed and no answer is settled before. worker_remember
   finds out, when it has to, and freezes all dispatching when it does not. */
bool worker_remembers(const struct worker *worker);
bool worker_remember(struct worker *worker, struct err *err);
/* queue.c: hints, and when there is something to do. */
void worker_open_backlogs(struct worker *worker);
/* For the accounts that count now; what waits moves over, but for that of accounts that are gone. Under `lock`. */
void worker_renumber(struct worker *worker, const struct account_book *was);
/* An account's number in the backlogs; 0: not known, or there is only one. NULL and "" are not known. */
unsigned worker_account(const struct worker *worker, const char *name);
/* Into its backlog; what there is no place for is dropped and counted. */
void worker_put(struct worker *worker, enum lane lane, const struct waiting *waiting);
void worker_take_hints(struct worker *worker);
unsigned worker_room(struct worker *worker); /* connections for further calls */
/* Whether a claim is worth a transaction, but for the connections. */
bool worker_may_claim(struct worker *worker, size_t app, enum lane lane, struct mono now);
int worker_wait_ms(struct worker *worker, int most_ms); /* until there is something to do, at most most_ms */
/* claim.c: the apps and lanes take turns, and each claims as many payments as tokens, connections and the gate allow. False: the
   database is away. */
bool worker_claims(struct worker *worker, struct err *err);
/* ask.c: questions that are still wanted. */
bool worker_ask(struct worker *worker, struct err *err);
struct call *worker_question(struct worker *worker, struct payment_row *row, const struct waiting *waiting,
	const struct account *account, struct instant now,
	struct err *err); /* one; NULL: it cannot be built */
/* target.c: what a command of ours is about, into the call; its fate says when it cannot be sent, or not yet. False: the database is away. */
struct about;
bool worker_about(struct worker *worker, struct payment_row *row, struct call *call, struct about *ret,
	struct err *err);
/* probe.c: this process is the one to ask (the row says HALF_OPEN, and is committed); then asks, as soon as it can. */
void worker_probe_won(struct worker *worker, size_t app, enum lane lane, enum breaker_reason reason);
bool worker_probe(struct worker *worker, struct err *err);
bool worker_probe_waits(const struct worker *worker, size_t app);
/* A token call's end: told to the lanes that wait for it. SAW_ANSWER: a token was given. */
void worker_probe_token(struct worker *worker, size_t app, enum breaker_saw saw);
void worker_probe_token_found(struct worker *worker, size_t app); /* another replica has made the call */
/* settle.c: the answers of payments, in one transaction. Takes the list; on failure they are kept for the next time. */
bool worker_settle(struct worker *worker, struct call **calls, struct err *err);
/* Answers about attempts that PostgreSQL may have forgotten wait, in the send journal too, until it has been told of these. */
void worker_hold(struct worker *worker, struct call **calls);
/* answered.c: an answer read and classed, with what it says of the token; an answered question becomes evidence. */
void worker_read_answer(
	struct worker *worker, struct call *call, struct answer *answer, struct answer_verdict *verdict);
void worker_question_answered(struct worker *worker, struct call *call);
/* lanes.c: what the answers say about limits and health, written to the shared rows. */
void worker_note(struct worker *worker, const struct call *call, const struct answer_verdict *verdict);
bool worker_write_notes(struct worker *worker, struct err *err);
void worker_tell_ceilings(const struct worker *worker); /* once, to the log: the query lane's is worked out */
/* show.c: the lanes' rows into the metrics, also when nothing is sent; half-opens the breakers that nothing waits behind. */
bool worker_show(struct worker *worker, struct err *err);
/* tokens.c */
bool worker_token(struct worker *worker, size_t app, struct instant now); /* there is one to send with */
bool worker_tokens(struct worker *worker, struct err *err); /* looks after all of them */
void worker_token_answered(struct worker *worker, struct call *call);
void worker_token_refused(struct worker *worker, size_t app, int64_t no);
/* replay.c: answers of an earlier life that were never applied. */
struct call *worker_replay(struct worker *worker);
/* timers.c: due sends when hints are late. */
bool worker_timers(struct worker *worker, struct err *err);

void worker_send(struct worker *worker, struct call *call); /* hands it to the loop */
/* The URLs of a call; "" for what its api has none of. */
bool worker_urls(struct worker *worker, const struct call *call, enum api purpose, const char **ret_result,
	const char **ret_timeout, struct err *err);
/* Those that c2b_register tells: the account's own. */
bool worker_c2b_urls(struct worker *worker, const struct account *account, const char **ret_confirmation,
	const char **ret_validation, struct err *err);
struct bucket_limits worker_limits(const struct worker *worker, enum lane lane);

#endif
