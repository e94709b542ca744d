#include "check.h"

#include "darajasim/fields.h"

static const struct field_row rows_of_all[] = {
	{"Short", FIELD_SHORTCODE, true},
	{"Phone", FIELD_PHONE, true},
	{"Party", FIELD_PARTY, true},
	{"Amount", FIELD_AMOUNT, true, 10, 250000},
	{"Time", FIELD_TIME, true},
	{"Text", FIELD_TEXT, true, 2, 5},
	{"Url", FIELD_URL, true, 0, 60},
	{"Word", FIELD_WORD, true, .words = "One Two OneTwo"},
	{NULL},
};

static void test_fields_are_taken_or_named(void **state)
{
	const struct {
		const char *json;
		const char *want; /* NULL: taken */
	} rows[] = {
		{"{}", NULL},
		{"{\"Short\":12345}", NULL},
		{"{\"Short\":\"1234567\"}", NULL},
		{"{\"Short\":1234}", "Short"},
		{"{\"Short\":\"12345678\"}", "Short"},
		{"{\"Short\":\"12a45\"}", "Short"},
		{"{\"Short\":null}", "Short"},
		{"{\"Short\":[]}", "Short"},
		{"{\"Phone\":254700000149}", NULL},
		{"{\"Phone\":\"254110000149\"}", NULL},
		{"{\"Phone\":\"254200000149\"}", "Phone"},
		{"{\"Phone\":\"+254700000149\"}", "Phone"},
		{"{\"Phone\":\"0700000149\"}", "Phone"},
		{"{\"Party\":\"254700000149\"}", NULL},
		{"{\"Party\":600123}", NULL},
		{"{\"Party\":\"x\"}", "Party"},
		{"{\"Amount\":10}", NULL},
		{"{\"Amount\":\"250000\"}", NULL},
		{"{\"Amount\":9}", "Amount"},
		{"{\"Amount\":250001}", "Amount"},
		{"{\"Amount\":10.0}", "Amount"},
		{"{\"Amount\":\"10.00\"}", "Amount"},
		{"{\"Amount\":\"-10\"}", "Amount"},
		{"{\"Amount\":\"99999999999999999999\"}", "Amount"},
		{"{\"Amount\":true}", "Amount"},
		{"{\"Time\":20261123101500}", NULL},
		{"{\"Time\":\"20261323101500\"}", "Time"},
		{"{\"Time\":\"2026112310150\"}", "Time"},
		{"{\"Text\":\"ab\"}", NULL},
		{"{\"Text\":\"a\"}", "Text"},
		{"{\"Text\":\"abcdef\"}", "Text"},
		{"{\"Url\":\"https://127.0.0.1:18000/n/x\"}", NULL},
		{"{\"Url\":\"http://host.example/n\"}", NULL},
		{"{\"Url\":\"https://localhost/n\"}", "Url"},
		{"{\"Url\":\"https:///n\"}", "Url"},
		{"{\"Url\":\"ftp://host/n\"}", "Url"},
		{"{\"Url\":\"https://host/MPesa/n\"}", "Url"},
		{"{\"Url\":\"https://host/a.exe\"}", "Url"},
		{"{\"Url\":\"https://host/?query=1\"}", "Url"},
		{"{\"Url\":\"https://host/SafariCom\"}", "Url"},
		{"{\"Url\":\"https://host/a b\"}", "Url"},
		{"{\"Url\":\"https://host/0123456789012345678901234567890123456789012345678\"}", "Url"},
		{"{\"Word\":\"One\"}", NULL},
		{"{\"Word\":\"OneTwo\"}", NULL},
		{"{\"Word\":\"Tw\"}", "Word"},
		{"{\"Word\":\"neTwo\"}", "Word"},
		{"{\"Word\":\"\"}", "Word"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		json_t *json = json_loads(rows[i].json, 0, NULL);
		const char *got = fields_check(json, rows_of_all);

		CHECK(json != NULL, "%s", rows[i].json);
		CHECK((got == NULL) == (rows[i].want == NULL) &&
				(got == NULL || strcmp(got, rows[i].want) == 0),
			"%s: %s", rows[i].json, got != NULL ? got : "(taken)");
		json_decref(json);
	}
}

static void test_the_first_missing_field_is_told_by_its_odd_name(void **state)
{
	const struct field_row rows[] = {
		{"A", FIELD_TEXT, true, 1, 9},
		{"B", FIELD_TEXT, false, 1, 9, .told = "Remarks"},
		{"C", FIELD_TEXT, false, 1, 9},
		{NULL},
	};
	json_t *json = json_loads("{\"B\":\"b\"}", 0, NULL);

	(void)state;
	assert_string_equal(fields_check(NULL, rows), "Remarks");
	assert_string_equal(fields_check(json, rows), "C");
	json_decref(json);
}

static void test_the_payment_stands_second_to_last_in_the_path(void **state)
{
#define HEX "0123456789abcdef0123456789abcdef"
	const struct {
		const char *url, *want;
	} rows[] = {
		{"https://h/n/0102030405ff/" HEX "/" HEX, HEX},
		{"https://h/" HEX "/x", HEX},
		{"https://h/" HEX "/", HEX},
		{"https://h/" HEX, ""},
		{"https://h/0" HEX "/x", ""},
		{"https://h/0123456789ABCDEF0123456789abcdef/x", ""},
		{"https://h/0123456789abcdef/x", ""},
		{"", ""},
		{"/", ""},
		{HEX "/x", ""},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char got[33] = "?";

		fields_payment_hint(rows[i].url, got);
		CHECK(strcmp(got, rows[i].want) == 0, "%s: %s", rows[i].url, got);
	}
}

static void test_what_does_not_fit_is_not_half_taken(void **state)
{
	json_t *json = json_loads("{\"A\":\"abcdef\",\"N\":123}", 0, NULL);
	char four[4];

	(void)state;
	assert_string_equal(fields_text(json, "A", four, sizeof(four)), "");
	assert_string_equal(fields_text(json, "N", four, sizeof(four)), "123");
	assert_string_equal(fields_text(json, "none", four, sizeof(four)), "");
	json_decref(json);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fields_are_taken_or_named),
		cmocka_unit_test(test_the_first_missing_field_is_told_by_its_odd_name),
		cmocka_unit_test(test_the_payment_stands_second_to_last_in_the_path),
		cmocka_unit_test(test_what_does_not_fit_is_not_half_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
