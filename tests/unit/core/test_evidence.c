#include "core/evidence.h"

#include "check.h"
#include "life.h"

#include "base/arena.h"

#define RECEIPT "NLJ7RT61SV"
#define SECOND  "NLJ7RT61XX"

static struct arena arena;
static const struct evidence_rules usual = {{1000000}}, always = {{0}};
static const struct code_row declined_row = {.where = WHERE_RESULT,
	.family = "stk",
	.code = "1032",
	.message = "*",
	.class = CODE_FINAL,
	.retryable = true,
	.who = "customer",
	.meaning = "The customer cancelled.",
	.advice = "Ask again."};

static int open_arena(void **state)
{
	(void)state;
	arena_init(&arena);
	return 0;
}

static int close_arena(void **state)
{
	(void)state;
	arena_done(&arena);
	return 0;
}

static struct evidence evidence_of(
	const struct payment *payment, enum evidence_says says, enum strength strength, unsigned gen)
{
	return (struct evidence){
		.says = says,
		.strength = strength,
		.purpose = payment->api,
		.gen = gen,
		.receipt = says == SAYS_PAID ? RECEIPT : "",
		.has_amount = says == SAYS_PAID,
		.amount = says == SAYS_PAID ? payment->amount : AMOUNT_NONE,
		.code = says == SAYS_PAID ? "0" : "1032",
		.text = "told",
		.row = says == SAYS_DECLINED ? &declined_row : NULL,
		.ids = NO_IDS,
		.answers = says,
		.parsed = true,
	};
}

static bool judge(const struct payment *payment, const struct payment_state *state,
	const struct evidence *evidence, enum receipt_owner owner, const struct evidence_rules *rules,
	struct step_facts *facts, enum evidence_note *note)
{
	*facts = facts_of(EVENT_CLAIMED);
	return evidence_judge(payment, state, evidence, owner, rules, &arena, facts, note);
}

/* The whole table of facts, and the laws that hold everywhere in it. */

struct facts_case {
	enum api api;
	enum state state;
	unsigned attempt, gen; /* the row's attempt; the evidence's generation */
	enum evidence_says says;
	enum strength strength;
	bool heard, parsed, tells_receipt, tells_amount, right_amount, has_receipt, heard_receipt;
	enum receipt_owner owner;
};

