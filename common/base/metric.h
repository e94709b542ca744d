#ifndef BASE_METRIC_H
#define BASE_METRIC_H

#include "base/text.h"

#include <stdint.h>

/*
 * Counters, gauges and histograms, printed as Prometheus text. Each is one static struct metric at
 * file scope, with designated initialisers; it links itself in when first touched. Any thread. One label or a few, separated by commas as their values are; the values are a small fixed set of
 * literals or of names from configuration, without commas: never an id, a phone or a receipt.
 * More values of one label than `most` are counted under "other".
 */
enum metric_kind { METRIC_COUNTER, METRIC_GAUGE, METRIC_HISTOGRAM };

struct metric {
	const char *name; /* mkondo_..., with _total, _seconds, as Prometheus wants it */
	const char *help;
	const char *label; /* NULL: none; "app,lane": two, with values "a,b" */
	enum metric_kind kind;
	struct metric_cells *cells; /* own; starts NULL */
	struct metric *next;
	int linked;
	unsigned most; /* values of the label; 0: 64 */
};

/* value: the label's; NULL where there is no label. */
void metric_add(struct metric *metric, const char *value, int64_t n); /* counter, gauge */
void metric_set(struct metric *metric, const char *value, double number); /* gauge */
void metric_observe(struct metric *metric, const char *value, double seconds); /* histogram: 1 ms ... 60 s */
double metric_value(struct metric *metric, const char *value); /* for tests; histogram: the count */
/* All metrics that were touched, in order of name. Full buffers are the caller's to enlarge. */
void metric_print(struct buf *out);

#endif
