#include "check.h"

#include "io/daraja_client.h"

/* Stands in for io/http_client: what would have gone out, as text. */
static char sent[2048];
static bool connections_are_free;

bool http_client_send(struct http_client *client, const struct http_request *request, http_done *done,
	void *cookie, struct err *err)
{
	struct buf out = BUF(sent);

	(void)client;
	if (!connections_are_free)
		return err_set(err, ERR_RETRY, 0, "all connections are busy");
	buf_print(&out, "%s %s\n", request->method, request->url);
	for (size_t i = 0; request->headers[i] != NULL; i++)
		buf_print(&out, "%s\n", request->headers[i]);
	buf_print(&out, "connect %lld total %lld\n", (long long)request->connect_ms,
		(long long)request->total_ms);
	buf_text(&out, request->body);
	buf_end(&out);
	return done != NULL && cookie != NULL;
}

static void on_done(void *cookie, const struct http_reply *reply)
{
	(void)cookie;
	(void)reply;
}

static const struct account shop = {
	.name = "shop",
	.api_base = "https://sandbox.safaricom.co.ke",
	.app = "shop",
	.consumer_key = "key",
	.consumer_secret = "secret",
};

static int begin(void **state)
{
	(void)state;
	connections_are_free = true;
	sent[0] = '\0';
	return 0;
}

static void test_every_api_goes_to_its_own_path(void **state)
{
	static const struct {
		enum api api;
		const char *path;
	} cases[] = {
		{API_STK_PUSH, "/mpesa/stkpush/v1/processrequest"},
		{API_STK_QUERY, "/mpesa/stkpushquery/v1/query"},
		{API_B2C, "/mpesa/b2c/v3/paymentrequest"},
		{API_TRANSACTION_STATUS, "/mpesa/transactionstatus/v1/query"},
	};
	struct err err;
	int cookie;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const struct daraja_call call = {
			&shop, api_row(cases[i].api)->path, "token", TEXT("{}"), "", 5000, 30000};
		char want[256];

		assert_true(daraja_client_send(NULL, &call, on_done, &cookie, &err));
		snprintf(want, sizeof(want), "POST https://sandbox.safaricom.co.ke%s\n", cases[i].path);
		CHECK(strncmp(sent, want, strlen(want)) == 0, "%s", sent);
	}
}

static void test_a_call_carries_token_type_and_trace(void **state)
{
	struct daraja_call call = {&shop, "/mpesa/b2c/v3/paymentrequest", "abc", TEXT("{\"Amount\":1}"),
		"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", 4000, 30000};
	struct err err;
	int cookie;

	(void)state;
	assert_true(daraja_client_send(NULL, &call, on_done, &cookie, &err));
	assert_string_equal(sent, "POST https://sandbox.safaricom.co.ke/mpesa/b2c/v3/paymentrequest\n"
				  "Authorization: Bearer abc\n"
				  "Content-Type: application/json\n"
				  "Accept: application/json\n"
				  "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\n"
				  "connect 4000 total 30000\n"
				  "{\"Amount\":1}");
	call.traceparent = "";
	assert_true(daraja_client_send(NULL, &call, on_done, &cookie, &err));
	assert_null(strstr(sent, "traceparent"));
}

static void test_a_token_is_asked_for_with_the_key_and_secret(void **state)
{
	struct err err;
	int cookie;

	(void)state;
	assert_true(daraja_client_token(NULL, &shop, 15000, on_done, &cookie, &err));
	assert_string_equal(sent,
		"GET https://sandbox.safaricom.co.ke/oauth/v1/generate?grant_type=client_credentials\n"
		"Authorization: Basic a2V5OnNlY3JldA==\n"
		"Accept: application/json\n"
		"connect 15000 total 15000\n");
}

static void test_a_busy_client_is_told_to_the_caller(void **state)
{
	const struct daraja_call call = {
		&shop, "/mpesa/b2c/v3/paymentrequest", "abc", TEXT("{}"), "", 4000, 30000};
	struct err err = {0};
	int cookie;

	(void)state;
	connections_are_free = false;
	assert_false(daraja_client_send(NULL, &call, on_done, &cookie, &err));
	assert_int_equal(err.class, ERR_RETRY);
	err.class = ERR_NONE;
	assert_false(daraja_client_token(NULL, &shop, 15000, on_done, &cookie, &err));
	assert_int_equal(err.class, ERR_RETRY);
}

static void test_bill_managers_key_is_a_header_where_there_is_one(void **state)
{
	struct daraja_call call = {&shop, "/v1/billmanager-invoice/single-invoicing", "abc", TEXT("{}"), "",
		4000, 30000, "AG_1_2"};
	struct err err;
	int cookie;

	(void)state;
	assert_true(daraja_client_send(NULL, &call, on_done, &cookie, &err));
	assert_non_null(strstr(sent, "Accept: application/json\nappKey: AG_1_2\nconnect"));
	call.app_key = "";
	assert_true(daraja_client_send(NULL, &call, on_done, &cookie, &err));
	assert_null(strstr(sent, "appKey"));
	call.app_key = "AG_1_2";
	call.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
	assert_true(daraja_client_send(NULL, &call, on_done, &cookie, &err));
	assert_true(strstr(sent, "traceparent: ") != NULL && strstr(sent, "appKey: ") != NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_every_api_goes_to_its_own_path, begin),
		cmocka_unit_test_setup(test_a_call_carries_token_type_and_trace, begin),
		cmocka_unit_test_setup(test_bill_managers_key_is_a_header_where_there_is_one, begin),
		cmocka_unit_test_setup(test_a_token_is_asked_for_with_the_key_and_secret, begin),
		cmocka_unit_test_setup(test_a_busy_client_is_told_to_the_caller, begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