static void check_laws(const struct facts_case *facts)
{
	struct payment payment = payment_for(facts->api);
	struct payment_state state = row_in(&payment, facts->state, facts->attempt);
	struct evidence evidence = evidence_of(&payment, facts->says, facts->strength, facts->gen);
	struct step_facts step;
	enum evidence_note note = (enum evidence_note)99;

	state.heard = facts->heard;
	state.receipt = facts->has_receipt ? SECOND : "";
	state.heard_receipt = facts->heard_receipt ? "NLJ7RT61HH" : "";
	evidence.parsed = facts->parsed;
	if (!facts->tells_receipt)
		evidence.receipt = "SKE0000000";
	evidence.has_amount = facts->tells_amount;
	if (!facts->right_amount)
		evidence.amount = amount_of_shillings(351);

	const bool is_signed = facts->strength >= STRENGTH_SIGNED;
	const bool strong = facts->strength >= STRENGTH_SIGNED_LISTED;
	const bool event = judge(&payment, &state, &evidence, facts->owner, &usual, &step, &note);
	const char *claimed = evidence_receipt(&payment, &state, &evidence, &usual);

#define LAW(condition, law)                                                                                  \
	CHECK(condition, "%s %s attempt %u: %s, says %d, gen %u, heard %d, event %s: " law,                  \
		api_row(facts->api)->name, state_name(facts->state), facts->attempt,                         \
		strength_name(facts->strength), facts->says, facts->gen, facts->heard,                       \
		event ? event_name(step.event) : "none")
	LAW(note <= EVIDENCE_LOST_CLAIM, "the note is told");
	if (!event) {
		LAW(note == EVIDENCE_OTHER || note == EVIDENCE_UNPARSED,
			"what changes nothing is told as such");
		LAW(!is_signed || facts->gen < state.gen,
			"only an older generation's signed words are without an event");
		LAW(step.event == EVENT_CLAIMED, "facts are left alone");
		return;
	}

	const struct lifecycle_step *move = lifecycle_step(facts->state, step.event);
	const bool to_conflict = move->to == STATE_CONFLICT && move->new_version;

	LAW(is_signed || step.event == EVENT_HEARSAY, "without a signature it is hearsay at most");
	LAW(strong || !to_conflict || step.event == EVENT_LOST_CLAIM, "weak words never make a conflict");
	LAW(strong || (move->to != STATE_FAILED || facts->state == STATE_FAILED),
		"weak words never fail a payment");
	LAW(strong || move->to != STATE_SUCCEEDED || step.event == EVENT_RECEIPT_LEARNED ||
			facts->state == STATE_SUCCEEDED,
		"weak words never settle a payment");
	LAW(!(move->to == STATE_FAILED && facts->state != STATE_FAILED) ||
			(facts->says == SAYS_DECLINED && !facts->heard),
		"failed only by a failure, and never while heard");
	LAW(step.event != EVENT_CONFIRMED || !facts->tells_amount || facts->right_amount,
		"no success of other money");
	LAW(step.event != EVENT_CONFIRMED || !facts->tells_receipt || facts->owner != RECEIPT_OTHERS,
		"no success by others' receipt");
	LAW((step.event == EVENT_LOST_CLAIM) == (note == EVIDENCE_LOST_CLAIM), "a lost claim is told");
	LAW((step.event == EVENT_LOST_CLAIM) ==
			(is_signed && (facts->attempt == 0 || facts->gen > state.gen)),
		"signed words about an unknown attempt, and nothing else, are a lost claim");
	LAW(facts->gen == 0 || facts->gen >= state.gen || step.event == EVENT_STALE_CONFIRMED ||
			step.event == EVENT_STALE_DECLINED || facts->attempt == 0,
		"an older generation is stale");
	LAW(step.event != EVENT_STILL_OPEN || facts->strength == STRENGTH_ASKED,
		"open is an answer to a question");
	LAW(step.event != EVENT_NOT_FOUND || facts->strength == STRENGTH_ASKED,
		"not found is an answer to a question");
	LAW(facts->parsed || note == EVIDENCE_UNPARSED || note == EVIDENCE_LOST_CLAIM,
		"unread bytes are told");
	LAW(step.receipt != NULL && step.cause.code != NULL && step.cause.class != NULL,
		"strings are never NULL");
	LAW(strcmp(step.receipt, "SKE0000000") != 0 && strcmp(claimed, "SKE0000000") != 0,
		"a placeholder is no receipt");
	LAW(!to_conflict || strcmp(step.cause.class, "conflict") == 0, "a conflict has its cause");
	LAW(!(move->new_version && move->to == STATE_FAILED) || strcmp(step.cause.code, "stk.1032") == 0 ||
			strcmp(step.cause.code, "b2c.1032") == 0,
		"a failure has the dictionary's cause");
	LAW(!((move->effects & DO_RECEIPT) && step.receipt[0] != '\0') || strcmp(claimed, step.receipt) == 0,
		"what becomes the row's receipt was claimed first");
	LAW(step.now.us == NOW.us && step.random == 0x80000000u, "the caller's facts stay");
#undef LAW
}

static void each_owner_and_receipt(struct facts_case facts)
{
	for (unsigned bits = 0; bits < 32; bits++)
		for (enum receipt_owner owner = RECEIPT_NOT_TOLD; owner <= RECEIPT_OTHERS; owner++) {
			facts.tells_receipt = bits & 1;
			facts.tells_amount = bits & 2;
			facts.right_amount = bits & 4;
			facts.has_receipt = bits & 8;
			facts.heard_receipt = bits & 16;
			facts.owner = owner;
			check_laws(&facts);
		}
}

static void test_the_laws_of_evidence(void **unused)
{
	static const enum api apis[] = {API_STK_PUSH, API_B2C};

	(void)unused;
	for (size_t a = 0; a < COUNT_OF(apis); a++)
		for (enum state s = 0; (int)s < STATE_COUNT; s++)
			for (unsigned attempt = 0; attempt < 4; attempt += attempt == 0 ? 2 : 1)
				for (unsigned gen = 0; gen < 5; gen++)
					for (enum evidence_says says = SAYS_PAID; says <= SAYS_NOT_FOUND;
						says++)
						for (enum strength strength = STRENGTH_NONE;
							strength <= STRENGTH_ASKED; strength++)
							for (unsigned bits = 0; bits < 4; bits++)
								each_owner_and_receipt(
									(struct facts_case){.api = apis[a],
										.state = s,
										.attempt = attempt,
										.gen = gen,
										.says = says,
										.strength = strength,
										.heard = bits & 1,
										.parsed = bits & 2});
}

