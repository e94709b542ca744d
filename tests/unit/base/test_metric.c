#include "check.h"
#include "base/metric.h"

#include <math.h>
#include <pthread.h>

static struct metric counter = {
	.name = "t_sent_total", .help = "Sent.", .label = "api", .kind = METRIC_COUNTER};
static struct metric gauge = {.name = "t_open", .help = "Open.", .kind = METRIC_GAUGE};
static struct metric odd = {
	.name = "t_odd", .help = "A \\ and\na line.", .label = "what", .kind = METRIC_GAUGE};
static struct metric took = {
	.name = "t_took_seconds", .help = "Took.", .label = "api", .kind = METRIC_HISTOGRAM};
static struct metric crowd = {
	.name = "t_crowd_total", .help = "Crowd.", .label = "id", .kind = METRIC_COUNTER};
static struct metric wide = {
	.name = "t_wide_total", .help = "Wide.", .label = "id", .kind = METRIC_COUNTER, .most = 256};
static struct metric shared = {
	.name = "t_shared_total", .help = "Shared.", .label = "who", .kind = METRIC_COUNTER};
static struct metric shared_took = {.name = "t_shared_seconds", .help = "Shared.", .kind = METRIC_HISTOGRAM};

METRIC(untouched, .name = "t_untouched_total", .help = "Untouched.", .kind = METRIC_COUNTER);
METRIC(untouched_took, .name = "t_untouched_seconds", .help = "Untouched.", .kind = METRIC_HISTOGRAM);
METRIC(unset, .name = "t_unset", .help = "Unset.", .kind = METRIC_GAUGE);
METRIC(known, .name = "t_known_total", .help = "Known.", .label = "fate", .values = "sent not_sent",
	.kind = METRIC_COUNTER);

static const char *page(void)
{
	static char space[1 << 18];
	struct buf out = BUF(space);

	metric_print(&out);
	assert_false(out.full);
	return buf_end(&out);
}

static void check_has(const char *part)
{
	CHECK(strstr(page(), part) != NULL, "%s\nin\n%s", part, page());
}

static void test_counters_and_gauges_are_printed_as_prometheus_reads_them(void **state)
{
	(void)state;
	metric_add(&counter, "b2c", 2);
	metric_add(&counter, "b2c", 1);
	metric_add(&counter, "account", 0);
	metric_add(&counter, "b2c", -5);
	metric_set(&gauge, NULL, 12.5);
	metric_add(&gauge, NULL, -2);
	check_has("# HELP t_sent_total Sent.\n# TYPE t_sent_total counter\n"
		  "t_sent_total{api=\"account\"} 0\nt_sent_total{api=\"b2c\"} 3\n");
	check_has("# HELP t_open Open.\n# TYPE t_open gauge\nt_open 10.5\n");
	assert_true(strstr(page(), "t_open ") < strstr(page(), "t_sent_total"));
	assert_true(metric_value(&counter, "b2c") == 3);
	assert_true(metric_value(&gauge, NULL) == 10.5);
}

static void test_help_labels_and_odd_numbers_are_escaped(void **state)
{
	(void)state;
	metric_set(&odd, "a\"b\\c\nd", 1);
	metric_set(&odd, "inf", INFINITY);
	metric_set(&odd, "-inf", -INFINITY);
	metric_set(&odd, "nan", NAN);
	metric_set(&odd, "large", 123456789012345.0);
	metric_set(&odd, NULL, 1);
	check_has("# HELP t_odd A \\\\ and\\na line.\n");
	check_has("t_odd{what=\"a\\\"b\\\\c\\nd\"} 1\n");
	check_has("t_odd{what=\"inf\"} +Inf\n");
	check_has("t_odd{what=\"-inf\"} -Inf\n");
	check_has("t_odd{what=\"nan\"} NaN\n");
	check_has("t_odd{what=\"large\"} 123456789012345\n");
	check_has("t_odd{what=\"\"} 1\n");
}

static void test_two_labels_and_three(void **state)
{
	static struct metric two = {
		.name = "t_two", .help = "Two.", .label = "app,lane", .kind = METRIC_GAUGE};
	static struct metric three = {
		.name = "t_three_seconds", .help = "Three.", .label = "a,b,c", .kind = METRIC_HISTOGRAM};

	(void)state;
	metric_set(&two, "shop,payout", 1.5);
	metric_set(&two, "a\"b,care", 2);
	metric_set(&two, "alone", 3);
	check_has("t_two{app=\"a\\\"b\",lane=\"care\"} 2\n"
		  "t_two{app=\"alone\",lane=\"\"} 3\n"
		  "t_two{app=\"shop\",lane=\"payout\"} 1.5\n");
	assert_true(metric_value(&two, "shop,payout") == 1.5);
	metric_observe(&three, "x,y,z,and more", 0.0005);
	check_has("t_three_seconds_bucket{a=\"x\",b=\"y\",c=\"z,and more\",le=\"0.001\"} 1\n");
}

