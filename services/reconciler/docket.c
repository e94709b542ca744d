#include "reconciler/docket.h"

#include "base/log.h"
#include "base/metric.h"
#include "base/uuid_list.h"
#include "io/lane_store.h"
#include "io/random.h"
#include "wire/daraja_answer.h"
#include "wire/daraja_callback.h"

METRIC(evidence_total, .name = "mkondo_evidence_total",
	.help = "Pieces of evidence, by the event of docs/lifecycle.md that they raised; kept is what "
		"changed nothing.",
	.label = "event", .kind = METRIC_COUNTER);

METRIC(unlisted_total, .name = "mkondo_unlisted_results_total",
	.help = "Results with a code that the dictionary does not know, by its family of codes.",
	.label = "family", .kind = METRIC_COUNTER);

static const char *says_name(enum evidence_says says)
{
	switch (says) {
	case SAYS_PAID:
		return "PAID";
	case SAYS_DECLINED:
		return "DECLINED";
	case SAYS_UNCLEAR:
		return "UNCLEAR";
	case SAYS_OPEN:
		return "OPEN";
	case SAYS_NOT_FOUND:
		return "NOT_FOUND";
	}
	return "";
}

/* It decides nothing, and somebody should find out what it means. An unsigned callback may hold what anybody likes: it is only counted. */
static void tell_unlisted(const struct hearing *hearing)
{
	const struct api_row *api = api_by_number((int)hearing->callback.ref.purpose);

	metric_add(&unlisted_total, api != NULL ? api->result_family : "any", 1);
	if (hearing->callback.strength >= STRENGTH_SIGNED)
		LOG(ALARM, "result.unlisted", LOG_PAYMENT(&hearing->callback.ref.payment),
			LOG_TRACE(hearing->callback.traceparent),
			LOG_TXT("code", text_of(hearing->evidence.code)));
}

/* Money that a customer sent. What comes to the address of a Bill Manager's opt-in is nothing else, since that itself was answered at once. On the
   guide's plain path it is a stranger's word: no receipt comes of it. */
static bool is_notice(const struct callback *callback)
{
	if (callback->has_payment)
		return callback->ref.purpose == API_BILL_OPT_IN && callback->strength >= STRENGTH_SIGNED;
	return callback->ref.purpose == API_C2B_REGISTER && callback->path[0] != '/';
}

void docket_hear(struct docket *docket, struct text envelope, struct hearing *hearing)
{
	struct err err;

	*hearing = (struct hearing){.claim = SIZE_MAX};
	hearing->readable = callback_unpack(envelope, docket->tmp, &hearing->callback, &err);
	if (!hearing->readable) {
		LOG(ALARM, "callback.unreadable", LOG_ERR(&err));
		return;
	}
	hearing->is_notice = is_notice(&hearing->callback);
	if (hearing->is_notice)
		return;
	daraja_callback_parse(&hearing->callback, docket->tmp, &hearing->evidence);
	if (!hearing->evidence.parsed && hearing->callback.strength > STRENGTH_PLAIN)
		LOG(ALARM, "callback.unparsed", LOG_PAYMENT(&hearing->callback.ref.payment),
			LOG_TRACE(hearing->callback.traceparent),
			LOG_NUM("bytes", hearing->callback.body.len),
			LOG_STR("strength", strength_name(hearing->callback.strength)));
	else if (hearing->evidence.row != NULL && hearing->evidence.code[0] != '\0' &&
		 code_row_is_default(hearing->evidence.row))
		tell_unlisted(hearing);
}

/* Plain paths name no payment: it is found by Daraja's own ids. */
static bool find_by_provider(struct hearing *hearing, struct store *store, struct err *err)
{
	const char *ids[] = {hearing->evidence.ids.checkout, hearing->evidence.ids.conversation,
		hearing->evidence.ids.originator};
	bool found = payment_of_key(text_of(ids[2] != NULL ? ids[2] : ""), &hearing->callback.ref.payment);

	for (size_t i = 0; i < COUNT_OF(ids) && !found; i++)
		if (ids[i] != NULL && ids[i][0] != '\0' &&
			!payment_store_find_provider(
				store, ids[i], &hearing->callback.ref.payment, &found, err))
			return false;
	hearing->callback.has_payment = found;
	return true;
}

