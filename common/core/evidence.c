#include "core/evidence.h"

#include "base/arena.h"

#include <string.h>

enum { RECEIPT_LEN = 10 };

static const char *told(const char *string)
{
	return string != NULL ? string : "";
}

static bool says_something(const char *string)
{
	return told(string)[0] != '\0';
}

static bool is_signed(const struct evidence *evidence)
{
	return evidence->strength >= STRENGTH_SIGNED;
}

static bool is_strong(const struct evidence *evidence)
{
	return evidence->strength >= STRENGTH_SIGNED_LISTED;
}

static bool is_read_only(const struct payment *payment)
{
	return payment->api != API_NONE && api_row(payment->api)->key == KEY_REPEATABLE;
}

/* Whose generation it tells of, against the row's. */
enum age { OLDER, CURRENT, LATER };

static enum age age_of(
	const struct payment *payment, const struct payment_state *state, const struct evidence *evidence)
{
	if (is_read_only(payment))
		return CURRENT;
	if (is_signed(evidence) && state->attempt == 0)
		return LATER;
	if (evidence->gen == 0 || evidence->gen == state->gen)
		return CURRENT;
	return evidence->gen > state->gen ? LATER : OLDER;
}

static const char *receipt_told(const struct evidence *evidence)
{
	return receipt_is_placeholder(text_of(told(evidence->receipt))) ? "" : told(evidence->receipt);
}

/* Tells an amount, and another than the command's. An inquiry has none to compare with. */
static bool amount_differs(const struct payment *payment, const struct evidence *evidence)
{
	return evidence->has_amount && !amount_same(payment->amount, AMOUNT_NONE) &&
	       !amount_same(evidence->amount, payment->amount);
}

/* A success that completes what was told without its receipt; any signature will do, whatever the limit. */
static bool completes(
	const struct payment *payment, const struct payment_state *state, const struct evidence *evidence)
{
	return evidence->says == SAYS_PAID && is_signed(evidence) && receipt_told(evidence)[0] != '\0' &&
	       (state->state == STATE_SUCCEEDED || state->state == STATE_CONFLICT) &&
	       !says_something(state->receipt) && !amount_differs(payment, evidence);
}

/* A strong success that is to be asked about: a prompt's above the limit, or one that tells no amount. */
static bool must_be_asked(
	const struct payment *payment, const struct evidence *evidence, const struct evidence_rules *rules)
{
	if (evidence->strength != STRENGTH_SIGNED_LISTED)
		return false;
	if (payment->api == API_STK_PUSH && amount_over(payment->amount, rules->confirm_above))
		return true;
	if (payment->api != API_NONE && api_row(payment->api)->moves_later)
		return false;
	return !evidence->has_amount && !amount_same(payment->amount, AMOUNT_NONE);
}

/* A status result for a question of ours that tells of another transaction than the one we asked about. Of an older
   generation nobody remembers what M-PESA called it. */
static bool tells_of_another(
	const struct payment *payment, const struct payment_state *state, const struct evidence *evidence)
{
	char key[48];
	const char *asked = told(state->ids.originator);

	if (api_row(payment->api)->found_by == FOUND_BY_KEY)
		asked = payment_provider_key(&payment->id, evidence->gen, key);
	else if (api_row(payment->api)->found_by != FOUND_BY_ORIGINATOR || evidence->gen != state->gen)
		return false;
	return says_something(evidence->ids.originator) && asked[0] != '\0' &&
	       strcmp(evidence->ids.originator, asked) != 0;
}

/* A receipt of M-PESA's has ten characters; a conversation's id is longer. */
static bool is_like_a_receipt(const char *text)
{
	return strlen(text) == RECEIPT_LEN;
}

/* Somebody asked about a receipt, a conversation or a payment of ours, and this is about another one. What an answer does not tell is not held
   against it: of a payment that is found by its receipt, M-PESA tells ids of its own. */
static bool is_about_another(const struct payment *payment, const struct evidence *evidence)
{
	const char *asked = told(payment->reference), *receipt = receipt_told(evidence);
	const char *originator = told(evidence->ids.originator);
	struct uuid wanted, found;

	if (asked[0] == '\0')
		return false;
	if (uuid_parse(text_of(asked), &wanted))
		return payment_of_key(text_of(originator), &found) && uuid_cmp(&found, &wanted) != 0;
	if (is_like_a_receipt(asked))
		return receipt[0] != '\0' && strcmp(asked, receipt) != 0;
	return originator[0] != '\0' && strcmp(asked, originator) != 0;
}

