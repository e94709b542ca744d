#include "core/api_rows.h"

#include "base/attr.h"

enum { SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE };

#define NO_BOUND (INT64_MAX / 100)

/* What most rows have in common: a payment's request may take 30 s, a question's 15 s. */
#define MOVES_MONEY .answer_within_ms = 30 * SECOND, .send_within_ms = 24 * HOUR
#define READ_ONLY                                                                                            \
	.lane = LANE_QUERY, .key = KEY_REPEATABLE, .answer_within_ms = 15 * SECOND,                          \
	.send_within_ms = 10 * MINUTE
#define SETS_UP                                                                                              \
	.lane = LANE_CARE, .key = KEY_PROVIDER, .outcome_is_answer = true, .horizon_ms = 24 * HOUR,          \
	MOVES_MONEY

/* Fields that several operations have, with the same limits. */
#define PHONE                                                                                                \
	{                                                                                                    \
		.name = "phone", .kind = FIELD_PHONE, .least = 1                                             \
	}
#define KIND                                                                                                 \
	{                                                                                                    \
		.name = "kind", .kind = FIELD_CHOICE                                                         \
	}
#define REMARKS                                                                                              \
	{                                                                                                    \
		.name = "remarks", .kind = FIELD_WORDS, .least = 2, .most = 100                              \
	}
#define OCCASION                                                                                             \
	{                                                                                                    \
		.name = "occasion", .kind = FIELD_WORDS, .most = 100                                         \
	}
#define NOTE                                                                                                 \
	{                                                                                                    \
		.name = "remarks", .kind = FIELD_WORDS, .most = 100                                          \
	}
#define REFERENCE_12                                                                                         \
	{                                                                                                    \
		.name = "account_reference", .kind = FIELD_WORDS, .least = 1, .most = 12                     \
	}
#define DESCRIPTION                                                                                          \
	{                                                                                                    \
		.name = "description", .kind = FIELD_WORDS, .least = 1, .most = 13                           \
	}
#define TILL                                                                                                 \
	{                                                                                                    \
		.name = "till", .kind = FIELD_SHORTCODE                                                      \
	}
#define FIELDS(...)                                                                                          \
	(const struct field_rule[])                                                                          \
	{                                                                                                    \
		__VA_ARGS__,                                                                                 \
		{                                                                                            \
			.name = NULL                                                                         \
		}                                                                                            \
	}
#define NO_FIELDS                                                                                            \
	(const struct field_rule[])                                                                          \
	{                                                                                                    \
		{                                                                                            \
			.name = NULL                                                                         \
		}                                                                                            \
	}

/* clang-format off */
static const struct field_rule bill_item[] = {
	{.name = "item_name", .kind = FIELD_WORDS, .least = 1, .most = 50},
	{.name = "amount_cents", .kind = FIELD_AMOUNT, .least = 1},
	{.name = NULL},
};
#define INVOICE                                                                                      \
	{.name = "external_reference", .kind = FIELD_ID, .least = 1, .most = 40},                    \
	{.name = "billed_full_name", .kind = FIELD_WORDS, .least = 1, .most = 100},                  \
	{.name = "billed_phone_number", .kind = FIELD_PHONE, .least = 1},                            \
	{.name = "billed_period", .kind = FIELD_WORDS, .least = 1, .most = 30},                      \
	{.name = "invoice_name", .kind = FIELD_WORDS, .least = 1, .most = 50},                       \
	{.name = "due_date", .kind = FIELD_DATE, .least = 1},                                        \
	{.name = "account_reference", .kind = FIELD_WORDS, .least = 1, .most = 20},                  \
	{.name = "invoice_items", .kind = FIELD_LIST, .most = 50, .items = bill_item}
static const struct field_rule bill_invoice_of_many[] = {
	INVOICE,
	{.name = "amount_cents", .kind = FIELD_AMOUNT, .least = 1},
	{.name = NULL},
};

