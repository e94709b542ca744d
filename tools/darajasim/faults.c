#include "darajasim/faults.h"

#include <string.h>

static const struct {
	const char *name;
	struct plan_error error;
} errors[] = {
	{"invalid_amount", {400, "400.002.02", "Bad Request - Invalid Amount"}},
	{"invalid_phone", {400, "400.002.02", "Bad Request - Invalid PhoneNumber"}},
	{"invalid_remarks", {400, "400.002.02", "Bad Request - Invalid Remarks"}},
	{"invalid_callback", {400, "400.002.02", "Bad Request - Invalid CallBackURL"}},
	{"invalid_checkout", {400, "400.002.02", "Bad Request - Invalid CheckoutRequestID"}},
	{"invalid_payload", {400, "400.002.05", "Invalid Request Payload"}},
	{"invalid_auth", {400, "400.008.01", "Invalid Authentication passed"}},
	{"invalid_grant", {400, "400.008.02", "Invalid grant type passed"}},
	{"no_product", {401, "401.003.01", "Error Occurred - Invalid API call as no apiproduct match found"}},
	{"not_found", {404, "404.001.01", "Resource not found"}},
	{"wrong_method", {404, "404.001.04", "Invalid Authentication Header"}},
	{"method_not_allowed", {405, "405.001", "Method Not Allowed"}},
	{"wrong_credentials", {500, "500.001.1001", "Wrong credentials"}},
	{"merchant_unknown", {500, "500.001.1001", "Merchant does not exist"}},
	{"subscriber_locked", {500, "500.001.1001",
				      "Unable to lock subscriber, a transaction is already in process for "
				      "the current subscriber"}},
	{"being_processed", {500, "500.001.1001", "The transaction is being processed"}},
	{"internal_error", {500, "500.001.1001", "Internal Server Error"}},
	{"duplicate_id", {500, "500.002.1001", "Duplicate OriginatorConversationID."}},
	{"system_error", {500, "500.002.1001", "System internal error."}},
	{"maintenance",
		{500, "00.002.1001", "Service is currently under maintenance. Please try again later"}},
	{"spike_arrest", {500, "500.003.02", "Error Occurred: Spike Arrest Violation"}},
	{"busy", {500, "500.003.02", "System is busy. Please try again in few minutes."}},
	{"quota", {500, "500.003.03", "Error Occurred: Quota Violation"}},
	{"urls_registered", {500, "500.003.1001", "Urls are already registered."}},
	{"server_error", {500, "500.003.1001", "Internal Server Error"}},
	{"backend_failed",
		{500, "steps.servicecallout.ExecutionFailed", "Execution of ServiceCallout failed"}},
	{"backend_timeout", {504, "messaging.adaptors.http.flow.GatewayTimeout", "Gateway Timeout"}},
	{"cached", {200, "100000000", "The request is cached and waits to be sent again"}},
	{"overload", {200, "100000001", "The system is overloaded"}},
	{"throttled", {200, "100000002", "Throttling"}},
	{"core_error", {200, "100000004", "Internal error"}},
	{"too_fast", {200, "100000011", "The request rate is above the limit"}},
	{"traffic_blocked", {200, "26", "Traffic blocking condition in place"}},
};

static const char edge_page[] =
	"<html style=\"height:100%\"><head><META NAME=\"ROBOTS\" CONTENT=\"NOINDEX, NOFOLLOW\"></head>"
	"<body style=\"margin:0px;height:100%\"><iframe id=\"main-iframe\" frameborder=0 width=\"100%\">"
	"Request unsuccessful. Incapsula incident ID: 0-0</iframe></body></html>";

const struct plan_error *faults_error_find(const char *name)
{
	for (size_t i = 0; i < COUNT_OF(errors); i++)
		if (strcmp(errors[i].name, name) == 0)
			return &errors[i].error;
	return NULL;
}

const char *faults_error_name(unsigned at)
{
	return at < COUNT_OF(errors) ? errors[at].name : NULL;
}

static bool is_gateway_policy(const char *code)
{
	struct text text = text_of(code);

	return text_starts(text, "policies.") || text_starts(text, "steps.") ||
	       text_starts(text, "messaging.");
}

struct fault faults_error(const struct plan_error *error, const char *request_id, struct buf *body)
{
	if (is_gateway_policy(error->code)) {
		buf_str(body, "{\"fault\":{\"faultstring\":");
		buf_json_string(body, text_of(error->message));
		buf_str(body, ",\"detail\":{\"errorcode\":");
		buf_json_string(body, text_of(error->code));
		buf_str(body, "}}}");
	} else {
		buf_print(body, "{\"requestId\":\"%s\",\"errorCode\":", request_id);
		buf_json_string(body, text_of(error->code));
		buf_str(body, ",\"errorMessage\":");
		buf_json_string(body, text_of(error->message));
		buf_char(body, '}');
	}
	return (struct fault){error->http, "application/json"};
}