/* A status result speaks of the transaction that was asked about; for a commanded inquiry what counts is that it was answered. */
static struct evidence as_meant(
	const struct payment *payment, const struct payment_state *state, const struct evidence *evidence)
{
	struct evidence meant = *evidence;

	if (evidence->purpose != API_TRANSACTION_STATUS || payment->api == API_NONE)
		return meant;
	if (payment->api == API_TRANSACTION_STATUS) {
		meant.says = is_about_another(payment, evidence) ? SAYS_UNCLEAR : evidence->answers;
		meant.receipt = "";
		meant.has_amount = false;
		meant.amount = AMOUNT_NONE;
		meant.ids = (struct provider_ids){"", "", "", ""};
	} else {
		meant.details = details_none();
		if (tells_of_another(payment, state, evidence))
			meant.says = SAYS_UNCLEAR;
	}
	return meant;
}

static const char *receipt_brought(
	const struct payment *payment, const struct payment_state *state, const struct evidence *evidence)
{
	if (evidence->says != SAYS_PAID || !is_signed(evidence) ||
		age_of(payment, state, evidence) != CURRENT)
		return "";
	if (is_strong(evidence)) {
		if (receipt_told(evidence)[0] != '\0')
			return receipt_told(evidence);
		return says_something(state->receipt) ? "" : told(state->heard_receipt);
	}
	return completes(payment, state, evidence) ? receipt_told(evidence) : "";
}

const char *evidence_receipt(const struct payment *payment, const struct payment_state *state,
	const struct evidence *evidence, const struct evidence_rules *rules)
{
	const struct evidence meant = as_meant(payment, state, evidence);

	(void)rules;
	return receipt_brought(payment, state, &meant);
}

static enum event judge_success(const struct payment *payment, const struct payment_state *state,
	const struct evidence *evidence, enum receipt_owner owner, const struct evidence_rules *rules)
{
	const char *receipt = receipt_told(evidence);
	const bool others = receipt[0] != '\0' && owner == RECEIPT_OTHERS;

	if (!is_signed(evidence))
		return EVENT_HEARSAY;
	if (completes(payment, state, evidence) && !others)
		return EVENT_RECEIPT_LEARNED;
	if (!is_strong(evidence))
		return EVENT_HEARSAY_PAID;
	if (amount_differs(payment, evidence) || others)
		return EVENT_MISMATCH;
	if (receipt[0] != '\0' && says_something(state->receipt) && strcmp(receipt, state->receipt) != 0)
		return EVENT_CONFIRMED_OTHER;
	return must_be_asked(payment, evidence, rules) ? EVENT_HEARSAY_PAID : EVENT_CONFIRMED;
}

static enum event judge_current(const struct payment *payment, const struct payment_state *state,
	const struct evidence *evidence, enum receipt_owner owner, const struct evidence_rules *rules)
{
	const bool asked = evidence->strength == STRENGTH_ASKED;

	switch (evidence->says) {
	case SAYS_PAID:
		return judge_success(payment, state, evidence, owner, rules);
	case SAYS_DECLINED:
		if (!is_strong(evidence))
			return EVENT_HEARSAY;
		return state->heard ? EVENT_DECLINED_BUT_HEARD : EVENT_DECLINED;
	case SAYS_OPEN:
		return asked ? EVENT_STILL_OPEN : EVENT_HEARSAY;
	case SAYS_NOT_FOUND:
		return asked ? EVENT_NOT_FOUND : EVENT_HEARSAY;
	case SAYS_UNCLEAR:
		return EVENT_HEARSAY;
	}
	return EVENT_HEARSAY;
}

/* Weak words about another generation have no event: they must never make a CONFLICT. */
static bool judge_older(const struct evidence *evidence, enum event *ret)
{
	if (!is_strong(evidence) || (evidence->says != SAYS_PAID && evidence->says != SAYS_DECLINED))
		return false;
	*ret = evidence->says == SAYS_PAID ? EVENT_STALE_CONFIRMED : EVENT_STALE_DECLINED;
	return true;
}

static bool find_event(const struct payment *payment, const struct payment_state *state,
	const struct evidence *evidence, enum receipt_owner owner, const struct evidence_rules *rules,
	enum event *ret)
{
	switch (age_of(payment, state, evidence)) {
	case LATER:
		*ret = EVENT_LOST_CLAIM;
		return is_signed(evidence);
	case OLDER:
		return judge_older(evidence, ret);
	case CURRENT:
		break;
	}
	/* An inquiry that waits for no answer: nothing that it is told can be a contradiction. */
	if (is_read_only(payment) && !state_is_open(state->state))
		return false;
	*ret = judge_current(payment, state, evidence, owner, rules);
	return true;
}

/* Receipt and amount of a success. One that tells neither gets what was heard of this generation before:
   M-PESA moves the whole sum or nothing, and what was heard did not contradict the command's amount. */
static void fill_success(const struct payment *payment, const struct payment_state *state,
	const struct evidence *evidence, enum receipt_owner owner, struct step_facts *ret)
{
	if (evidence->says != SAYS_PAID)
		return;
	ret->receipt = receipt_told(evidence);
	ret->moved = evidence->has_amount ? evidence->amount : AMOUNT_NONE;
	if (ret->event != EVENT_CONFIRMED || ret->receipt[0] != '\0' || says_something(state->receipt) ||
		!says_something(state->heard_receipt) || owner == RECEIPT_OTHERS)
		return;
	ret->receipt = state->heard_receipt;
	if (!evidence->has_amount)
		ret->moved = payment->amount;
}