static const struct evidence_case {
	const char *what;
	enum api api;
	enum state state;
	unsigned attempt, gen;
	enum evidence_says says;
	enum strength strength;
	bool heard;
	const char *row_receipt, *receipt;
	int64_t shillings; /* 0: not told */
	enum receipt_owner owner;
	int want; /* event; -1: none */
} cases[] = {
	/* clang-format off */
	{ "callback", API_STK_PUSH, STATE_PENDING, 1, 1, SAYS_PAID, STRENGTH_SIGNED_LISTED, 0, "", RECEIPT,
		350, RECEIPT_OURS, EVENT_CONFIRMED },
	{ "callback overtakes", API_B2C, STATE_SENDING, 1, 1, SAYS_PAID, STRENGTH_SIGNED_LISTED, 0, "",
		RECEIPT, 350, RECEIPT_OURS, EVENT_CONFIRMED },
	{ "unlisted address", API_STK_PUSH, STATE_PENDING, 1, 1, SAYS_PAID, STRENGTH_SIGNED, 0, "",
		RECEIPT, 350, RECEIPT_NOT_TOLD, EVENT_HEARSAY_PAID },
	{ "plain path", API_STK_PUSH, STATE_PENDING, 1, 0, SAYS_PAID, STRENGTH_PLAIN, 0, "", RECEIPT, 350,
		RECEIPT_NOT_TOLD, EVENT_HEARSAY },
	{ "C2B notice", API_STK_PUSH, STATE_PENDING, 1, 0, SAYS_PAID, STRENGTH_C2B_SECRET, 0, "", RECEIPT,
		350, RECEIPT_NOT_TOLD, EVENT_HEARSAY },
	{ "plain, another generation", API_STK_PUSH, STATE_PENDING, 2, 1, SAYS_PAID, STRENGTH_PLAIN, 0, "",
		RECEIPT, 350, RECEIPT_NOT_TOLD, -1 },
	{ "no amount told", API_STK_PUSH, STATE_PENDING, 1, 1, SAYS_PAID, STRENGTH_SIGNED_LISTED, 0, "",
		RECEIPT, 0, RECEIPT_OURS, EVENT_HEARSAY_PAID },
	{ "no amount told, asked", API_STK_PUSH, STATE_PENDING, 1, 1, SAYS_PAID, STRENGTH_ASKED, 0, "", "",
		0, RECEIPT_NOT_TOLD, EVENT_CONFIRMED },
	{ "other amount", API_STK_PUSH, STATE_PENDING, 1, 1, SAYS_PAID, STRENGTH_SIGNED_LISTED, 0, "",
		RECEIPT, 351, RECEIPT_OURS, EVENT_MISMATCH },
	{ "other amount, unlisted", API_STK_PUSH, STATE_PENDING, 1, 1, SAYS_PAID, STRENGTH_SIGNED, 0, "",
		RECEIPT, 351, RECEIPT_OURS, EVENT_HEARSAY_PAID },
	{ "others' receipt", API_STK_PUSH, STATE_PENDING, 1, 1, SAYS_PAID, STRENGTH_SIGNED_LISTED, 0, "",
		RECEIPT, 350, RECEIPT_OTHERS, EVENT_MISMATCH },
	{ "second receipt", API_B2C, STATE_SUCCEEDED, 1, 1, SAYS_PAID, STRENGTH_SIGNED_LISTED, 0, SECOND,
		RECEIPT, 350, RECEIPT_OURS, EVENT_CONFIRMED_OTHER },
	{ "same receipt again", API_B2C, STATE_SUCCEEDED, 1, 1, SAYS_PAID, STRENGTH_ASKED, 0, RECEIPT,
		RECEIPT, 350, RECEIPT_OURS, EVENT_CONFIRMED },
	{ "receipt learned", API_STK_PUSH, STATE_SUCCEEDED, 1, 1, SAYS_PAID, STRENGTH_SIGNED, 0, "",
		RECEIPT, 350, RECEIPT_OURS, EVENT_RECEIPT_LEARNED },
	{ "receipt learned, no amount", API_STK_PUSH, STATE_SUCCEEDED, 1, 1, SAYS_PAID, STRENGTH_SIGNED, 0,
		"", RECEIPT, 0, RECEIPT_OURS, EVENT_RECEIPT_LEARNED },
	{ "receipt learned in conflict", API_STK_PUSH, STATE_CONFLICT, 1, 1, SAYS_PAID,
		STRENGTH_SIGNED_LISTED, 0, "", RECEIPT, 350, RECEIPT_OURS, EVENT_RECEIPT_LEARNED },
	{ "others' receipt learned", API_STK_PUSH, STATE_SUCCEEDED, 1, 1, SAYS_PAID, STRENGTH_SIGNED, 0,
		"", RECEIPT, 350, RECEIPT_OTHERS, EVENT_HEARSAY_PAID },
	{ "plain receipt is none", API_STK_PUSH, STATE_SUCCEEDED, 1, 1, SAYS_PAID, STRENGTH_PLAIN, 0, "",
		RECEIPT, 350, RECEIPT_NOT_TOLD, EVENT_HEARSAY },
	{ "declined", API_STK_PUSH, STATE_PENDING, 1, 1, SAYS_DECLINED, STRENGTH_SIGNED_LISTED, 0, "", "",
		0, RECEIPT_NOT_TOLD, EVENT_DECLINED },
	{ "declined, asked", API_STK_PUSH, STATE_UNKNOWN, 1, 1, SAYS_DECLINED, STRENGTH_ASKED, 0, "", "",
		0, RECEIPT_NOT_TOLD, EVENT_DECLINED },
	{ "declined, but heard", API_STK_PUSH, STATE_PENDING, 1, 1, SAYS_DECLINED, STRENGTH_SIGNED_LISTED,
		1, "", "", 0, RECEIPT_NOT_TOLD, EVENT_DECLINED_BUT_HEARD },
	{ "declined, unlisted", API_STK_PUSH, STATE_PENDING, 1, 1, SAYS_DECLINED, STRENGTH_SIGNED, 0, "",
		"", 0, RECEIPT_NOT_TOLD, EVENT_HEARSAY },
	{ "unclear", API_B2C, STATE_PENDING, 1, 1, SAYS_UNCLEAR, STRENGTH_SIGNED_LISTED, 0, "", "", 0,
		RECEIPT_NOT_TOLD, EVENT_HEARSAY },
	{ "open", API_B2C, STATE_PENDING, 1, 1, SAYS_OPEN, STRENGTH_ASKED, 0, "", "", 0, RECEIPT_NOT_TOLD,
		EVENT_STILL_OPEN },
	{ "open, not asked", API_B2C, STATE_PENDING, 1, 1, SAYS_OPEN, STRENGTH_SIGNED_LISTED, 0, "", "", 0,
		RECEIPT_NOT_TOLD, EVENT_HEARSAY },
	{ "not found", API_B2C, STATE_UNKNOWN, 1, 1, SAYS_NOT_FOUND, STRENGTH_ASKED, 0, "", "", 0,
		RECEIPT_NOT_TOLD, EVENT_NOT_FOUND },
	{ "stale success", API_STK_PUSH, STATE_PENDING, 2, 1, SAYS_PAID, STRENGTH_SIGNED_LISTED, 0, "",
		RECEIPT, 350, RECEIPT_NOT_TOLD, EVENT_STALE_CONFIRMED },
	{ "stale failure", API_STK_PUSH, STATE_PENDING, 2, 1, SAYS_DECLINED, STRENGTH_SIGNED_LISTED, 0, "",
		"", 0, RECEIPT_NOT_TOLD, EVENT_STALE_DECLINED },
	{ "stale weak success", API_STK_PUSH, STATE_PENDING, 2, 1, SAYS_PAID, STRENGTH_SIGNED, 0, "",
		RECEIPT, 350, RECEIPT_NOT_TOLD, -1 },
	{ "stale open", API_STK_PUSH, STATE_PENDING, 2, 1, SAYS_OPEN, STRENGTH_ASKED, 0, "", "", 0,
		RECEIPT_NOT_TOLD, -1 },
	{ "payout's old attempt", API_B2C, STATE_PENDING, 3, 1, SAYS_PAID, STRENGTH_ASKED, 0, "", RECEIPT,
		350, RECEIPT_OURS, EVENT_CONFIRMED },
	{ "later generation", API_STK_PUSH, STATE_RETRY, 1, 2, SAYS_DECLINED, STRENGTH_SIGNED, 0, "", "",
		0, RECEIPT_NOT_TOLD, EVENT_LOST_CLAIM },
	{ "later generation, unsigned", API_STK_PUSH, STATE_RETRY, 1, 2, SAYS_PAID, STRENGTH_PLAIN, 0, "",
		RECEIPT, 350, RECEIPT_NOT_TOLD, -1 },
	{ "never claimed", API_B2C, STATE_ACCEPTED, 0, 1, SAYS_UNCLEAR, STRENGTH_SIGNED, 0, "", "", 0,
		RECEIPT_NOT_TOLD, EVENT_LOST_CLAIM },
	{ "never claimed, unsigned", API_B2C, STATE_ACCEPTED, 0, 0, SAYS_PAID, STRENGTH_PLAIN, 0, "",
		RECEIPT, 350, RECEIPT_NOT_TOLD, EVENT_HEARSAY },
	{ "inquiry, any generation", API_TRANSACTION_STATUS, STATE_PENDING, 3, 9, SAYS_PAID,
		STRENGTH_SIGNED_LISTED, 0, "", "", 0, RECEIPT_NOT_TOLD, EVENT_CONFIRMED },
	{ "inquiry, settled", API_TRANSACTION_STATUS, STATE_RETRY, 3, 9, SAYS_PAID, STRENGTH_SIGNED_LISTED,
		0, "", "", 0, RECEIPT_NOT_TOLD, -1 },
	{ "inquiry, never claimed", API_TRANSACTION_STATUS, STATE_ACCEPTED, 0, 9, SAYS_PAID,
		STRENGTH_SIGNED_LISTED, 0, "", "", 0, RECEIPT_NOT_TOLD, -1 },
	/* clang-format on */
};

