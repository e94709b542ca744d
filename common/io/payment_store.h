#ifndef IO_PAYMENT_STORE_H
#define IO_PAYMENT_STORE_H

#include "core/payment.h"
#include "io/store.h"

/* Payments: insert, lock, save with journal, timers and debts. All inside store_begin ... store_commit. */

/* A step's line in the append-only journal. event "" : a note (ASKED, ...) in `note`. Strings never NULL. */
struct journal_line {
	struct uuid payment;
	enum state from, to; /* for the first line of a payment from == to */
	const char *
		event; /* event_name(), or "ACCEPTED", "REJECTED", "ASKED", "HINTED" for lines that are no event */
	unsigned attempt, gen;
	const char *cause; /* code, "" */
	const char *by; /* the service */
	const char *detail; /* for people; no phone, no secret */
	int64_t evidence_no; /* 0: none */
};

/* What a transaction writes besides rows. Grows in its arena; flushed by changes_save. */
struct changes {
	struct arena *arena;
	struct payment_state **states;
	size_t state_count, state_cap;
	struct journal_line *lines;
	size_t line_count, line_cap;
	struct timer_want {
		struct uuid id;
		struct instant at;
		enum timer_what what;
		enum lane lane;
	} * timers;
	size_t timer_count, timer_cap;
	struct owed_want {
		struct uuid id;
		unsigned version;
	} * owed;
	size_t owed_count, owed_cap;
	struct provider_want {
		const char *id;
		struct uuid payment;
	} * providers; /* Daraja's ids that a step has brought */
	size_t provider_count, provider_cap;
};

void changes_init(struct changes *changes, struct arena *arena);
/* The row to be saved (borrowed till changes_save; one per payment and transaction: a second call for the same pointer is fine). */
void changes_state(struct changes *changes, struct payment_state *state);
void changes_line(struct changes *changes, const struct journal_line *line); /* strings borrowed */
void changes_timer(struct changes *changes, const struct uuid *id, struct instant at, enum timer_what what,
	enum lane lane);
void changes_owed(struct changes *changes, const struct uuid *id, unsigned version);
/* Everything that payment_apply's outcome asks for, in one call: state, line, timer, debt. */
void changes_step(struct changes *changes, const struct payment *payment, struct payment_state *state,
	const struct step_done *done, const char *by, const char *cause, const char *detail,
	int64_t evidence_no);
/* One statement per table, one pipeline. ERR_BROKEN, and nothing is saved: a row that is not there; one whose attempt or
   result_ver would go back (I6); one whose state, attempt, version or receipt changes without a line (I7). Timers of one kind and lane whose times lie within 20 ms
   share a row (the later time counts, so a look is never early). `updated_at` = now(). */
bool changes_save(struct store *store, struct changes *changes, struct err *err);

struct payment_new {
	const struct payment *payment;
	const struct payment_state *state;
	bool inserted; /* out: false: the id existed already */
};
/* INSERT ... ON CONFLICT (id) DO NOTHING of payment and payment_state; `news` sorted by id, ids distinct. Writes no journal,
   timer or debt: the caller does for those that were inserted. */
bool payment_store_insert(struct store *store, struct payment_new *news, size_t count, struct err *err);

struct payment_row {
	struct payment payment;
	struct payment_state state;
	bool found;
};
/* SELECT ... FOR UPDATE in id order. ids sorted and distinct; rows[i] belongs to ids[i]; strings in the arena. */
bool payment_store_lock(struct store *store, const struct uuid *ids, size_t count, struct arena *arena,
	struct payment_row *ret_rows, struct err *err);
/* The same without locks, in a transaction or not (then in its own). */
bool payment_store_read(struct store *store, const struct uuid *ids, size_t count, struct arena *arena,
	struct payment_row *ret_rows, struct err *err);
/* Keeps of the ids, sorted and distinct, those whose due_at has come: most timers find that their payment has moved on, and whoever moved it
   wrote the timer for it. Narrow and without locks, so what is kept is to be locked and judged again. *ret_missing: ids that no
   payment has, in the arena. In a transaction. */
bool payment_store_due(struct store *store, struct uuid *ids, size_t *count, struct arena *arena,
	struct uuid **ret_missing, size_t *ret_missing_count, struct err *err);
/* The payment that holds a provider id, for callbacks on plain paths and `mkondo find`: checkout or conversation id. */
bool payment_store_find_provider(
	struct store *store, const char *id, struct uuid *ret, bool *ret_found, struct err *err);

/* The newest payments (by created_at) that fit what a person has in hand, for `mkondo find`: those with ids from `least` to
   `last`, or, where these are not set, those of a phone or with a reference; "" fits nothing. Ids by their index; phones and
   references have none: all of payment is read, which locks nothing, and fails like any statement when it takes 30 s. */
struct payment_clue {
	struct uuid least, last;
	const char *party, *reference; /* exactly as in payment: 2547... */
};
bool payment_store_search(struct store *store, const struct payment_clue *clue, size_t most,
	struct arena *arena, struct uuid **ret, size_t *ret_count, struct err *err);

/* Sorts and removes doubles in place; returns the new count. */
size_t uuid_sort_distinct(struct uuid *ids, size_t count);

/* For `mkondo explain`: oldest first. */
struct journal_entry {
	struct instant at;
	const char *from, *to, *event, *cause, *by, *detail;
	unsigned attempt, gen;
	int64_t evidence_no;
};
bool payment_store_journal(struct store *store, const struct uuid *id, struct arena *arena,
	struct journal_entry **ret, size_t *ret_count, struct err *err);

/* Numbers that only a database knows. ages in ms; 0 when there is none. */
struct payment_counts {
	int64_t by_state[STATE_COUNT];
	int64_t owed, timers_overdue, oldest_due_ms, oldest_owed_ms, dead_letters, orphans, receipts;
};
bool payment_store_counts(struct store *store, struct payment_counts *ret, struct err *err);
/* Open payments whose due_at passed more than `late_ms` ago and that no timer looks after any more (I12's net). Up to most. */
bool payment_store_forgotten(struct store *store, int64_t late_ms, size_t most, struct arena *arena,
	struct uuid **ret, size_t *ret_count, struct err *err);

#endif
