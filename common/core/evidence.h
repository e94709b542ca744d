#ifndef CORE_EVIDENCE_H
#define CORE_EVIDENCE_H

#include "core/codes.h"
#include "core/payment.h"

/*
 * Evidence: anything but the synchronous answer that says whether money moved. Strength decides
 * what it may do: ASKED and SIGNED_LISTED settle, SIGNED is heard, what has no signature makes us ask.
 */
enum strength { /* the numbers are those of internal.proto and of the database */
	STRENGTH_NONE = 0,
	STRENGTH_PLAIN = 1, /* the plain paths: matched by provider id only */
	STRENGTH_C2B_SECRET = 2,
	STRENGTH_SIGNED = 3, /* valid MAC, address not listed */
	STRENGTH_SIGNED_LISTED = 4, /* valid MAC, listed address */
	STRENGTH_ASKED = 5, /* the answer to a question of ours */
};

enum evidence_says {
	SAYS_PAID, /* success, with or without receipt and amount */
	SAYS_DECLINED, /* a code of class FINAL */
	SAYS_UNCLEAR, /* not final, first of several messages, queue time-out, bytes that do not parse */
	SAYS_OPEN, /* asked: not final yet */
	SAYS_NOT_FOUND, /* asked: no such transaction; never proof */
};

struct evidence {
	enum evidence_says says;
	enum strength strength;
	enum api purpose; /* whose callback or answer it is: the payment's own api, or the question's */
	unsigned gen; /* 0 on the plain paths: taken as the row's */
	unsigned query_no;
	bool after_fence;
	const char *receipt; /* "" when not told or a placeholder (three characters and zeros) */
	bool has_amount;
	struct amount amount;
	const char *code; /* ResultCode or status word as text; "" */
	const char *text; /* ResultDesc; "" */
	const struct code_row *row; /* the dictionary's; NULL for unparsed bytes */
	struct provider_ids
		ids; /* as told; in a status result those of the transaction that was asked about */
	enum evidence_says
		answers; /* a status result alone: what it says of the inquiry, should that have been commanded */
	struct details details; /* what it tells beside */
	bool parsed; /* false: bytes that could not be read; an alarm */
};

/* Who holds the receipt that the evidence tells; found out under the payment's lock before judging. */
enum receipt_owner { RECEIPT_NOT_TOLD, RECEIPT_OURS, RECEIPT_OTHERS };

enum evidence_note {
	EVIDENCE_FITS,
	EVIDENCE_OTHER, /* kept, changes nothing: weak and of another generation, or out of place */
	EVIDENCE_UNPARSED, /* alarm */
	EVIDENCE_LOST_CLAIM, /* alarm, freeze */
};

struct evidence_rules {
	struct amount confirm_above; /* STK successes above it are HEARSAY_PAID until asked; 0: all of them */
};

struct arena;
/* False: no event, the evidence is only kept. The facts' event, receipt, moved, cause and details (the evidence's own) are
   filled, the rest is left alone; a CONFIRMED without receipt takes the one that was heard. The cause's code ("stk.1032") is built in the arena,
   which must live until the row is saved. */
bool evidence_judge(const struct payment *payment, const struct payment_state *state,
	const struct evidence *evidence, enum receipt_owner owner, const struct evidence_rules *rules,
	struct arena *arena, struct step_facts *ret, enum evidence_note *ret_note);
/* The receipt that this evidence would bring to the row: what is to be taken in table `receipt` before
   judging; "" when it brings none (not strong enough to claim it, or not a success). */
const char *evidence_receipt(const struct payment *payment, const struct payment_state *state,
	const struct evidence *evidence, const struct evidence_rules *rules);
bool receipt_is_placeholder(struct text receipt); /* "", SKE0000000, 0000000000 */
const char *strength_name(enum strength strength);

#endif