static void test_named_evidence_makes_its_event(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const struct evidence_case *row = &cases[i];
		const struct payment payment = payment_for(row->api);
		struct payment_state state = row_in(&payment, row->state, row->attempt);
		struct evidence evidence = evidence_of(&payment, row->says, row->strength, row->gen);
		struct step_facts facts;
		enum evidence_note note;

		state.heard = row->heard;
		state.receipt = row->row_receipt;
		evidence.receipt = row->receipt;
		evidence.has_amount = row->shillings != 0;
		evidence.amount = amount_of_shillings(row->shillings);
		const bool event = judge(&payment, &state, &evidence, row->owner, &usual, &facts, &note);
		CHECK(event == (row->want >= 0), "%s: %s", row->what,
			event ? event_name(facts.event) : "no event");
		CHECK(!event || (int)facts.event == row->want, "%s: %s", row->what, event_name(facts.event));
	}
}

/* The same by M-PESA's id of a conversation, and by a payment of ours, whose key M-PESA tells back where it has it. */
static void test_a_commanded_status_is_answered_about_its_own_conversation_or_payment(void **unused)
{
	static const char ours[] = "0193e5f2-a7b0-7c3d-8e4f-5a6b7c8d9e0f";
	static const struct {
		const char *asked, *originator;
		bool answers;
	} rows[] = {
		{"29115-34620561-1", "29115-34620561-1", true},
		{"29115-34620561-1", "29115-34620561-2", false},
		{"29115-34620561-1", "", true},
		{ours, "0193e5f2a7b07c3d8e4f5a6b7c8d9e0f-1", true},
		{ours, "0193e5f2a7b07c3d8e4f5a6b7c8d9e0f-2", true},
		{ours, "0193e5f2a7b07c3d8e4f5a6b7c8d9e00-1", false},
		{ours, "29115-34620561-1", true}, /* M-PESA's own */
		{ours, "", true},
	};

	(void)unused;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct payment payment = payment_for(API_TRANSACTION_STATUS);
		struct payment_state state = row_in(&payment, STATE_PENDING, 1);
		struct evidence evidence = evidence_of(&payment, SAYS_PAID, STRENGTH_ASKED, 1);
		struct step_facts facts;
		enum evidence_note note;

		payment.reference = rows[i].asked;
		evidence.purpose = API_TRANSACTION_STATUS;
		evidence.answers = SAYS_PAID;
		evidence.receipt = "UKN4A7QX2M";
		evidence.ids.originator = rows[i].originator;
		assert_true(judge(&payment, &state, &evidence, RECEIPT_NOT_TOLD, &usual, &facts, &note));
		CHECK((facts.event == EVENT_CONFIRMED) == rows[i].answers, "%s for %s: %s",
			rows[i].originator, rows[i].asked, event_name(facts.event));
	}
}