const struct api_row api_rows[] = {
	{ .api = API_STK_PUSH, .name = "stk_push", .lane = LANE_INTERACTIVE,
		.path = "/mpesa/stkpush/v1/processrequest", .key = KEY_NONE, .asked_by = API_STK_QUERY,
		.first_ask_ms = 45 * SECOND, .horizon_ms = 2 * HOUR, .send_within_ms = 120 * SECOND,
		.answer_within_ms = 30 * SECOND, .least_shillings = 1, .most_shillings = 250000,
		.sync_family = "stk", .result_family = "stk", .served = true, .asks_passkey = true,
		.taken_with = IDS_CHECKOUT, .found_by = FOUND_BY_CHECKOUT,
		.party = "phone", .reference = "account_reference",
		.fields = FIELDS(PHONE, REFERENCE_12, DESCRIPTION, KIND, TILL) },
	{ .api = API_B2C, .name = "b2c", .lane = LANE_PAYOUT, .path = "/mpesa/b2c/v3/paymentrequest",
		.key = KEY_PROVIDER, .asked_by = API_TRANSACTION_STATUS, .first_ask_ms = 60 * SECOND,
		.horizon_ms = 24 * HOUR, .least_shillings = 10, .most_shillings = 250000, MOVES_MONEY,
		.sync_family = "b2c", .result_family = "b2c", .served = true, .asks_initiator = true,
		.taken_with = IDS_CONVERSATION, .found_by = FOUND_BY_KEY, .party = "phone",
		.fields = FIELDS(PHONE, KIND, REMARKS, OCCASION) },
	{ .api = API_B2POCHI, .name = "b2pochi", .lane = LANE_PAYOUT,
		.path = "/mpesa/b2pochi/v1/paymentrequest", .key = KEY_PROVIDER,
		.asked_by = API_TRANSACTION_STATUS, .first_ask_ms = 60 * SECOND,
		.horizon_ms = 24 * HOUR, .least_shillings = 10, .most_shillings = 250000, MOVES_MONEY,
		.sync_family = "b2c", .result_family = "b2c", .served = true, .asks_initiator = true,
		.taken_with = IDS_CONVERSATION, .found_by = FOUND_BY_KEY, .party = "phone",
		.fields = FIELDS(PHONE, REMARKS, OCCASION) },
	{ .api = API_B2B, .name = "b2b", .lane = LANE_BUSINESS, .path = "/mpesa/b2b/v1/paymentrequest",
		.key = KEY_NONE, .asked_by = API_TRANSACTION_STATUS, .first_ask_ms = 60 * SECOND,
		.horizon_ms = 24 * HOUR, .least_shillings = 1, .most_shillings = NO_BOUND, MOVES_MONEY,
		.sync_family = "b2b", .result_family = "b2b", .served = true, .asks_initiator = true,
		.taken_with = IDS_CONVERSATION, .found_by = FOUND_BY_ORIGINATOR, .party = "receiver",
		.reference = "account_reference",
		.fields = FIELDS(KIND, {.name = "receiver", .kind = FIELD_SHORTCODE, .least = 1},
			{.name = "account_reference", .kind = FIELD_WORDS, .most = 13},
			{.name = "requester", .kind = FIELD_PHONE}, REMARKS, OCCASION) },
	{ .api = API_TAX_REMITTANCE, .name = "tax_remittance", .lane = LANE_BUSINESS,
		.path = "/mpesa/b2b/v1/remittax", .key = KEY_NONE, .asked_by = API_TRANSACTION_STATUS,
		.first_ask_ms = 60 * SECOND, .horizon_ms = 24 * HOUR, .least_shillings = 1,
		.most_shillings = NO_BOUND, MOVES_MONEY, .sync_family = "b2b", .result_family = "b2b",
		.served = true, .asks_initiator = true, .taken_with = IDS_CONVERSATION,
		.found_by = FOUND_BY_ORIGINATOR, .reference = "registration_number",
		.fields = FIELDS({.name = "registration_number", .kind = FIELD_ID, .least = 1, .most = 13},
			REMARKS) },
	/* RequestRefID only correlates: nobody has seen it stop a repeat. */
	{ .api = API_B2B_EXPRESS, .name = "b2b_express", .lane = LANE_INTERACTIVE,
		.path = "/v1/ussdpush/get-msisdn", .key = KEY_NONE, .horizon_ms = 2 * HOUR,
		.send_within_ms = 120 * SECOND, .answer_within_ms = 30 * SECOND, .least_shillings = 1,
		.most_shillings = NO_BOUND, .sync_family = "ussd", .result_family = "ussd", .served = true,
		.party = "payer_till", .reference = "reference",
		.fields = FIELDS({.name = "payer_till", .kind = FIELD_SHORTCODE, .least = 1},
			{.name = "reference", .kind = FIELD_WORDS, .least = 1, .most = 20},
			{.name = "partner_name", .kind = FIELD_WORDS, .least = 1, .most = 40}) },
	{ .api = API_REVERSAL, .name = "reversal", .lane = LANE_CARE,
		.path = "/mpesa/reversal/v1/request", .key = KEY_NONE,
		.asked_by = API_TRANSACTION_STATUS, .first_ask_ms = 60 * SECOND,
		.horizon_ms = 24 * HOUR, .least_shillings = 1, .most_shillings = NO_BOUND, MOVES_MONEY,
		.sync_family = "reversal", .result_family = "reversal", .served = true, .asks_initiator = true,
		.taken_with = IDS_CONVERSATION, .found_by = FOUND_BY_ORIGINATOR, .reference = "receipt",
		.fields = FIELDS({.name = "receipt", .kind = FIELD_RECEIPT},
			{.name = "payment_id", .kind = FIELD_UUID}, REMARKS, OCCASION) },
	{ .api = API_STANDING_ORDER, .name = "standing_order", .lane = LANE_INTERACTIVE,
		.path = "/standingorder/v1/createStandingOrderExternal", .key = KEY_PROVIDER,
		.horizon_ms = 24 * HOUR, .least_shillings = 1, .most_shillings = NO_BOUND, MOVES_MONEY,
		.sync_family = "ratiba", .result_family = "ratiba", .served = true, .moves_later = true,
		.party = "phone",
		.reference = "account_reference",
		.fields = FIELDS({.name = "name", .kind = FIELD_WORDS, .least = 1, .most = 40}, PHONE,
			REFERENCE_12, DESCRIPTION,
			{.name = "start_date", .kind = FIELD_DATE, .least = 1},
			{.name = "end_date", .kind = FIELD_DATE, .least = 1},
			{.name = "frequency", .kind = FIELD_CHOICE}, KIND, TILL) },
	/* B2C as it was: no key of ours, so that each attempt is its own generation, and only the ids of its answer find it. */
	{ .api = API_B2C_V1, .name = "b2c_v1", .operation = "b2c", .lane = LANE_PAYOUT,
		.path = "/mpesa/b2c/v1/paymentrequest", .key = KEY_NONE,
		.asked_by = API_TRANSACTION_STATUS, .first_ask_ms = 60 * SECOND,
		.horizon_ms = 24 * HOUR, .least_shillings = 10, .most_shillings = 250000, MOVES_MONEY,
		.sync_family = "b2c", .result_family = "b2c", .asks_initiator = true,
		.taken_with = IDS_CONVERSATION, .found_by = FOUND_BY_ORIGINATOR, .party = "phone",
		.fields = FIELDS(PHONE, KIND, REMARKS, OCCASION) },
	{ .api = API_C2B_REGISTER, .name = "c2b_register", SETS_UP, .path = "/mpesa/c2b/v2/registerurl",
		.sync_family = "c2b", .result_family = "c2b", .served = true,
		.fields = FIELDS({.name = "when_unreachable", .kind = FIELD_CHOICE}) },
	{ .api = API_BILL_OPT_IN, .name = "bill_opt_in", SETS_UP,
		.path = "/v1/billmanager-invoice/optin", .sync_family = "bill", .result_family = "bill", .served = true, .tells_url = true,
		.party = "official_contact",
		.fields = FIELDS({.name = "email", .kind = FIELD_EMAIL, .least = 1, .most = 100},
			{.name = "official_contact", .kind = FIELD_PHONE, .least = 1},
			{.name = "send_reminders", .kind = FIELD_CHOICE},
			{.name = "logo", .kind = FIELD_URL, .most = 200},
			{.name = "change", .kind = FIELD_CHOICE}) },
	{ .api = API_PULL_REGISTER, .name = "pull_register", SETS_UP,
		.path = "/pulltransactions/v1/register", .sync_family = "pull", .result_family = "pull",
		.served = true, .tells_url = true,
		.party = "nominated_number",
		.fields = FIELDS({.name = "nominated_number", .kind = FIELD_PHONE, .least = 1}) },
	{ .api = API_BILL_INVOICE, .name = "bill_invoice", SETS_UP,
		.path = "/v1/billmanager-invoice/single-invoicing", .least_shillings = 1,
		.most_shillings = NO_BOUND, .sync_family = "bill", .result_family = "bill", .served = true,
		.party = "billed_phone_number", .reference = "account_reference",
		.fields = FIELDS(INVOICE, {.name = "amount_cents", .kind = FIELD_NONE}) },
	{ .api = API_BILL_INVOICES, .name = "bill_invoices", SETS_UP,
		.path = "/v1/billmanager-invoice/bulk-invoicing", .least_shillings = 1,
		.most_shillings = NO_BOUND, .sync_family = "bill", .result_family = "bill", .served = true,
		.fields = FIELDS({.name = "invoices", .kind = FIELD_LIST, .least = 1, .most = 1000,
			.items = bill_invoice_of_many}) },
	{ .api = API_BILL_CANCEL, .name = "bill_cancel", SETS_UP,
		.path = "/v1/billmanager-invoice/cancel-bulk-invoices", .sync_family = "bill",
		.result_family = "bill", .served = true,
		.fields = FIELDS({.name = "external_references", .kind = FIELD_IDS, .least = 1, .most = 1000}) },
	{ .api = API_BILL_RECONCILE, .name = "bill_reconcile", SETS_UP,
		.path = "/v1/billmanager-invoice/reconciliation", .least_shillings = 1,
		.most_shillings = NO_BOUND, .sync_family = "bill", .result_family = "bill", .served = true,
		.party = "phone", .reference = "account_reference",
		.fields = FIELDS({.name = "receipt", .kind = FIELD_RECEIPT, .least = 1},
			{.name = "payment_date", .kind = FIELD_DATE, .least = 1},
			{.name = "account_reference", .kind = FIELD_WORDS, .least = 1, .most = 20}, PHONE,
			{.name = "full_name", .kind = FIELD_WORDS, .least = 1, .most = 100},
			{.name = "invoice_name", .kind = FIELD_WORDS, .least = 1, .most = 50},
			{.name = "external_reference", .kind = FIELD_ID, .least = 1, .most = 40}) },
	{ .api = API_C2B_SIMULATE, .name = "c2b_simulate", READ_ONLY, .path = "/mpesa/c2b/v2/simulate",
		.outcome_is_answer = true, .least_shillings = 1, .most_shillings = 250000,
		.sync_family = "c2b", .result_family = "c2b", .served = true, .sandbox_only = true,
		.party = "phone", .reference = "bill_reference",
		.fields = FIELDS(PHONE, KIND,
			{.name = "bill_reference", .kind = FIELD_WORDS, .most = 20}) },
	{ .api = API_STK_QUERY, .name = "stk_query", READ_ONLY, .path = "/mpesa/stkpushquery/v1/query",
		.outcome_is_answer = true, .sync_family = "stk_query", .result_family = "stk",
		.served = true, .asks_passkey = true,
		.fields = FIELDS({.name = "payment_id", .kind = FIELD_UUID},
			{.name = "checkout_request_id", .kind = FIELD_ID, .most = 64}) },
	{ .api = API_TRANSACTION_STATUS, .name = "transaction_status", READ_ONLY,
		.path = "/mpesa/transactionstatus/v1/query", .asked_by = API_TRANSACTION_STATUS,
		.first_ask_ms = 60 * SECOND, .horizon_ms = 10 * MINUTE, .sync_family = "status",
		.result_family = "status", .served = true, .asks_initiator = true,
		.taken_with = IDS_CONVERSATION, .found_by = FOUND_BY_REPEATING, .reference = "receipt",
		.fields = FIELDS({.name = "receipt", .kind = FIELD_RECEIPT},
			{.name = "payment_id", .kind = FIELD_UUID},
			{.name = "originator_conversation_id", .kind = FIELD_ID, .most = 64}, NOTE) },
	{ .api = API_ACCOUNT_BALANCE, .name = "account_balance", READ_ONLY,
		.path = "/mpesa/accountbalance/v1/query", .asked_by = API_ACCOUNT_BALANCE,
		.first_ask_ms = 60 * SECOND, .horizon_ms = 10 * MINUTE, .sync_family = "balance",
		.result_family = "balance", .served = true, .asks_initiator = true,
		.taken_with = IDS_CONVERSATION, .found_by = FOUND_BY_REPEATING, .fields = FIELDS(NOTE) },
	{ .api = API_QR_CODE, .name = "qr_code", READ_ONLY, .path = "/mpesa/qrcode/v1/generate",
		.outcome_is_answer = true, .least_shillings = 0, .most_shillings = NO_BOUND,
		.sync_family = "qr", .result_family = "qr", .served = true, .reference = "reference",
		.fields = FIELDS({.name = "merchant_name", .kind = FIELD_WORDS, .least = 1, .most = 40},
			{.name = "reference", .kind = FIELD_WORDS, .least = 1, .most = 20}, KIND,
			{.name = "receiver", .kind = FIELD_NONE},
			{.name = "size_px", .kind = FIELD_NUMBER, .least = 100, .most = 1000}) },
	{ .api = API_ORG_INFO, .name = "org_info", READ_ONLY, .path = "/sfcverify/v1/query/info",
		.outcome_is_answer = true, .sync_family = "lookup", .result_family = "lookup", .served = true,
		.party = "identifier",
		.fields = FIELDS({.name = "identifier", .kind = FIELD_SHORTCODE, .least = 1}, KIND) },
	{ .api = API_SIM_SWAP, .name = "sim_swap", READ_ONLY, .path = "/imsi/v2/checkATI",
		.outcome_is_answer = true, .sync_family = "lookup", .result_family = "lookup", .served = true,
		.party = "phone", .fields = FIELDS(PHONE) },
	{ .api = API_IMSI, .name = "imsi", READ_ONLY, .path = "/imsi/v1/checkATI",
		.outcome_is_answer = true, .sync_family = "lookup", .result_family = "lookup", .served = true,
		.party = "phone", .fields = FIELDS(PHONE) },
	/* Never a command: the poller's own sweep. */
	{ .api = API_PULL_QUERY, .name = "pull_query", READ_ONLY, .path = "/pulltransactions/v1/query",
		.outcome_is_answer = true, .sync_family = "pull", .result_family = "pull",
		.fields = NO_FIELDS },
};
/* clang-format on */

const size_t api_rows_count = COUNT_OF(api_rows);