static bool find_payments(struct docket *docket, struct store *store, struct err *err)
{
	docket->ids = ARENA_ARRAY(docket->tmp, struct uuid, docket->count + 1);
	docket->id_count = 0;
	for (size_t i = 0; i < docket->count; i++) {
		struct hearing *hearing = &docket->hearings[i];

		if (!hearing->readable || hearing->is_notice)
			continue;
		if (!hearing->callback.has_payment && !find_by_provider(hearing, store, err))
			return false;
		if (hearing->callback.has_payment)
			docket->ids[docket->id_count++] = hearing->callback.ref.payment;
	}
	docket->id_count = uuid_sort_distinct(docket->ids, docket->id_count);
	docket->rows = ARENA_ARRAY(docket->tmp, struct payment_row, docket->id_count + 1);
	docket->published = ARENA_ARRAY(docket->tmp, bool, docket->id_count + 1);
	return docket->id_count == 0 ||
	       payment_store_lock(store, docket->ids, docket->id_count, docket->tmp, docket->rows, err);
}

static void match_rows(struct docket *docket)
{
	for (size_t i = 0; i < docket->count; i++) {
		struct hearing *hearing = &docket->hearings[i];

		if (!hearing->readable || hearing->is_notice || !hearing->callback.has_payment)
			continue;
		hearing->row = uuid_find(docket->ids, docket->id_count, &hearing->callback.ref.payment);
		hearing->matched = docket->rows[hearing->row].found;
	}
}

static bool store_orphans(struct docket *docket, struct store *store, struct err *err)
{
	struct orphan *orphans = ARENA_ARRAY(docket->tmp, struct orphan, docket->count + 1);
	size_t count = 0;

	for (size_t i = 0; i < docket->count; i++) {
		const struct hearing *hearing = &docket->hearings[i];
		const struct callback *callback = &hearing->callback;

		if (hearing->matched || !hearing->readable || hearing->is_notice)
			continue;
		orphans[count++] = (struct orphan){
			.payment = callback->ref.payment,
			.purpose = callback->ref.purpose,
			.strength = callback->strength,
			.path = callback->path,
			.peer = callback->peer,
			.why = "no payment of ours is known by this",
			.body = daraja_redacted(callback->body, docket->tmp),
			.received_at = callback->received_at,
		};
		/* Anybody can speak on a plain path, and wakes nobody up. */
		if (callback->strength == STRENGTH_PLAIN)
			metric_add(&evidence_total, "stranger", 1);
		else
			LOG(ALARM, "evidence.orphaned", LOG_PAYMENT(&callback->ref.payment),
				LOG_TRACE(callback->traceparent),
				LOG_STR("strength", strength_name(callback->strength)),
				LOG_STR("path", callback->path));
	}
	return count == 0 || orphan_store_add(store, orphans, count, err);
}

static bool store_evidence(
	struct docket *docket, struct store *store, struct evidence_row *exhibits, struct err *err)
{
	size_t count = 0;

	for (size_t i = 0; i < docket->count; i++) {
		struct hearing *hearing = &docket->hearings[i];
		const struct callback *callback = &hearing->callback;

		if (!hearing->matched)
			continue;
		hearing->exhibit = count;
		exhibits[count++] = (struct evidence_row){
			.payment = callback->ref.payment,
			.gen = callback->ref.gen,
			.query_no = callback->ref.query_no,
			.purpose = callback->ref.purpose,
			.strength = callback->strength,
			.peer = callback->peer,
			.received_at = callback->received_at,
			.http_status = callback->http_status,
			.says = arena_print(docket->tmp, "%s %s", says_name(hearing->evidence.says),
				hearing->evidence.code != NULL ? hearing->evidence.code : ""),
			.body = daraja_redacted(callback->body, docket->tmp),
		};
	}
	return count == 0 || evidence_store_add(store, exhibits, count, err);
}

/* Receipts are taken before anything is decided: the first payment to claim one keeps it. */
static bool claim_receipts(struct docket *docket, struct store *store, const struct evidence_rules *rules,
	struct receipt_claim *claims, struct err *err)
{
	size_t count = 0;

	for (size_t i = 0; i < docket->count; i++) {
		struct hearing *hearing = &docket->hearings[i];

		if (!hearing->matched)
			continue;

		const struct payment_row *row = &docket->rows[hearing->row];
		const char *receipt = evidence_receipt(&row->payment, &row->state, &hearing->evidence, rules);

		if (receipt[0] == '\0')
			continue;
		hearing->claim = count;
		claims[count++] = (struct receipt_claim){.receipt = receipt,
			.payment = row->payment.id,
			.amount = hearing->evidence.amount,
			.api = row->payment.api};
	}
	return count == 0 || receipt_store_claim(store, claims, count, err);
}

static const char *describe(const struct docket *docket, const struct hearing *hearing)
{
	const struct evidence *evidence = &hearing->evidence;
	char amount[AMOUNT_TEXT];

	return arena_print(docket->tmp, "%s: %s%s%s%s%s%s%s", api_row(hearing->callback.ref.purpose)->name,
		says_name(evidence->says), evidence->code[0] != '\0' ? " " : "", evidence->code,
		evidence->receipt[0] != '\0' ? ", receipt " : "", evidence->receipt,
		evidence->has_amount ? ", KES " : "",
		evidence->has_amount ? amount_text(evidence->amount, amount) : "");
}