/* Whoever asked about a receipt is not told another one's fate. */
static void test_a_commanded_status_is_answered_about_its_own_receipt(void **unused)
{
	static const struct {
		const char *asked, *told;
		bool answers;
	} rows[] = {
		{"UKN4A7QX2M", "UKN4A7QX2M", true}, {"UKN4A7QX2M", "UKN9999999", false},
		{"UKN4A7QX2M", "", true}, /* not completed: it has none */
		{"", "UKN4A7QX2M", true}, /* asked in another way */
	};

	(void)unused;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct payment payment = payment_for(API_TRANSACTION_STATUS);
		struct payment_state state = row_in(&payment, STATE_PENDING, 1);
		struct evidence evidence = evidence_of(&payment, SAYS_PAID, STRENGTH_ASKED, 1);
		struct step_facts facts;
		enum evidence_note note;

		payment.reference = rows[i].asked;
		evidence.purpose = API_TRANSACTION_STATUS;
		evidence.answers = SAYS_PAID;
		evidence.receipt = rows[i].told;
		assert_true(judge(&payment, &state, &evidence, RECEIPT_NOT_TOLD, &usual, &facts, &note));
		CHECK((facts.event == EVENT_CONFIRMED) == rows[i].answers, "%s for %s: %s", rows[i].told,
			rows[i].asked, event_name(facts.event));
	}
}

