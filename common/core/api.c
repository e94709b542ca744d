#include "core/api.h"

enum { SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE };

#define NO_BOUND (INT64_MAX / 100)

/* What most rows have in common: a payment's request may take 30 s, a question's 15 s. */
#define MOVES_MONEY .answer_within_ms = 30 * SECOND, .send_within_ms = 24 * HOUR
#define READ_ONLY                                                                                            \
	.lane = LANE_QUERY, .key = KEY_REPEATABLE, .answer_within_ms = 15 * SECOND,                          \
	.send_within_ms = 10 * MINUTE

/* clang-format off */
static const struct api_row rows[] = {
	{ .api = API_STK_PUSH, .name = "stk_push", .lane = LANE_INTERACTIVE,
		.path = "/mpesa/stkpush/v1/processrequest", .key = KEY_NONE, .asked_by = API_STK_QUERY,
		.first_ask_ms = 45 * SECOND, .horizon_ms = 2 * HOUR, .send_within_ms = 120 * SECOND,
		.answer_within_ms = 30 * SECOND, .least_shillings = 1, .most_shillings = 250000,
		.sync_family = "stk", .result_family = "stk", .served = true },
	{ .api = API_B2C, .name = "b2c", .lane = LANE_PAYOUT, .path = "/mpesa/b2c/v3/paymentrequest",
		.key = KEY_PROVIDER, .asked_by = API_TRANSACTION_STATUS, .first_ask_ms = 60 * SECOND,
		.horizon_ms = 24 * HOUR, .least_shillings = 10, .most_shillings = 250000, MOVES_MONEY,
		.sync_family = "b2c", .result_family = "b2c", .served = true, .asks_initiator = true },
	{ .api = API_B2POCHI, .name = "b2pochi", .lane = LANE_PAYOUT,
		.path = "/mpesa/b2pochi/v1/paymentrequest", .key = KEY_PROVIDER,
		.asked_by = API_TRANSACTION_STATUS, .first_ask_ms = 60 * SECOND,
		.horizon_ms = 24 * HOUR, .least_shillings = 10, .most_shillings = 250000, MOVES_MONEY,
		.sync_family = "b2c", .result_family = "b2c", .asks_initiator = true },
	{ .api = API_B2B, .name = "b2b", .lane = LANE_BUSINESS, .path = "/mpesa/b2b/v1/paymentrequest",
		.key = KEY_NONE, .asked_by = API_TRANSACTION_STATUS, .first_ask_ms = 60 * SECOND,
		.horizon_ms = 24 * HOUR, .least_shillings = 1, .most_shillings = NO_BOUND, MOVES_MONEY,
		.sync_family = "b2b", .result_family = "b2b", .asks_initiator = true },
	{ .api = API_TAX_REMITTANCE, .name = "tax_remittance", .lane = LANE_BUSINESS,
		.path = "/mpesa/b2b/v1/remittax", .key = KEY_NONE, .asked_by = API_TRANSACTION_STATUS,
		.first_ask_ms = 60 * SECOND, .horizon_ms = 24 * HOUR, .least_shillings = 1,
		.most_shillings = NO_BOUND, MOVES_MONEY, .sync_family = "b2b", .result_family = "b2b",
		.asks_initiator = true },
	/* RequestRefID only correlates: nobody has seen it stop a repeat. */
	{ .api = API_B2B_EXPRESS, .name = "b2b_express", .lane = LANE_INTERACTIVE,
		.path = "/v1/ussdpush/get-msisdn", .key = KEY_NONE, .horizon_ms = 2 * HOUR,
		.send_within_ms = 120 * SECOND, .answer_within_ms = 30 * SECOND, .least_shillings = 1,
		.most_shillings = NO_BOUND, .sync_family = "ussd", .result_family = "ussd" },
	{ .api = API_REVERSAL, .name = "reversal", .lane = LANE_CARE,
		.path = "/mpesa/reversal/v1/request", .key = KEY_NONE,
		.asked_by = API_TRANSACTION_STATUS, .first_ask_ms = 60 * SECOND,
		.horizon_ms = 24 * HOUR, .least_shillings = 1, .most_shillings = NO_BOUND, MOVES_MONEY,
		.sync_family = "reversal", .result_family = "reversal", .asks_initiator = true },
	{ .api = API_STANDING_ORDER, .name = "standing_order", .lane = LANE_INTERACTIVE,
		.path = "/standingorder/v1/createStandingOrderExternal", .key = KEY_PROVIDER,
		.horizon_ms = 24 * HOUR, .least_shillings = 1, .most_shillings = NO_BOUND, MOVES_MONEY,
		.sync_family = "ratiba", .result_family = "ratiba" },
	{ .api = API_C2B_REGISTER, .name = "c2b_register", .lane = LANE_CARE,
		.path = "/mpesa/c2b/v2/registerurl", .key = KEY_PROVIDER, .outcome_is_answer = true,
		.horizon_ms = 24 * HOUR, MOVES_MONEY, .sync_family = "c2b", .result_family = "c2b" },
	{ .api = API_BILL, .name = "bill", .lane = LANE_CARE, .path = "/v1/billmanager-invoice",
		.key = KEY_PROVIDER, .outcome_is_answer = true, .horizon_ms = 24 * HOUR, MOVES_MONEY,
		.sync_family = "bill", .result_family = "bill" },
	{ .api = API_PULL_REGISTER, .name = "pull_register", .lane = LANE_CARE,
		.path = "/pulltransactions/v1/register", .key = KEY_PROVIDER, .outcome_is_answer = true,
		.horizon_ms = 24 * HOUR, MOVES_MONEY, .sync_family = "pull", .result_family = "pull" },
	{ .api = API_C2B_SIMULATE, .name = "c2b_simulate", READ_ONLY, .path = "/mpesa/c2b/v2/simulate",
		.outcome_is_answer = true, .least_shillings = 1, .most_shillings = 250000,
		.sync_family = "c2b", .result_family = "c2b" },
	{ .api = API_STK_QUERY, .name = "stk_query", READ_ONLY, .path = "/mpesa/stkpushquery/v1/query",
		.outcome_is_answer = true, .sync_family = "stk_query", .result_family = "stk",
		.served = true },
	{ .api = API_TRANSACTION_STATUS, .name = "transaction_status", READ_ONLY,
		.path = "/mpesa/transactionstatus/v1/query", .first_ask_ms = 60 * SECOND,
		.sync_family = "status", .result_family = "status", .asks_initiator = true },
	{ .api = API_ACCOUNT_BALANCE, .name = "account_balance", READ_ONLY,
		.path = "/mpesa/accountbalance/v1/query", .first_ask_ms = 60 * SECOND,
		.sync_family = "balance", .result_family = "balance", .asks_initiator = true },
	{ .api = API_QR_CODE, .name = "qr_code", READ_ONLY, .path = "/mpesa/qrcode/v1/generate",
		.outcome_is_answer = true, .least_shillings = 0, .most_shillings = NO_BOUND,
		.sync_family = "qr", .result_family = "qr" },
	{ .api = API_ORG_INFO, .name = "org_info", READ_ONLY, .path = "/sfcverify/v1/query/info",
		.outcome_is_answer = true, .sync_family = "lookup", .result_family = "lookup" },
	{ .api = API_SIM_SWAP, .name = "sim_swap", READ_ONLY, .path = "/imsi/v2/checkATI",
		.outcome_is_answer = true, .sync_family = "lookup", .result_family = "lookup" },
	{ .api = API_IMSI, .name = "imsi", READ_ONLY, .path = "/imsi/v1/checkATI",
		.outcome_is_answer = true, .sync_family = "lookup", .result_family = "lookup" },
	{ .api = API_PULL_QUERY, .name = "pull_query", READ_ONLY, .path = "/pulltransactions/v1/query",
		.outcome_is_answer = true, .sync_family = "pull", .result_family = "pull" },
};
/* clang-format on */

