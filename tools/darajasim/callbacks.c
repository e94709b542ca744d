#include "darajasim/callbacks.h"

#include "darajasim/call.h"

#include "io/clock.h"

#include <stdlib.h>
#include <string.h>

enum {
	CALLBACK_MS = 200,
	ANSWER_MS = 300, /* of a status question */
	SECOND_MS = 500,
	CHANGE_OF_MIND_MS = 2000,
	LATE_MS = 3 * 3600 * 1000,
	BODY_MOST = 8192,
};

/* What each kind sends: the first after the usual wait, the second some time after the first. */
static const struct {
	bool first, second;
	enum variant says, then_says;
	int64_t usual_ms, then_ms;
} kinds[CALLBACK_COUNT] = {
	[CALLBACK_SENT] = {true, false, VARIANT_TRUTH, 0, CALLBACK_MS, 0},
	[CALLBACK_LOST] = {true, false, VARIANT_TRUTH, 0, CALLBACK_MS, 0},
	[CALLBACK_NONE] = {false, false, 0, 0, 0, 0},
	[CALLBACK_DOUBLED] = {true, true, VARIANT_TRUTH, VARIANT_TRUTH, CALLBACK_MS, SECOND_MS},
	[CALLBACK_LATE] = {true, false, VARIANT_TRUTH, 0, LATE_MS, 0},
	[CALLBACK_BEFORE_ANSWER] = {true, false, VARIANT_TRUTH, 0, 0, 0},
	[CALLBACK_CONTRADICTORY] = {true, true, VARIANT_TRUTH, VARIANT_OPPOSITE, CALLBACK_MS,
		CHANGE_OF_MIND_MS},
	[CALLBACK_LIE_FIRST] = {true, true, VARIANT_OPPOSITE, VARIANT_TRUTH, CALLBACK_MS, CHANGE_OF_MIND_MS},
	[CALLBACK_QUEUE_TIMEOUT] = {true, false, VARIANT_ECHO, 0, CALLBACK_MS, 0},
	[CALLBACK_WRONG_AMOUNT] = {true, false, VARIANT_WRONG_AMOUNT, 0, CALLBACK_MS, 0},
	[CALLBACK_SECOND_RECEIPT] = {true, true, VARIANT_TRUTH, VARIANT_OTHER_RECEIPT, CALLBACK_MS,
		SECOND_MS},
	[CALLBACK_NO_RECEIPT] = {true, false, VARIANT_NO_RECEIPT, 0, CALLBACK_MS, 0},
	[CALLBACK_NO_AMOUNT] = {true, false, VARIANT_NO_AMOUNT, 0, CALLBACK_MS, 0},
	[CALLBACK_GARBAGE] = {true, false, VARIANT_GARBAGE, 0, CALLBACK_MS, 0},
};

/* One callback on its way. */
struct sending {
	struct sim *sim;
	struct deal *deal; /* NULL: bytes by hand */
	enum variant variant;
	bool lost;
	char *url;
	char source[46];
	char *bytes;
	size_t len;
};

static void free_sending(struct sending *sending)
{
	if (sending->deal != NULL && --sending->deal->on_their_way == 0 &&
		product_inquires(sending->deal->product))
		deal_free(&sending->deal);
	free(sending->url);
	free(sending->bytes);
	free(sending);
}

static void write_line(const struct sending *sending, const char *kind)
{
	const struct deal *deal = sending->deal;
	struct ledger *ledger = sending->sim->ledger;

	ledger_begin(ledger, clock_wall(), kind);
	if (deal != NULL) {
		ledger_text(ledger, "api", product_name(deal->product));
		ledger_number(ledger, "request", (int64_t)deal->number);
		ledger_text(ledger, "payment", deal->payment);
		ledger_text(ledger, "key", deal->product == PRODUCT_STK_PUSH ? deal->id : deal->originator);
		ledger_text(ledger, "id", deal->id);
	}
	ledger_text(ledger, "says", deal != NULL ? variant_name(sending->variant) : "bytes");
}

/* A call that waits for this callback may now be answered. */
static void release_call(struct sending *sending)
{
	struct call *call = sending->deal != NULL ? sending->deal->waiting : NULL;

	if (call == NULL)
		return;
	sending->deal->waiting = NULL;
	call_accepted(call);
}

static void on_told(void *self, int http, const char *trouble)
{
	struct sending *sending = self;

	write_line(sending, "callback_answer");
	ledger_number(sending->sim->ledger, "http", http);
	ledger_text(sending->sim->ledger, "trouble", trouble);
	ledger_end(sending->sim->ledger);
	release_call(sending);
	free_sending(sending);
}