/* The id by which a transaction was asked about must be the one that the answer tells of. */
static void test_a_status_that_tells_of_another_transaction_settles_nothing(void **unused)
{
	static const struct {
		const char *what;
		enum api api;
		const char *row, *told;
		unsigned gen;
		bool settles;
	} rows[] = {
		{"our own key", API_B2C, "AG-1", NULL, 1, true},
		{"another key", API_B2C, "AG-1", "018f03040506700890000b0c0d0e0f10-1", 1, false},
		{"told nothing", API_B2C, "AG-1", "", 1, true},
		{"the answer's id", API_B2B, "AG-1", "AG-1", 1, true},
		{"another's id", API_B2B, "AG-1", "AG-2", 1, false},
		{"the reversal's own", API_REVERSAL, "AG-1", "AG-1", 1, true},
		{"the original's id", API_REVERSAL, "AG-1", "AG-2", 1, false},
	};

	(void)unused;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const struct payment payment = payment_for(rows[i].api);
		struct payment_state state = row_in(&payment, STATE_UNKNOWN, 1);
		struct evidence evidence = evidence_of(&payment, SAYS_PAID, STRENGTH_ASKED, rows[i].gen);
		struct step_facts facts;
		enum evidence_note note;
		char key[48];

		evidence.purpose = API_TRANSACTION_STATUS;
		state.ids.originator = rows[i].row;
		evidence.ids.originator =
			rows[i].told != NULL ? rows[i].told : payment_provider_key(&payment.id, 1, key);
		assert_true(judge(&payment, &state, &evidence, RECEIPT_OURS, &usual, &facts, &note));
		CHECK(facts.event == (rows[i].settles ? EVENT_CONFIRMED : EVENT_HEARSAY), "%s: %s",
			rows[i].what, event_name(facts.event));
		CHECK((evidence_receipt(&payment, &state, &evidence, &usual)[0] != '\0') == rows[i].settles,
			"%s: receipt", rows[i].what);
	}
}

/* A commanded question is answered by whatever its answer is; the receipt inside is the other transaction's. */
static void test_a_commanded_status_is_answered_and_takes_no_receipt(void **unused)
{
	struct payment payment = payment_for(API_TRANSACTION_STATUS);
	const struct payment_state state = row_in(&payment, STATE_PENDING, 1);
	struct evidence evidence = evidence_of(&payment, SAYS_DECLINED, STRENGTH_SIGNED_LISTED, 1);
	struct step_facts facts;
	enum evidence_note note;

	(void)unused;
	payment.reference = ""; /* asked by conversation */
	evidence.answers = SAYS_PAID;
	evidence.receipt = RECEIPT;
	evidence.details.code = "Declined";
	assert_true(judge(&payment, &state, &evidence, RECEIPT_NOT_TOLD, &usual, &facts, &note));
	assert_int_equal(facts.event, EVENT_CONFIRMED);
	assert_string_equal(facts.receipt, "");
	assert_string_equal(facts.details->code, "Declined");
	assert_string_equal(evidence_receipt(&payment, &state, &evidence, &usual), "");
}

