#ifndef IO_PAYMENT_COLUMNS_H
#define IO_PAYMENT_COLUMNS_H

#include "io/pg.h"

/* The columns of payment and payment_state in the order that every statement names them in. */
enum { PAYMENT_COLUMNS = 15, PAYMENT_STATE_COLUMNS = 24 };
extern const struct pg_column payment_columns[PAYMENT_COLUMNS];
extern const struct pg_column
	payment_state_columns[PAYMENT_STATE_COLUMNS]; /* updated_at is not among them: now() */

#define PAYMENT_COLUMN_NAMES                                                                                 \
	"id, amount, valid_until, created_at, api, lane, priority, rejected, tenant, account, party, "       \
	"reference, "                                                                                        \
	"traceparent, fingerprint, command"
#define PAYMENT_STATE_COLUMN_NAMES                                                                           \
	"id, due_at, fence_at, horizon_at, asked_at, decided_at, token_no, moved, attempt, gen, query_no, "  \
	"asks, put_offs, "                                                                                   \
	"result_ver, state, heard, heard_receipt, checkout_id, merchant_id, conversation_id, "               \
	"originator_id, receipt, "                                                                           \
	"cause_code, frozen"

#endif
