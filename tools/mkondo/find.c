#include "mkondo/mkondo.h"

#include "core/msisdn.h"
#include "io/evidence_store.h"
#include "io/payment_store.h"
#include "mkondo/id_prefix.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Payments by whatever a person has in hand. The same text may be several things at once: all that fits is shown. */
static const char usage[] = "find TEXT\n"
			    "  TEXT: a receipt, a CheckoutRequestID or ConversationID, a payment's id or at "
			    "least its first 8 hex\n"
			    "  digits, a phone (07..., 2547..., +2547...) or an account reference. Of what "
			    "fits, the newest 100 are\n"
			    "  shown. Phones and references have no index: all payments are read, which "
			    "takes a while where there are\n"
			    "  many.";
enum { MOST = 100 };

struct finding {
	struct store *store;
	struct arena *arena;
	struct uuid *ids; /* of at most two searches and two single finds */
	size_t count;
	bool more; /* a search gave as many as it may */
};

static bool search(struct finding *finding, const struct payment_clue *clue, struct err *err)
{
	struct uuid *found;
	size_t count;

	if (!payment_store_search(finding->store, clue, MOST, finding->arena, &found, &count, err))
		return false;
	memcpy(finding->ids + finding->count, found, count * sizeof(*found));
	finding->count += count;
	finding->more = finding->more || count == MOST;
	return true;
}

static bool find_ids(struct finding *finding, const char *word, struct err *err)
{
	struct payment_clue clue = {.party = "", .reference = ""};
	struct msisdn phone;
	bool found, named;

	if (!receipt_store_find(finding->store, word, &finding->ids[finding->count], &found, err))
		return false;
	finding->count += found;
	if (!payment_store_find_provider(finding->store, word, &finding->ids[finding->count], &found, err))
		return false;
	finding->count += found;
	named = finding->count > 0;
	if (id_prefix_parse(text_of(word), &clue.least, &clue.last) && !search(finding, &clue, err))
		return false;
	/* What M-PESA or we have named is nothing else, and needs no reading of everything. */
	if (named || (uuid_is_set(&clue.last) && uuid_cmp(&clue.least, &clue.last) == 0))
		return true;
	clue = (struct payment_clue){.party = "", .reference = word};
	if (msisdn_parse(text_of(word), &phone))
		clue.party = phone.digits;
	return search(finding, &clue, err);
}

static int newest_first(const void *a, const void *b)
{
	const struct payment_row *x = a, *y = b;

	return instant_before(y->payment.created_at, x->payment.created_at)   ? -1
	       : instant_before(x->payment.created_at, y->payment.created_at) ? 1
									      : 0;
}

static void print_row(const struct payment_row *row)
{
	const struct payment *payment = &row->payment;
	char id[UUID_TEXT], at[INSTANT_TEXT], amount[AMOUNT_TEXT], masked[MSISDN_MASKED];

	printf("%s  %s  %-12s %10s  %s  %-10s  %s\n", uuid_text(&payment->id, id),
		instant_iso(payment->created_at, at),
		payment->api != API_NONE ? api_row(payment->api)->name : "-",
		amount_text(payment->amount, amount),
		payment->party[0] != '\0' ? msisdn_masked(payment->party, masked) : "-",
		state_name(row->state.state), row->state.receipt[0] != '\0' ? row->state.receipt : "-");
}

static int find(struct tool *tool, struct store *store, const char *word)
{
	struct finding finding = {.store = store,
		.arena = &tool->arena,
		.ids = ARENA_ARRAY(&tool->arena, struct uuid, 2 * MOST + 2)};
	struct payment_row *rows;
	struct instant now;
	struct err err;

	if (!store_begin(store, &now, &err) || !find_ids(&finding, word, &err))
		return tool_failed(&err);
	finding.count = uuid_sort_distinct(finding.ids, finding.count);
	rows = ARENA_ARRAY(&tool->arena, struct payment_row, finding.count + 1);
	if (!payment_store_read(store, finding.ids, finding.count, &tool->arena, rows, &err))
		return tool_failed(&err);
	store_rollback(store);
	qsort(rows, finding.count, sizeof(*rows), newest_first);
	for (size_t i = 0; i < finding.count; i++)
		if (rows[i].found)
			print_row(&rows[i]);
	if (finding.more)
		fprintf(stderr, "mkondo: there may be more; these are the newest %d\n", MOST);
	if (finding.count == 0)
		fprintf(stderr, "mkondo: no payment fits \"%s\"\n", word);
	return finding.count > 0 ? 0 : 1;
}

int tool_find(struct tool *tool)
{
	struct store *store = NULL;
	struct err err;

	if (tool->argc != 1 || tool->argv[0][0] == '\0' || tool->argv[0][0] == '-' ||
		!text_is_utf8(text_of(tool->argv[0])))
		return tool_usage(usage);
	if (!tool_read_database(tool))
		return 78;
	if (!store_open(&store, &tool->database, "mkondo-find", &err))
		return tool_failed(&err);
	int code = find(tool, store, tool->argv[0]);
	store_close(&store);
	return code;
}
