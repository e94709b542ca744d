#include "check.h"

#include "darajasim/ids.h"

#include <ctype.h>
#include <stdlib.h>

/* 2026-11-23 10:15:00 in Nairobi. */
static const struct instant now = {INT64_C(1795418100000000)};

static int compare(const void *a, const void *b)
{
	return memcmp(a, b, RECEIPT_TEXT);
}

static void test_no_receipt_comes_twice(void **state)
{
	enum { MANY = 200000 };
	char(*all)[RECEIPT_TEXT] = malloc((size_t)MANY * RECEIPT_TEXT);

	(void)state;
	for (uint64_t i = 0; i < MANY; i++)
		ids_receipt(99, i, now, all[i]);
	qsort(all, MANY, RECEIPT_TEXT, compare);
	for (size_t i = 1; i < MANY; i++)
		CHECK(memcmp(all[i - 1], all[i], RECEIPT_TEXT) != 0, "%s", all[i]);
	free(all);
}

static void test_a_receipt_is_ten_letters_that_begin_with_the_day(void **state)
{
	const struct {
		const char *what;
		int64_t us;
		const char *want;
	} rows[] = {
		{"23 November 2026", INT64_C(1795418100000000), "UKN"},
		{"1 January 2024", INT64_C(1704067200000000), "SA1"},
		{"31 December 2025", INT64_C(1767171600000000), "TLV"},
		{"10 May 2025", INT64_C(1746867600000000), "TEA"},
		{"after midnight in Nairobi", INT64_C(1795469400000000), "UKO"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char receipt[RECEIPT_TEXT], placeholder[RECEIPT_TEXT];

		ids_receipt(1, 5, (struct instant){rows[i].us}, receipt);
		ids_placeholder((struct instant){rows[i].us}, placeholder);
		CHECK(strlen(receipt) == 10 && memcmp(receipt, rows[i].want, 3) == 0, "%s: %s", rows[i].what,
			receipt);
		CHECK(memcmp(placeholder, rows[i].want, 3) == 0, "%s: %s", rows[i].what, placeholder);
		CHECK(strcmp(placeholder + 3, "0000000") == 0, "%s: %s", rows[i].what, placeholder);
	}
}

static void test_a_receipt_never_looks_like_a_placeholder(void **state)
{
	const uint64_t edges[] = {
		0, 1, 2, UINT64_C(78364164094), UINT64_C(78364164095), UINT64_C(78364164096), UINT64_MAX};

	(void)state;
	for (uint64_t seed = 0; seed < 50; seed++)
		for (size_t i = 0; i < COUNT_OF(edges); i++) {
			char receipt[RECEIPT_TEXT];

			ids_receipt(seed, edges[i], now, receipt);
			CHECK(strcmp(receipt + 3, "0000000") != 0, "seed %u, edge %u", (unsigned)seed,
				(unsigned)i);
		}
}

static void test_ids_have_the_shapes_that_were_seen(void **state)
{
	char id[ID_TEXT], time[INSTANT_TEXT];

	(void)state;
	for (uint64_t luck = 1; luck < UINT64_MAX / 3; luck = luck * 3 + 1) {
		size_t len = strlen(ids_request(luck, id));

		CHECK(len >= 31 && len <= 34 && id[4] == '-' && id[9] == '-' && id[14] == '-', "%s", id);
		CHECK(strlen(ids_conversation(luck, now, id)) == 32, "%s", id);
		CHECK(strncmp(id, "AG_20261123_2010", 16) == 0, "%s", id);
		len = strlen(ids_checkout(luck, now, "254700000149", id));
		CHECK(len >= 30 && len <= 32 && strncmp(id, "ws_CO_23112026101500", 20) == 0, "%s", id);
		CHECK(strcmp(id + len - 9, "700000149") == 0, "%s", id);
	}
	assert_string_equal(ids_dotted_time(now, time), "23.11.2026 10:15:00");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_receipt_comes_twice),
		cmocka_unit_test(test_a_receipt_is_ten_letters_that_begin_with_the_day),
		cmocka_unit_test(test_a_receipt_never_looks_like_a_placeholder),
		cmocka_unit_test(test_ids_have_the_shapes_that_were_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
