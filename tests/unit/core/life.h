#ifndef TESTS_UNIT_CORE_LIFE_H
#define TESTS_UNIT_CORE_LIFE_H

/* Whole payments and rows, of which a test changes what it is about. */
#include "core/payment.h"

#define NOW    ((struct instant){1780000000000000})
#define NO_IDS ((struct provider_ids){"", "", "", ""})

static inline struct instant at_s(int64_t seconds_from_now)
{
	return instant_add_ms(NOW, seconds_from_now * 1000);
}

static inline struct payment payment_for(enum api api)
{
	return (struct payment){
		.id = {{0x01, 0x9b, 0x2c}},
		.tenant = "shop",
		.account = "default",
		.api = api,
		.lane = api_row(api)->lane,
		.amount = amount_of_shillings(api_row(api)->key == KEY_REPEATABLE ? 0 : 350),
		.party = "254712345678",
		.reference = "INV-1",
		.valid_until = at_s(120),
		.created_at = at_s(-5),
		.traceparent = "",
	};
}

/* A row as it stands in that state after its n-th attempt. */
static inline struct payment_state row_in(const struct payment *payment, enum state state, unsigned attempt)
{
	return (struct payment_state){
		.id = payment->id,
		.state = state,
		.attempt = attempt,
		.gen = api_gen(api_row(payment->api), attempt),
		.due_at = at_s(30),
		.fence_at = attempt > 0 ? at_s(3600) : (struct instant){0},
		.horizon_at = attempt > 0 ? at_s(7200) : (struct instant){0},
		.updated_at = at_s(-10),
		.query_no = attempt,
		.ids = {"ws_CO_1", "29115-1", "AG_1", "orig-1"},
		.heard_receipt = "",
		.receipt = "",
		.cause_code = "",
		.result_ver = state_is_published(state) ? 1 : 0,
	};
}

static inline struct step_facts facts_of(enum event event)
{
	return (struct step_facts){.event = event, .now = NOW, .time_scale = 1.0, .random = 0x80000000u};
}

#endif
