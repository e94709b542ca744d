#include "check.h"
#include "base/conf.h"

static const char *const colours[] = {"red", "green", NULL};

struct settings {
	const char *string, *secret, *file, *dir, *url, *needed;
	int64_t number, free_number, ms, kept_ms;
	bool yes;
	int choice;
	double scale;
	struct conf_address address;
};

#define AT(field) .at = offsetof(struct settings, field)
static const struct conf_row rows[] = {
	{.name = "MKONDO_STRING", .type = CONF_STRING, AT(string), .fallback = "mkondo.", .about = "Prefix."},
	{.name = "MKONDO_SECRET", .type = CONF_SECRET, AT(secret), .fallback = "", .about = "Secret."},
	{.name = "MKONDO_INT",
		.type = CONF_INT,
		AT(number),
		.fallback = "20",
		.least = 1,
		.most = 100,
		.about = "Int."},
	{.name = "MKONDO_FREE", .type = CONF_INT, AT(free_number), .fallback = "", .about = "Free."},
	{.name = "MKONDO_MS",
		.type = CONF_MS,
		AT(ms),
		.fallback = "40s",
		.least = 1000,
		.most = 600000,
		.about = "Ms."},
	{.name = "MKONDO_KEPT",
		.type = CONF_MS,
		AT(kept_ms),
		.fallback = "0",
		.most = 1000,
		.about = "Kept."},
	{.name = "MKONDO_BOOL", .type = CONF_BOOL, AT(yes), .fallback = "no", .about = "Bool."},
	{.name = "MKONDO_CHOICE",
		.type = CONF_CHOICE,
		AT(choice),
		.fallback = "green",
		.choices = colours,
		.about = "Hue."},
	{.name = "MKONDO_SCALE", .type = CONF_SCALE, AT(scale), .fallback = "1", .about = "Scale."},
	{.name = "MKONDO_ADDRESS", .type = CONF_ADDRESS, AT(address), .fallback = "", .about = "Address."},
	{.name = "MKONDO_FILE", .type = CONF_FILE, AT(file), .fallback = "", .about = "File."},
	{.name = "MKONDO_DIR", .type = CONF_DIR, AT(dir), .fallback = "", .about = "Dir."},
	{.name = "MKONDO_URL", .type = CONF_URL, AT(url), .fallback = "", .about = "Url."},
	{0},
};
static const struct conf_row needed_rows[] = {
	{.name = "MPESA_NEEDED", .type = CONF_STRING, AT(needed), .fallback = NULL, .about = "Needed."},
	{0},
};
static const char *const known[] = {"MKONDO_STRING", "MKONDO_SECRET", "MKONDO_INT", "MKONDO_FREE",
	"MKONDO_MS", "MKONDO_KEPT", "MKONDO_BOOL", "MKONDO_CHOICE", "MKONDO_SCALE", "MKONDO_ADDRESS",
	"MKONDO_FILE", "MKONDO_DIR", "MKONDO_URL", "MPESA_NEEDED", "MPESA_PASSKEY", "MKONDO_SPOOL_DIR", NULL};

static bool read_file(const char *path, struct arena *arena, struct text *ret)
{
	static const struct {
		const char *path;
		struct text text;
	} files[] = {
		{"/secret", TEXT("s3cret\n")},
		{"/secret-crlf", TEXT("s3cret\r\n")},
		{"/secret-bare", TEXT("s3cret")},
		{"/two-lines", TEXT("one\ntwo\n\n")},
		{"/empty", TEXT("")},
		{"/newline", TEXT("\n")},
		{"/nul", TEXT("s3\0cret\n")},
	};

	for (size_t i = 0; i < COUNT_OF(files); i++) {
		if (strcmp(files[i].path, path) == 0) {
			*ret = arena_text(arena, files[i].text);
			return true;
		}
	}
	return false;
}

static bool has_dir(const char *path)
{
	return strcmp(path, "/spool") == 0;
}