static void on_written(void *self, bool over)
{
	struct sending *sending = self;

	if (over || sending->lost) {
		release_call(sending);
		free_sending(sending);
		return;
	}
	poster_send(sending->sim->poster, sending->url, (struct text){sending->bytes, sending->len},
		sending->source, on_told, sending);
}

/* An echo has no bound of ours: it is as long as the request was. */
static void build(struct sending *sending)
{
	struct deal *deal = sending->deal;
	struct buf body = {.cap = BODY_MOST + (deal->echo != NULL ? strlen(deal->echo) : 0)};

	body.at = malloc(body.cap);
	must(body.at != NULL);
	variant_build(sending->variant, deal, sending->sim->options.seed, sending->sim->utility, &body);
	must(!body.full);
	sending->bytes = body.at;
	sending->len = body.len;
	deal->callbacks++;
}

static void on_due(void *self, bool over)
{
	struct sending *sending = self;

	if (over) {
		on_written(sending, true);
		return;
	}
	if (sending->bytes == NULL)
		build(sending);
	write_line(sending, "callback");
	ledger_text(sending->sim->ledger, "how", sending->lost ? "lost" : "sent");
	ledger_text(sending->sim->ledger, "url", sending->url);
	ledger_text(sending->sim->ledger, "source", sending->source);
	ledger_end(sending->sim->ledger);
	outbox_add(&sending->sim->outbox, on_written, sending);
}

static struct sending *sending_new(
	struct sim *sim, struct deal *deal, enum variant variant, const char *url, const char *source)
{
	struct sending *sending = calloc(1, sizeof(*sending));
	const char *wanted = deal != NULL ? deal->plan->source : "";
	struct buf buf;

	must(sending != NULL);
	*sending = (struct sending){.sim = sim, .deal = deal, .variant = variant, .url = strdup(url)};
	must(sending->url != NULL);
	if (deal != NULL)
		deal->on_their_way++;
	buf = BUF(sending->source);
	buf_str(&buf, source[0] != '\0' ? source : wanted[0] != '\0' ? wanted : sim->options.callback_source);
	buf_end(&buf);
	return sending;
}

static void send_later(struct sim *sim, struct deal *deal, enum variant variant, int64_t ms)
{
	const char *url =
		variant == VARIANT_ECHO && deal->timeout_url != NULL ? deal->timeout_url : deal->url;
	struct sending *sending = sending_new(sim, deal, variant, url, "");

	/* STK has no address for timeouts: a prompt that ran out in the queue is never heard of. */
	sending->lost = deal->plan->callback == CALLBACK_LOST ||
			(variant == VARIANT_ECHO && deal->timeout_url == NULL);
	if (ms > 0)
		later_add(&sim->later, ms, on_due, sending);
	else
		on_due(sending, false);
}

static void plan_both(struct sim *sim, struct deal *deal, int64_t usual_ms)
{
	enum callback_kind kind = deal->plan->callback;
	int64_t ms = sim_ms(sim, deal->plan->callback_after_ms, kind == CALLBACK_LATE ? LATE_MS : usual_ms);

	send_later(sim, deal, kinds[kind].says, ms);
	if (kinds[kind].second)
		send_later(
			sim, deal, kinds[kind].then_says, ms + sim_ms(sim, PLAN_UNSET, kinds[kind].then_ms));
}

void callbacks_plan(struct sim *sim, struct deal *deal)
{
	if (kinds[deal->plan->callback].first)
		plan_both(sim, deal, kinds[deal->plan->callback].usual_ms);
}

void callbacks_plan_answer(struct sim *sim, struct deal *question)
{
	if (kinds[question->plan->callback].first)
		plan_both(sim, question, question->waiting != NULL ? 0 : ANSWER_MS);
	else
		deal_free(&question);
}

void callbacks_send(
	struct sim *sim, struct deal *deal, enum variant variant, const char *url, const char *source)
{
	const char *usual =
		variant == VARIANT_ECHO && deal->timeout_url != NULL ? deal->timeout_url : deal->url;

	on_due(sending_new(sim, deal, variant, url[0] != '\0' ? url : usual, source), false);
}

void callbacks_send_bytes(struct sim *sim, const char *url, struct text body, const char *source)
{
	struct sending *sending = sending_new(sim, NULL, VARIANT_TRUTH, url, source);

	sending->bytes = malloc(body.len + 1);
	must(sending->bytes != NULL);
	memcpy(sending->bytes, body.at, body.len);
	sending->len = body.len;
	on_due(sending, false);
}
