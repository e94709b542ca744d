#ifndef BASE_METRIC_CELLS_H
#define BASE_METRIC_CELLS_H

#include "base/metric.h"

#include <stdatomic.h>

/* The inside of a metric: metric.c counts, metric_page.c prints, and nobody else looks. */
enum { METRIC_BUCKETS = 16 };
extern const double metric_bounds[METRIC_BUCKETS]; /* seconds, rising */

struct metric_cell {
	char *value;
	_Atomic int64_t count;
	_Atomic double number; /* the gauge, or the histogram's sum */
	_Atomic int64_t buckets[METRIC_BUCKETS];
};

struct metric_cells {
	size_t slots; /* a power of two, at least twice what it may hold */
	unsigned held, most;
	struct metric_cell *other;
	struct metric_cell *_Atomic at[];
};

/* All of the program's metrics, in order of name, held until metric_unlock(). */
struct metric *metric_lock_all(void);
void metric_unlock(void);

#endif