static void test_a_histogram_adds_up(void **state)
{
	static const double seconds[] = {0, 0.001, 0.0011, 0.5, 59, 61, 1000};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(seconds); i++)
		metric_observe(&took, "b2c", seconds[i]);
	check_has("# TYPE t_took_seconds histogram\nt_took_seconds_bucket{api=\"b2c\",le=\"0.001\"} 2\n"
		  "t_took_seconds_bucket{api=\"b2c\",le=\"0.0025\"} 3\n");
	check_has("t_took_seconds_bucket{api=\"b2c\",le=\"0.25\"} "
		  "3\nt_took_seconds_bucket{api=\"b2c\",le=\"0.5\"} 4\n");
	check_has("t_took_seconds_bucket{api=\"b2c\",le=\"60\"} "
		  "5\nt_took_seconds_bucket{api=\"b2c\",le=\"+Inf\"} 7\n"
		  "t_took_seconds_sum{api=\"b2c\"} 1120.5021\nt_took_seconds_count{api=\"b2c\"} 7\n");
	assert_true(metric_value(&took, "b2c") == 7);
	metric_observe(&shared_took, NULL, 0.002);
	check_has("t_shared_seconds_bucket{le=\"0.001\"} 0\nt_shared_seconds_bucket{le=\"0.0025\"} 1\n");
}

static void test_too_many_values_are_counted_together(void **state)
{
	char value[16];

	(void)state;
	for (int i = 0; i < 300; i++) {
		snprintf(value, sizeof(value), "v%d", i);
		metric_add(&crowd, value, 1);
		metric_add(&wide, value, 1);
	}
	metric_add(&crowd, "v0", 1);
	check_has("t_crowd_total{id=\"v63\"} 1\n");
	check_has("t_crowd_total{id=\"v0\"} 2\n");
	assert_null(strstr(page(), "t_crowd_total{id=\"v64\"}"));
	check_has("t_crowd_total{id=\"other\"} 236\n");
	check_has("t_wide_total{id=\"v255\"} 1\n");
	check_has("t_wide_total{id=\"other\"} 44\n");
}

static void test_what_was_never_counted_is_there_with_0_and_what_was_never_measured_is_not(void **state)
{
	(void)state;
	check_has("# TYPE t_untouched_total counter\nt_untouched_total 0\n");
	check_has("t_untouched_seconds_bucket{le=\"+Inf\"} 0\nt_untouched_seconds_sum "
		  "0\nt_untouched_seconds_count 0\n");
	check_has("t_known_total{fate=\"not_sent\"} 0\nt_known_total{fate=\"sent\"} 0\n");
	assert_null(strstr(page(), "\nt_unset "));
	metric_set(&unset, NULL, 0);
	check_has("\nt_unset 0\n");
	/* A value that is not listed is not lost. */
	metric_add(&known, "new", 1);
	check_has("t_known_total{fate=\"new\"} 1\nt_known_total{fate=\"not_sent\"} 0\n");
	metric_add(&untouched, NULL, 1);
	metric_observe(&untouched_took, NULL, 1);
	check_has("\nt_untouched_total 1\n");
	check_has("t_untouched_seconds_count 1\n");
}

static void test_metrics_are_documented_untouched(void **state)
{
	char space[1 << 14];
	struct buf out = BUF(space);

	(void)state;
	metric_document(&out);
	const char *text = buf_end(&out);
	assert_non_null(strstr(text, "| `t_known_total` | counter | `fate`: sent, not_sent | Known. |\n"));
	assert_non_null(strstr(text, "| `t_untouched_seconds` | histogram |  | Untouched. |\n"));
}

static void test_a_page_that_does_not_fit_says_so(void **state)
{
	char space[40];
	struct buf out = BUF(space);

	(void)state;
	metric_set(&gauge, NULL, 1);
	metric_print(&out);
	assert_true(out.full);
}

static void *count_up(void *who)
{
	for (int i = 0; i < 20000; i++) {
		metric_add(&shared, i % 2 ? who : "all", 1);
		metric_observe(&shared_took, NULL, 1);
	}
	return NULL;
}

static void test_nothing_is_lost_between_threads(void **state)
{
	static char *names[] = {"a", "b", "c", "d"};
	pthread_t threads[COUNT_OF(names)];
	double before = metric_value(&shared_took, NULL);

	(void)state;
	for (size_t i = 0; i < COUNT_OF(names); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, count_up, names[i]), 0);
	for (size_t i = 0; i < COUNT_OF(names); i++)
		pthread_join(threads[i], NULL);
	assert_true(metric_value(&shared, "all") == 40000);
	for (size_t i = 0; i < COUNT_OF(names); i++)
		assert_true(metric_value(&shared, names[i]) == 10000);
	assert_true(metric_value(&shared_took, NULL) - before == 80000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_counters_and_gauges_are_printed_as_prometheus_reads_them),
		cmocka_unit_test(test_help_labels_and_odd_numbers_are_escaped),
		cmocka_unit_test(test_two_labels_and_three),
		cmocka_unit_test(test_a_histogram_adds_up),
		cmocka_unit_test(test_too_many_values_are_counted_together),
		cmocka_unit_test(
			test_what_was_never_counted_is_there_with_0_and_what_was_never_measured_is_not),
		cmocka_unit_test(test_metrics_are_documented_untouched),
		cmocka_unit_test(test_a_page_that_does_not_fit_says_so),
		cmocka_unit_test(test_nothing_is_lost_between_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
