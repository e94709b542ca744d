#include "webhook/sources.h"

#include "base/attr.h"
#include "check.h"

static struct sources sources_of(const char *list)
{
	struct sources sources = {.count = 99};
	struct text bad = {0};

	CHECK(sources_parse(text_of(list), &sources, &bad), "%s: \"%.*s\"", list, TEXT_ARG(bad));
	return sources;
}

static void test_an_address_is_in_its_network_and_in_no_other(void **state)
{
	static const struct {
		const char *list, *peer;
		bool want;
	} rows[] = {
		{"196.201.214.200", "196.201.214.200", true},
		{"196.201.214.200", "196.201.214.201", false},
		{"196.201.214.200/32", "196.201.214.200", true},
		{"196.201.214.200/31", "196.201.214.201", true},
		{"196.201.214.200/31", "196.201.214.202", false},
		{"196.201.212.0/22", "196.201.212.0", true},
		{"196.201.212.0/22", "196.201.215.255", true},
		{"196.201.212.0/22", "196.201.211.255", false},
		{"196.201.212.0/22", "196.201.216.0", false},
		{"10.0.0.0/8", "10.255.255.255", true},
		{"10.0.0.0/8", "11.0.0.0", false},
		{"10.0.0.0/9", "10.127.255.255", true},
		{"10.0.0.0/9", "10.128.0.0", false},
		{"128.0.0.0/1", "255.255.255.255", true},
		{"128.0.0.0/1", "127.255.255.255", false},
		/* The bits behind the length do not count. */
		{"10.1.2.3/8", "10.200.0.1", true},
		{"10.1.2.3/8", "11.1.2.3", false},
		/* All of IPv4 is not all of IPv6, and the other way round it is: IPv4 is a part. */
		{"0.0.0.0/0", "8.8.8.8", true},
		{"0.0.0.0/0", "2001:db8::1", false},
		{"::/0", "2001:db8::1", true},
		{"::/0", "8.8.8.8", true},
		{"2001:db8::/32", "2001:db8:ffff::1", true},
		{"2001:db8::/32", "2001:db9::", false},
		{"2001:db8::/33", "2001:db8:7fff::", true},
		{"2001:db8::/33", "2001:db8:8000::", false},
		{"2001:db8::1", "2001:db8::1", true},
		{"2001:db8::1", "2001:0DB8:0:0:0:0:0:1", true},
		{"2001:db8::1", "2001:db8::2", false},
		{"2001:db8::/127", "2001:db8::1", true},
		{"2001:db8::/127", "2001:db8::2", false},
		{"::1/128", "::1", true},
		{"::1", "127.0.0.1", false},
		/* An IPv4 address that came through a socket for both is the same address. */
		{"196.201.214.200", "::ffff:196.201.214.200", true},
		{"196.201.214.200", "::ffff:c4c9:d6c8", true},
		{"::ffff:196.201.214.200", "196.201.214.200", true},
		{"::ffff:196.201.212.0/118", "196.201.215.1", true},
		{"::ffff:196.201.212.0/118", "196.201.216.1", false},
		{"::196.201.214.200", "196.201.214.200", false},
		{"10.0.0.1,10.0.0.2", "10.0.0.2", true},
		{" 10.0.0.1 ,\t10.0.0.2\n", "10.0.0.2", true},
		{"10.0.0.1, 2001:db8::/32", "2001:db8::7", true},
		{"10.0.0.1, 2001:db8::/32", "10.0.0.3", false},
		/* Nothing that is no address is in any list. */
		{"0.0.0.0/0,::/0", "", false},
		{"0.0.0.0/0,::/0", "localhost", false},
		{"0.0.0.0/0,::/0", "10.0.0.1:443", false},
		{"0.0.0.0/0,::/0", " 10.0.0.1", false},
		{"", "10.0.0.1", false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct sources sources = sources_of(rows[i].list);

		CHECK(sources_have(&sources, rows[i].peer) == rows[i].want, "%s in %s", rows[i].peer,
			rows[i].list);
	}
}

static void test_a_bad_list_tells_its_bad_part_and_changes_nothing(void **state)
{
	static const struct {
		const char *what, *list, *want_bad;
	} rows[] = {
		{"a name", "localhost", "localhost"},
		{"the second part", "10.0.0.1, 10.0.0, 10.0.0.3", "10.0.0"},
		{"five bytes", "10.0.0.1.2", "10.0.0.1.2"},
		{"a byte too large", "10.0.0.256", "10.0.0.256"},
		{"leading zeros, which some read as octal", "010.0.0.1", "010.0.0.1"},
		{"hexadecimal", "0x0a.0.0.1", "0x0a.0.0.1"},
		{"one number", "167772161", "167772161"},
		{"a port", "10.0.0.1:443", "10.0.0.1:443"},
		{"brackets", "[2001:db8::1]", "[2001:db8::1]"},
		{"a zone", "fe80::1%lo", "fe80::1%lo"},
		{"two abbreviations", "2001::db8::1", "2001::db8::1"},
		{"33 bits of 32", "10.0.0.0/33", "10.0.0.0/33"},
		{"129 bits of 128", "2001:db8::/129", "2001:db8::/129"},
		{"a negative length", "10.0.0.0/-1", "10.0.0.0/-1"},
		{"a negative nothing", "10.0.0.0/-0", "10.0.0.0/-0"},
		{"a length with a sign", "10.0.0.0/+8", "10.0.0.0/+8"},
		{"no length", "10.0.0.0/", "10.0.0.0/"},
		{"no address", "/8", "/8"},
		{"a mask", "10.0.0.0/255.0.0.0", "10.0.0.0/255.0.0.0"},
		{"two lengths", "10.0.0.0/8/8", "10.0.0.0/8/8"},
		{"space before the length", "10.0.0.0 /8", "10.0.0.0 /8"},
		{"space behind the slash", "10.0.0.0/ 8", "10.0.0.0/ 8"},
		{"spaces for commas", "10.0.0.1 10.0.0.2", "10.0.0.1 10.0.0.2"},
		{"semicolons", "10.0.0.1;10.0.0.2", "10.0.0.1;10.0.0.2"},
		{"an empty part", "10.0.0.1,,10.0.0.2", ""},
		{"an empty first part", ",10.0.0.1", ""},
		{"white space alone", "  ", ""},
		{"longer than any address",
			"2001:0db8:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0001",
			"2001:0db8:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0001"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct sources sources = sources_of("10.9.9.9");
		struct text bad = TEXT("untouched");

		CHECK(!sources_parse(text_of(rows[i].list), &sources, &bad), "%s", rows[i].what);
		CHECK(text_is(bad, rows[i].want_bad), "%s: \"%.*s\"", rows[i].what, TEXT_ARG(bad));
		CHECK(sources.count == 1 && sources_have(&sources, "10.9.9.9") &&
				!sources_have(&sources, "10.0.0.1"),
			"%s touched the output", rows[i].what);
	}
}

static void test_one_more_than_there_is_room_for_is_told(void **state)
{
	struct sources sources;
	struct text bad;
	char list[2048];
	struct buf buf = BUF(list);

	(void)state;
	for (int i = 0; i < SOURCES_MOST; i++)
		buf_print(&buf, "%s10.0.1.%d", i > 0 ? "," : "", i);
	assert_true(sources_parse(buf_as_text(&buf), &sources, &bad));
	assert_int_equal(sources.count, SOURCES_MOST);
	assert_true(sources_have(&sources, "10.0.1.0") && sources_have(&sources, "10.0.1.63"));
	buf_str(&buf, ",10.0.2.1");
	assert_false(sources_parse(buf_as_text(&buf), &sources, &bad));
	assert_true(text_is(bad, "10.0.2.1"));
}

static void test_the_default_is_fourteen_single_addresses(void **state)
{
	struct sources sources = sources_of(sources_default);

	(void)state;
	assert_int_equal(sources.count, 14);
	for (size_t i = 0; i < sources.count; i++)
		assert_int_equal(sources.nets[i].bits, 128);
	assert_true(sources_have(&sources, "196.201.214.200"));
	assert_true(sources_have(&sources, "196.201.212.132"));
	assert_false(sources_have(&sources, "196.201.214.201"));
	assert_false(sources_have(&sources, "127.0.0.1"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_address_is_in_its_network_and_in_no_other),
		cmocka_unit_test(test_a_bad_list_tells_its_bad_part_and_changes_nothing),
		cmocka_unit_test(test_one_more_than_there_is_room_for_is_told),
		cmocka_unit_test(test_the_default_is_fourteen_single_addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
