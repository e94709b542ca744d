#ifndef DARAJASIM_PLAN_H
#define DARAJASIM_PLAN_H

#include "base/err.h"
#include "base/text.h"

#include <jansson.h>
#include <stdint.h>

/*
 * What is to happen to one request: the "do" of a rule. Three things are told apart: how the request is
 * answered, whether it went in behind that answer and what came of it, and what the callback does.
 * Durations are at time scale 1, in ms; -1: the usual one.
 */
enum answer_kind {
	ANSWER_OK,
	ANSWER_ERROR, /* `error` */
	ANSWER_LOST_BEFORE, /* closed without a byte; nothing went in */
	ANSWER_LOST_AFTER, /* went in; closed without a byte */
	ANSWER_CLOSE_AFTER_READ, /* as LOST_BEFORE, but only after `answer_after_ms` */
	ANSWER_TRUNCATED, /* went in; half of the answer, then closed */
	ANSWER_HANG, /* silence until the client gives up */
	ANSWER_HTML503, /* the edge's page */
	ANSWER_EMPTY200, /* 200 without a body */
	ANSWER_EMPTY_FIELDS, /* went in; 200 with every field empty */
	ANSWER_REFUSED200, /* 200 with a ResponseCode other than 0, from `error` */
	ANSWER_SPIKE_ARREST, /* 500 in the usual envelope */
	ANSWER_SPIKE_ARREST_RAW, /* 429 with the gateway's own fault object */
	ANSWER_QUOTA,
	ANSWER_INVALID_TOKEN,
	ANSWER_HTTP429,
	ANSWER_COUNT
};

enum callback_kind {
	CALLBACK_SENT,
	CALLBACK_LOST, /* due, recorded, never sent */
	CALLBACK_NONE, /* none is due */
	CALLBACK_DOUBLED, /* twice the same bytes */
	CALLBACK_LATE, /* hours later */
	CALLBACK_BEFORE_ANSWER, /* delivered before the request is answered */
	CALLBACK_CONTRADICTORY, /* the truth, then its opposite */
	CALLBACK_LIE_FIRST, /* the opposite, then the truth */
	CALLBACK_QUEUE_TIMEOUT, /* the request itself, to QueueTimeOutURL; nothing is executed */
	CALLBACK_WRONG_AMOUNT, /* a shilling more than was moved */
	CALLBACK_SECOND_RECEIPT, /* twice, the second time with another receipt */
	CALLBACK_NO_RECEIPT,
	CALLBACK_NO_AMOUNT,
	CALLBACK_GARBAGE, /* no JSON */
	CALLBACK_COUNT
};

/* The variants of one and the same body. */
enum shape {
	SHAPE_PORTAL, /* as the portal prints it */
	SHAPE_STRINGS, /* every number is a string */
	SHAPE_MINIMAL, /* only what a payment needs */
	SHAPE_OBJECT, /* one object where an array is expected, where that can be */
	SHAPE_SHUFFLED, /* other order of items, items without Value, numbers with decimals */
	SHAPE_ANY, /* one of these, by the seed */
	SHAPE_COUNT
};

struct plan_error {
	int http;
	char code[48];
	char message[160];
};

enum { PLAN_UNSET = -1 };

struct plan {
	enum answer_kind answer;
	enum callback_kind callback;
	enum shape shape;
	struct plan_error error;
	int accepted; /* went in behind the answer; unset: as the answer says */
	int executed; /* money moved; unset: if `result` is success */
	char result[24]; /* "0": success */
	char desc[200]; /* "" : the usual text */
	char status[32]; /* the word for TransactionStatus; "" the truth; "not_found" */
	char query[24]; /* for STK query: "" the truth, "pending", "4999", "unknown", or a result code */
	int64_t answer_after_ms, outcome_after_ms, callback_after_ms, pending_for_ms;
	char source[46]; /* the address that callbacks come from; "" the program's option */
};

void plan_init(struct plan *plan);
/* Changes what `what` names; unknown names and words are refused. "comment" is welcome. */
bool plan_parse(struct plan *plan, const json_t *what, struct err *err);
/* Whether the request becomes a transaction. */
bool plan_accepts(const struct plan *plan);
/* Whether the transaction moves money, and whether it is told as a success. */
bool plan_executes(const struct plan *plan);
bool plan_tells_success(const struct plan *plan);
const char *plan_answer_name(enum answer_kind kind);
const char *plan_callback_name(enum callback_kind kind);

#endif
