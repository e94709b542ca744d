#include "reconciler/notices.h"

#include "base/log.h"
#include "base/metric.h"
#include "base/uuid_list.h"
#include "io/notice_store.h"
#include "io/payment_store.h"
#include "wire/daraja_answer.h"
#include "wire/daraja_c2b.h"

#include <string.h>

METRIC(receipts_total, .name = "mkondo_receipts_total",
	.help = "Notices of money that customers sent: new ones, known ones (repeated, or the payment of a "
		"prompt), "
		"and unreadable ones.",
	.label = "what", .values = "new known unreadable", .kind = METRIC_COUNTER);

struct notices {
	struct receipt *receipts;
	struct notice_row *rows;
	size_t count;
	struct orphan *orphans;
	size_t orphan_count;
};

/* A record is itself by its place and its bytes: a topic that was made anew counts from 0 again. */
static struct digest fingerprint(const struct kafka_message *message, struct arena *tmp)
{
	struct digest digest = sha256(message->value);
	char *bytes = arena_print(tmp, "%d|%lld|", message->partition, (long long)message->offset);
	size_t len = strlen(bytes);
	char *all = arena_alloc(tmp, len + DIGEST_SIZE);

	memcpy(all, bytes, len);
	memcpy(all + len, digest.b, DIGEST_SIZE);
	return sha256((struct text){all, len + DIGEST_SIZE});
}

/* Whose opt-ins the pushes of Bill Manager belong to. */
struct owners {
	struct uuid *ids;
	struct payment_row *rows;
	size_t count;
};

static bool find_owners(const struct docket *docket, struct store *store, struct owners *ret, struct err *err)
{
	*ret = (struct owners){.ids = ARENA_ARRAY(docket->tmp, struct uuid, docket->count + 1)};
	for (size_t i = 0; i < docket->count; i++)
		if (docket->hearings[i].is_notice && docket->hearings[i].callback.has_payment)
			ret->ids[ret->count++] = docket->hearings[i].callback.ref.payment;
	ret->count = uuid_sort_distinct(ret->ids, ret->count);
	ret->rows = ARENA_ARRAY(docket->tmp, struct payment_row, ret->count + 1);
	return ret->count == 0 ||
	       payment_store_read(store, ret->ids, ret->count, docket->tmp, ret->rows, err);
}

/* The address tells it, or the opt-in does. The money has moved, also when nobody knows of that any more. */
static const char *account_of(const struct callback *callback, const struct owners *owners)
{
	const char *slash = strchr(callback->path, '/');
	const struct payment_row *row;

	if (!callback->has_payment)
		return slash != NULL ? slash + 1 : callback->path;
	row = &owners->rows[uuid_find(owners->ids, owners->count, &callback->ref.payment)];
	if (row->found)
		return row->payment.account;
	LOG(ALARM, "evidence.orphaned", LOG_PAYMENT(&callback->ref.payment), LOG_TRACE(callback->traceparent),
		LOG_STR("strength", strength_name(callback->strength)), LOG_STR("path", callback->path));
	return "";
}

static void keep_unreadable(
	const struct callback *callback, const char *account, struct notices *notices, struct arena *tmp)
{
	LOG(ALARM, "c2b.unreadable", LOG_STR("account", account), LOG_NUM("bytes", callback->body.len),
		LOG_STR("strength", strength_name(callback->strength)));
	notices->orphans[notices->orphan_count++] = (struct orphan){
		.payment = callback->ref.payment,
		.purpose = callback->ref.purpose,
		.strength = callback->strength,
		.path = callback->path,
		.peer = callback->peer,
		.why = "a notice of C2B without a receipt that can be read",
		.body = daraja_redacted(callback->body, tmp),
		.received_at = callback->received_at,
	};
}

static void hear(const struct callback *callback, const struct kafka_message *message,
	const struct owners *owners, struct notices *notices, struct arena *tmp)
{
	struct receipt receipt = {.account = account_of(callback, owners),
		.received_at = callback->received_at,
		.source_listed = callback->strength == STRENGTH_C2B_SECRET ||
				 callback->strength == STRENGTH_SIGNED_LISTED};

	if (callback->has_payment)
		daraja_bill_push_parse(callback->body, tmp, &receipt.notice);
	else
		daraja_c2b_parse(callback->body, tmp, &receipt.notice);
	if (receipt.notice.receipt[0] == '\0') {
		keep_unreadable(callback, receipt.account, notices, tmp);
		return;
	}
	if (!receipt.notice.has_amount)
		LOG(ALARM, "c2b.amount_unreadable", LOG_STR("account", receipt.account),
			LOG_STR("receipt", receipt.notice.receipt));
	notices->receipts[notices->count] = receipt;
	notices->rows[notices->count++] = (struct notice_row){.receipt = receipt.notice.receipt,
		.record = fingerprint(message, tmp),
		.account = receipt.account,
		.shortcode = receipt.notice.shortcode,
		.bill_reference = receipt.notice.bill_reference,
		.customer = receipt.notice.customer,
		.amount = receipt.notice.amount,
		.paid_at = receipt.notice.paid_at,
		.received_at = receipt.received_at,
		.body = daraja_redacted(callback->body, tmp)};
}

static bool enter(struct store *store, struct notices *notices, struct err *err)
{
	return store_begin(store, NULL, err) &&
	       orphan_store_add(store, notices->orphans, notices->orphan_count, err) &&
	       notice_store_add(store, notices->rows, notices->count, err) && store_commit(store, err);
}

/* What could not be queued is a failure that publisher_wait tells: the batch comes again. */
static void publish(struct reconciler *rec, struct notices *notices)
{
	struct err err;

	for (size_t i = 0; i < notices->count; i++) {
		struct receipt *receipt = &notices->receipts[i];

		receipt->is_new = notices->rows[i].is_new;
		receipt->payment = notices->rows[i].payment;
		metric_add(&receipts_total, receipt->is_new ? "new" : "known", 1);
		if (!publisher_receipt(rec->publisher, receipt, &err))
			LOG(WARN, "receipt.delayed", LOG_STR("receipt", receipt->notice.receipt),
				LOG_ERR(&err));
	}
	metric_add(&receipts_total, "unreadable", (int64_t)notices->orphan_count);
	rec->must_arrive = rec->must_arrive || notices->count > 0;
}

bool notices_settle(struct reconciler *rec, const struct docket *docket, const struct kafka_message *messages,
	struct err *err)
{
	struct notices notices = {
		.receipts = ARENA_ARRAY(docket->tmp, struct receipt, docket->count + 1),
		.rows = ARENA_ARRAY(docket->tmp, struct notice_row, docket->count + 1),
		.orphans = ARENA_ARRAY(docket->tmp, struct orphan, docket->count + 1),
	};
	struct owners owners;

	if (!find_owners(docket, rec->store, &owners, err))
		return false;
	for (size_t i = 0; i < docket->count; i++)
		if (docket->hearings[i].is_notice)
			hear(&docket->hearings[i].callback, &messages[i], &owners, &notices, docket->tmp);
	if (notices.count + notices.orphan_count == 0)
		return true;
	if (!enter(rec->store, &notices, err))
		return false;
	publish(rec, &notices);
	return true;
}