static void note_kept(struct docket *docket, const struct hearing *hearing,
	const struct evidence_row *exhibit, enum evidence_note note, struct changes *changes)
{
	const struct payment_row *row = &docket->rows[hearing->row];

	metric_add(&evidence_total, "kept", 1);
	if (!exhibit->is_new)
		return;
	changes_line(changes, &(struct journal_line){.payment = row->payment.id,
				      .from = row->state.state,
				      .to = row->state.state,
				      .event = "KEPT",
				      .attempt = row->state.attempt,
				      .gen = row->state.gen,
				      .cause = "",
				      .by = "reconciler",
				      .detail = describe(docket, hearing),
				      .evidence_no = exhibit->no});
	LOG(WARN, "evidence.kept", LOG_PAYMENT(&row->payment.id), LOG_TRACE(row->payment.traceparent),
		LOG_STR("detail", describe(docket, hearing)), LOG_YES("unparsed", note == EVIDENCE_UNPARSED));
}

/* A receipt that comes from what was heard earlier in this very batch has not been claimed yet: now it is. */
static bool claim_late(struct hearing *hearing, const struct payment_row *row, const struct step_facts *facts,
	struct store *store, enum receipt_owner *ret, struct err *err)
{
	struct receipt_claim claim = {.receipt = facts->receipt,
		.payment = row->payment.id,
		.amount = facts->moved,
		.api = row->payment.api};

	if (hearing->claim != SIZE_MAX || facts->event != EVENT_CONFIRMED || facts->receipt == NULL ||
		facts->receipt[0] == '\0')
		return true;
	if (!receipt_store_claim(store, &claim, 1, err))
		return false;
	*ret = claim.owner;
	return true;
}

/* One piece of evidence about one locked payment. */
static bool judge(struct docket *docket, size_t index, const struct evidence_row *exhibits,
	const struct receipt_claim *claims, const struct evidence_rules *rules, struct step_facts facts,
	struct changes *changes, struct store *store, struct err *err)
{
	struct hearing *hearing = &docket->hearings[index];
	struct payment_row *row = &docket->rows[hearing->row];
	const struct evidence_row *exhibit = &exhibits[hearing->exhibit];
	enum receipt_owner owner =
		hearing->claim != SIZE_MAX ? claims[hearing->claim].owner : RECEIPT_NOT_TOLD;
	struct step_facts before = facts;
	enum evidence_note note;
	struct step_done done;

	if (!evidence_judge(&row->payment, &row->state, &hearing->evidence, owner, rules, docket->tmp, &facts,
		    &note)) {
		note_kept(docket, hearing, exhibit, note, changes);
		return true;
	}

	if (!claim_late(hearing, row, &facts, store, &owner, err))
		return false;
	if (owner == RECEIPT_OTHERS && facts.event == EVENT_CONFIRMED) {
		facts = before;
		evidence_judge(&row->payment, &row->state, &hearing->evidence, owner, rules, docket->tmp,
			&facts, &note);
	}

	const struct step_by by = {
		.service = "reconciler", .detail = describe(docket, hearing), .evidence_no = exhibit->no};

	metric_add(&evidence_total, event_name(facts.event), 1);
	payment_step(changes, &row->payment, &row->state, &facts, &by, &done);
	docket->published[hearing->row] |= done.new_version;
	return !(done.effects & DO_FREEZE) ||
	       freeze_store_set(store, "evidence about an attempt that the database does not know",
		       &row->payment.id, err);
}

bool docket_settle(struct docket *docket, struct store *store, const struct evidence_rules *rules,
	double time_scale, struct err *err)
{
	struct evidence_row *exhibits = ARENA_ARRAY(docket->tmp, struct evidence_row, docket->count + 1);
	struct receipt_claim *claims = ARENA_ARRAY(docket->tmp, struct receipt_claim, docket->count + 1);
	struct step_facts facts = {.time_scale = time_scale};
	struct changes changes;

	changes_init(&changes, docket->tmp);
	if (!store_begin(store, &facts.now, err) || !find_payments(docket, store, err))
		return false;
	match_rows(docket);
	if (!store_orphans(docket, store, err) || !store_evidence(docket, store, exhibits, err) ||
		!claim_receipts(docket, store, rules, claims, err))
		return false;
	for (size_t i = 0; i < docket->count; i++) {
		facts.random = random_u32();
		if (docket->hearings[i].matched &&
			!judge(docket, i, exhibits, claims, rules, facts, &changes, store, err))
			return false;
	}
	return changes_save(store, &changes, err) && store_commit(store, err);
}
