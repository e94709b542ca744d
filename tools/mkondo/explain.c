#include "mkondo/details.h"
#include "mkondo/mkondo.h"

#include "core/evidence.h"
#include "core/result.h"
#include "io/clock.h"
#include "io/evidence_store.h"
#include "io/payment_store.h"
#include "wire/result_wire.h"

#include <stdio.h>
#include <string.h>

/* Everything about one payment, from PostgreSQL: what was asked, every step with its reason, the evidence, what comes next. */
static const char usage[] = "explain [--bodies] ID";

static const char *clock_text(struct instant at, char out[INSTANT_TEXT])
{
	char iso[INSTANT_TEXT];

	instant_iso(at, iso);
	memcpy(out, iso + 11, 12); /* hh:mm:ss.mmm */
	out[12] = '\0';
	return out;
}

static bool goes_out(const struct payment *payment)
{
	const enum lane lane = payment->api != API_NONE ? api_row(payment->api)->lane : LANE_QUERY;

	return lane == LANE_PAYOUT || lane == LANE_BUSINESS;
}

static void print_head(const struct payment_row *row)
{
	const struct payment *payment = &row->payment;
	const struct payment_state *state = &row->state;
	char id[UUID_TEXT], at[INSTANT_TEXT], amount[AMOUNT_TEXT], masked[MSISDN_MASKED];

	printf("%s  %s %s KES%s%s, tenant %s, account %s\n", uuid_text(&payment->id, id),
		payment->api != API_NONE ? api_row(payment->api)->name : "(operation not readable)",
		amount_text(payment->amount, amount),
		payment->party[0] == '\0' ? ""
		: goes_out(payment)       ? " to "
					  : " from ",
		payment->party[0] != '\0' ? msisdn_masked(payment->party, masked) : "", payment->tenant,
		payment->account);
	printf("  state     %s: %s\n", state_name(state->state), state_about(state->state));
	printf("  accepted  %s\n", instant_iso(payment->created_at, at));
	if (instant_is_set(payment->valid_until))
		printf("  sent until %s\n", instant_iso(payment->valid_until, at));
	if (payment->traceparent[0] != '\0')
		printf("  trace     %.32s\n", payment->traceparent + 3);
	if (state->attempt > 0)
		printf("  attempts  %u, generation %u%s%s\n", state->attempt, state->gen,
			state->ids.checkout[0] ? ", CheckoutRequestID " : "",
			state->ids.checkout[0] ? "known" : "");
	if (state->ids.conversation[0] != '\0')
		printf("  M-PESA    %s\n", state->ids.conversation);
}

static void print_journal(const struct journal_entry *entries, size_t count)
{
	char at[INSTANT_TEXT];

	for (size_t i = 0; i < count; i++) {
		const struct journal_entry *entry = &entries[i];
		bool moved = strcmp(entry->from, entry->to) != 0;
		enum event event;

		printf("  %s  %-10s  %-16s", clock_text(entry->at, at), entry->by, entry->event);
		if (moved)
			printf(" %s -> %s", entry->from, entry->to);
		if (entry->attempt > 0)
			printf("  attempt %u", entry->attempt);
		if (entry->detail[0] != '\0')
			printf("  %s", entry->detail);
		if (entry->cause[0] != '\0')
			printf("  [%s]", entry->cause);
		printf("\n");
		if (event_find(text_of(entry->event), &event)) {
			enum state from;

			if (state_find(text_of(entry->from), &from))
				printf("  %12s  %-10s  %-16s because %s\n", "", "", "",
					lifecycle_step(from, event)->why);
		}
	}
}

static void print_evidence(const struct evidence_row *rows, size_t count, bool bodies)
{
	char at[INSTANT_TEXT];

	if (count > 0)
		printf("  evidence (%zu):\n", count);
	for (size_t i = 0; i < count; i++) {
		const struct evidence_row *row = &rows[i];

		printf("    %s  no. %lld  %-18s %-13s %s%s%s\n", clock_text(row->received_at, at),
			(long long)row->no, row->purpose != API_NONE ? api_row(row->purpose)->name : "-",
			strength_name(row->strength), row->says, row->peer[0] != '\0' ? "  from " : "",
			row->peer);
		if (bodies)
			printf("      %.*s\n", TEXT_ARG(row->body));
	}
}

