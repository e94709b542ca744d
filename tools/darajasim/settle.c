#include "darajasim/settle.h"

#include "darajasim/callbacks.h"
#include "darajasim/results.h"

#include "io/clock.h"

#include <stdlib.h>
#include <string.h>

enum { OUTCOME_MS = 1500 };

/* A wait that ends in an outcome. */
struct settling {
	struct sim *sim;
	struct deal *deal;
};

static void write_deal(struct ledger *ledger, struct instant at, const char *kind, const struct deal *deal)
{
	bool prompt = deal->product == PRODUCT_STK_PUSH;

	ledger_begin(ledger, at, kind);
	ledger_text(ledger, "api", product_name(deal->product));
	ledger_number(ledger, "request", (int64_t)deal->number);
	ledger_text(ledger, "payment", deal->payment);
	ledger_text(ledger, "key", prompt ? deal->id : deal->originator);
	ledger_text(ledger, prompt ? "checkout" : "conversation", deal->id);
	ledger_text(ledger, prompt ? "merchant" : "originator", deal->originator);
	ledger_text(ledger, "phone", deal->phone);
	ledger_number(ledger, "shillings", deal->shillings);
}

static void write_accepted(struct ledger *ledger, const struct deal *deal)
{
	write_deal(ledger, deal->started, "accepted", deal);
	ledger_text(ledger, "shortcode", deal->shortcode);
	ledger_text(ledger, "reference", deal->reference);
	ledger_text(ledger, "trouble", deal->trouble);
	ledger_text(ledger, "url", deal->url);
	ledger_text(ledger, "timeout_url", deal->timeout_url);
	ledger_text(ledger, "result", deal->result);
	ledger_text(ledger, "callback", plan_callback_name(deal->plan->callback));
	ledger_number(ledger, "rule", deal->rule);
	ledger_end(ledger);
}

/* What M-PESA finds out by itself, and tells as a result. "0": nothing. */
static const char *trouble_of(struct sim *sim, const struct deal *deal)
{
	const struct deal *original;

	if (deal->trouble[0] != '\0')
		return deal->trouble;
	if (product_spends(deal->product) && deal->shillings > sim->utility)
		return "1";
	if (deal->product != PRODUCT_REVERSAL)
		return "0";
	original = book_by_receipt(&sim->book, deal->reference);
	/* What was paid out cannot be called back in this way. */
	if (original == NULL || original->product != PRODUCT_STK_PUSH)
		return "R000002";
	if (original->reversed)
		return "R000001";
	return original->shillings == deal->shillings ? "0" : "25";
}

static bool can_pay(struct sim *sim, struct deal *deal)
{
	const char *trouble = trouble_of(sim, deal);

	if (strcmp(trouble, "0") == 0)
		return true;
	memcpy(deal->result, trouble, strlen(trouble) + 1);
	return false;
}

static void move_money(struct sim *sim, const struct deal *deal)
{
	struct deal *original =
		deal->product == PRODUCT_REVERSAL ? book_by_receipt(&sim->book, deal->reference) : NULL;

	if (product_spends(deal->product))
		sim->utility -= deal->shillings;
	if (original != NULL)
		original->reversed = true;
}

static void execute(struct sim *sim, struct deal *deal)
{
	deal->executed = true;
	ids_receipt(sim->options.seed, ++sim->executions, deal->ended, deal->receipt);
	move_money(sim, deal);
}

static void settle(struct sim *sim, struct deal *deal)
{
	deal->ended = clock_wall();
	deal->dropped = deal->plan->callback == CALLBACK_QUEUE_TIMEOUT && deal->plan->executed != 1;
	if (!deal->dropped && plan_executes(deal->plan) && can_pay(sim, deal))
		execute(sim, deal);
	write_deal(sim->ledger, deal->ended, deal->executed ? "executed" : "refused", deal);
	ledger_text(sim->ledger, "receipt", deal->receipt);
	ledger_text(sim->ledger, "result", deal->result);
	if (deal->dropped)
		ledger_flag(sim->ledger, "dropped", true);
	ledger_end(sim->ledger);
	book_end(&sim->book, deal);
	callbacks_plan(sim, deal);
}

static void on_outcome(void *self, bool over)
{
	struct settling *settling = self;

	if (!over)
		settle(settling->sim, settling->deal);
	free(settling);
}

static void wait_for_outcome(struct sim *sim, struct deal *deal)
{
	struct settling *settling = malloc(sizeof(*settling));

	must(settling != NULL);
	*settling = (struct settling){sim, deal};
	later_add(&sim->later, sim_ms(sim, deal->plan->outcome_after_ms, OUTCOME_MS), on_outcome, settling);
}

/* The request itself is what the queue's timeout sends back. */
static void keep_echo(struct call *call, struct deal *deal)
{
	if (call->plan->callback == CALLBACK_QUEUE_TIMEOUT)
		deal->echo = json_dumps(call->body, JSON_COMPACT);
}