static struct arena arena;
static struct settings got;
static char report[16384];

/* Reads the rows (and the needed one) from this environment into `got`, the errors into `report`. */
static bool read_from(const char *const *environ, bool with_needed)
{
	const struct conf_group groups[] = {{rows, &got}, {with_needed ? needed_rows : NULL, &got}, {0}};
	const struct conf_source source = {
		.environ = environ, .read_file = read_file, .known = known, .has_dir = has_dir};
	struct buf out = BUF(report);
	bool fine;

	memset(&got, 0x5a, sizeof(got));
	fine = conf_read(groups, &source, &arena, &out);
	buf_end(&out);
	return fine;
}

static bool read_one(const char *variable)
{
	return read_from((const char *const[]){variable, NULL}, false);
}

static void test_defaults_fill_what_is_not_set(void **state)
{
	(void)state;
	CHECK(read_one("PATH=/bin"), "%s", report);
	assert_string_equal(got.string, "mkondo.");
	assert_string_equal(got.secret, "");
	assert_string_equal(got.file, "");
	assert_string_equal(got.dir, "");
	assert_string_equal(got.url, "");
	assert_int_equal(got.number, 20);
	assert_int_equal(got.free_number, 0);
	assert_int_equal(got.ms, 40000);
	assert_int_equal(got.kept_ms, 0);
	assert_false(got.yes);
	assert_int_equal(got.choice, 1);
	assert_true(got.scale == 1);
	assert_string_equal(got.address.host, "");
	assert_int_equal(got.address.port, 0);
	assert_string_equal(report, "");
}

static void test_set_to_nothing_is_not_set(void **state)
{
	(void)state;
	CHECK(read_from((const char *const[]){"MKONDO_INT=", "MKONDO_STRING=", "MKONDO_SECRET=",
				"MKONDO_SECRET_FILE=/secret", NULL},
		      false),
		"%s", report);
	assert_int_equal(got.number, 20);
	assert_string_equal(got.string, "mkondo.");
	assert_string_equal(got.secret, "s3cret");
	assert_false(read_from((const char *const[]){"MPESA_NEEDED=", NULL}, true));
	assert_string_equal(report, "MPESA_NEEDED is not set; it must be text. Needed.\n");
}

static void test_the_environment_is_not_read_by_prefix(void **state)
{
	(void)state;
	CHECK(read_from((const char *const[]){"MKONDO_MS=2m", "MKONDO_INT=5", "MKONDO_INT=6", NULL}, false),
		"%s", report);
	assert_int_equal(got.ms, 120000);
	assert_int_equal(got.number, 5);
}

static void test_durations(void **state)
{
	static const struct {
		const char *variable;
		int64_t want;
	} cases[] = {{"MKONDO_MS=1000ms", 1000}, {"MKONDO_MS=30s", 30000}, {"MKONDO_MS=5m", 300000},
		{"MKONDO_MS=010s", 10000}};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		CHECK(read_one(cases[i].variable), "%s: %s", cases[i].variable, report);
		CHECK(got.ms == cases[i].want, "%s: %lld", cases[i].variable, (long long)got.ms);
	}
}

static void test_addresses(void **state)
{
	static const struct {
		const char *variable, *host;
		int port;
	} cases[] = {{"MKONDO_ADDRESS=127.0.0.1:9101", "127.0.0.1", 9101},
		{"MKONDO_ADDRESS=:8080", "0.0.0.0", 8080}, {"MKONDO_ADDRESS=[::1]:80", "::1", 80},
		{"MKONDO_ADDRESS=[::]:65535", "::", 65535}, {"MKONDO_ADDRESS=localhost:0", "127.0.0.1", 0}};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		CHECK(read_one(cases[i].variable), "%s: %s", cases[i].variable, report);
		CHECK(strcmp(got.address.host, cases[i].host) == 0 && got.address.port == cases[i].port,
			"%s: %s %d", cases[i].variable, got.address.host, got.address.port);
	}
}