static void test_large_prompts_are_asked_about_before_they_count(void **unused)
{
	static const struct {
		const char *what;
		enum api api;
		int64_t shillings;
		enum strength strength;
		bool always;
		enum event want;
	} rows[] = {
		/* clang-format off */
		{ "at the limit", API_STK_PUSH, 10000, STRENGTH_SIGNED_LISTED, false, EVENT_CONFIRMED },
		{ "above", API_STK_PUSH, 10001, STRENGTH_SIGNED_LISTED, false, EVENT_HEARSAY_PAID },
		{ "above, asked", API_STK_PUSH, 10001, STRENGTH_ASKED, false, EVENT_CONFIRMED },
		{ "above, payout", API_B2C, 10001, STRENGTH_SIGNED_LISTED, false, EVENT_CONFIRMED },
		{ "limit 0", API_STK_PUSH, 1, STRENGTH_SIGNED_LISTED, true, EVENT_HEARSAY_PAID },
		{ "limit 0, asked", API_STK_PUSH, 1, STRENGTH_ASKED, true, EVENT_CONFIRMED },
		/* clang-format on */
	};

	(void)unused;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct payment payment = payment_for(rows[i].api);
		const struct payment_state state = row_in(&payment, STATE_PENDING, 1);
		struct step_facts facts;
		enum evidence_note note;

		payment.amount = amount_of_shillings(rows[i].shillings);
		const struct evidence evidence = evidence_of(&payment, SAYS_PAID, rows[i].strength, 1);
		CHECK(judge(&payment, &state, &evidence, RECEIPT_OURS, rows[i].always ? &always : &usual,
			      &facts, &note),
			"%s", rows[i].what);
		CHECK(facts.event == rows[i].want, "%s: %s", rows[i].what, event_name(facts.event));
	}
}

/* The way of every large prompt: the callback is heard, the question confirms it and tells no receipt. */
static void test_a_confirmed_question_takes_the_receipt_that_was_heard(void **unused)
{
	const struct payment payment = payment_for(API_STK_PUSH);
	struct payment_state state = row_in(&payment, STATE_PENDING, 1);
	struct evidence evidence = evidence_of(&payment, SAYS_PAID, STRENGTH_ASKED, 1);
	struct step_facts facts;
	enum evidence_note note;

	(void)unused;
	state.heard = true;
	state.heard_receipt = RECEIPT;
	evidence.receipt = "";
	evidence.has_amount = false;
	evidence.purpose = API_STK_QUERY;
	assert_string_equal(evidence_receipt(&payment, &state, &evidence, &usual), RECEIPT);
	assert_true(judge(&payment, &state, &evidence, RECEIPT_OURS, &usual, &facts, &note));
	assert_int_equal(facts.event, EVENT_CONFIRMED);
	assert_string_equal(facts.receipt, RECEIPT);
	assert_true(amount_same(facts.moved, payment.amount));

	/* what was heard is another payment's: the success stands, the receipt is not taken */
	assert_true(judge(&payment, &state, &evidence, RECEIPT_OTHERS, &usual, &facts, &note));
	assert_int_equal(facts.event, EVENT_CONFIRMED);
	assert_string_equal(facts.receipt, "");
	assert_int_equal(amount_cents(facts.moved), 0);
}

static void test_which_receipts_are_claimed_before_judging(void **unused)
{
	static const struct {
		const char *what;
		enum state state;
		enum evidence_says says;
		enum strength strength;
		unsigned gen;
		bool right_amount;
		const char *want;
	} rows[] = {
		/* clang-format off */
		{ "strong", STATE_PENDING, SAYS_PAID, STRENGTH_SIGNED_LISTED, 2, true, RECEIPT },
		{ "strong, other amount", STATE_PENDING, SAYS_PAID, STRENGTH_SIGNED_LISTED, 2, false,
			RECEIPT },
		{ "weak", STATE_PENDING, SAYS_PAID, STRENGTH_SIGNED, 2, true, "" },
		{ "weak, completes", STATE_SUCCEEDED, SAYS_PAID, STRENGTH_SIGNED, 2, true, RECEIPT },
		{ "weak, does not fit", STATE_SUCCEEDED, SAYS_PAID, STRENGTH_SIGNED, 2, false, "" },
		{ "unsigned", STATE_SUCCEEDED, SAYS_PAID, STRENGTH_PLAIN, 2, true, "" },
		{ "older", STATE_PENDING, SAYS_PAID, STRENGTH_ASKED, 1, true, "" },
		{ "later", STATE_PENDING, SAYS_PAID, STRENGTH_ASKED, 3, true, "" },
		{ "no success", STATE_PENDING, SAYS_DECLINED, STRENGTH_ASKED, 2, true, "" },
		/* clang-format on */
	};
	const struct payment payment = payment_for(API_STK_PUSH);

	(void)unused;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const struct payment_state state = row_in(&payment, rows[i].state, 2);
		struct evidence evidence = evidence_of(&payment, rows[i].says, rows[i].strength, rows[i].gen);

		if (!rows[i].right_amount)
			evidence.amount = amount_of_shillings(1);
		CHECK(strcmp(evidence_receipt(&payment, &state, &evidence, &usual), rows[i].want) == 0, "%s",
			rows[i].what);
	}
}

