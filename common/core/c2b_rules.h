#ifndef CORE_C2B_RULES_H
#define CORE_C2B_RULES_H

#include "core/c2b_notice.h"
#include "core/c2b_pattern.h"

/*
 * Whether a customer's payment may come in: what an account's rules say of a validation request. Pure, and quick. A rule that
 * nobody wrote refuses nothing: who is refused goes away with the money.
 */
struct c2b_rules {
	struct c2b_pattern pattern; /* of the bill reference; count 0: any */
	struct amount minimum, maximum; /* AMOUNT_NONE: no bound */
	const char *const *shortcodes; /* NULL-ended: those that are served; NULL or empty: any */
	bool needs_phone; /* without one it is refused */
	bool has_references; /* there is a list of known references */
	bool reject_unknown; /* refuse a reference that is not on the list, and what cannot be decided */
};

/* A known reference, and the first name that belongs to it ("" : any). */
struct c2b_reference {
	const char *reference, *name;
};
struct c2b_references { /* sorted by c2b_reference_cmp */
	const struct c2b_reference *list;
	size_t count;
};

enum c2b_verdict {
	C2B_ACCEPTED,
	C2B_BAD_PHONE,
	C2B_BAD_REFERENCE,
	C2B_BAD_AMOUNT,
	C2B_BAD_NAME,
	C2B_BAD_SHORTCODE,
	C2B_OTHER, /* it could not be decided, and the rules refuse what cannot be decided */
};

/* references: NULL while the list could not be read. */
enum c2b_verdict c2b_rules_decide(const struct c2b_rules *rules, const struct c2b_references *references,
	const struct c2b_notice *notice);
/* The notice tells a shortcode, and none that the account serves: somebody else's money, or a word that is not M-PESA's. */
bool c2b_rules_other_shortcode(const struct c2b_rules *rules, const struct c2b_notice *notice);
/* "0", or the code that Daraja is told: "C2B00011" ... "C2B00016". */
const char *c2b_verdict_code(enum c2b_verdict verdict);
/* By the reference alone, letters in any case. */
int c2b_reference_cmp(const void *a, const void *b);

#endif