static struct cause dictionary_cause(
	const struct payment *payment, const struct evidence *evidence, struct arena *arena)
{
	const struct code_row *row = evidence->row;
	const struct api_row *whose = api_by_number((int)evidence->purpose);

	if (row == NULL)
		return (struct cause){.class = "provider",
			.code = "",
			.text = told(evidence->text),
			.advice = "",
			.field = ""};
	return (struct cause){
		.class = says_something(row->who) ? row->who : "provider",
		.code = arena_print(arena, "%s.%s",
			(whose != NULL ? whose : api_row(payment->api))->result_family,
			strcmp(row->code, "*") != 0 ? row->code : told(evidence->code)),
		.text = told(row->meaning),
		.advice = told(row->advice),
		.field = "",
		.retryable = row->retryable,
	};
}

static struct cause mismatch_cause(
	const struct payment *payment, const struct evidence *evidence, struct arena *arena)
{
	char asked[AMOUNT_TEXT], moved[AMOUNT_TEXT];
	struct cause cause = payment_cause_of(EVENT_MISMATCH);

	if (amount_differs(payment, evidence)) {
		cause.code = "conflict.amount";
		cause.text =
			arena_print(arena, "M-PESA reports that KES %s moved; the command asked for KES %s.",
				amount_text(evidence->amount, moved), amount_text(payment->amount, asked));
	} else {
		cause.code = "conflict.receipt";
		cause.text = arena_print(arena,
			"M-PESA reports success with receipt %s, which another payment holds.",
			receipt_told(evidence));
	}
	return cause;
}

static struct cause second_receipt_cause(
	const struct payment_state *state, const struct evidence *evidence, struct arena *arena)
{
	struct cause cause = payment_cause_of(EVENT_CONFIRMED_OTHER);

	cause.text = arena_print(arena,
		"M-PESA reports receipt %s for a request that has receipt %s; it may have been paid twice.",
		receipt_told(evidence), told(state->receipt));
	return cause;
}

/* Why the version that this step makes came about; no words for a step that makes none. */
static struct cause cause_of(const struct payment *payment, const struct payment_state *state,
	const struct evidence *evidence, enum event event, struct arena *arena)
{
	const struct lifecycle_step *step = lifecycle_step(state->state, event);

	if (step->new_version && step->to == STATE_FAILED)
		return dictionary_cause(payment, evidence, arena);
	if (step->new_version && event == EVENT_MISMATCH)
		return mismatch_cause(payment, evidence, arena);
	if (step->new_version && event == EVENT_CONFIRMED_OTHER)
		return second_receipt_cause(state, evidence, arena);
	return payment_cause_in(state->state, event);
}

bool evidence_judge(const struct payment *payment, const struct payment_state *state,
	const struct evidence *evidence, enum receipt_owner owner, const struct evidence_rules *rules,
	struct arena *arena, struct step_facts *ret, enum evidence_note *ret_note)
{
	const struct evidence meant = as_meant(payment, state, evidence);
	enum event event = EVENT_HEARSAY;
	const bool fits = find_event(payment, state, &meant, owner, rules, &event);

	if (fits && event == EVENT_LOST_CLAIM)
		*ret_note = EVIDENCE_LOST_CLAIM;
	else if (!evidence->parsed)
		*ret_note = EVIDENCE_UNPARSED;
	else
		*ret_note = fits ? EVIDENCE_FITS : EVIDENCE_OTHER;
	if (!fits)
		return false;
	ret->event = event;
	ret->receipt = "";
	ret->moved = AMOUNT_NONE;
	fill_success(payment, state, &meant, owner, ret);
	ret->cause = cause_of(payment, state, &meant, event, arena);
	/* The one that was handed in, which outlives us; a question's own details are nothing to the payment. */
	ret->details = payment->api == evidence->purpose ? &evidence->details : NULL;
	return true;
}

bool receipt_is_placeholder(struct text receipt)
{
	const struct text trimmed = text_trim(receipt);
	size_t zeros = 0;

	if (trimmed.len == 0)
		return true;
	while (zeros < trimmed.len && trimmed.at[trimmed.len - 1 - zeros] == '0')
		zeros++;
	/* "SKE0000000": the date of a receipt without its number; a real one never ends in so many zeros. */
	return zeros + 3 >= trimmed.len && zeros > 0;
}

const char *strength_name(enum strength strength)
{
	switch (strength) {
	case STRENGTH_NONE:
		return "none";
	case STRENGTH_PLAIN:
		return "plain";
	case STRENGTH_C2B_SECRET:
		return "c2b_secret";
	case STRENGTH_SIGNED:
		return "signed";
	case STRENGTH_SIGNED_LISTED:
		return "signed_listed";
	case STRENGTH_ASKED:
		return "asked";
	}
	return "unknown";
}
