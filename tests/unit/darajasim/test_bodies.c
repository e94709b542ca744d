#include "check.h"

#include "darajasim/bodies.h"
#include "darajasim/results.h"

#include <jansson.h>

static struct told facts(enum shape shape, const char *code)
{
	bool good = strcmp(code, "0") == 0;

	return (struct told){
		.shape = shape,
		.luck = 77,
		.originator = "our-id-1",
		.id = "AG_20261123_20100000000000000001",
		.code = code,
		.desc = "it is \"so\"",
		.transaction = good ? "UKN4A7QX2M" : "UKN0000000",
		.receipt = good ? "UKN4A7QX2M" : "",
		.shillings = 350,
		.phone = "254700000149",
		.shortcode = "600123",
		.started = {INT64_C(1795418100000000)},
		.ended = {INT64_C(1795418160000000)},
		.utility = 1000,
		.reference = "INV-77",
		.status = "Completed",
		.about_originator = "its-id-1",
		.about_id = "AG_1",
	};
}

static json_t *build(void (*make)(const struct told *, struct buf *), const struct told *told)
{
	static char bytes[8192];
	struct buf buf = BUF(bytes);
	json_error_t where;
	json_t *json;

	make(told, &buf);
	assert_false(buf.full);
	json = json_loadb(buf.at, buf.len, 0, &where);
	CHECK(json != NULL, "%s in %.*s", where.text, (int)buf.len, buf.at);
	return json;
}

/* The value of a parameter, and how often its key stands there. */
static const json_t *find(const json_t *items, const char *key_name, const char *key, unsigned *ret_times)
{
	const json_t *found = NULL, *item;
	size_t i;

	*ret_times = 0;
	json_array_foreach((json_t *)items, i,
		item) if (strcmp(json_string_value(json_object_get(item, key_name)), key) == 0)
	{
		found = json_object_get(item, "Value");
		(*ret_times)++;
	}
	return found;
}

static void test_every_shape_of_every_body_is_json_with_its_ids(void **state)
{
	void (*const makers[])(const struct told *, struct buf *) = {
		bodies_stk, bodies_payout, bodies_status, bodies_transfer, bodies_tax, bodies_reversal};
	const char *const codes[] = {"0", "1", "SFC_IC0003", "-1"};

	(void)state;
	for (size_t m = 0; m < COUNT_OF(makers); m++)
		for (int shape = 0; shape < SHAPE_ANY; shape++)
			for (size_t c = 0; c < COUNT_OF(codes); c++) {
				struct told told = facts((enum shape)shape, codes[c]);
				json_t *json = build(makers[m], &told), *in = json_object_get(json, "Result"),
				       *code;

				if (m == 0)
					in = json_object_get(json_object_get(json, "Body"), "stkCallback");
				code = json_object_get(in, "ResultCode");
				/* Of a transfer the portal prints a success's code as text. */
				CHECK(json_is_string(code) ==
						(shape == SHAPE_STRINGS || codes[c][0] == 'S' ||
							(m > 2 && shape == SHAPE_PORTAL && c == 0)),
					"maker %zu, shape %d, code %s", m, shape, codes[c]);
				assert_string_equal(
					json_string_value(json_object_get(in,
						m == 0 ? "MerchantRequestID" : "OriginatorConversationID")),
					"our-id-1");
				json_decref(json);
			}
}

static void test_a_payment_says_amount_and_receipt_in_every_shape(void **state)
{
	(void)state;
	for (int shape = 0; shape < SHAPE_ANY; shape++) {
		struct told told = facts((enum shape)shape, "0");
		json_t *json = build(bodies_stk, &told), *items;
		unsigned times;

		items = json_object_get(
			json_object_get(json_object_get(json_object_get(json, "Body"), "stkCallback"),
				"CallbackMetadata"),
			"Item");
		CHECK(json_array_size(items) == (shape == SHAPE_MINIMAL ? 2 : 5), "shape %d", shape);
		CHECK(json_is_string(find(items, "Name", "Amount", &times)) == (shape == SHAPE_STRINGS), "%d",
			shape);
		CHECK(find(items, "Name", "Balance", &times) == NULL, "shape %d: Balance has no Value",
			shape);
		CHECK(strcmp(json_string_value(find(items, "Name", "MpesaReceiptNumber", &times)),
			      "UKN4A7QX2M") == 0,
			"shape %d", shape);
		json_decref(json);
	}
}

static void test_the_portals_status_has_a_key_twice(void **state)
{
	struct told told = facts(SHAPE_PORTAL, "0");
	json_t *json = build(bodies_status, &told), *items;
	unsigned times;

	(void)state;
	items = json_object_get(
		json_object_get(json_object_get(json, "Result"), "ResultParameters"), "ResultParameter");
	find(items, "Key", "DebitPartyName", &times);
	assert_int_equal(times, 2);
	assert_string_equal(json_string_value(find(items, "Key", "TransactionStatus", &times)), "Completed");
	assert_null(find(items, "Key", "TransactionReason", &times));
	assert_int_equal(times, 1);
	json_decref(json);
}

