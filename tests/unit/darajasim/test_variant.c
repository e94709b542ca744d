#include "check.h"

#include "darajasim/variant.h"

#include <jansson.h>

static struct plan plan;

static struct deal deal_of(enum product product, const char *result, bool executed)
{
	struct deal deal = {.product = product,
		.plan = &plan,
		.number = 4,
		.shillings = 350,
		.id = "the-id",
		.phone = "254700000149",
		.shortcode = "600123",
		.executed = executed,
		.about_status = "",
		.started = {INT64_C(1795418100000000)},
		.ended = {INT64_C(1795418160000000)}};

	plan_init(&plan);
	deal.originator = (char *)"originator";
	memcpy(deal.result, result, strlen(result) + 1);
	if (executed)
		memcpy(deal.receipt, "UKN4A7QX2M", 11);
	return deal;
}

static json_t *build(enum variant variant, const struct deal *deal)
{
	static char bytes[8192];
	struct buf buf = BUF(bytes);

	variant_build(variant, deal, 1, 1000, &buf);
	assert_false(buf.full);
	return json_loadb(buf.at, buf.len, 0, NULL);
}

/* What an STK callback says: code, receipt ("" none), shillings (0 none). */
static int64_t read_stk(const json_t *json, const char **ret_receipt, double *ret_shillings)
{
	json_t *in = json_object_get(json_object_get(json, "Body"), "stkCallback"), *item;
	size_t i;

	*ret_receipt = "";
	*ret_shillings = 0;
	json_array_foreach(json_object_get(json_object_get(in, "CallbackMetadata"), "Item"), i, item)
	{
		const char *name = json_string_value(json_object_get(item, "Name"));

		if (strcmp(name, "MpesaReceiptNumber") == 0)
			*ret_receipt = json_string_value(json_object_get(item, "Value"));
		if (strcmp(name, "Amount") == 0)
			*ret_shillings = json_number_value(json_object_get(item, "Value"));
	}
	return json_integer_value(json_object_get(in, "ResultCode"));
}

static void test_each_variant_departs_from_the_truth_in_one_thing(void **state)
{
	const struct {
		enum variant variant;
		const char *result;
		bool executed;
		int64_t want_code;
		const char *want_receipt; /* "?" : another one than the real */
		double want_shillings;
	} rows[] = {
		{VARIANT_TRUTH, "0", true, 0, "UKN4A7QX2M", 350},
		{VARIANT_TRUTH, "1032", false, 1032, "", 0},
		{VARIANT_TRUTH, "1032", true, 1032, "", 0},
		{VARIANT_TRUTH, "0", false, 0, "?", 350},
		{VARIANT_OPPOSITE, "0", true, 1032, "", 0},
		{VARIANT_OPPOSITE, "1037", false, 0, "?", 350},
		{VARIANT_WRONG_AMOUNT, "0", true, 0, "UKN4A7QX2M", 351},
		{VARIANT_OTHER_RECEIPT, "0", true, 0, "?", 350},
		{VARIANT_NO_RECEIPT, "0", true, 0, "", 350},
		{VARIANT_NO_AMOUNT, "0", true, 0, "UKN4A7QX2M", 0},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct deal deal = deal_of(PRODUCT_STK_PUSH, rows[i].result, rows[i].executed);
		json_t *json = build(rows[i].variant, &deal);
		const char *receipt;
		double shillings;
		int64_t code = read_stk(json, &receipt, &shillings);

		CHECK(code == rows[i].want_code, "row %zu: code %d", i, (int)code);
		CHECK(shillings == rows[i].want_shillings, "row %zu: %f", i, shillings);
		if (rows[i].want_receipt[0] == '?')
			CHECK(strlen(receipt) == 10 && strcmp(receipt, "UKN4A7QX2M") != 0, "row %zu: %s", i,
				receipt);
		else
			CHECK(strcmp(receipt, rows[i].want_receipt) == 0, "row %zu: %s", i, receipt);
		json_decref(json);
	}
}

static void test_status_tells_the_truth_whatever_the_callback_said(void **state)
{
	const struct {
		const char *what, *result;
		bool ended, executed, dropped;
		const char *asked_for, *want; /* "2033": not found */
	} rows[] = {
		{"paid", "0", true, true, false, "", "Completed"},
		{"paid, told otherwise", "1", true, true, false, "", "Completed"},
		{"told paid, not so", "0", true, false, false, "", "Declined"},
		{"cancelled", "1032", true, false, false, "", "Cancelled"},
		{"expired", "1037", true, false, false, "", "Expired"},
		{"under way", "0", false, false, false, "", "Initiated"},
		{"ran out in the queue", "0", true, false, true, "", "2033"},
		{"as the scenario says", "0", true, true, false, "Authorized", "Authorized"},
		{"denied by the scenario", "0", true, true, false, "not_found", "2033"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct deal about = deal_of(PRODUCT_B2C, rows[i].result, rows[i].executed);
		struct deal question = deal_of(PRODUCT_STATUS, "0", false);
		static char bytes[8192];
		struct buf buf = BUF(bytes);

		about.dropped = rows[i].dropped;
		if (!rows[i].ended)
			about.ended = (struct instant){0};
		question.about = &about;
		question.about_status = rows[i].asked_for;
		variant_build(VARIANT_TRUTH, &question, 1, 0, &buf);
		CHECK(strstr(buf_end(&buf), rows[i].want) != NULL, "%s: %s", rows[i].what, buf.at);
		CHECK((strstr(buf.at, "UKN4A7QX2M") != NULL) == (strcmp(rows[i].want, "Completed") == 0),
			"%s: %s", rows[i].what, buf.at);
	}
}

static void test_every_variant_has_a_name_of_its_own(void **state)
{
	(void)state;
	for (unsigned i = 0; i < VARIANT_COUNT; i++) {
		enum variant found = VARIANT_COUNT;

		CHECK(variant_from_name(text_of(variant_name((enum variant)i)), &found) && found == i, "%u",
			i);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_variant_departs_from_the_truth_in_one_thing),
		cmocka_unit_test(test_status_tells_the_truth_whatever_the_callback_said),
		cmocka_unit_test(test_every_variant_has_a_name_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