struct fault faults_token(enum product product, const char *token, const char *request_id, struct buf *body)
{
	struct plan_error error = {404, "404.001.03", "Invalid Access Token"};
	struct buf message = BUF(error.message);

	switch (product) {
	case PRODUCT_B2C:
	case PRODUCT_B2POCHI:
		error.http = 401;
		memcpy(error.code, "401.002.01", sizeof("401.002.01"));
		buf_str(&message, "Error Occurred - Invalid Access Token - ");
		buf_text(&message, text_of(token));
		buf_end(&message);
		break;
	case PRODUCT_BALANCE:
		error.http = 401;
		memcpy(error.code, "401.002.01", sizeof("401.002.01"));
		buf_str(&message, "Error Occurred - Invalid Access Token - ");
		buf_text(&message, text_of(token));
		buf_end(&message);
		break;
	case PRODUCT_STATUS:
	case PRODUCT_B2B:
	case PRODUCT_TAX:
	case PRODUCT_C2B_REGISTER:
	case PRODUCT_C2B_SIMULATE:
	case PRODUCT_BILL_OPT_IN:
	case PRODUCT_BILL_INVOICE:
	case PRODUCT_BILL_INVOICES:
	case PRODUCT_BILL_CANCEL:
	case PRODUCT_BILL_RECONCILE:
	case PRODUCT_PULL_REGISTER:
		error.http = 400;
		memcpy(error.code, "400.003.01", sizeof("400.003.01"));
		break;
	case PRODUCT_STK_PUSH:
	case PRODUCT_STK_QUERY:
	case PRODUCT_REVERSAL:
	case PRODUCT_EXPRESS:
	case PRODUCT_ORDER:
	case PRODUCT_QR:
	case PRODUCT_ORG:
	case PRODUCT_SWAP:
	case PRODUCT_IMSI:
	case PRODUCT_OAUTH:
	case PRODUCT_COUNT:
		break;
	}
	return faults_error(&error, request_id, body);
}

static struct fault named(const char *name, const char *request_id, struct buf *body)
{
	return faults_error(faults_error_find(name), request_id, body);
}

static struct fault raw_spike(struct buf *body)
{
	struct plan_error error = {429, "policies.ratelimit.SpikeArrestViolation",
		"Spike arrest violation. Allowed rate : MessageRate{messagesPerPeriod=20, "
		"periodInMicroseconds=1000000, "
		"maxBurstMessageCount=1.0}"};

	return faults_error(&error, "", body);
}

/* An acknowledgement without its ids. */
static void put_empty_ids(enum product product, const char *code, const char *message, struct buf *body)
{
	bool stk = product == PRODUCT_STK_PUSH || product == PRODUCT_STK_QUERY;

	buf_print(body,
		"{\"%s\":\"\",\"%s\":\"\",\"ResponseCode\":", stk ? "MerchantRequestID" : "ConversationID",
		stk ? "CheckoutRequestID" : "OriginatorConversationID");
	buf_json_string(body, text_of(code));
	buf_str(body, ",\"ResponseDescription\":");
	buf_json_string(body, text_of(message));
	buf_str(body, "}");
}

bool faults_answer(const struct plan *plan, enum product product, const char *token, const char *request_id,
	struct buf *body, struct fault *ret)
{
	switch (plan->answer) {
	case ANSWER_ERROR:
		*ret = faults_error(&plan->error, request_id, body);
		return true;
	case ANSWER_HTML503:
		buf_str(body, edge_page);
		*ret = (struct fault){503, "text/html"};
		return true;
	case ANSWER_EMPTY200:
		*ret = (struct fault){200, "application/json"};
		return true;
	case ANSWER_EMPTY_FIELDS:
		put_empty_ids(product, "", "", body);
		*ret = (struct fault){200, "application/json"};
		return true;
	case ANSWER_REFUSED200:
		put_empty_ids(product, plan->error.code, plan->error.message, body);
		*ret = (struct fault){200, "application/json"};
		return true;
	case ANSWER_SPIKE_ARREST:
		*ret = named("spike_arrest", request_id, body);
		return true;
	case ANSWER_SPIKE_ARREST_RAW:
		*ret = raw_spike(body);
		return true;
	case ANSWER_QUOTA:
		*ret = named("quota", request_id, body);
		return true;
	case ANSWER_INVALID_TOKEN:
		*ret = faults_token(product, token, request_id, body);
		return true;
	case ANSWER_HTTP429:
		buf_str(body, "{\"errorCode\":\"429\",\"errorMessage\":\"Too Many Requests\"}");
		*ret = (struct fault){429, "application/json"};
		return true;
	case ANSWER_OK:
	case ANSWER_LOST_BEFORE:
	case ANSWER_LOST_AFTER:
	case ANSWER_CLOSE_AFTER_READ:
	case ANSWER_TRUNCATED:
	case ANSWER_HANG:
	case ANSWER_COUNT:
		break;
	}
	return false;
}