void settle_accept(struct call *call, struct deal *deal)
{
	struct sim *sim = call->sim;

	deal->plan = call->plan;
	deal->rule = call->rule;
	deal->number = call->number;
	deal->started = call->at;
	memcpy(deal->result, call->plan->result, sizeof(deal->result));
	memcpy(call->id, deal->id, sizeof(call->id));
	keep_echo(call, deal);
	/* A wrong one is taken like a right one: the result tells. */
	if (!call_credential_is_right(call))
		memcpy(deal->trouble, "2001", 5);
	book_add(&sim->book, deal);
	write_accepted(sim->ledger, deal);
	if (call->plan->callback == CALLBACK_BEFORE_ANSWER) {
		deal->waiting = call;
		settle(sim, deal);
	} else {
		wait_for_outcome(sim, deal);
		call_accepted(call);
	}
}

static void copy_text(const json_t *line, const char *name, char *out, size_t cap)
{
	(void)fields_text(line, name, out, cap);
}

static char *duplicate_text(const json_t *line, const char *name)
{
	const char *value = json_string_value(json_object_get(line, name));

	return value != NULL ? strdup(value) : NULL;
}

static void replay_accepted(struct sim *sim, const json_t *line)
{
	struct deal *deal = deal_new();
	char at[INSTANT_TEXT];

	if (!product_from_name(text_of(json_string_value(json_object_get(line, "api"))), &deal->product)) {
		deal_free(&deal);
		return;
	}
	copy_text(line, "payment", deal->payment, sizeof(deal->payment));
	copy_text(line, "phone", deal->phone, sizeof(deal->phone));
	copy_text(line, "shortcode", deal->shortcode, sizeof(deal->shortcode));
	copy_text(line, "reference", deal->reference, sizeof(deal->reference));
	copy_text(line, "trouble", deal->trouble, sizeof(deal->trouble));
	copy_text(line, "result", deal->result, sizeof(deal->result));
	copy_text(line, deal->product == PRODUCT_STK_PUSH ? "checkout" : "conversation", deal->id,
		sizeof(deal->id));
	copy_text(line, "at", at, sizeof(at));
	deal->originator =
		duplicate_text(line, deal->product == PRODUCT_STK_PUSH ? "merchant" : "originator");
	deal->url = duplicate_text(line, "url");
	deal->timeout_url = duplicate_text(line, "timeout_url");
	deal->number = (uint64_t)json_integer_value(json_object_get(line, "request"));
	deal->shillings = json_integer_value(json_object_get(line, "shillings"));
	deal->rule = (unsigned)json_integer_value(json_object_get(line, "rule"));
	deal->plan = scenario_plan(sim_scenario(sim), deal->rule);
	deal->started = clock_wall();
	if (deal->originator == NULL || deal->url == NULL || deal->id[0] == '\0')
		deal_free(&deal);
	else
		book_add(&sim->book, deal);
}

static void replay_outcome(struct sim *sim, const json_t *line, bool executed)
{
	char id[ID_TEXT];
	struct deal *deal;

	copy_text(line, fields_has(line, "checkout") ? "checkout" : "conversation", id, sizeof(id));
	deal = book_by_id(&sim->book, id);
	sim->executions += executed;
	if (deal == NULL)
		return;
	copy_text(line, "receipt", deal->receipt, sizeof(deal->receipt));
	copy_text(line, "result", deal->result, sizeof(deal->result));
	deal->executed = executed;
	deal->dropped = json_is_true(json_object_get(line, "dropped"));
	deal->ended = clock_wall();
	if (executed)
		move_money(sim, deal);
	book_end(&sim->book, deal);
}

void settle_replay(void *self, const json_t *line)
{
	struct sim *sim = self;
	struct text kind = text_of(json_string_value(json_object_get(line, "kind")));
	uint64_t number = (uint64_t)json_integer_value(json_object_get(line, "request"));
	char id[ID_TEXT];
	struct deal *deal;

	/* Questions and payments are counted alike: the number of a request makes its ids and its luck. */
	if (number > sim->requests)
		sim->requests = number;
	if (text_is(kind, "accepted"))
		replay_accepted(sim, line);
	else if (text_is(kind, "executed") || text_is(kind, "refused"))
		replay_outcome(sim, line, text_is(kind, "executed"));
	else if (text_is(kind, "registered"))
		c2b_replay(&sim->c2b, line);
	else if (text_is(kind, "callback")) {
		copy_text(line, "id", id, sizeof(id));
		deal = book_by_id(&sim->book, id);
		if (deal != NULL)
			deal->callbacks++;
	} else if (text_is(kind, "request")) {
		char payment[33];

		copy_text(line, "payment", payment, sizeof(payment));
		if (payment[0] != '\0')
			book_payment(&sim->book, payment)->requests++;
	}
}

void settle_resume(struct sim *sim)
{
	struct deal *deal, *next;

	HASH_ITER (by_id, sim->book.by_id, deal, next) {
		if (!instant_is_set(deal->ended))
			wait_for_outcome(sim, deal);
		else if (deal->callbacks == 0)
			callbacks_plan(sim, deal);
	}
}
