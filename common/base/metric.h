#ifndef BASE_METRIC_H
#define BASE_METRIC_H

#include "base/text.h"

#include <stdint.h>

/*
 * Counters, gauges and histograms, printed as Prometheus text. Each is one METRIC() at file scope, so that a program
 * knows those of all files that it is made of before any was touched. Any thread. One label, or a few separated by commas
 * as their values are; the values are a small fixed set of literals or of names from configuration, without commas: never an id, a
 * phone or a receipt.
 * More values of one label than `most` are counted under "other".
 *
 * Counters and histograms are there from the start, with 0, as far as their label's values are known; a gauge is there
 * once it was set: before that, any number would be a claim.
 */
enum metric_kind { METRIC_COUNTER, METRIC_GAUGE, METRIC_HISTOGRAM };

struct metric {
	const char *name; /* mkondo_..., with _total, _seconds, as Prometheus wants it */
	const char *help; /* a sentence; docs/metrics.md and # HELP have it */
	const char *label; /* NULL: none; "app,lane": two, with values "a,b" */
	const char *values; /* all that the label can be, with spaces between; NULL: not known beforehand */
	enum metric_kind kind;
	struct metric_cells *cells; /* own; starts NULL */
	struct metric *next;
	int linked;
	unsigned most; /* values of the label; 0: 64 */
};

/* METRIC(sends_total, .name = "mkondo_sends_total", .help = "...", .kind = METRIC_COUNTER); and &sends_total is it. */
#define METRIC(variable, ...)                                                                                \
	static struct metric variable = {__VA_ARGS__};                                                       \
	static struct metric *const variable##_listed __attribute__((used, section("mkondo_metrics"))) =     \
		&(variable)

/* value: the label's; NULL where there is no label. */
void metric_add(struct metric *metric, const char *value, int64_t n); /* counter, gauge */
void metric_set(struct metric *metric, const char *value, double number); /* gauge */
void metric_observe(struct metric *metric, const char *value, double seconds); /* histogram: 1 ms ... 60 s */
double metric_value(struct metric *metric, const char *value); /* for tests; histogram: the count */
/* The whole program's, in order of name. Full buffers are the caller's to enlarge. */
void metric_print(struct buf *out);
/* The same as rows of a Markdown table: name, type, label and values, help. */
void metric_document(struct buf *out);

#endif
