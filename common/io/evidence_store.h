#ifndef IO_EVIDENCE_STORE_H
#define IO_EVIDENCE_STORE_H

#include "core/evidence.h"
#include "io/store.h"

/* Evidence, receipts, orphans, dead letters. Bodies are sealed with AES-256-GCM (io/seal). Inside a transaction. */

struct evidence_row {
	struct uuid payment;
	unsigned gen, query_no;
	enum api purpose;
	enum strength strength;
	const char *peer;
	struct instant received_at;
	const char *says; /* short, for explain: "PAID", "DECLINED stk.1032", ... */
	struct text body; /* as it came; redacted by the caller */
	int http_status; /* of a synchronous answer; 0 */
	int64_t no; /* out: its number, also when it was there already */
	bool is_new; /* out */
};
/* Once per (payment, gen, purpose, strength, sha256 of the body). Never changed afterwards (I10). */
bool evidence_store_add(struct store *store, struct evidence_row *rows, size_t count, struct err *err);

/* For explain: oldest first, bodies opened. */
bool evidence_store_list(struct store *store, const struct uuid *payment, struct arena *arena,
	struct evidence_row **ret, size_t *ret_count, struct err *err);

struct receipt_claim {
	const char *receipt;
	struct uuid payment;
	struct amount amount;
	enum api api;
	enum receipt_owner owner; /* out: RECEIPT_OURS or RECEIPT_OTHERS */
};
/* INSERT ... ON CONFLICT (receipt) DO UPDATE SET payment_id = coalesce(old, new) RETURNING: the first payment to claim a
   receipt keeps it. Sorted by receipt inside; after the payment locks. The same receipt may be claimed twice in one call
   (by one or two payments). */
bool receipt_store_claim(struct store *store, struct receipt_claim *claims, size_t count, struct err *err);
/* The payment that holds a receipt, for `mkondo find`. Not found too while only a C2B notice told of it. */
bool receipt_store_find(
	struct store *store, const char *receipt, struct uuid *ret, bool *ret_found, struct err *err);

struct orphan {
	struct uuid payment; /* not set: plain path */
	enum api purpose;
	enum strength strength;
	const char *path, *peer, *why;
	struct text body;
	struct instant received_at;
};
bool orphan_store_add(struct store *store, const struct orphan *orphans, size_t count, struct err *err);

struct dead_letter {
	const char *reason; /* "undecodable", "id_reused", ... */
	const char *detail;
	const char *topic;
	int32_t partition;
	int64_t offset;
	struct text key, value;
};
/* Once per (topic, partition, offset, sha256 of the value): a batch that comes again adds nothing. */
bool dead_letter_store_add(
	struct store *store, const struct dead_letter *letters, size_t count, struct err *err);

struct dead_letter_line {
	int64_t no;
	struct instant at;
	struct dead_letter letter; /* the value opened */
};
/* For `mkondo dlq`: those with a number above `after`, oldest first. */
bool dead_letter_store_list(struct store *store, int64_t after, size_t most, struct arena *arena,
	struct dead_letter_line **ret, size_t *ret_count, struct err *err);

#endif
