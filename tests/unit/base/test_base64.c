#include "check.h"
#include "base/base64.h"

static void test_the_vectors_of_rfc_4648(void **state)
{
	static const struct {
		const char *bytes, *text;
	} rows[] = {
		{"", ""},
		{"f", "Zg=="},
		{"fo", "Zm8="},
		{"foo", "Zm9v"},
		{"foob", "Zm9vYg=="},
		{"fooba", "Zm9vYmE="},
		{"foobar", "Zm9vYmFy"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		size_t len = strlen(rows[i].bytes), got;
		char out[BASE64_SIZE(6)], back[6];

		CHECK(strcmp(base64_build(rows[i].bytes, len, out), rows[i].text) == 0, "%s", rows[i].bytes);
		CHECK(strlen(out) + 1 == (size_t)BASE64_SIZE(len), "%s", rows[i].bytes);
		CHECK(base64_parse(text_of(out), back, len, &got), "%s", rows[i].text);
		CHECK(got == len && memcmp(back, rows[i].bytes, len) == 0, "%s", rows[i].text);
	}
}

static void test_every_byte_comes_back(void **state)
{
	uint8_t bytes[256], again[256];
	char out[BASE64_SIZE(256)];
	size_t got;

	(void)state;
	for (int i = 0; i < 256; i++)
		bytes[i] = (uint8_t)(i * 167);
	for (size_t len = 0; len <= sizeof(bytes); len++) {
		base64_build(bytes, len, out);
		CHECK(base64_parse(text_of(out), again, sizeof(again), &got), "%zu bytes", len);
		CHECK(got == len && memcmp(bytes, again, len) == 0, "%zu bytes", len);
	}
}

static void test_a_value_has_one_text(void **state)
{
	static const struct {
		const char *what, *text;
	} rows[] = {
		{"no padding", "Zg"},
		{"half the padding", "Zg="},
		{"only padding", "===="},
		{"padding inside", "Zg==Zg=="},
		{"three padding", "Z==="},
		{"bits under the padding", "Zh=="},
		{"a bit under the padding", "Zm9="},
		{"URL alphabet", "__--"},
		{"a space", "Zm 9"},
		{"a line end", "Zm9v\n"},
		{"padding in the middle", "Z=9v"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		uint8_t out[16] = {7};
		size_t got = 42;

		CHECK(!base64_parse(text_of(rows[i].text), out, sizeof(out), &got), "%s", rows[i].what);
		CHECK(got == 42 && out[0] == 7, "%s: output touched", rows[i].what);
	}
}

static void test_what_does_not_fit_is_refused(void **state)
{
	char out[5];
	size_t got;

	(void)state;
	assert_false(base64_parse(TEXT("Zm9vYmFy"), out, sizeof(out), &got));
	assert_true(base64_parse(TEXT("Zm9vYmE="), out, sizeof(out), &got));
	assert_int_equal(got, 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_vectors_of_rfc_4648),
		cmocka_unit_test(test_every_byte_comes_back),
		cmocka_unit_test(test_a_value_has_one_text),
		cmocka_unit_test(test_what_does_not_fit_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
