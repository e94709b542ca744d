/* Rows that were thrown back are put into doubt, with all that a step writes. */
#include "io/recovery_store.h"

#include "base/log.h"
#include "core/result.h"
#include "io/payment_store.h"
#include "io/store_sql.h"
#include "wire/result_wire.h"

static const struct cause recovered = {.class = "operator",
	.code = "unresolved.recovered",
	.field = "",
	.text = "The database was restored to an older state; this payment had been sent, and may have been "
		"executed.",
	.advice = "Do not pay in another way yet: look for it in the M-PESA statement, or wait for a higher "
		  "version of this result."};

/* A FAILED that is in doubt now is told as that; what else was published is told anew under the higher version. */
static void new_version(struct changes *changes, const struct payment *payment, struct payment_state *state,
	const struct step_done *done)
{
	struct result result;

	if (done->from != done->to) {
		state->cause_code = recovered.code;
		result_decided(payment, state, &recovered, changes->arena, &result);
		state->frozen = result_freeze(&result, changes->arena);
	}
	changes_owed(changes, &state->id, state->result_ver);
}

static void mend(struct changes *changes, struct payment_row *row, const struct step_done *done,
	const struct send_record *send)
{
	char sent_at[INSTANT_TEXT];

	changes_state(changes, &row->state);
	changes_line(changes, &(struct journal_line){.payment = row->state.id,
				      .from = done->from,
				      .to = done->to,
				      .event = "RECOVERED",
				      .attempt = row->state.attempt,
				      .gen = row->state.gen,
				      .cause = "",
				      .by = "mkondo",
				      .detail = arena_print(changes->arena, "sent at %s, and forgotten",
					      instant_iso(send->at, sent_at))});
	if (instant_is_set(done->timer_at))
		changes_timer(changes, &row->state.id, done->timer_at, done->timer_what, row->payment.lane);
	if (done->new_version)
		new_version(changes, &row->payment, &row->state, done);
	LOG(INFO, "payment.recovered", LOG_PAYMENT(&row->state.id), LOG_STR("from", state_name(done->from)),
		LOG_STR("to", state_name(done->to)), LOG_NUM("attempt", row->state.attempt));
}

bool recovery_store_mend(struct store *store, const struct forgotten *forgotten, size_t count,
	double time_scale, struct arena *arena, size_t *ret_mended, size_t *ret_rowless, struct err *err)
{
	struct uuid *ids = ARENA_ARRAY(arena, struct uuid, count + 1);
	struct payment_row *rows = ARENA_ARRAY(arena, struct payment_row, count + 1);
	struct changes changes;

	must(store->in_transaction);
	*ret_mended = *ret_rowless = 0;
	changes_init(&changes, arena);
	for (size_t i = 0; i < count; i++)
		ids[i] = forgotten[i].send.id;
	if (!payment_store_lock(store, ids, count, arena, rows, err))
		return false;
	for (size_t i = 0; i < count; i++) {
		const struct send_record *send = &forgotten[i].send;
		const struct forgotten_claim claim = {
			.attempt = send->attempt, .gen = send->gen, .fence_at = send->fence_at};
		struct step_done done;

		*ret_rowless += !rows[i].found;
		if (!rows[i].found || !payment_recover(&rows[i].payment, &rows[i].state, &claim, store->now,
					      time_scale, &done))
			continue;
		mend(&changes, &rows[i], &done, send);
		++*ret_mended;
	}
	return changes_save(store, &changes, err);
}
