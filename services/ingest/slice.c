#include "ingest/slice.h"

#include "base/uuid_list.h"
#include "core/result.h"
#include "wire/result_wire.h"

#include <stdlib.h>

void slice_init(struct slice *slice, const struct kafka_batch *batch, struct intake_item *items, size_t count,
	struct arena *tmp)
{
	*slice = (struct slice){.batch = batch, .items = items, .count = count, .tmp = tmp};
	slice->inserted = ARENA_ARRAY(tmp, bool, count + 1);
	slice->letters = ARENA_ARRAY(tmp, struct dead_letter, count + 1);
	slice->letter_items = ARENA_ARRAY(tmp, size_t, count + 1);
}

static int by_payment(const void *a, const void *b)
{
	const struct payment_new *x = a, *y = b;

	return uuid_cmp(&x->payment->id, &y->payment->id);
}

/* The clocks of the database decide about money: what the check computed from ours is moved by the difference. */
static void move_to_database_time(struct slice *slice, struct instant now)
{
	for (size_t i = 0; i < slice->count; i++) {
		struct intake_item *item = &slice->items[i];
		int64_t shift = now.us - item->payment.created_at.us;

		if (item->fate == INTAKE_UNREADABLE)
			continue;
		item->payment.created_at = now;
		if (item->state.due_at.us != 0)
			item->state.due_at.us += shift;
		if (item->state.decided_at.us != 0)
			item->state.decided_at = now;
		item->state.updated_at = now;
	}
}

static bool insert(struct store *store, struct slice *slice, struct payment_new *news, size_t *ret_count,
	struct err *err)
{
	size_t count = 0;

	for (size_t i = 0; i < slice->count; i++) {
		struct intake_item *item = &slice->items[i];

		if (item->fate == INTAKE_UNREADABLE || item->first != i)
			continue;
		if (item->fate == INTAKE_REJECTION) {
			struct result result;

			result_decided(&item->payment, &item->state, &item->cause, slice->tmp, &result);
			item->state.frozen = result_freeze(&result, slice->tmp);
		}
		news[count++] = (struct payment_new){.payment = &item->payment, .state = &item->state};
	}
	qsort(news, count, sizeof(*news), by_payment);
	*ret_count = count;
	return count == 0 || payment_store_insert(store, news, count, err);
}

static void note_new(struct changes *changes, const struct payment_new *new, const struct intake_item *item)
{
	const struct payment *payment = new->payment;
	char masked[MSISDN_MASKED];

	changes_line(changes,
		&(struct journal_line){
			.payment = payment->id,
			.from = new->state->state,
			.to = new->state->state,
			.event = payment->rejected ? "REJECTED" : "ACCEPTED",
			.cause = payment->rejected ? item->fault.code : "",
			.by = "ingest",
			.detail = payment->rejected ? arena_print(changes->arena, "%s", item->fault.text)
						    : arena_print(changes->arena, "%s to %s, account %s",
							      api_row(payment->api)->name,
							      payment->party[0] != '\0'
								      ? msisdn_masked(payment->party, masked)
								      : "-",
							      payment->account),
		});
	if (payment->rejected)
		changes_owed(changes, &payment->id, 1);
	else
		changes_timer(changes, &payment->id, new->state->due_at, TIMER_SEND, payment->lane);
}

static size_t index_of(const struct slice *slice, const struct payment *payment)
{
	return (size_t)((const struct intake_item *)(const void *)((const char *)payment -
								   offsetof(struct intake_item, payment)) -
			slice->items);
}

/* Locks what existed before, or comes twice in this batch: compared under the lock, which also waits for the standby. */
static bool lock_known(struct store *store, struct slice *slice, const struct payment_new *news, size_t count,
	struct err *err)
{
	slice->ids = ARENA_ARRAY(slice->tmp, struct uuid, slice->count + 1);
	for (size_t i = 0; i < count; i++)
		if (!news[i].inserted)
			slice->ids[slice->id_count++] = news[i].payment->id;
	for (size_t i = 0; i < slice->count; i++)
		if (slice->items[i].fate != INTAKE_UNREADABLE && slice->items[i].first != i)
			slice->ids[slice->id_count++] = slice->items[i].id;
	slice->id_count = uuid_sort_distinct(slice->ids, slice->id_count);
	slice->rows = ARENA_ARRAY(slice->tmp, struct payment_row, slice->id_count + 1);
	return slice->id_count == 0 ||
	       payment_store_lock(store, slice->ids, slice->id_count, slice->tmp, slice->rows, err);
}

static const struct payment_row *known(const struct slice *slice, const struct uuid *id)
{
	size_t index = uuid_find(slice->ids, slice->id_count, id);

	return index < slice->id_count && slice->rows[index].found ? &slice->rows[index] : NULL;
}

const struct payment_row *slice_repeats(const struct slice *slice, size_t index)
{
	const struct intake_item *item = &slice->items[index];

	if (item->fate == INTAKE_UNREADABLE || (item->first == index && slice->inserted[index]))
		return NULL;
	return known(slice, &item->id);
}

void slice_letter(struct slice *slice, size_t index, const char *reason, const char *detail)
{
	const struct kafka_message *message = &slice->batch->messages[slice->items[index].record];

	slice->letter_items[slice->letter_count] = index;
	slice->letters[slice->letter_count++] = (struct dead_letter){
		.reason = reason,
		.detail = detail,
		.topic = message->topic,
		.partition = message->partition,
		.offset = message->offset,
		.key = message->key,
		.value = message->value,
	};
}

/* The dead letters of the slice: bytes without an id, and ids that came again with other content. */
static void find_letters(struct slice *slice)
{
	for (size_t i = 0; i < slice->count; i++) {
		const struct payment_row *row = slice_repeats(slice, i);

		if (slice->items[i].fate == INTAKE_UNREADABLE)
			slice_letter(slice, i, "undecodable", slice->items[i].fault.text);
		else if (row != NULL && !intake_is_same(&slice->items[i], &row->payment, slice->tmp))
			slice_letter(slice, i, "id_reused", "the id belongs to a payment with other content");
	}
}

bool slice_record(struct slice *slice, struct store *store, struct err *err)
{
	struct payment_new *news = ARENA_ARRAY(slice->tmp, struct payment_new, slice->count + 1);
	struct changes changes;
	struct instant now;
	size_t count;

	if (!store_begin(store, &now, err))
		return false;
	move_to_database_time(slice, now);
	if (!insert(store, slice, news, &count, err))
		return false;
	changes_init(&changes, slice->tmp);
	for (size_t i = 0; i < count; i++) {
		size_t index = index_of(slice, news[i].payment);

		slice->inserted[index] = news[i].inserted;
		if (news[i].inserted)
			note_new(&changes, &news[i], &slice->items[index]);
	}
	if (!lock_known(store, slice, news, count, err))
		return false;
	find_letters(slice);
	return (slice->letter_count == 0 ||
		       dead_letter_store_add(store, slice->letters, slice->letter_count, err)) &&
	       changes_save(store, &changes, err) && store_commit(store, err);
}
