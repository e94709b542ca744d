#include "check.h"
#include "base/uuid.h"

static const struct text canonical = TEXT("0190f5b2-7c3d-7e11-8a2b-0123456789ab");

static void test_the_canonical_form_comes_back(void **state)
{
	struct uuid id, again;
	char text[UUID_TEXT], hex[UUID_HEX];

	(void)state;
	assert_true(uuid_parse(canonical, &id));
	assert_string_equal(uuid_text(&id, text), canonical.at);
	assert_string_equal(uuid_hex(&id, hex), "0190f5b27c3d7e118a2b0123456789ab");
	assert_true(uuid_parse_hex(text_of(hex), &again));
	assert_int_equal(uuid_cmp(&id, &again), 0);
	assert_true(uuid_is_set(&id));
}

static void test_other_forms_are_refused(void **state)
{
	static const struct {
		const char *what, *text;
	} rows[] = {
		{"upper case", "0190F5B2-7C3D-7E11-8A2B-0123456789AB"},
		{"one upper-case digit", "0190f5b2-7c3d-7e11-8a2b-0123456789aB"},
		{"all zero", "00000000-0000-0000-0000-000000000000"},
		{"without dashes", "0190f5b27c3d7e118a2b0123456789ab"},
		{"braces", "{190f5b2-7c3d-7e11-8a2b-0123456789a}"},
		{"a dash moved", "0190f5b27-c3d-7e11-8a2b-0123456789ab"},
		{"a dash for a digit", "0190f5b2-7c3d-7e11-8a2b-0123456789a-"},
		{"short", "0190f5b2-7c3d-7e11-8a2b-0123456789a"},
		{"long", "0190f5b2-7c3d-7e11-8a2b-0123456789abc"},
		{"a space", "0190f5b2-7c3d-7e11-8a2b-0123456789 b"},
		{"nothing", ""},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct uuid id = {{7}};

		CHECK(!uuid_parse(text_of(rows[i].text), &id), "%s", rows[i].what);
		CHECK(id.b[0] == 7, "%s: output touched", rows[i].what);
	}
	assert_false(uuid_parse_hex(TEXT("00000000000000000000000000000000"), &(struct uuid){0}));
	assert_false(uuid_parse_hex(canonical, &(struct uuid){0}));
}

static void test_order_is_that_of_the_bytes(void **state)
{
	struct uuid low = {{0x7f}}, high = {{0x80}};

	(void)state;
	assert_true(uuid_cmp(&low, &high) < 0);
	assert_true(uuid_cmp(&high, &low) > 0);
}

static void test_version_seven_carries_its_time(void **state)
{
	const struct instant now = {1795428900120999};
	uint8_t random[10];
	struct uuid id, other;
	char text[UUID_TEXT];

	(void)state;
	memset(random, 0xff, sizeof(random));
	id = uuid_v7(now, random);
	assert_int_equal(uuid_version(&id), 7);
	assert_int_equal(id.b[8] >> 6, 2);
	assert_int_equal(uuid_v7_time(&id).us, 1795428900120000);
	assert_string_equal(uuid_text(&id, text), "01a207e6-dd18-7fff-bfff-ffffffffffff");
	memset(random, 0, sizeof(random));
	other = uuid_v7(instant_add_ms(now, 1), random);
	assert_true(uuid_cmp(&id, &other) < 0);
	other.b[6] = 0x40;
	assert_false(instant_is_set(uuid_v7_time(&other)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_canonical_form_comes_back),
		cmocka_unit_test(test_other_forms_are_refused),
		cmocka_unit_test(test_order_is_that_of_the_bytes),
		cmocka_unit_test(test_version_seven_carries_its_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