static void test_good_values_of_the_other_types(void **state)
{
	(void)state;
	CHECK(read_one("MKONDO_SCALE=0.005") && got.scale == 0.005, "%s", report);
	CHECK(read_one("MKONDO_SCALE=.5") && got.scale == 0.5, "%s", report);
	CHECK(read_one("MKONDO_BOOL=TRUE") && got.yes, "%s", report);
	CHECK(read_one("MKONDO_BOOL=1") && got.yes, "%s", report);
	CHECK(read_one("MKONDO_BOOL=0") && !got.yes, "%s", report);
	CHECK(read_one("MKONDO_CHOICE=red") && got.choice == 0, "%s", report);
	CHECK(read_one("MKONDO_FREE=-9223372036854775808") && got.free_number == INT64_MIN, "%s", report);
	CHECK(read_one("MKONDO_FILE=/secret") && strcmp(got.file, "/secret") == 0, "%s", report);
	CHECK(read_one("MKONDO_DIR=/spool") && strcmp(got.dir, "/spool") == 0, "%s", report);
	CHECK(read_one("MKONDO_URL=https://pay.example.co.ke//") &&
			strcmp(got.url, "https://pay.example.co.ke") == 0,
		"%s", report);
	CHECK(read_one("MKONDO_URL=http://[::1]:8080/a/b/") && strcmp(got.url, "http://[::1]:8080/a/b") == 0,
		"%s", report);
}

#define MS_TAIL    "is not allowed; it must be a duration (250ms, 30s, 5m, 2h, 1d) from 1s to 10m. Ms.\n"
#define INT_TAIL   "is not allowed; it must be a whole number from 1 to 100. Int.\n"
#define SCALE_TAIL "is not allowed; it must be a number from 0.005 to 1. Scale.\n"
#define ADDR_TAIL  "is not allowed; it must be an address: 127.0.0.1:8080, [::1]:8080 or :8080. Address.\n"
#define URL_TAIL   "is not allowed; it must be http:// or https://, a host, perhaps a port and a path. Url.\n"

