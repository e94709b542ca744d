#include "io/payment_store.h"

#include <string.h>

void changes_init(struct changes *changes, struct arena *arena)
{
	*changes = (struct changes){.arena = arena};
}

/* Room for one more element: the array, moved when it was full. */
static void *grown(struct arena *arena, void *array, size_t count, size_t *cap, size_t size)
{
	void *moved;

	if (count < *cap)
		return array;
	*cap = *cap > 0 ? *cap * 2 : 64;
	moved = arena_array(arena, *cap, size);
	if (count > 0)
		memcpy(moved, array, count * size);
	return moved;
}

#define GROW(changes, array, count, cap)                                                                     \
	((changes)->array = grown((changes)->arena, (changes)->array, (changes)->count, &(changes)->cap,     \
		 sizeof(*(changes)->array)))

void changes_state(struct changes *changes, struct payment_state *state)
{
	GROW(changes, states, state_count, state_cap);
	changes->states[changes->state_count++] = state;
}

void changes_line(struct changes *changes, const struct journal_line *line)
{
	GROW(changes, lines, line_count, line_cap);
	changes->lines[changes->line_count++] = *line;
}

void changes_timer(struct changes *changes, const struct uuid *id, struct instant at, enum timer_what what,
	enum lane lane)
{
	GROW(changes, timers, timer_count, timer_cap);
	changes->timers[changes->timer_count++] =
		(struct timer_want){.id = *id, .at = at, .what = what, .lane = lane};
}

void changes_owed(struct changes *changes, const struct uuid *id, unsigned version)
{
	GROW(changes, owed, owed_count, owed_cap);
	changes->owed[changes->owed_count++] = (struct owed_want){.id = *id, .version = version};
}

static void changes_provider(struct changes *changes, const char *id, const struct uuid *payment)
{
	if (id == NULL || *id == '\0')
		return;
	GROW(changes, providers, provider_count, provider_cap);
	changes->providers[changes->provider_count++] = (struct provider_want){.id = id, .payment = *payment};
}

void changes_step(struct changes *changes, const struct payment *payment, struct payment_state *state,
	const struct step_done *done, const char *by, const char *cause, const char *detail,
	int64_t evidence_no)
{
	if (done->changed)
		changes_state(changes, state);
	/* An event that changes nothing and asks for nothing leaves its evidence and no line. */
	if (done->changed || done->new_version || done->effects != 0)
		changes_line(changes, &(struct journal_line){.payment = state->id,
					      .from = done->from,
					      .to = done->to,
					      .event = event_name(done->event),
					      .attempt = state->attempt,
					      .gen = state->gen,
					      .cause = cause,
					      .by = by,
					      .detail = detail,
					      .evidence_no = evidence_no});
	if (instant_is_set(done->timer_at))
		changes_timer(changes, &state->id, done->timer_at, done->timer_what, payment->lane);
	if (done->new_version)
		changes_owed(changes, &state->id, state->result_ver);
	if (done->effects & DO_IDS) {
		struct uuid own;

		changes_provider(changes, state->ids.checkout, &state->id);
		changes_provider(changes, state->ids.conversation, &state->id);
		/* Our own key names its payment by itself. */
		if (state->ids.originator != NULL && !payment_of_key(text_of(state->ids.originator), &own))
			changes_provider(changes, state->ids.originator, &state->id);
	}
}