static void test_causes_say_what_a_person_needs(void **unused)
{
	const struct payment payment = payment_for(API_STK_PUSH);
	struct payment_state state = row_in(&payment, STATE_PENDING, 1);
	struct evidence evidence = evidence_of(&payment, SAYS_DECLINED, STRENGTH_SIGNED_LISTED, 1);
	struct step_facts facts;
	enum evidence_note note;

	(void)unused;
	assert_true(judge(&payment, &state, &evidence, RECEIPT_NOT_TOLD, &usual, &facts, &note));
	assert_string_equal(facts.cause.code, "stk.1032");
	assert_string_equal(facts.cause.class, "customer");
	assert_string_equal(facts.cause.text, "The customer cancelled.");
	assert_string_equal(facts.cause.advice, "Ask again.");
	assert_true(facts.cause.retryable);
	evidence.purpose = API_TRANSACTION_STATUS;
	assert_true(judge(&payment, &state, &evidence, RECEIPT_NOT_TOLD, &usual, &facts, &note));
	assert_string_equal(facts.cause.code, "status.1032");

	evidence = evidence_of(&payment, SAYS_PAID, STRENGTH_ASKED, 1);
	evidence.amount = amount_of_shillings(351);
	assert_true(judge(&payment, &state, &evidence, RECEIPT_OURS, &usual, &facts, &note));
	assert_string_equal(facts.cause.code, "conflict.amount");
	assert_non_null(strstr(facts.cause.text, "351"));
	assert_non_null(strstr(facts.cause.text, "350"));
	evidence.amount = payment.amount;
	assert_true(judge(&payment, &state, &evidence, RECEIPT_OTHERS, &usual, &facts, &note));
	assert_string_equal(facts.cause.code, "conflict.receipt");
	assert_non_null(strstr(facts.cause.text, RECEIPT));
	state.receipt = SECOND;
	assert_true(judge(&payment, &state, &evidence, RECEIPT_OURS, &usual, &facts, &note));
	assert_string_equal(facts.cause.code, "conflict.second_receipt");
	assert_non_null(strstr(facts.cause.text, SECOND));

	state = row_in(&payment, STATE_FAILED, 1);
	assert_true(judge(&payment, &state, &evidence, RECEIPT_OURS, &usual, &facts, &note));
	assert_string_equal(facts.cause.code, "conflict.paid_after_refusal");
	state = row_in(&payment, STATE_SUCCEEDED, 1);
	state.receipt = RECEIPT;
	evidence = evidence_of(&payment, SAYS_DECLINED, STRENGTH_ASKED, 1);
	assert_true(judge(&payment, &state, &evidence, RECEIPT_NOT_TOLD, &usual, &facts, &note));
	assert_string_equal(facts.cause.code, "conflict.declined_after_success");
}

static void test_placeholders_are_no_receipts(void **unused)
{
	static const struct {
		const char *receipt;
		bool want;
	} rows[] = {
		/* clang-format off */
		{ "", true }, { "   ", true }, { "SKE0000000", true }, { "0000000000", true },
			{ " SKE0000000 ", true },
		{ "NLJ7RT61SV", false }, { "NLJ7RT6100", false }, { "SKE0000001", false }, { "NLJ7000000",
			false },
		/* clang-format on */
	};

	(void)unused;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		CHECK(receipt_is_placeholder(text_of(rows[i].receipt)) == rows[i].want, "'%s'",
			rows[i].receipt);
	assert_true(receipt_is_placeholder((struct text){NULL, 0}));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_laws_of_evidence),
		cmocka_unit_test(test_named_evidence_makes_its_event),
		cmocka_unit_test(test_a_commanded_status_is_answered_about_its_own_receipt),
		cmocka_unit_test(test_a_commanded_status_is_answered_about_its_own_conversation_or_payment),
		cmocka_unit_test(test_a_status_that_tells_of_another_transaction_settles_nothing),
		cmocka_unit_test(test_a_commanded_status_is_answered_and_takes_no_receipt),
		cmocka_unit_test(test_large_prompts_are_asked_about_before_they_count),
		cmocka_unit_test(test_a_confirmed_question_takes_the_receipt_that_was_heard),
		cmocka_unit_test(test_which_receipts_are_claimed_before_judging),
		cmocka_unit_test(test_causes_say_what_a_person_needs),
		cmocka_unit_test(test_placeholders_are_no_receipts),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