static const char *const lane_names[LANE_COUNT] = {
	[LANE_INTERACTIVE] = "interactive",
	[LANE_PAYOUT] = "payout",
	[LANE_BUSINESS] = "business",
	[LANE_CARE] = "care",
	[LANE_QUERY] = "query",
};

const struct api_row *api_by_number(int number)
{
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		if ((int)rows[i].api == number)
			return &rows[i];
	return NULL;
}

const struct api_row *api_row(enum api api)
{
	const struct api_row *row = api_by_number((int)api);

	must(row != NULL);
	return row;
}

const struct api_row *api_find(struct text name)
{
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		if (text_is(name, rows[i].name))
			return &rows[i];
	return NULL;
}

const struct api_row *api_each(const struct api_row *after)
{
	if (after == NULL)
		return rows;
	return after + 1 < rows + COUNT_OF(rows) ? after + 1 : NULL;
}

const char *lane_name(enum lane lane)
{
	must((unsigned)lane < LANE_COUNT);
	return lane_names[lane];
}

bool lane_find(struct text name, enum lane *ret)
{
	for (unsigned i = 0; i < LANE_COUNT; i++)
		if (text_is(name, lane_names[i])) {
			*ret = (enum lane)i;
			return true;
		}
	return false;
}

unsigned api_gen(const struct api_row *row, unsigned attempt)
{
	switch (row->key) {
	case KEY_NONE:
		return attempt;
	case KEY_PROVIDER:
	case KEY_REPEATABLE:
		return attempt > 0 ? 1 : 0;
	}
	must(false);
}

/* A customer answers a prompt within a minute or it is over; later only a lost callback is left to find. */
static int64_t stk_next_ask_ms(unsigned asks)
{
	if (asks == 0)
		return 45 * SECOND;
	if (asks <= 4)
		return 15 * SECOND;
	return asks <= 4 + 5 ? 60 * SECOND : 5 * MINUTE;
}

int64_t api_next_ask_ms(const struct api_row *row, unsigned asks, bool after_fence)
{
	if (row->asked_by == API_STK_QUERY)
		return stk_next_ask_ms(asks);
	if (row->asked_by == API_NONE)
		return row->first_ask_ms > 0 ? row->first_ask_ms : 60 * SECOND;
	/* Past the fence nothing new can arrive, and our own key finds it whatever happened: no hurry. */
	if (after_fence && asks > 0 && row->key == KEY_PROVIDER)
		return HOUR;

	const int64_t most = 15 * MINUTE;
	int64_t wait = row->first_ask_ms;

	for (unsigned i = 0; i < asks && wait < most; i++)
		wait *= 2;
	return wait < most ? wait : most;
}
