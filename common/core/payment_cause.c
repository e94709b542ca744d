#include "core/payment.h"

/*
 * Why a payment ended as it did, where the event alone tells it. The texts are read by people downstream
 * who see one result and must know what to do next.
 */
#define NO_CAUSE                                                                                             \
	{                                                                                                    \
		.class = "", .code = "", .text = "", .advice = "", .field = ""                               \
	}
#define CONFLICT(name, says, do_now)                                                                         \
	{                                                                                                    \
		.class = "conflict", .code = "conflict." name, .text = (says), .advice = (do_now),           \
		.field = ""                                                                                  \
	}

#define LOOK_AT_BOTH                                                                                         \
	"Look both up in the M-PESA statement, then settle it with mkondo resolve; send nothing again "      \
	"before that."

static const struct cause none = NO_CAUSE;
static const struct cause paid_when_not = CONFLICT("paid_after_refusal",
	"M-PESA reports success for a payment that was not on its way or that counted as not executed.",
	"Look for the receipt in the M-PESA statement before anything is sent again; if it is there, an "
	"answer of Daraja is "
	"classed wrongly in the dictionary.");

struct cause payment_cause_of(enum event event)
{
	switch (event) {
	case EVENT_EXPIRED:
		return (struct cause){.class = "command",
			.code = "command.expired",
			.field = "",
			.text = "It was not sent in time, or every attempt to send it was refused; no money "
				"moved.",
			.advice = "Send it again under a new id if it is still wanted.",
			.retryable = true};
	case EVENT_HORIZON:
		return (struct cause){.class = "provider",
			.code = "unresolved.horizon",
			.field = "",
			.text = "It may have been executed, and M-PESA has given no proof either way in the "
				"time that is "
				"allowed for it.",
			.advice = "Do not pay in another way yet: look for it in the M-PESA statement, or "
				  "wait for a "
				  "higher version of this result."};
	case EVENT_CONFIRMED_OTHER:
		return (struct cause)CONFLICT("second_receipt",
			"M-PESA reports a second receipt for the same request; it may have been paid twice.",
			LOOK_AT_BOTH);
	case EVENT_MISMATCH:
		return (struct cause)CONFLICT("mismatch",
			"M-PESA reports success with another amount than was asked for, or with another "
			"payment's receipt.",
			LOOK_AT_BOTH);
	case EVENT_DECLINED:
	case EVENT_DECLINED_BUT_HEARD:
		return (struct cause)CONFLICT("declined_after_success",
			"M-PESA reports both success and failure of the same payment.",
			"Look for the receipt in the M-PESA statement: it decides. Then settle it with "
			"mkondo resolve.");
	case EVENT_STALE_CONFIRMED:
		return (struct cause)CONFLICT("earlier_attempt_paid",
			"An earlier attempt, which counted as not executed, was paid.",
			"Look in the M-PESA statement how often it was paid. An answer of Daraja is classed "
			"wrongly in the "
			"dictionary; hold this product until that is corrected.");
	case EVENT_LOST_CLAIM:
		return (struct cause)CONFLICT("lost_claim",
			"M-PESA knows an attempt that our database has no record of; the database has lost "
			"commits.",
			"All sending is frozen. Find out what was restored or failed over, then run mkondo "
			"recover.");
	case EVENT_OPERATOR_NOT_PAID:
		return (struct cause){.class = "operator",
			.code = "operator.not_paid",
			.field = "",
			.text = "Two people found that it was not paid and will not be.",
			.advice = "Send it again under a new id if it is still wanted.",
			.retryable = true};
	case EVENT_CLAIMED:
	case EVENT_TAKEN:
	case EVENT_PUT_OFF:
	case EVENT_TURNED_DOWN:
	case EVENT_NO_WORD:
	case EVENT_LEASE_OUT:
	case EVENT_CONFIRMED:
	case EVENT_RECEIPT_LEARNED:
	case EVENT_STALE_DECLINED:
	case EVENT_HEARSAY_PAID:
	case EVENT_HEARSAY:
	case EVENT_STILL_OPEN:
	case EVENT_NOT_FOUND:
	case EVENT_OPERATOR_PAID:
		return none;
	}
	must(false);
}

struct cause payment_cause_in(enum state from, enum event event)
{
	const struct lifecycle_step *step = lifecycle_step(from, event);

	if (!step->new_version)
		return none;
	if (step->to == STATE_CONFLICT && event == EVENT_OPERATOR_NOT_PAID)
		return (struct cause)CONFLICT("operator_against_receipt",
			"People found it not paid, and M-PESA has proved that it was.", LOOK_AT_BOTH);
	if (step->to == STATE_CONFLICT && (event == EVENT_CONFIRMED || event == EVENT_OPERATOR_PAID))
		return paid_when_not;
	/* A failure's own reason comes from the dictionary; the fixed one is for the contradiction. */
	if (step->to == STATE_FAILED && (event == EVENT_DECLINED || event == EVENT_DECLINED_BUT_HEARD))
		return none;
	return payment_cause_of(event);
}