static void print_next(const struct payment_row *row, struct instant now)
{
	const struct payment_state *state = &row->state;
	char at[INSTANT_TEXT];

	if (!instant_is_set(state->due_at)) {
		printf("  next      nothing: it is at rest%s\n",
			state->state == STATE_CONFLICT ? "; a person must decide" : "");
		return;
	}
	printf("  next      looked at %s (in %.1f s)", instant_iso(state->due_at, at),
		(double)instant_ms_between(now, state->due_at) / 1000);
	if (state_is_open(state->state) && instant_is_set(state->horizon_at))
		printf("; UNRESOLVED at %s if nothing is proven", instant_iso(state->horizon_at, at));
	printf("\n");
}

static void print_result(const struct payment_row *row, struct arena *arena)
{
	struct result result;
	char amount[AMOUNT_TEXT];
	struct err err;

	if (row->state.result_ver == 0) {
		printf("  result    none yet but ACCEPTED\n");
		return;
	}
	if (!result_thaw(&row->payment, &row->state, arena, &result, &err)) {
		printf("  result    unreadable: %s\n", err.text);
		return;
	}
	printf("  result    version %u: %s%s%s", result.version, outcome_name(result.outcome),
		result.receipt[0] != '\0' ? ", receipt " : "", result.receipt);
	if (amount_cents(result.moved) != 0)
		printf(", KES %s moved", amount_text(result.moved, amount));
	if (result.cause.code[0] != '\0')
		printf("\n            %s: %s\n            %s", result.cause.code, result.cause.text,
			result.cause.advice);
	printf("\n");
	details_print(&result.details, "            ");
}

static int explain(struct tool *tool, struct store *store, const struct uuid *id, bool bodies)
{
	struct payment_row row = {0};
	struct journal_entry *entries;
	struct evidence_row *exhibits;
	size_t entry_count, exhibit_count;
	struct instant now;
	struct err err;
	char text[UUID_TEXT];

	if (!store_begin(store, &now, &err) || !payment_store_read(store, id, 1, &tool->arena, &row, &err) ||
		!payment_store_journal(store, id, &tool->arena, &entries, &entry_count, &err) ||
		!evidence_store_list(store, id, &tool->arena, &exhibits, &exhibit_count, &err))
		return tool_failed(&err);
	store_rollback(store);
	if (!row.found) {
		fprintf(stderr, "mkondo: there is no payment %s in this database\n", uuid_text(id, text));
		return 1;
	}
	print_head(&row);
	print_journal(entries, entry_count);
	print_evidence(exhibits, exhibit_count, bodies);
	print_result(&row, &tool->arena);
	print_next(&row, now);
	return 0;
}

int tool_explain(struct tool *tool)
{
	struct store *store = NULL;
	bool bodies = false;
	const char *word = NULL;
	struct uuid id;
	struct err err;

	for (int i = 0; i < tool->argc;) {
		if (tool_flag(tool, &i, "--bodies"))
			bodies = true;
		else if (word == NULL && tool->argv[i][0] != '-')
			word = tool->argv[i++];
		else
			return tool_usage(usage);
	}
	if (word == NULL)
		return tool_usage(usage);
	if (!uuid_parse(text_of(word), &id)) {
		fprintf(stderr, "mkondo: \"%s\" is not a payment's id: a UUID in lower case is needed\n",
			word);
		return 2;
	}
	if (!tool_read_database(tool))
		return 78;
	if (!store_open(&store, &tool->database, "mkondo-explain", &err))
		return tool_failed(&err);
	int code = explain(tool, store, &id, bodies);
	store_close(&store);
	return code;
}
