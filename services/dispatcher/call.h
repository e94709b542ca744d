#ifndef DISPATCHER_CALL_H
#define DISPATCHER_CALL_H

#include "base/arena.h"
#include "core/account.h"
#include "core/answer.h"
#include "core/payment.h"
#include "io/account_book.h"

#include <pthread.h>
#include <stdbool.h>

/*
 * One request on its way: made by the store thread, sent by the loop, settled by the store thread. It owns its arena,
 * and all of its strings live there. A payment's call belongs to one committed claim. It holds the book of its account: what was claimed
 * with one value of the account is sent and settled with that value, whatever the accounts say meanwhile.
 */
enum call_kind { CALL_PAYMENT, CALL_QUESTION, CALL_TOKEN };

/* What is known of a call before it leaves: `refusal` says why the others never do. */
enum call_fate { CALL_TO_BE_SENT, CALL_REFUSED, CALL_PUT_OFF };

struct call {
	struct arena arena;
	struct call *next;
	enum call_kind kind;
	struct uuid id;
	enum api api; /* what is sent: the payment's, or the question's */
	enum lane lane; /* whose bucket and breaker it counts for */
	unsigned attempt, gen, query_no;
	bool after_fence;
	bool probe; /* decides a half-open breaker */
	enum lane probed; /* that lane's */
	const struct account *account;
	struct account_book *book; /* that the account is of; held */
	size_t app; /* the account's place in the table of apps */
	int64_t token_no;
	const char *token;
	const char *path;
	struct text body;
	const char *traceparent;
	struct mono begun; /* the claim's BEGIN: the send deadline counts from it */
	int64_t spacing_us; /* to the next call of its lane; 0: none */

	/* the answer */
	enum transport transport;
	int http;
	struct text reply;
	const char *trouble;
	int64_t took_us;
	enum call_fate fate;
	struct cause refusal;
	int64_t wait_ms; /* of CALL_PUT_OFF */
	void *loop; /* the sending side's */
	bool journaled; /* its answer stands in the send journal, unapplied */
	bool replayed; /* by a former life: it settles its payment, and tells nothing of how things are now */
};

/* How long after BEGIN a call may still be sent. */
int64_t call_send_within_ms(double time_scale);
struct call *call_new(enum call_kind kind);
void call_free(struct call *call);
/* What came, copied. */
void call_answered(struct call *call, enum transport transport, int http, struct text reply,
	const char *trouble, int64_t took_us);

/* First in, first out, between two threads. */
struct call_queue {
	pthread_mutex_t lock;
	struct call *first, **last;
	size_t count;
};

void call_queue_init(struct call_queue *queue);
void call_queue_put(struct call_queue *queue, struct call *call);
struct call *call_queue_take_all(struct call_queue *queue);
void call_queue_done(struct call_queue *queue); /* frees what is left */

#endif