static void test_each_bad_value_is_told_with_what_is_allowed(void **state)
{
	static const struct {
		const char *variable, *want;
	} cases[] = {
		{"MKONDO_INT=0", "MKONDO_INT: \"0\" " INT_TAIL},
		{"MKONDO_INT=101", "MKONDO_INT: \"101\" " INT_TAIL},
		{"MKONDO_INT=1.5", "MKONDO_INT: \"1.5\" " INT_TAIL},
		{"MKONDO_INT= 5", "MKONDO_INT: \" 5\" " INT_TAIL},
		{"MKONDO_INT=twenty", "MKONDO_INT: \"twenty\" " INT_TAIL},
		{"MKONDO_FREE=9223372036854775808", "MKONDO_FREE: \"9223372036854775808\" is not allowed; it "
						    "must be a whole number. Free.\n"},
		{"MKONDO_MS=0", "MKONDO_MS: \"0\" " MS_TAIL},
		{"MKONDO_MS=30", "MKONDO_MS: \"30\" " MS_TAIL},
		{"MKONDO_MS=s", "MKONDO_MS: \"s\" " MS_TAIL},
		{"MKONDO_MS=-5s", "MKONDO_MS: \"-5s\" " MS_TAIL},
		{"MKONDO_MS=1.5m", "MKONDO_MS: \"1.5m\" " MS_TAIL},
		{"MKONDO_MS=5 s", "MKONDO_MS: \"5 s\" " MS_TAIL},
		{"MKONDO_MS=5M", "MKONDO_MS: \"5M\" " MS_TAIL},
		{"MKONDO_MS=1m30s", "MKONDO_MS: \"1m30s\" " MS_TAIL},
		{"MKONDO_MS=999ms", "MKONDO_MS: \"999ms\" " MS_TAIL},
		{"MKONDO_MS=601s", "MKONDO_MS: \"601s\" " MS_TAIL},
		{"MKONDO_MS=106751991168d", "MKONDO_MS: \"106751991168d\" " MS_TAIL},
		{"MKONDO_BOOL=on", "MKONDO_BOOL: \"on\" is not allowed; it must be true or false. Bool.\n"},
		{"MKONDO_CHOICE=Red",
			"MKONDO_CHOICE: \"Red\" is not allowed; it must be one of red, green. Hue.\n"},
		{"MKONDO_SCALE=0", "MKONDO_SCALE: \"0\" " SCALE_TAIL},
		{"MKONDO_SCALE=0.0049", "MKONDO_SCALE: \"0.0049\" " SCALE_TAIL},
		{"MKONDO_SCALE=1.01", "MKONDO_SCALE: \"1.01\" " SCALE_TAIL},
		{"MKONDO_SCALE=nan", "MKONDO_SCALE: \"nan\" " SCALE_TAIL},
		{"MKONDO_SCALE=0x1", "MKONDO_SCALE: \"0x1\" " SCALE_TAIL},
		{"MKONDO_SCALE=.", "MKONDO_SCALE: \".\" " SCALE_TAIL},
		{"MKONDO_SCALE=0.1.", "MKONDO_SCALE: \"0.1.\" " SCALE_TAIL},
		{"MKONDO_ADDRESS=8080", "MKONDO_ADDRESS: \"8080\" " ADDR_TAIL},
		{"MKONDO_ADDRESS=:", "MKONDO_ADDRESS: \":\" " ADDR_TAIL},
		{"MKONDO_ADDRESS=:65536", "MKONDO_ADDRESS: \":65536\" " ADDR_TAIL},
		{"MKONDO_ADDRESS=:-0", "MKONDO_ADDRESS: \":-0\" " ADDR_TAIL},
		{"MKONDO_ADDRESS=::1", "MKONDO_ADDRESS: \"::1\" " ADDR_TAIL},
		{"MKONDO_ADDRESS=[::1]", "MKONDO_ADDRESS: \"[::1]\" " ADDR_TAIL},
		{"MKONDO_ADDRESS=[]:80", "MKONDO_ADDRESS: \"[]:80\" " ADDR_TAIL},
		{"MKONDO_ADDRESS=[:80", "MKONDO_ADDRESS: \"[:80\" " ADDR_TAIL},
		{"MKONDO_ADDRESS=[127.0.0.1]:80", "MKONDO_ADDRESS: \"[127.0.0.1]:80\" " ADDR_TAIL},
		{"MKONDO_ADDRESS=example.org:80", "MKONDO_ADDRESS: \"example.org:80\" " ADDR_TAIL},
		{"MKONDO_FILE=/nowhere", "MKONDO_FILE: \"/nowhere\" is not a file that can be read; it must "
					 "be a file that can be read. File.\n"},
		{"MKONDO_DIR=/nowhere", "MKONDO_DIR: \"/nowhere\" is not a folder that is there; it must be "
					"a folder that is there. Dir.\n"},
		{"MKONDO_URL=ftp://a", "MKONDO_URL: \"ftp://a\" " URL_TAIL},
		{"MKONDO_URL=example.org", "MKONDO_URL: \"example.org\" " URL_TAIL},
		{"MKONDO_URL=https://", "MKONDO_URL: \"https://\" " URL_TAIL},
		{"MKONDO_URL=https:///a", "MKONDO_URL: \"https:///a\" " URL_TAIL},
		{"MKONDO_URL=http://:80", "MKONDO_URL: \"http://:80\" " URL_TAIL},
		{"MKONDO_URL=https://a/?b=c", "MKONDO_URL: \"https://a/?b=c\" " URL_TAIL},
		{"MKONDO_URL=https://u@a", "MKONDO_URL: \"https://u@a\" " URL_TAIL},
		{"MKONDO_URL=https://a b", "MKONDO_URL: \"https://a b\" " URL_TAIL},
		{"MKONDO_SECRET_FILE=/nowhere",
			"MKONDO_SECRET_FILE: \"/nowhere\" is not a file that can be read. Secret.\n"},
		{"MKONDO_SECRET_FILE=/empty", "MKONDO_SECRET_FILE: \"/empty\" is empty; it must hold the "
					      "secret and nothing else. Secret.\n"},
		{"MKONDO_SECRET_FILE=/newline", "MKONDO_SECRET_FILE: \"/newline\" is empty; it must hold the "
						"secret and nothing else. Secret.\n"},
		{"MKONDO_SECRET_FILE=/nul", "MKONDO_SECRET_FILE: \"/nul\" holds a NUL byte; it must hold the "
					    "secret and nothing else. Secret.\n"},
		{"MKONDO_STRNG=x",
			"MKONDO_STRNG is not a setting of this release; did you mean MKONDO_STRING?\n"},
		{"MPESA_PASSKEYS=x",
			"MPESA_PASSKEYS is not a setting of this release; did you mean MPESA_PASSKEY?\n"},
		{"MPESA_PASKEY_FILE=/x", "MPESA_PASKEY_FILE is not a setting of this release; did you mean "
					 "MPESA_PASSKEY_FILE?\n"},
		{"MKONDO_", "MKONDO_ is not a setting of this release; did you mean MKONDO_MS?\n"},
		{"MKONDO_SOMETHING_ELSE=x", "MKONDO_SOMETHING_ELSE is not a setting of this release.\n"},
		{"MKONDO_INT_FILE=/secret", "MKONDO_INT_FILE is not a setting of this release.\n"},
		{"MKONDO_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=x",
			"MKONDO_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA is "
			"not a setting of this "
			"release.\n"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		CHECK(!read_one(cases[i].variable), "%s", cases[i].variable);
		CHECK(strcmp(report, cases[i].want) == 0, "%s\ngot  %swant %s", cases[i].variable, report,
			cases[i].want);
	}
}

static void test_all_errors_come_at_once(void **state)
{
	(void)state;
	assert_false(read_from(
		(const char *const[]){"MKONDO_INT=x", "MKONDO_MS=5", "MKONDO_TYPO_HERE=1", NULL}, true));
	assert_string_equal(report, "MKONDO_INT: \"x\" " INT_TAIL "MKONDO_MS: \"5\" " MS_TAIL
				    "MPESA_NEEDED is not set; it must be text. Needed.\nMKONDO_TYPO_HERE is "
				    "not a setting of this release.\n");
}

static void test_a_secret_comes_from_one_place_and_without_its_line_end(void **state)
{
	static const struct {
		const char *variable, *want;
	} cases[] = {
		{"MKONDO_SECRET=s3cret", "s3cret"},
		{"MKONDO_SECRET_FILE=/secret", "s3cret"},
		{"MKONDO_SECRET_FILE=/secret-crlf", "s3cret"},
		{"MKONDO_SECRET_FILE=/secret-bare", "s3cret"},
		{"MKONDO_SECRET_FILE=/two-lines", "one\ntwo\n"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		CHECK(read_one(cases[i].variable), "%s: %s", cases[i].variable, report);
		CHECK(strcmp(got.secret, cases[i].want) == 0, "%s: %s", cases[i].variable, got.secret);
	}
	assert_false(read_from(
		(const char *const[]){"MKONDO_SECRET=hush", "MKONDO_SECRET_FILE=/secret", NULL}, false));
	assert_string_equal(
		report, "MKONDO_SECRET and MKONDO_SECRET_FILE are both set; set one of them. Secret.\n");
}

static void test_another_programs_settings_are_none_of_our_business(void **state)
{
	(void)state;
	CHECK(read_from((const char *const[]){"MKONDO_SPOOL_DIR=/x", "MPESA_PASSKEY_FILE=/x", "MKONDOR=1",
				"MPESA=1", NULL},
		      false),
		"%s", report);
}

static void test_a_default_that_is_not_allowed_is_told(void **state)
{
	static const struct conf_row bad[] = {{.name = "MKONDO_INT",
						      .type = CONF_INT,
						      AT(number),
						      .fallback = "0",
						      .least = 1,
						      .most = 2,
						      .about = "Int."},
		{0}};
	const struct conf_group groups[] = {{bad, &got}, {0}};
	struct buf out = BUF(report);

	(void)state;
	assert_false(conf_read(groups, &(struct conf_source){0}, &arena, &out));
	assert_string_equal(buf_end(&out), "MKONDO_INT (by default): \"0\" is not allowed; it must be a "
					   "whole number from 1 to 2. Int.\n");
}

static void test_printing_hides_secrets_and_tells_defaults(void **state)
{
	const struct conf_group groups[] = {{rows, &got}, {needed_rows, &got}, {0}};
	struct buf out = BUF(report);

	(void)state;
	CHECK(read_from((const char *const[]){"MKONDO_SECRET=hush", "MKONDO_MS=60s", "MKONDO_INT=020",
				"MPESA_NEEDED=n", "MKONDO_ADDRESS=[::1]:80", "MKONDO_SCALE=0.25",
				"MKONDO_BOOL=yes", NULL},
		      true),
		"%s", report);
	conf_print(groups, &out);
	assert_string_equal(buf_end(&out),
		"MKONDO_STRING=mkondo.  (default)\nMKONDO_SECRET=***\nMKONDO_INT=20  "
		"(default)\nMKONDO_FREE=0\n"
		"MKONDO_MS=1m  (default 40s)\nMKONDO_KEPT=0s  (default)\nMKONDO_BOOL=true  (default "
		"no)\nMKONDO_CHOICE=green  "
		"(default)\n"
		"MKONDO_SCALE=0.25  (default 1)\nMKONDO_ADDRESS=[::1]:80\nMKONDO_FILE=  (not "
		"set)\nMKONDO_DIR=  (not set)\n"
		"MKONDO_URL=  (not set)\nMPESA_NEEDED=n\n");
	assert_null(strstr(report, "hush"));
}

static void test_the_document_has_a_line_for_each_row(void **state)
{
	const struct conf_group groups[] = {{rows, &got}, {needed_rows, &got}, {0}};
	struct buf out = BUF(report);

	(void)state;
	conf_document(groups, &out);
	buf_end(&out);
	assert_non_null(strstr(report,
		"| `MKONDO_MS` | a duration (250ms, 30s, 5m, 2h, 1d) from 1s to 10m | `40s` | Ms. |\n"));
	assert_non_null(strstr(report, "| `MKONDO_CHOICE` | one of red, green | `green` | Hue. |\n"));
	assert_non_null(strstr(report, "| `MPESA_NEEDED` | text | must be set | Needed. |\n"));
	assert_non_null(strstr(report, "| `MKONDO_URL` | http:// or https://, a host, perhaps a port and a "
				       "path | not set | Url. |\n"));
}

static int clean_up(void **state)
{
	(void)state;
	arena_done(&arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults_fill_what_is_not_set),
		cmocka_unit_test(test_set_to_nothing_is_not_set),
		cmocka_unit_test(test_the_environment_is_not_read_by_prefix),
		cmocka_unit_test(test_durations),
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_good_values_of_the_other_types),
		cmocka_unit_test(test_each_bad_value_is_told_with_what_is_allowed),
		cmocka_unit_test(test_all_errors_come_at_once),
		cmocka_unit_test(test_a_secret_comes_from_one_place_and_without_its_line_end),
		cmocka_unit_test(test_another_programs_settings_are_none_of_our_business),
		cmocka_unit_test(test_a_default_that_is_not_allowed_is_told),
		cmocka_unit_test(test_printing_hides_secrets_and_tells_defaults),
		cmocka_unit_test(test_the_document_has_a_line_for_each_row),
	};

	return cmocka_run_group_tests(tests, NULL, clean_up);
}