static void test_a_failure_has_no_parameters_or_one_bare_object(void **state)
{
	(void)state;
	for (int shape = 0; shape < SHAPE_ANY; shape++) {
		struct told told = facts((enum shape)shape, "1");
		json_t *json = build(bodies_payout, &told), *parameters;

		parameters = json_object_get(json_object_get(json, "Result"), "ResultParameters");
		if (shape == SHAPE_OBJECT)
			CHECK(json_is_object(json_object_get(parameters, "ResultParameter")), "shape %d",
				shape);
		else if (shape == SHAPE_STRINGS)
			CHECK(json_is_array(json_object_get(parameters, "ResultParameter")), "shape %d",
				shape);
		else
			CHECK(parameters == NULL, "shape %d", shape);
		json_decref(json);
	}
}

static void test_what_is_not_known_is_left_out(void **state)
{
	struct told told = facts(SHAPE_PORTAL, "0");
	json_t *json, *items;
	unsigned times;

	(void)state;
	told.receipt = "";
	told.shillings = 0;
	json = build(bodies_payout, &told);
	items = json_object_get(
		json_object_get(json_object_get(json, "Result"), "ResultParameters"), "ResultParameter");
	find(items, "Key", "TransactionReceipt", &times);
	assert_int_equal(times, 0);
	find(items, "Key", "TransactionAmount", &times);
	assert_int_equal(times, 0);
	json_decref(json);
}

static void test_every_result_code_has_words_and_a_status(void **state)
{
	(void)state;
	for (unsigned i = 0; results_code(i) != NULL; i++) {
		CHECK(results_desc(PRODUCT_B2C, results_code(i))[0] != '\0', "%s", results_code(i));
		CHECK(results_status(results_code(i))[0] != '\0', "%s", results_code(i));
		for (unsigned j = 0; j < i; j++)
			CHECK(strcmp(results_code(i), results_code(j)) != 0, "%s stands twice",
				results_code(i));
	}
	assert_string_equal(results_desc(PRODUCT_B2C, "nobody's"), "Request failed.");
	assert_string_equal(results_status("nobody's"), "Declined");
}

/* The receipt of a transfer is the envelope's TransactionID: no item tells it. */
static void test_a_transfer_tells_its_amount_and_balances(void **state)
{
	void (*const makers[])(const struct told *, struct buf *) = {
		bodies_transfer, bodies_tax, bodies_reversal};
	unsigned times;

	(void)state;
	for (size_t m = 0; m < COUNT_OF(makers); m++)
		for (int shape = 0; shape < SHAPE_ANY; shape++) {
			struct told told = facts((enum shape)shape, "0");
			json_t *json = build(makers[m], &told), *in = json_object_get(json, "Result"),
			       *items = json_object_get(
				       json_object_get(in, "ResultParameters"), "ResultParameter");
			const json_t *amount = find(items, "Key", "Amount", &times);

			assert_string_equal(
				json_string_value(json_object_get(in, "TransactionID")), "UKN4A7QX2M");
			CHECK(times == !(m == 2 && shape == SHAPE_OBJECT), "maker %zu, shape %d", m, shape);
			if (times > 0 && json_is_string(amount))
				assert_string_equal(json_string_value(amount), "350.00");
			else if (times > 0)
				CHECK(json_number_value(amount) == 350, "maker %zu, shape %d", m, shape);
			(void)find(items, "Key", "OriginalTransactionID", &times);
			CHECK(times == (m == 2 && shape != SHAPE_OBJECT), "maker %zu, shape %d", m, shape);
			json_decref(json);
		}
}

static void test_a_failed_transfer_has_a_bare_object_and_failed_tax_a_list(void **state)
{
	struct told told = facts(SHAPE_PORTAL, "1");
	json_t *b2b = build(bodies_transfer, &told), *tax, *parameters;

	(void)state;
	parameters = json_object_get(
		json_object_get(json_object_get(b2b, "Result"), "ResultParameters"), "ResultParameter");
	assert_true(json_is_integer(json_object_get(parameters, "Value")));
	json_decref(b2b);
	tax = build(bodies_tax, &told);
	parameters = json_object_get(
		json_object_get(json_object_get(tax, "Result"), "ResultParameters"), "ResultParameter");
	assert_true(json_is_string(json_object_get(json_array_get(parameters, 0), "Value")));
	json_decref(tax);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_transfer_tells_its_amount_and_balances),
		cmocka_unit_test(test_a_failed_transfer_has_a_bare_object_and_failed_tax_a_list),
		cmocka_unit_test(test_every_shape_of_every_body_is_json_with_its_ids),
		cmocka_unit_test(test_a_payment_says_amount_and_receipt_in_every_shape),
		cmocka_unit_test(test_the_portals_status_has_a_key_twice),
		cmocka_unit_test(test_a_failure_has_no_parameters_or_one_bare_object),
		cmocka_unit_test(test_what_is_not_known_is_left_out),
		cmocka_unit_test(test_every_result_code_has_words_and_a_status),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
