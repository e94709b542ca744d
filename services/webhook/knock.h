#ifndef WEBHOOK_KNOCK_H
#define WEBHOOK_KNOCK_H

#include "base/time.h"
#include "base/uuid.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * Callbacks that wait for the broker's word. Each gets exactly one reply: 200 when its record was delivered, 503 when it was
 * not or when nobody knows after KNOCK_WITHIN_MS. A record may still arrive after its 503, so a knock lives until its report
 * came. All on the loop's thread.
 */
struct http_exchange;
struct knock;

enum { KNOCK_WITHIN_MS = 3000 };

struct knocks {
	struct knock *waiting; /* without a reply, oldest first */
	struct knock *late; /* 503 was said, the report is still to come */
};

/* payment: NULL on the plain paths; for the log. accepted: the body of its 200, a literal. */
struct knock *knock_new(struct knocks *knocks, struct http_exchange *exchange, const struct uuid *payment,
	const char *accepted, struct mono now);
extern const char knock_accepted[]; /* what most products want to hear */
/* The record's fate: answers if nobody did yet, and frees the knock. */
void knock_report(struct knocks *knocks, struct knock *knock, bool delivered, struct mono now);
/* 503 for those that have waited too long; how many these were. */
size_t knocks_sweep(struct knocks *knocks, struct mono now);
/* No more reports will come: 503 for those that wait, and all are freed. */
void knocks_done(struct knocks *knocks);

#endif
